//! `cargo xtask mutants`: mutation testing, with the checks as the tests.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

#[derive(clap::Args)]
pub struct Args {}

pub fn run(_args: &Args, _root: &Path) -> Result<ExitCode> {
    bail!("`cargo xtask mutants` is not built yet")
}
