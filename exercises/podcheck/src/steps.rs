//! What a check has done, as a reader would type it: for checks that do more than start one program.

use std::sync::{Mutex, PoisonError};

/// A check has a process of its own, so there is one list of them.
static STEPS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Tells what the check does now. Once there are such steps, they are what a failure gives to try. The same one
/// twice in turn, as of who looks again and again, is told once.
pub fn step(command: impl Into<String>) {
    let mut steps = STEPS.lock().unwrap_or_else(PoisonError::into_inner);
    let command = command.into();
    if steps.last() != Some(&command) {
        steps.push(command);
    }
}

/// All of them, if there are any.
pub(crate) fn all() -> Option<String> {
    let steps = STEPS.lock().unwrap_or_else(PoisonError::into_inner);
    (!steps.is_empty()).then(|| steps.join("\n"))
}
