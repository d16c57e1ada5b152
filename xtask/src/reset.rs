//! `cargo xtask reset CHAPTER`: start a chapter over; a backup is kept.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

#[derive(clap::Args)]
pub struct Args {}

pub fn run(_args: &Args, _root: &Path) -> Result<ExitCode> {
    bail!("`cargo xtask reset` is not built yet")
}
