//! `cargo xtask mutants`: are the checks good enough to notice a wrong solution?
//!
//! Wraps `cargo mutants`, which changes one expression of a solution at a time and runs the
//! checks. A mutant that is not caught is either no mistake at all, or a check that is missing.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::starters;
use crate::supervise::tree;
use crate::workbook::Workbook;

#[derive(clap::Args)]
pub struct Args {
    /// Chapters to try (default: all).
    chapters: Vec<String>,
    /// How many mutants to test at once.
    #[arg(short, long, default_value_t = 2)]
    jobs: usize,
    /// Only list the mutants.
    #[arg(long)]
    list: bool,
    /// Anything more for `cargo mutants`.
    #[arg(last = true)]
    more: Vec<String>,
}

pub fn run(args: &Args, root: &Path) -> Result<ExitCode> {
    let there = Command::new("cargo")
        .args(["mutants", "--version"])
        .stdin(Stdio::null())
        .output()
        .is_ok_and(|output| output.status.success());
    if !there {
        eprintln!("This needs cargo-mutants. To install it:\n\n    cargo install --locked cargo-mutants\n");
        return Ok(ExitCode::from(2));
    }
    let workbook = Workbook::load(root)?;
    let mut command = Command::new("cargo");
    command.current_dir(root).arg("mutants").args(["--output", "target"]);
    for chapter in starters::chosen(&workbook, &args.chapters)? {
        command.args(["--package", &chapter.krate]);
    }
    if args.list {
        command.arg("--list");
    } else {
        command.args(["--jobs", &args.jobs.to_string()]);
        // A mutant may wait for ever; the checks of a chapter take seconds.
        command.args(["--minimum-test-timeout", "60", "--build-timeout", "300"]);
    }
    command.args(&args.more);
    if !args.list {
        // The checks alone: a solution's own unit tests are not what judges a reader.
        command.args(["--", "--test", "checks"]);
    }
    // What a wrong solution leaves behind goes with this directory.
    let scratch = tempfile::tempdir()?;
    // And what it has started: a mutant whose time is over is killed, and its pods come to this process.
    nix::sys::prctl::set_child_subreaper(true)?;
    let before = tree::children();
    let status = command.env("TMPDIR", scratch.path()).status().context("failed to start cargo mutants")?;
    tree::end_strays(&before);
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
