//! What is told: container output and status, for people or as JSON lines.
//!
//! For people, container output goes to standard output, each line after its
//! container's name, and everything the runner itself says to standard error.
//! As JSON, everything goes to standard output, one object a line:
//!
//! ```json
//! {"type":"log","container":"web","stream":"stdout","line":"ready"}
//! {"type":"event","time":"2026-01-31T09:00:00Z","reason":"Started","container":"web","message":"...","warning":false}
//! {"type":"status","time":"2026-01-31T09:00:00Z","pod":{"apiVersion":"v1","kind":"Pod"}}
//! ```
//!
//! Where there are many pods (`kubelet`), logs and events also say `"pod":"NAME"`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::rc::Rc;

use serde_json::{Value, json};

use super::background::Keep;
use super::logs::Stream;
use crate::engine::{Event, Publish};
use crate::pod::{ContainerState, ContainerStatus, Phase, Pod, shown};
use crate::time::Time;

/// For whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Human,
    Json,
}

/// The runner's voice.
pub struct Tell {
    format: Format,
    pod: String,
    /// There are other pods beside it: its name stands before its containers'.
    is_one_of_many: bool,
    /// Colour of each container's name; empty where standard output is no terminal.
    colours: BTreeMap<String, u8>,
    /// The phase, and how far a pod that initialises has come.
    told: String,
    states: BTreeMap<String, String>,
    /// Nobody reads standard output any more.
    pub broken: bool,
    /// Nobody looks on: what would be told is kept instead, to be asked for.
    pub keep: Option<Keep>,
}

/// Of a container's output: which run it is from, and whether the line has its end.
#[derive(Clone, Copy)]
pub struct Piece {
    pub attempt: u32,
    pub whole: bool,
}

impl Tell {
    pub fn new(format: Format, pod: &Pod) -> Tell {
        let plain = !io::stdout().is_terminal() || std::env::var_os("NO_COLOR").is_some();
        // Cyan, yellow, green, magenta, blue: red is for what went wrong.
        let colours = [36, 33, 32, 35, 34].into_iter().cycle();
        let names = pod.all_containers().map(|container| container.name.clone());
        let colours = if plain { BTreeMap::new() } else { names.zip(colours).collect() };
        Tell {
            format,
            pod: pod.metadata.name.clone(),
            is_one_of_many: false,
            colours,
            told: String::new(),
            states: BTreeMap::new(),
            broken: false,
            keep: None,
        }
    }

    /// The same for a pod in the background.
    pub fn kept(pod: &Pod, keep: Keep) -> Tell {
        Tell { keep: Some(keep), ..Tell::of_many(Format::Human, pod) }
    }

    /// The same for one of many pods.
    pub fn of_many(format: Format, pod: &Pod) -> Tell {
        Tell { is_one_of_many: true, ..Tell::new(format, pod) }
    }

    /// One line of a container's output.
    pub fn log(&mut self, container: &str, stream: Stream, line: &[u8], piece: Piece) {
        if let Some(keep) = &mut self.keep {
            return keep.line(container, stream, line, piece);
        }
        let mut out = Vec::with_capacity(line.len() + 32);
        match self.format {
            Format::Human => {
                let who = match self.is_one_of_many {
                    true => format!("{}/{container}", self.pod),
                    false => container.to_owned(),
                };
                match self.colours.get(container) {
                    Some(colour) => out.extend(format!("\x1b[{colour}m[{who}]\x1b[0m ").into_bytes()),
                    None => out.extend(format!("[{who}] ").into_bytes()),
                }
                out.extend_from_slice(line);
            }
            Format::Json => {
                let stream = match stream {
                    Stream::Stdout => "stdout",
                    Stream::Stderr => "stderr",
                };
                let line = String::from_utf8_lossy(line);
                let log = json!({ "type": "log", "container": container, "stream": stream, "line": line });
                out = object(self.signed(log));
            }
        }
        self.write(out);
    }

    /// Whoever looks on sees all that was told so far.
    pub fn flush(&mut self) {
        if let Some(keep) = &mut self.keep {
            keep.flush();
        }
    }

    /// With the pod's name in it, if it is one of many.
    fn signed(&self, mut object: Value) -> Value {
        if self.is_one_of_many {
            object["pod"] = self.pod.as_str().into();
        }
        object
    }

    fn write(&mut self, mut line: Vec<u8>) {
        line.push(b'\n');
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(&line).and_then(|()| stdout.flush());
        self.broken |= written.is_err();
    }

    /// Tells a container's state if it is another one than last time. Whether it is ready is news
    /// only of a container that is asked.
    fn state(&mut self, pod: &str, status: &ContainerStatus, is_asked: bool) {
        let mut words = words(&status.state);
        if is_asked && matches!(status.state, ContainerState::Running(_)) {
            words += if status.ready { ", ready" } else { ", not ready" };
        }
        if self.states.get(&status.name) != Some(&words) {
            say(&format!("{pod}/{}: {words}", status.name));
            self.states.insert(status.name.clone(), words);
        }
    }
}

/// One line on standard error, in one write: it has no buffer, and a line in pieces costs a
/// system call each and may be torn by what others write.
pub fn say(line: &str) {
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}

fn object(value: Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn words(state: &ContainerState) -> String {
    let with = |reason: &str, message: &Option<String>| match message {
        Some(message) if !message.trim().is_empty() => format!("{reason}: {}", message.trim()),
        _ => reason.to_owned(),
    };
    match state {
        ContainerState::Unset => "unknown".to_owned(),
        ContainerState::Waiting(waiting) => format!("waiting, {}", with(&waiting.reason, &waiting.message)),
        ContainerState::Running(_) => "running".to_owned(),
        ContainerState::Terminated(end) => {
            format!("terminated with exit code {}, {}", end.exit_code, with(&end.reason, &end.message))
        }
    }
}

/// The phase; beside it what `kubectl get pods` shows for a pod that initialises: `Pending (Init:0/2)`.
fn phase(pod: &Pod, phase: Phase) -> String {
    match shown(pod) {
        word if word.starts_with("Init:") || word == "PodInitializing" => format!("{phase} ({word})"),
        _ => phase.to_string(),
    }
}

impl Publish for Rc<RefCell<Tell>> {
    fn status(&mut self, now: Time, pod: &Pod) {
        let mut tell = self.borrow_mut();
        if tell.keep.is_some() {
            return;
        }
        if tell.format == Format::Json {
            tell.write(object(json!({ "type": "status", "time": now.rfc3339(), "pod": pod })));
            return;
        }
        let Some(status) = &pod.status else { return };
        let name = &pod.metadata.name;
        for container in status.init_container_statuses.iter().chain(&status.container_statuses) {
            let spec = pod.container(&container.name);
            let is_asked = spec.is_some_and(|it| it.readiness_probe.is_some() || it.startup_probe.is_some());
            tell.state(name, container, is_asked);
        }
        let phase = phase(pod, status.phase);
        if tell.told != phase {
            say(&format!("{name}: {phase}"));
            tell.told = phase;
        }
    }

    fn event(&mut self, now: Time, event: &Event) {
        let mut tell = self.borrow_mut();
        if let Some(keep) = &mut tell.keep {
            return keep.event(now, event);
        }
        let Event { reason, container, message, warning } = event;
        match tell.format {
            Format::Json => {
                let event = json!({
                    "type": "event", "time": now.rfc3339(), "reason": reason,
                    "container": container, "message": message, "warning": warning,
                });
                let line = object(tell.signed(event));
                tell.write(line);
            }
            // A start shows as a change of state.
            Format::Human if reason == "Started" => {}
            Format::Human => {
                let container = container.as_ref().map(|name| format!("/{name}")).unwrap_or_default();
                say(&format!("{}{container}: {reason}: {message}", tell.pod));
            }
        }
    }
}
