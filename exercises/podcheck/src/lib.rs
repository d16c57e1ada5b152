//! What the checks use.
//!
//! A check judges a chapter's *binary* from outside: its output, its exit status, and above
//! all what the kernel says about its processes. This crate therefore depends on nothing the
//! reader writes, and not on podkit either.
//!
//! ```no_run
//! use podcheck::{Cli, Result, expect_eq};
//!
//! fn a_pod_of_two_runs() -> Result {
//!     let ran = Cli::new("run")
//!         .manifest("01-grouping/pods/two.yaml", "kind: Pod\n")
//!         .run()?;
//!     ran.expect_code(0)?;
//!     expect_eq("lines printed", 2, ran.stdout_lines().len())
//! }
//! ```
//!
//! Reading order: [`report`] (what a check answers), [`cli`] and [`ran`] (how it runs the
//! binary, and what came of it), [`proc`] and [`enter`] (what the kernel says), [`harness`] (how the check program itself
//! is run).

pub mod cli;
pub mod enter;
pub mod harness;
mod output;
pub mod proc;
pub mod ran;
pub mod report;
mod room;
mod running;
mod shown;
mod steps;
mod watch;

pub use cli::Cli;
pub use enter::Namespaces;
/// For [`Running::signal`].
pub use nix::sys::signal::Signal;
pub use proc::{Process, wait_until};
pub use ran::Ran;
pub use report::{Failure, Result, expect, expect_eq};
pub use running::Running;
pub use steps::step;
/// For a directory of the check's own.
pub use tempfile::TempDir;
pub use watch::Watch;

/// For what a check reads as JSON.
pub use serde_json::{self, Value};
