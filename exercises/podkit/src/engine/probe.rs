//! Probes, as the loop sees them: which there are, what one said, what is remembered.

use serde::{Deserialize, Serialize};

use crate::pod::{Container, Probe};
use crate::time::Time;

/// Which probe of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProbeKind {
    Startup,
    Liveness,
    Readiness,
}

impl ProbeKind {
    pub const ALL: [ProbeKind; 3] = [ProbeKind::Startup, ProbeKind::Liveness, ProbeKind::Readiness];

    /// The container's probe of this kind.
    pub fn of(self, container: &Container) -> Option<&Probe> {
        match self {
            ProbeKind::Startup => container.startup_probe.as_ref(),
            ProbeKind::Liveness => container.liveness_probe.as_ref(),
            ProbeKind::Readiness => container.readiness_probe.as_ref(),
        }
    }
}

impl std::fmt::Display for ProbeKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            ProbeKind::Startup => "Startup",
            ProbeKind::Liveness => "Liveness",
            ProbeKind::Readiness => "Readiness",
        })
    }
}

// ANCHOR: answer
/// What one look at a container gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    Success,
    /// A success with something to tell: a redirect that is not followed.
    Warning(String),
    Failure(String),
    /// The question could not be put at all.
    Error(String),
}
// ANCHOR_END: answer

impl Answer {
    /// The same with at most this many bytes of message.
    pub fn cut(mut self, most: usize) -> Answer {
        if let Answer::Warning(message) | Answer::Failure(message) | Answer::Error(message) = &mut self {
            let end = (0..=most.min(message.len())).rev().find(|&end| message.is_char_boundary(end));
            message.truncate(end.unwrap_or(0));
        }
        self
    }
}

// ANCHOR: probing
/// What is remembered of one probe of one container, over all runs of the container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Probing {
    /// The run of the container that `asked_at`, `result` and `on_hold` are about.
    pub attempt: u32,
    /// When the newest question was put to that run.
    pub asked_at: Option<Time>,
    /// It has not been answered yet.
    pub is_asking: bool,
    /// The result that counts for that run, and when an answer last gave it; `None`: the initial one.
    pub result: Option<(bool, Time)>,
    /// That run is to be killed: nothing is asked until the next one.
    pub on_hold: bool,
    /// The newest answer, and how often it has come in a row.
    pub newest: Option<bool>,
    pub in_a_row: u32,
}
// ANCHOR_END: probing

impl Probing {
    /// The same memory for another run of the container: the answers in a row stay.
    pub fn of_run(&self, attempt: u32) -> Probing {
        match self.attempt == attempt {
            true => self.clone(),
            false => Probing { attempt, newest: self.newest, in_a_row: self.in_a_row, ..Probing::default() },
        }
    }
}
