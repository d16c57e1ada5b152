//! `cargo xtask book`: build the book.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

#[derive(clap::Args)]
pub struct Args {}

pub fn run(_args: &Args, _root: &Path) -> Result<ExitCode> {
    bail!("`cargo xtask book` is not built yet")
}

#[derive(clap::Args)]
pub struct PreprocessArgs {
    /// mdBook asks `supports RENDERER`; with no arguments it sends the book on stdin.
    pub args: Vec<String>,
}

pub fn preprocess(_args: &PreprocessArgs, _root: &Path) -> Result<ExitCode> {
    bail!("the preprocessor is not built yet")
}
