//! What waits to be graded. Not a queue of runs: a set of chapters, and at most one run.
//!
//! A save while something is graded ends that run (its verdict would be of an older state),
//! and what it was to grade waits again. So ten saves a second end with one verdict, that of
//! the last.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Chapters (or tasks), and when each was last saved: not at all, for the first grading.
type Names = BTreeMap<String, Option<SystemTime>>;

#[derive(Default)]
pub struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Names,
    running: Names,
    overtaken: bool,
    closed: bool,
}

/// What to grade now, in one run.
#[derive(Debug, PartialEq)]
pub struct Turn {
    pub names: BTreeSet<String>,
    /// The newest save among them.
    pub saved: Option<SystemTime>,
}

impl Queue {
    /// These are to be graded, as they were saved at that time.
    pub fn want(&self, names: BTreeSet<String>, saved: Option<SystemTime>) {
        let mut state = self.state();
        state.waiting.extend(names.into_iter().map(|name| (name, saved)));
        state.overtake();
        self.changed.notify_all();
    }

    /// This one is not to be graded any more.
    pub fn forget(&self, name: &str) {
        let mut state = self.state();
        if state.running.contains_key(name) {
            state.overtake();
        }
        state.waiting.remove(name);
        self.changed.notify_all();
    }

    /// Waits for something to grade. None when the queue is closed.
    pub fn next(&self) -> Option<Turn> {
        let mut state = self.state();
        while state.waiting.is_empty() && !state.closed {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.closed {
            return None;
        }
        // What was saved comes before what nobody has touched yet.
        let any_saved = state.waiting.values().any(Option::is_some);
        let (now, later) =
            std::mem::take(&mut state.waiting).into_iter().partition(|(_, saved)| saved.is_some() == any_saved);
        state.waiting = later;
        state.running = now;
        state.overtaken = false;
        let saved = state.running.values().max().copied().flatten();
        Some(Turn { names: state.running.keys().cloned().collect(), saved })
    }

    /// Whether what runs now is of an older state.
    pub fn is_overtaken(&self) -> bool {
        self.state().overtaken
    }

    /// The run has ended. False when its verdict is of an older state.
    pub fn finish(&self) -> bool {
        let mut state = self.state();
        state.running.clear();
        !std::mem::take(&mut state.overtaken)
    }

    pub fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn overtake(&mut self) {
        self.overtaken |= !self.running.is_empty();
        for (name, saved) in std::mem::take(&mut self.running) {
            self.waiting.entry(name).or_insert(saved);
        }
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
