//! `simulate`: the same planner in a scripted world.

use std::path::Path;
use std::process::ExitCode;

use super::{REFUSED, SimulateFormat, input, refuse};
use crate::runner::Runner;
use crate::sim;

/// Prints what would happen when, in no time at all.
pub fn simulate(runner: &Runner, file: &Path, format: SimulateFormat) -> ExitCode {
    let text = match input::text(file) {
        Ok(text) => text,
        Err(message) => return refuse(message),
    };
    let beside = file.parent().unwrap_or(Path::new("."));
    match sim::simulate(runner, &text, beside) {
        Ok(timeline) => {
            use std::io::Write;
            let text = match format {
                SimulateFormat::Text => timeline.text(),
                SimulateFormat::Json => timeline.json(),
                SimulateFormat::Svg => timeline.svg(),
            };
            let _ = std::io::stdout().write_all(text.as_bytes());
            ExitCode::SUCCESS
        }
        Err(problems) => {
            for problem in problems {
                eprintln!("{}: {problem}", file.display());
            }
            ExitCode::from(REFUSED)
        }
    }
}
