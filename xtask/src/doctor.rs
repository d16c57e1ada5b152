//! `cargo xtask doctor`: what this machine allows.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

#[derive(clap::Args)]
pub struct Args {}

pub fn run(_args: &Args, _root: &Path) -> Result<ExitCode> {
    bail!("`cargo xtask doctor` is not built yet")
}

#[derive(clap::Args)]
pub struct HelperArgs {
    /// What to try.
    pub what: Option<String>,
}

/// Tries one feature for real and reports the step that failed. Single-threaded.
pub fn helper(_args: &HelperArgs) -> Result<ExitCode> {
    bail!("the doctor's helper is not built yet")
}

/// What this machine allows: a feature's name, and why it is not there.
/// A feature that is not in the map is taken to be there.
#[allow(dead_code)]
pub fn features() -> std::collections::BTreeMap<String, Result<(), String>> {
    std::collections::BTreeMap::new()
}
