//! The world of a script, in virtual time.

use std::path::Path;

use crate::manifest::{FieldPath, Problem};
use crate::runner::Runner;

/// What happened when.
pub struct Timeline;

impl Timeline {
    pub fn text(&self) -> String {
        String::new()
    }

    pub fn json(&self) -> String {
        String::new()
    }

    pub fn svg(&self) -> String {
        String::new()
    }
}

/// Runs a scenario.
pub fn simulate(_: &Runner, _: &str, _: &Path) -> Result<Timeline, Vec<Problem>> {
    Err(vec![Problem::new(FieldPath::root(), "the simulator is not there yet")])
}
