//! The scripted world: no process, no waiting, one queue of what comes next.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use super::scenario::Scenario;
use super::script::{Ends, Hook, Ignores, OnTerm, Run, Says, Script};
use super::span::Lasts;
use super::timeline::{Entry, Fact};
use crate::engine::{Answer, Exit, Happened, HookKind, ProbeKind, Signal, StartError, Wait, World};
use crate::pod::{Container, Handler, Phase, Pod, Probe};
use crate::time::Time;

/// When every simulation starts: 2026-01-01T00:00:00Z.
pub const EPOCH: Time = Time::from_secs(1_767_225_600);

/// A plan that looks this often without the clock moving goes round in circles.
const LOOKS_AT_ONE_TIME: u32 = 2_000;
/// A plan that looks this often at all does.
const LOOKS: u32 = 200_000;
/// What a world keeps of a message file and of a log.
const KEPT: usize = 64 << 10;

pub struct Scripted {
    scenario: Scenario,
    now: Time,
    /// What comes next, by time and then by order of entry.
    queue: BTreeMap<(Time, u64), Next>,
    entered: u64,
    /// The runs that are on: container and number of the run.
    live: BTreeMap<String, u32>,
    /// When each of them began.
    began: BTreeMap<String, Time>,
    /// How often each container has been started or tried.
    tries: BTreeMap<String, usize>,
    sandboxes: u32,
    looks: u32,
    looks_now: u32,
    wrong: Option<String>,
    ended_by_script: bool,
    entries: Rc<RefCell<Vec<Entry>>>,
}

enum Next {
    Exit { container: String, attempt: u32, exit: Exit },
    HookEnd { container: String, attempt: u32, hook: HookKind, result: Result<(), String> },
    ProbeEnd { container: String, attempt: u32, probe: ProbeKind, answer: Answer },
    Outside(usize),
}

impl Scripted {
    pub fn new(scenario: Scenario, entries: Rc<RefCell<Vec<Entry>>>) -> Scripted {
        let mut world = Scripted {
            scenario,
            now: EPOCH,
            queue: BTreeMap::new(),
            entered: 0,
            live: BTreeMap::new(),
            began: BTreeMap::new(),
            tries: BTreeMap::new(),
            sandboxes: 0,
            looks: 0,
            looks_now: 0,
            wrong: None,
            ended_by_script: false,
            entries,
        };
        for n in 0..world.scenario.events.len() {
            let at = world.scenario.events[n].at.0;
            world.after(at, Next::Outside(n));
        }
        world
    }

    /// Why the simulation was given up.
    pub fn went_wrong(&mut self) -> Option<String> {
        self.wrong.take()
    }

    pub fn record_end(&mut self, phase: Phase) {
        let why = if self.ended_by_script { "until" } else { "over" };
        self.record(Fact::End { phase, why });
    }

    fn record(&self, fact: Fact) {
        self.entries.borrow_mut().push(Entry { at: self.now.since(EPOCH), fact });
    }

    fn after(&mut self, delay: Duration, next: Next) {
        self.entered += 1;
        self.queue.insert((self.now + delay, self.entered), next);
    }

    fn script(&self, container: &str) -> Script {
        self.scenario.containers.get(container).cloned().unwrap_or_default()
    }

    /// The run that a container is on; the last one written repeats.
    fn run_of(&self, container: &str) -> Run {
        let script = self.script(container);
        let number = self.tries.get(container).copied().unwrap_or(1).saturating_sub(1);
        script.runs.get(number).or(script.runs.last()).cloned().unwrap_or_default()
    }

    fn is_live(&self, container: &str, attempt: u32) -> bool {
        self.live.get(container) == Some(&attempt)
    }

    fn end(&mut self) -> Vec<Happened> {
        self.ended_by_script = true;
        vec![Happened::EndOfScript]
    }

    /// Counts the looks of a plan that does not let the time pass.
    fn goes_round(&mut self, moves: bool) -> bool {
        self.looks += 1;
        self.looks_now = if moves { 0 } else { self.looks_now + 1 };
        let seconds = self.now.since(EPOCH).as_secs_f64();
        if self.looks_now > LOOKS_AT_ONE_TIME {
            self.wrong = Some(format!("the plan goes round in circles: at {seconds} s things happen without end"));
        } else if self.looks > LOOKS {
            self.wrong = Some(format!("the plan goes round in circles: {LOOKS} looks, and only {seconds} s are over"));
        }
        self.wrong.is_some()
    }

    fn happens(&mut self, next: Next) -> Option<Happened> {
        match next {
            Next::Exit { container, attempt, exit } if self.is_live(&container, attempt) => {
                self.live.remove(&container);
                let run = self.run_of(&container);
                let script = self.script(&container);
                let message_file = tail(run.message.or(script.message).as_ref().map(|it| it.bytes()));
                let log_tail = tail(run.log.or(script.log).as_ref().map(|it| it.bytes()));
                self.record(Fact::Exit { container: container.clone(), attempt, exit });
                let lines = |events: BTreeMap<String, u64>| {
                    events.iter().map(|(word, count)| format!("{word} {count}\n")).collect::<String>()
                };
                let memory_events = run.memory_events.map(lines);
                Some(Happened::Exited { container, exit, message_file, log_tail, memory_events })
            }
            // A hook runs in its container and ends with it.
            Next::HookEnd { container, attempt, hook, result } if self.is_live(&container, attempt) => {
                let (what, message) = match &result {
                    Ok(()) => ("succeeded", None),
                    Err(message) => ("failed", Some(message.clone())),
                };
                self.record(Fact::Hook { container: container.clone(), hook, what, message });
                Some(Happened::HookEnded { container, hook, result: result.map(|()| None) })
            }
            Next::ProbeEnd { container, attempt, probe, answer } if self.is_live(&container, attempt) => {
                self.record(Fact::Probe { container: container.clone(), probe, answer: answer.clone() });
                Some(Happened::ProbeEnded { container, probe, attempt, answer })
            }
            Next::Exit { .. } | Next::HookEnd { .. } | Next::ProbeEnd { .. } => None,
            Next::Outside(n) => {
                let event = &self.scenario.events[n];
                let (fact, happened) = match &event.delete {
                    Some(delete) => {
                        let grace = delete.grace.map(|grace| grace.0);
                        (Fact::Outside { what: "delete", grace }, Happened::DeletionAsked { grace })
                    }
                    None if event.kill_now => (Fact::Outside { what: "killNow", grace: None }, Happened::KillNow),
                    None => (Fact::Outside { what: "sandboxDies", grace: None }, Happened::SandboxDied),
                };
                self.record(fact);
                if happened == Happened::SandboxDied {
                    self.record(Fact::Sandbox { what: "died", attempt: self.sandboxes.saturating_sub(1) });
                }
                Some(happened)
            }
        }
    }
}

impl World for Scripted {
    fn now(&self) -> Time {
        self.now
    }

    fn start_sandbox(&mut self, _: &Pod) -> Result<(), StartError> {
        self.record(Fact::Sandbox { what: "started", attempt: self.sandboxes });
        self.sandboxes += 1;
        Ok(())
    }

    fn start_container(&mut self, _: &Pod, container: &Container, attempt: u32) -> Result<(), StartError> {
        let name = container.name.clone();
        *self.tries.entry(name.clone()).or_default() += 1;
        let run = self.run_of(&name);
        if let Some(reason) = run.start_fails {
            let message = format!("the scenario lets run {attempt} of {name} fail to start");
            self.record(Fact::StartFailed {
                container: name,
                attempt,
                reason: reason.clone(),
                message: message.clone(),
            });
            return Err(StartError { reason, message });
        }
        if let Some(earlier) = self.live.insert(name.clone(), attempt) {
            self.wrong = Some(format!("the plan starts {name} while its run {earlier} is still on"));
        }
        self.began.insert(name.clone(), self.now);
        self.record(Fact::Start { container: name.clone(), attempt });
        if let Lasts::For(time) = run.lasts {
            self.after(time, Next::Exit { container: name, attempt, exit: run.exit() });
        }
        Ok(())
    }

    fn run_hook(&mut self, container: &Container, hook: HookKind, handler: &Handler) {
        let name = container.name.clone();
        let Some(&attempt) = self.live.get(&name) else { return };
        self.record(Fact::Hook { container: name.clone(), hook, what: "started", message: None });
        let (run, script) = (self.run_of(&name), self.script(&name));
        let written = match hook {
            HookKind::PostStart => run.post_start.or(script.post_start),
            HookKind::PreStop => run.pre_stop.or(script.pre_stop),
        };
        let Hook { takes, fails } = written.unwrap_or_default();
        let sleeps = handler.sleep.as_ref().map_or(0, |sleep| sleep.seconds.max(0).unsigned_abs());
        let takes = takes.map_or(Duration::from_secs(sleeps), |span| span.0);
        let result = fails.map_or(Ok(()), Err);
        self.after(takes, Next::HookEnd { container: name, attempt, hook, result });
    }

    fn probe(&mut self, container: &Container, kind: ProbeKind, probe: &Probe) {
        let name = container.name.clone();
        let Some(&attempt) = self.live.get(&name) else { return };
        let since_start = self.began.get(&name).map_or(Duration::ZERO, |began| self.now.since(*began));
        let (run, script) = (self.run_of(&name), self.script(&name));
        let says = run.probe(kind).or(script.probe(kind)).map(|list| Says::at(list, since_start)).unwrap_or_default();
        let timeout = Duration::from_secs(probe.timeout_seconds.unwrap_or(1).max(1).unsigned_abs());
        let (takes, answer) = match says.takes.0 >= timeout {
            true => (timeout, Answer::Failure(format!("no answer within {} s", timeout.as_secs()))),
            false => (says.takes.0, says.answer()),
        };
        self.after(takes, Next::ProbeEnd { container: name, attempt, probe: kind, answer });
    }

    fn signal(&mut self, container: &str, signal: Signal) {
        let Some(&attempt) = self.live.get(container) else { return };
        self.record(Fact::Signal { container: container.to_owned(), signal });
        let (run, script) = (self.run_of(container), self.script(container));
        let (delay, exit) = match (signal, run.on_term.or(script.on_term)) {
            (Signal::Kill, _) => (Duration::ZERO, Exit::Signal(9)),
            (Signal::Term, Some(OnTerm::Word(Ignores::Ignores))) => return,
            (Signal::Term, Some(OnTerm::Ends(Ends { takes, exits }))) => (takes.0, Exit::Code(exits)),
            (Signal::Term, None) => (Duration::ZERO, Exit::Signal(15)),
        };
        self.after(delay, Next::Exit { container: container.to_owned(), attempt, exit });
    }

    fn stop_sandbox(&mut self) {
        if let Some(attempt) = self.sandboxes.checked_sub(1) {
            self.record(Fact::Sandbox { what: "stopped", attempt });
        }
    }
}

impl Wait for Scripted {
    fn wait(&mut self, until: Option<Time>) -> Vec<Happened> {
        let end = EPOCH + self.scenario.until;
        let queued = self.queue.keys().next().map(|(at, _)| *at);
        let at = [queued, until, Some(end)].into_iter().flatten().min().unwrap_or(end).max(self.now);
        if self.goes_round(at > self.now) {
            return self.end();
        }
        self.now = at;
        let mut happened = Vec::new();
        while let Some(entry) = self.queue.first_entry() {
            if entry.key().0 > at {
                break;
            }
            let next = entry.remove();
            happened.extend(self.happens(next));
        }
        // What falls on the script's last moment still happens; what it leads to does not.
        if at >= end && happened.is_empty() && until.is_none_or(|until| until > end) {
            return self.end();
        }
        happened
    }
}

fn tail(bytes: Option<&[u8]>) -> Vec<u8> {
    let bytes = bytes.unwrap_or_default();
    bytes[bytes.len().saturating_sub(KEPT)..].to_vec()
}
