//! The report of a grading, in several formats. All of them show the same results and the
//! same score ([`crate::verdict::Score`]).

pub mod command;
mod github;
pub mod human;
pub mod json;
mod junit;
pub mod state;
mod tap;
mod text;

use std::io::Write;

use anyhow::Result;

use crate::grade::Grading;
use crate::workbook::Workbook;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people
    Human,
    /// One JSON object (the schema is in xtask/src/report/json.rs)
    Json,
    /// JUnit XML
    Junit,
    /// Test Anything Protocol
    Tap,
    /// Annotations for GitHub Actions, after the human report
    Github,
}

/// Prints the report on stdout.
pub fn print(workbook: &Workbook, grading: &Grading, format: Format) -> Result<()> {
    let text = match format {
        Format::Human => human::report(workbook, grading),
        Format::Json => json::report(workbook, grading)?,
        Format::Junit => junit::report(workbook, grading)?,
        Format::Tap => tap::report(grading),
        Format::Github => {
            let human = human::report(workbook, grading);
            format!("{human}{}", github::report(workbook, grading))
        }
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        // `grade | head` is no error.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}
