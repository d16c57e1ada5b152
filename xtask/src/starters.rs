//! `cargo xtask starters`: derive the exercises from the solutions.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

#[derive(clap::Args)]
pub struct Args {}

pub fn run(_args: &Args, _root: &Path) -> Result<ExitCode> {
    bail!("`cargo xtask starters` is not built yet")
}
