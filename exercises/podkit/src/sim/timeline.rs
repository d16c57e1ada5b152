//! What happened when: the record of a simulation, and its JSON.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::engine::{Answer, Event, Exit, HookKind, ProbeKind, Publish, Signal};
use crate::pod::{Phase, Pod, PodStatus};
use crate::time::Time;

/// The record of one simulation.
#[derive(Clone, Debug)]
pub struct Timeline {
    pub pod: Pod,
    pub entries: Vec<Entry>,
}

/// One line of it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Since the start.
    pub at: Duration,
    pub fact: Fact,
}

/// What happened. The table in [`super`] says what each becomes as JSON.
#[derive(Clone, Debug)]
pub enum Fact {
    Sandbox { what: &'static str, attempt: u32 },
    Start { container: String, attempt: u32 },
    StartFailed { container: String, attempt: u32, reason: String, message: String },
    Exit { container: String, attempt: u32, exit: Exit },
    Hook { container: String, hook: HookKind, what: &'static str, message: Option<String> },
    Probe { container: String, probe: ProbeKind, answer: Answer },
    Signal { container: String, signal: Signal },
    Outside { what: &'static str, grace: Option<Duration> },
    Event(Event),
    Status(Box<PodStatus>),
    End { phase: Phase, why: &'static str },
}

impl Timeline {
    /// One JSON object a line.
    pub fn json(&self) -> String {
        self.entries.iter().map(|entry| format!("{}\n", entry.json())).collect()
    }
}

impl Entry {
    pub fn seconds(&self) -> f64 {
        // Milliseconds are as fine as a script gets.
        (self.at.as_secs_f64() * 1000.0).round() / 1000.0
    }

    fn json(&self) -> Value {
        let mut value = match &self.fact {
            Fact::Sandbox { what, attempt } => json!({"kind": "sandbox", "what": what, "attempt": attempt}),
            Fact::Start { container, attempt } => json!({"kind": "start", "container": container, "attempt": attempt}),
            Fact::StartFailed { container, attempt, reason, message } => json!({
                "kind": "startFailed", "container": container, "attempt": attempt, "reason": reason, "message": message,
            }),
            Fact::Exit { container, attempt, exit } => {
                let signal = match exit {
                    Exit::Signal(signal) => Some(signal),
                    Exit::Code(_) => None,
                };
                json!({
                    "kind": "exit", "container": container, "attempt": attempt,
                    "exitCode": exit.code(), "signal": signal,
                })
            }
            Fact::Hook { container, hook, what, message } => json!({
                "kind": "hook", "container": container, "hook": hook_name(*hook), "what": what, "message": message,
            }),
            Fact::Probe { container, probe, answer } => {
                let (what, message) = answer_words(answer);
                json!({
                    "kind": "probe", "container": container, "probe": probe.to_string().to_lowercase(),
                    "what": what, "message": message,
                })
            }
            Fact::Signal { container, signal } => {
                json!({"kind": "signal", "container": container, "signal": signal_name(*signal)})
            }
            Fact::Outside { what, grace } => {
                json!({"kind": "outside", "what": what, "grace": grace.map(|grace| grace.as_secs_f64())})
            }
            Fact::Event(event) => json!({
                "kind": "event", "reason": event.reason, "container": event.container,
                "message": event.message, "warning": event.warning,
            }),
            Fact::Status(status) => json!({"kind": "status", "status": status}),
            Fact::End { phase, why } => json!({"kind": "end", "phase": phase.to_string(), "why": why}),
        };
        if let Value::Object(members) = &mut value {
            members.retain(|_, member| !member.is_null());
            members.insert("t".into(), json!(self.seconds()));
        }
        value
    }
}

/// In one word, and what it has to tell.
pub fn answer_words(answer: &Answer) -> (&'static str, Option<&str>) {
    match answer {
        Answer::Success => ("succeeded", None),
        Answer::Warning(message) => ("warned", Some(message)),
        Answer::Failure(message) => ("failed", Some(message)),
        Answer::Error(message) => ("erred", Some(message)),
    }
}

pub fn hook_name(hook: HookKind) -> &'static str {
    match hook {
        HookKind::PostStart => "postStart",
        HookKind::PreStop => "preStop",
    }
}

pub fn signal_name(signal: Signal) -> &'static str {
    match signal {
        Signal::Term => "SIGTERM",
        Signal::Kill => "SIGKILL",
    }
}

/// Writes down what the loop tells.
pub struct Recorder {
    epoch: Time,
    entries: Rc<RefCell<Vec<Entry>>>,
}

impl Recorder {
    pub fn new(epoch: Time, entries: Rc<RefCell<Vec<Entry>>>) -> Recorder {
        Recorder { epoch, entries }
    }

    fn record(&self, now: Time, fact: Fact) {
        self.entries.borrow_mut().push(Entry { at: now.since(self.epoch), fact });
    }
}

impl Publish for Recorder {
    fn status(&mut self, now: Time, pod: &Pod) {
        if let Some(status) = &pod.status {
            self.record(now, Fact::Status(Box::new(status.clone())));
        }
    }

    fn event(&mut self, now: Time, event: &Event) {
        self.record(now, Fact::Event(event.clone()));
    }
}
