//! Each action: done in the world, and recorded.

use std::time::Duration;

use super::run::{SANDBOX_RETRY, Turn, mount_retry};
use super::{
    Ended, Exit, FAILED_MOUNT, HookKind, HookState, Instance, ProbeKind, Sandbox, Signal, StopReason, Stopping,
    WaitReason,
};

impl Turn<'_> {
    pub(super) fn start_sandbox(&mut self) {
        let attempt = self.engine.observed.sandbox.as_ref().map_or(0, |sandbox| sandbox.attempt + 1);
        if attempt > 0 {
            self.note("SandboxChanged", None, "Pod sandbox changed, it will be killed and re-created.".into());
        }
        match self.world.start_sandbox(&self.engine.pod) {
            Ok(()) => {
                let started_at = self.world.now();
                self.engine.observed.sandbox = Some(Sandbox { attempt, started_at, ready: true });
                self.engine.sandbox_retry = None;
                self.engine.mount_failures = 0;
            }
            // Its volumes come first, and what is missing of them may come yet: the pod waits for that in any case.
            Err(error) if error.reason == FAILED_MOUNT => {
                self.warn(FAILED_MOUNT, None, error.message);
                self.engine.sandbox_retry = Some(self.world.now() + mount_retry(self.engine.mount_failures));
                self.engine.mount_failures += 1;
            }
            Err(error) => {
                self.warn("FailedCreatePodSandBox", None, error.message);
                self.engine.sandbox_retry = Some(self.world.now() + SANDBOX_RETRY);
                self.engine.over = !self.engine.is_patient;
            }
        }
    }

    pub(super) fn start_container(&mut self, name: &str) {
        let Some(container) = self.engine.pod.container(name).cloned() else { return };
        let record = self.record(name);
        let before = record.current.as_ref().or(record.last.as_ref());
        let attempt = before.map_or(0, |instance| instance.attempt + 1);
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
        record.last = record.current.take().or(record.last.take());
        record.restarts = attempt;
        record.current =
            Some(Instance { attempt, sandbox, started_at: now, ended, post_start: HookState::NotRun, stopping: None });
    }

    pub(super) fn hold_back(&mut self, name: &str, delay: Duration) -> bool {
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

    pub(super) fn run_hook(&mut self, name: &str, hook: HookKind) {
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

    pub(super) fn probe(&mut self, name: &str, kind: ProbeKind) -> bool {
        let Some(container) = self.engine.pod.container(name).cloned() else { return false };
        let Some(probe) = kind.of(&container) else { return false };
        let mut probing = self.engine.observed.probing(name, kind);
        probing.asked_at = Some(self.world.now());
        probing.is_asking = true;
        self.record(name).probes.insert(kind, probing);
        self.world.probe(&container, kind, probe);
        true
    }

    /// The first Stop is recorded whole; a later one changes the grace period.
    pub(super) fn begin_stop(&mut self, name: &str, reason: StopReason, grace: Duration) -> bool {
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
            StopReason::ImageChanged => format!("Container {name} definition changed, will be restarted"),
            _ => format!("Stopping container {name}"),
        };
        self.note("Killing", Some(name), why);
        true
    }

    pub(super) fn signal(&mut self, name: &str, signal: Signal) {
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

    pub(super) fn set_hook(&mut self, name: &str, hook: HookKind, state: HookState) {
        let Some(instance) = &mut self.record(name).current else { return };
        match (hook, &mut instance.stopping) {
            (HookKind::PostStart, _) => instance.post_start = state,
            (HookKind::PreStop, Some(stopping)) => stopping.pre_stop = state,
            (HookKind::PreStop, None) => {}
        }
    }
}
