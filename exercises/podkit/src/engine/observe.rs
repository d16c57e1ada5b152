//! What has happened, recorded.

use std::time::Duration;

use super::run::Turn;
use super::{Answer, Deletion, Ended, Happened, HookKind, HookState, ProbeKind, Signal, StopReason};

impl Turn<'_> {
    pub(super) fn observe(&mut self, happened: Happened) {
        let now = self.world.now();
        match happened {
            Happened::Exited { container, exit, message_file, log_tail, memory_events } => {
                let reason = self.engine.end_reason(memory_events.as_deref());
                if let Some(instance) = &mut self.record(&container).current {
                    instance.ended.get_or_insert(Ended { at: now, exit, reason, message_file, log_tail });
                }
                self.begin_anew(&container);
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
            Happened::ImageChanged { container, image } => self.image_changed(&container, image),
            Happened::EndOfScript => self.engine.over = true,
        }
    }

    /// What the kubelet compares is a hash of name and image. A container whose hash is another one is killed and started
    /// again; of the old image's failures nothing is remembered.
    fn image_changed(&mut self, name: &str, image: Option<String>) {
        let spec = &mut self.engine.pod.spec;
        let mut all = spec.init_containers.iter_mut().chain(&mut spec.containers);
        if let Some(container) = all.find(|it| it.name == name) {
            container.image = image;
        }
        let own = self.engine.pod.spec.termination_grace_period_seconds.unwrap_or(30).max(1);
        let record = self.record(name);
        record.back_off = None;
        record.failed_at = None;
        if self.engine.observed.running(name).is_some() && self.engine.observed.deletion.is_none() {
            self.begin_stop(name, StopReason::ImageChanged, Duration::from_secs(own.unsigned_abs()));
        }
    }

    /// A run that was stopped for the sake of the next one is no reason not to start that.
    fn begin_anew(&mut self, name: &str) {
        let is_ending = self.engine.observed.deletion.is_some();
        let record = self.record(name);
        let stopping = record.current.as_ref().and_then(|instance| instance.stopping.as_ref());
        if !is_ending && stopping.is_some_and(|stopping| stopping.reason == StopReason::ImageChanged) {
            record.last = record.current.take();
        }
    }

    /// An answer that comes after the end of the run that was asked means nothing to the next one.
    pub(super) fn probe_ended(&mut self, name: &str, kind: ProbeKind, attempt: u32, answer: Answer) {
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

    fn hook_ended(&mut self, name: &str, hook: HookKind, result: Result<Option<String>, String>) {
        let at = self.world.now();
        if !self.hook_runs(name, hook) {
            return;
        }
        let state = match result {
            Ok(warning) => {
                if let Some(message) = warning {
                    self.warn("LifecycleHTTPFallback", Some(name), message);
                }
                HookState::Succeeded { at }
            }
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
}
