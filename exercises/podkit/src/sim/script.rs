//! What the programs do, and what happens from outside: the typed script.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::span::{Lasts, Span};
use crate::engine::{Answer, Exit, ProbeKind};
use crate::manifest::{FieldPath, Problem};
use crate::pod::Container;

/// A container's script.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Script {
    pub runs: Vec<Run>,
    pub on_term: Option<OnTerm>,
    pub post_start: Option<Hook>,
    pub pre_stop: Option<Hook>,
    pub startup: Option<Vec<Says>>,
    pub liveness: Option<Vec<Says>>,
    pub readiness: Option<Vec<Says>>,
    pub message: Option<Bytes>,
    pub log: Option<Bytes>,
}

/// One run of it. What is set here goes before what is set for the container.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Run {
    pub lasts: Lasts,
    pub exits: Option<i32>,
    pub signal: Option<i32>,
    /// A Waiting state's reason, such as RunContainerError.
    pub start_fails: Option<String>,
    pub on_term: Option<OnTerm>,
    pub post_start: Option<Hook>,
    pub pre_stop: Option<Hook>,
    pub startup: Option<Vec<Says>>,
    pub liveness: Option<Vec<Says>>,
    pub readiness: Option<Vec<Says>>,
    pub message: Option<Bytes>,
    pub log: Option<Bytes>,
    /// What its cgroup's memory.events counts in the end, by word.
    pub memory_events: Option<BTreeMap<String, u64>>,
}

/// What a program does on SIGTERM.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "must be `ignores` or a mapping such as { takes: 1s, exits: 0 }")]
pub enum OnTerm {
    Word(Ignores),
    Ends(Ends),
}

/// The word for a program that goes on as if nothing had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ignores {
    Ignores,
}

/// A program that takes its time to end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ends {
    pub takes: Span,
    pub exits: i32,
}

/// How a hook goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hook {
    pub takes: Option<Span>,
    pub fails: Option<String>,
}

/// What a probe finds, from some time of a run on. Nothing but the time: success.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Says {
    pub from: Span,
    pub takes: Span,
    pub fails: Option<String>,
    pub warns: Option<String>,
    pub errs: Option<String>,
}

impl Says {
    /// What stands for a time: the last entry that has begun by then.
    pub fn at(list: &[Says], since_start: Duration) -> Says {
        list.iter().rfind(|says| says.from.0 <= since_start).cloned().unwrap_or_default()
    }

    pub fn answer(&self) -> Answer {
        match (&self.fails, &self.warns, &self.errs) {
            (Some(message), _, _) => Answer::Failure(message.clone()),
            (_, Some(message), _) => Answer::Warning(message.clone()),
            (_, _, Some(message)) => Answer::Error(message.clone()),
            _ => Answer::Success,
        }
    }
}

/// Text, or bytes that need not be text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "must be text, or a list of bytes")]
pub enum Bytes {
    Text(String),
    Raw(Vec<u8>),
}

impl Bytes {
    pub fn bytes(&self) -> &[u8] {
        match self {
            Bytes::Text(text) => text.as_bytes(),
            Bytes::Raw(bytes) => bytes,
        }
    }
}

/// Something that happens from outside.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Outside {
    pub at: Span,
    pub delete: Option<Delete>,
    #[serde(default)]
    pub sandbox_dies: bool,
    #[serde(default)]
    pub kill_now: bool,
}

/// A request to end the pod.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Delete {
    pub grace: Option<Span>,
}

impl Run {
    /// How the program ends by itself.
    pub fn exit(&self) -> Exit {
        match self.signal {
            Some(signal) => Exit::Signal(signal),
            None => Exit::Code(self.exits.unwrap_or(0)),
        }
    }
}

impl Run {
    pub fn probe(&self, kind: ProbeKind) -> Option<&Vec<Says>> {
        [&self.startup, &self.liveness, &self.readiness][kind as usize].as_ref()
    }
}

impl Script {
    pub fn probe(&self, kind: ProbeKind) -> Option<&Vec<Says>> {
        [&self.startup, &self.liveness, &self.readiness][kind as usize].as_ref()
    }

    pub fn check(&self, container: &Container, field: &FieldPath, problems: &mut Vec<Problem>) {
        for (n, run) in self.runs.iter().enumerate() {
            let field = field.key("runs").index(n);
            let mut wrong = |key: &str, rule: &str| problems.push(Problem::new(field.key(key), rule));
            if run.exits.is_some_and(|code| !(0..=255).contains(&code)) {
                wrong("exits", "must be an exit status: 0 to 255");
            }
            if run.signal.is_some_and(|signal| !(1..=64).contains(&signal)) {
                wrong("signal", "must be a signal's number: 1 to 64");
            }
            if run.signal.is_some() && run.exits.is_some() {
                wrong("signal", "must not stand beside `exits`: a program ends in one way");
            }
            if run.lasts == Lasts::Forever && (run.signal.is_some() || run.exits.is_some()) {
                wrong("lasts", "must be a time where the run has an end (`exits` or `signal`)");
            }
        }
        for kind in ProbeKind::ALL {
            let written = Some(self.probe(kind)).into_iter().chain(self.runs.iter().map(|run| run.probe(kind)));
            if kind.of(container).is_none() && written.flatten().next().is_some() {
                let key = kind.to_string().to_lowercase();
                problems.push(Problem::new(field.key(key), "the container has no such probe in the pod"));
            }
        }
        let hooks = container.lifecycle.as_ref();
        let has_post_start = hooks.is_some_and(|hooks| hooks.post_start.is_some());
        let has_pre_stop = hooks.is_some_and(|hooks| hooks.pre_stop.is_some());
        if !has_post_start && (self.post_start.is_some() || self.runs.iter().any(|run| run.post_start.is_some())) {
            problems.push(Problem::new(field.key("postStart"), "the container has no such hook in the pod"));
        }
        if !has_pre_stop && (self.pre_stop.is_some() || self.runs.iter().any(|run| run.pre_stop.is_some())) {
            problems.push(Problem::new(field.key("preStop"), "the container has no such hook in the pod"));
        }
    }
}

impl Outside {
    pub fn check(&self, field: &FieldPath, problems: &mut Vec<Problem>) {
        let named = [self.delete.is_some(), self.sandbox_dies, self.kill_now];
        if named.iter().filter(|it| **it).count() != 1 {
            let rule = "must have exactly one of `delete`, `sandboxDies: true` and `killNow: true`";
            problems.push(Problem::new(field.clone(), rule));
        }
    }
}
