//! The loop: observe, plan, act, publish, wait.

use std::time::Duration;

use super::{
    Action, Answer, Count, Deletion, Ended, Event, Exit, Happened, HookKind, HookState, Instance, Observed, Plan,
    PodFailure, ProbeKind, Publish, Record, Sandbox, Signal, Status, StopReason, Stopping, Wait, WaitReason, World,
    first_plan, first_status,
};
use crate::pod::{Pod, PodStatus};
use crate::runner::Runner;
use crate::time::Time;

/// A plan that still asks for new things after this many rounds without the
/// clock moving is wrong: it would spin forever.
const ROUNDS: usize = 1000;

/// A pod in the hands of the loop: what it is, what has been observed of it, and the functions
/// that say what to do about it. The world it lives in is given to each turn.
pub struct Engine {
    plan: Plan,
    status: Status,
    count: Option<Count>,
    pod: Pod,
    observed: Observed,
    /// The sandbox has been stopped for good, or the script has ended.
    over: bool,
}

impl Engine {
    pub fn new(runner: &Runner, mut pod: Pod, now: Time) -> Engine {
        pod.status = None;
        Engine {
            plan: runner.plan.unwrap_or(first_plan),
            status: runner.status.unwrap_or(first_status),
            count: runner.probes.map(|probes| probes.count),
            pod,
            observed: Observed { started_at: now, ..Observed::default() },
            over: false,
        }
    }

    /// The pod, with its newest status.
    pub fn pod(&self) -> &Pod {
        &self.pod
    }

    pub fn is_over(&self) -> bool {
        self.over
    }

    /// Plans, acts and publishes until there is nothing left to do now. Returns when to look
    /// again if nothing happens before. Nothing is left to do for a pod that is over.
    ///
    /// # Errors
    /// The plan went wrong: it asks for the same thing without end.
    pub fn turn(&mut self, world: &mut dyn World, tell: &mut dyn Publish) -> Result<Option<Time>, String> {
        if self.over {
            return Ok(None);
        }
        let mut turn = Turn { engine: self, world, tell };
        // As the kubelet's sync: first say what is, then do something about it.
        turn.publish();
        let wake = turn.act()?;
        turn.publish();
        Ok(wake)
    }

    /// Something has happened; the next turn sees it.
    pub fn observe(&mut self, happened: Happened, world: &mut dyn World, tell: &mut dyn Publish) {
        Turn { engine: self, world, tell }.observe(happened);
    }
}

/// Runs one pod to its end in a world of its own, and returns its final status.
///
/// # Errors
/// The plan went wrong: it asks for the same thing without end, or waits for
/// nothing although the pod is not over.
pub fn run<W: World + Wait>(
    runner: &Runner,
    pod: Pod,
    world: &mut W,
    tell: &mut dyn Publish,
) -> Result<PodStatus, String> {
    let mut engine = Engine::new(runner, pod, world.now());
    loop {
        let wake = engine.turn(world, tell)?;
        if engine.over {
            return Ok(engine.pod.status.unwrap_or_default());
        }
        for happened in world.wait(wake) {
            engine.observe(happened, world, tell);
        }
    }
}

/// An engine at work.
struct Turn<'a> {
    engine: &'a mut Engine,
    world: &'a mut dyn World,
    tell: &'a mut dyn Publish,
}

impl Turn<'_> {
    /// Plans and acts until nothing new is asked for. Returns when to look again.
    fn act(&mut self) -> Result<Option<Time>, String> {
        for _ in 0..ROUNDS {
            let now = self.world.now();
            let actions = (self.engine.plan)(&self.engine.pod, &self.engine.observed, now);
            let mut wake = None;
            let mut changed = false;
            for action in actions {
                let action = self.too_early(&action, now).map_or(action, Action::Wake);
                let due = match &action {
                    Action::Wake(at) => Some(*at),
                    Action::HoldBack { until, .. } => Some(*until),
                    _ => None,
                };
                wake = [wake, due].into_iter().flatten().min();
                changed |= self.perform(action);
                if self.engine.over {
                    return Ok(None);
                }
            }
            match (changed, wake) {
                (true, _) => self.publish(),
                // A time that has come already asks for another look, not for a wait.
                (false, Some(at)) if at <= now => return Ok(Some(now + Duration::from_millis(1))),
                (false, wake) => return Ok(wake),
            }
        }
        Err(format!("the plan of {:?} asks for something new without end", self.engine.pod.metadata.name))
    }

    /// When it may be done, if not yet: a sandbox that never holds is made anew once a second. (The
    /// kubelet looks at its sandboxes that often.)
    fn too_early(&self, action: &Action, now: Time) -> Option<Time> {
        let last = self.engine.observed.sandbox.as_ref().filter(|last| last.attempt > 0)?;
        let next = last.started_at + Duration::from_secs(1);
        (*action == Action::StartSandbox && now < next).then_some(next)
    }

    /// Does one thing and records it. Returns whether anything is different now.
    fn perform(&mut self, action: Action) -> bool {
        match action {
            Action::StartSandbox => self.start_sandbox(),
            Action::StartContainer { container, back_off } => {
                let record = self.engine.observed.containers.entry(container.clone()).or_default();
                record.back_off = back_off.or(record.back_off);
                self.start_container(&container);
            }
            Action::HoldBack { container, delay, .. } => return self.hold_back(&container, delay),
            Action::RunHook { container, hook } => self.run_hook(&container, hook),
            Action::Probe { container, probe } => return self.probe(&container, probe),
            Action::Stop { container, reason, grace } => return self.begin_stop(&container, reason, grace),
            Action::Signal { container, signal } => self.signal(&container, signal),
            Action::Fail { reason, message } => {
                self.note(&reason, None, message.clone());
                self.engine.observed.failed = Some(PodFailure { at: self.world.now(), reason, message });
            }
            Action::StopSandbox => {
                self.world.stop_sandbox();
                if let Some(sandbox) = &mut self.engine.observed.sandbox {
                    sandbox.ready = false;
                }
                self.engine.over = true;
            }
            Action::Wake(_) => return false,
        }
        true
    }

    fn start_sandbox(&mut self) {
        let attempt = self.engine.observed.sandbox.as_ref().map_or(0, |sandbox| sandbox.attempt + 1);
        if attempt > 0 {
            self.note("SandboxChanged", None, "Pod sandbox changed, it will be killed and re-created.".into());
        }
        match self.world.start_sandbox(&self.engine.pod) {
            Ok(()) => {
                let started_at = self.world.now();
                self.engine.observed.sandbox = Some(Sandbox { attempt, started_at, ready: true });
            }
            Err(error) => {
                self.warn("FailedCreatePodSandBox", None, error.message);
                self.engine.over = true;
            }
        }
    }

    fn start_container(&mut self, name: &str) {
        let Some(container) = self.engine.pod.container(name).cloned() else { return };
        let attempt = self.engine.observed.current(name).map_or(0, |instance| instance.attempt + 1);
        let started = self.world.start_container(&self.engine.pod, &container, attempt);
        let now = self.world.now();
        let ended = match &started {
            Ok(()) => {
                self.note("Started", Some(name), format!("Started container {name}"));
                None
            }
            Err(error) => {
                self.warn("Failed", Some(name), format!("Error: {}", error.message));
                let message_file = error.message.clone().into_bytes();
                let reason = Some("StartError".to_owned());
                Some(Ended { at: now, exit: Exit::Code(128), reason, message_file, log_tail: Vec::new() })
            }
        };
        let sandbox = self.engine.observed.sandbox.as_ref().map_or(0, |sandbox| sandbox.attempt);
        let record = self.record(name);
        record.waiting = started.err().map(|error| WaitReason { reason: error.reason, message: error.message });
        // The runtimes record a program that could not be started as one that exited
        // 128 at once; the restart policy and the back-off apply to it. Whatever fails
        // before that (no image, no configuration) leaves no instance behind.
        if record.waiting.as_ref().is_some_and(|waiting| waiting.reason != "RunContainerError") {
            record.failed_at = Some(now);
            return;
        }
        record.failed_at = None;
        record.last = record.current.take();
        record.restarts = attempt;
        record.current =
            Some(Instance { attempt, sandbox, started_at: now, ended, post_start: HookState::NotRun, stopping: None });
    }

    fn hold_back(&mut self, name: &str, delay: Duration) -> bool {
        let message = format!("back-off {}s restarting failed container={name}", delay.as_secs());
        let waiting = WaitReason { reason: "CrashLoopBackOff".into(), message };
        let record = self.record(name);
        if record.waiting.as_ref() == Some(&waiting) {
            return false;
        }
        record.waiting = Some(waiting);
        self.warn("BackOff", Some(name), format!("Back-off restarting failed container {name}"));
        true
    }

    fn run_hook(&mut self, name: &str, hook: HookKind) {
        let Some(container) = self.engine.pod.container(name).cloned() else { return };
        let lifecycle = container.lifecycle.clone().unwrap_or_default();
        let handler = match hook {
            HookKind::PostStart => lifecycle.post_start,
            HookKind::PreStop => lifecycle.pre_stop,
        };
        let since = self.world.now();
        match handler {
            Some(handler) => {
                self.set_hook(name, hook, HookState::Running { since });
                self.world.run_hook(&container, hook, &handler);
            }
            None => self.set_hook(name, hook, HookState::Succeeded { at: since }),
        }
    }

    fn probe(&mut self, name: &str, kind: ProbeKind) -> bool {
        let Some(container) = self.engine.pod.container(name).cloned() else { return false };
        let Some(probe) = kind.of(&container) else { return false };
        let mut probing = self.engine.observed.probing(name, kind);
        probing.asked_at = Some(self.world.now());
        probing.is_asking = true;
        self.record(name).probes.insert(kind, probing);
        self.world.probe(&container, kind, probe);
        true
    }

    /// An answer that comes after the end of the run that was asked means nothing to the next one.
    fn probe_ended(&mut self, name: &str, kind: ProbeKind, attempt: u32, answer: Answer) {
        let now = self.world.now();
        let Some(probe) = self.engine.pod.container(name).and_then(|container| kind.of(container)).cloned() else {
            return;
        };
        let mut probing = self.engine.observed.probing(name, kind);
        if probing.attempt != attempt || self.engine.observed.running(name).is_none() {
            return;
        }
        probing.is_asking = false;
        match &answer {
            Answer::Success => {}
            Answer::Warning(message) => {
                self.warn("ProbeWarning", Some(name), format!("{kind} probe warning: {message}"))
            }
            Answer::Failure(message) => self.warn("Unhealthy", Some(name), format!("{kind} probe failed: {message}")),
            Answer::Error(message) => self.warn("Unhealthy", Some(name), format!("{kind} probe errored: {message}")),
        }
        let probing = match self.engine.count {
            Some(count) => count(kind, &probe, &probing, &answer, now),
            None => probing,
        };
        self.record(name).probes.insert(kind, probing);
    }

    /// The first Stop is recorded whole; a later one changes the grace period.
    fn begin_stop(&mut self, name: &str, reason: StopReason, grace: Duration) -> bool {
        let asked_at = self.world.now();
        let Some(instance) = &mut self.record(name).current else { return false };
        if let Some(stopping) = &mut instance.stopping {
            let changed = stopping.grace != grace;
            stopping.grace = grace;
            return changed;
        }
        let pre_stop = HookState::NotRun;
        instance.stopping =
            Some(Stopping { reason, asked_at, grace, pre_stop, term_sent_at: None, kill_sent_at: None });
        let why = match reason {
            StopReason::ProbeFailed(probe) => {
                format!("Container {name} failed {} probe, will be restarted", probe.to_string().to_lowercase())
            }
            _ => format!("Stopping container {name}"),
        };
        self.note("Killing", Some(name), why);
        true
    }

    fn signal(&mut self, name: &str, signal: Signal) {
        self.world.signal(name, signal);
        let now = self.world.now();
        if let Some(stopping) = self.record(name).current.as_mut().and_then(|i| i.stopping.as_mut()) {
            match signal {
                Signal::Term => stopping.term_sent_at = Some(now),
                Signal::Kill => {
                    stopping.term_sent_at.get_or_insert(now);
                    stopping.kill_sent_at = Some(now);
                }
            }
        }
    }

    fn observe(&mut self, happened: Happened) {
        let now = self.world.now();
        match happened {
            Happened::Exited { container, exit, message_file, log_tail } => {
                if let Some(instance) = &mut self.record(&container).current {
                    instance.ended.get_or_insert(Ended { at: now, exit, reason: None, message_file, log_tail });
                }
            }
            Happened::HookEnded { container, hook, result } => self.hook_ended(&container, hook, result),
            Happened::ProbeEnded { container, probe, attempt, answer } => {
                self.probe_ended(&container, probe, attempt, answer);
            }
            Happened::DeletionAsked { grace } => {
                self.engine.observed.deletion = Some(Deletion { asked_at: now, grace })
            }
            Happened::KillNow => self.kill_now(),
            Happened::SandboxDied => {
                if let Some(sandbox) = &mut self.engine.observed.sandbox {
                    sandbox.ready = false;
                }
            }
            Happened::EndOfScript => self.engine.over = true,
        }
    }

    /// No hook, no SIGTERM, no waiting: every container is on its last step.
    fn kill_now(&mut self) {
        let now = self.world.now();
        self.engine.observed.deletion = Some(Deletion { asked_at: now, grace: Some(Duration::ZERO) });
        let names: Vec<String> = self.engine.observed.containers.keys().cloned().collect();
        for name in names {
            if self.engine.observed.running(&name).is_some() {
                self.begin_stop(&name, StopReason::Deletion, Duration::ZERO);
                self.signal(&name, Signal::Kill);
            }
        }
    }

    fn hook_ended(&mut self, name: &str, hook: HookKind, result: Result<(), String>) {
        let at = self.world.now();
        if !self.hook_runs(name, hook) {
            return;
        }
        let state = match result {
            Ok(()) => HookState::Succeeded { at },
            Err(message) => {
                let reason = match hook {
                    HookKind::PostStart => "FailedPostStartHook",
                    HookKind::PreStop => "FailedPreStopHook",
                };
                self.warn(reason, Some(name), message.clone());
                HookState::Failed { at, message }
            }
        };
        self.set_hook(name, hook, state);
    }

    /// Is it a hook of the newest instance, and not over yet? The hook of an
    /// instance that has ended may report late.
    fn hook_runs(&self, name: &str, hook: HookKind) -> bool {
        let instance = self.engine.observed.running(name);
        let state = instance.and_then(|instance| match hook {
            HookKind::PostStart => Some(&instance.post_start),
            HookKind::PreStop => instance.stopping.as_ref().map(|stopping| &stopping.pre_stop),
        });
        matches!(state, Some(HookState::Running { .. }))
    }

    fn set_hook(&mut self, name: &str, hook: HookKind, state: HookState) {
        let Some(instance) = &mut self.record(name).current else { return };
        match (hook, &mut instance.stopping) {
            (HookKind::PostStart, _) => instance.post_start = state,
            (HookKind::PreStop, Some(stopping)) => stopping.pre_stop = state,
            (HookKind::PreStop, None) => {}
        }
    }

    fn record(&mut self, name: &str) -> &mut Record {
        self.engine.observed.containers.entry(name.to_owned()).or_default()
    }

    /// Tells the status if it differs from the one told last.
    fn publish(&mut self) {
        let now = self.world.now();
        let mut status = (self.engine.status)(&self.engine.pod, &self.engine.observed);
        status.start_time = Some(self.engine.observed.started_at.rfc3339());
        let old = self.engine.pod.status.take().unwrap_or_default();
        for condition in &mut status.conditions {
            let same = old.conditions.iter().find(|c| c.kind == condition.kind && c.status == condition.status);
            condition.last_transition_time = same.map_or(Some(now.rfc3339()), |c| c.last_transition_time.clone());
        }
        let changed = status != old;
        self.engine.pod.status = Some(status);
        if changed {
            self.tell.status(now, &self.engine.pod);
        }
    }

    fn note(&mut self, reason: &str, container: Option<&str>, message: String) {
        self.event(reason, container, message, false);
    }

    fn warn(&mut self, reason: &str, container: Option<&str>, message: String) {
        self.event(reason, container, message, true);
    }

    fn event(&mut self, reason: &str, container: Option<&str>, message: String, warning: bool) {
        let event = Event { reason: reason.into(), container: container.map(str::to_owned), message, warning };
        self.tell.event(self.world.now(), &event);
    }
}
