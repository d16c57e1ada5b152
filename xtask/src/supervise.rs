//! `xtask supervise` (hidden): runs one check, ends all that it started, looks for leaks.

use std::process::ExitCode;

use anyhow::{Result, bail};

#[derive(clap::Args)]
pub struct Args {}

pub fn run(_args: &Args) -> Result<ExitCode> {
    bail!("not built yet")
}
