//! The loop: observe, plan, act, publish, wait.

use std::time::Duration;

use super::{
    Action, Count, Deletion, Event, Happened, Observed, Plan, PodFailure, Publish, Record, Sandbox, Status, Wait,
    World, first_plan, first_status,
};
use crate::pod::{Phase, Pod, PodStatus};
use crate::resources::{Rejection, Rules};
use crate::runner::Runner;
use crate::time::Time;

/// A plan that still asks for new things after this many rounds without the
/// clock moving is wrong: it would spin forever.
const ROUNDS: usize = 1000;

/// From a sandbox that could not be made to the next try: the kubelet comes back to a pod whose
/// sync has failed after this.
pub(super) const SANDBOX_RETRY: Duration = Duration::from_secs(10);

/// The same of volumes: at first after half a second, then each time after twice as long (the kubelet's exponential
/// back-off of volume operations).
const MOUNT_RETRY: Duration = Duration::from_millis(500);
const LONGEST_MOUNT_RETRY: Duration = Duration::from_secs(122);

/// From this failure, counted from 0, to the next try.
pub(super) fn mount_retry(failures: u32) -> Duration {
    MOUNT_RETRY.saturating_mul(1 << failures.min(8)).min(LONGEST_MOUNT_RETRY)
}

/// A pod in the hands of the loop: what it is, what has been observed of it, and the functions
/// that say what to do about it. The world it lives in is given to each turn.
pub struct Engine {
    plan: Plan,
    status: Status,
    pub(super) count: Option<Count>,
    rules: Option<Rules>,
    /// The node has no room for the pod: nothing of it is ever started.
    is_rejected: bool,
    pub(super) pod: Pod,
    pub(super) observed: Observed,
    /// The sandbox has been stopped for good, or the script has ended.
    pub(super) over: bool,
    /// A sandbox that cannot be made is tried again.
    pub(super) is_patient: bool,
    /// Where it could not be made: when to try again.
    pub(super) sandbox_retry: Option<Time>,
    /// How often its volumes could not be made.
    pub(super) mount_failures: u32,
}

impl Engine {
    pub fn new(runner: &Runner, mut pod: Pod, now: Time) -> Engine {
        pod.status = None;
        Engine {
            plan: runner.plan.unwrap_or(first_plan),
            status: runner.status.unwrap_or(first_status),
            count: runner.probes.map(|probes| probes.count),
            rules: runner.resources,
            is_rejected: false,
            pod,
            observed: Observed { started_at: now, ..Observed::default() },
            over: false,
            is_patient: false,
            sandbox_retry: None,
            mount_failures: 0,
        }
    }

    /// As the kubelet has it: a sandbox that cannot be made now may be made later. Who runs a single pod in the
    /// foreground is told at once instead.
    pub fn patient(self) -> Engine {
        Engine { is_patient: true, ..self }
    }

    /// The node does not take the pod: it fails with this, and nothing is started.
    pub fn reject(&mut self, rejection: Rejection, now: Time, tell: &mut dyn Publish) {
        let Rejection { reason, message } = rejection;
        tell.event(now, &Event { reason: reason.clone(), container: None, message: message.clone(), warning: true });
        let message = format!("Pod was rejected: {message}");
        self.observed.failed = Some(PodFailure { at: now, reason, message });
        self.is_rejected = true;
    }

    /// It was rejected, and has no part of the node's resources.
    pub fn is_rejected(&self) -> bool {
        self.is_rejected
    }

    /// Why a container has ended, where its exit status does not say it.
    pub(super) fn end_reason(&self, memory_events: Option<&str>) -> Option<String> {
        let is_killed = (self.rules?.is_oom_killed)(memory_events?);
        is_killed.then(|| "OOMKilled".to_owned())
    }

    /// As the plan's author sees it; a pod that was rejected has no containers to tell of.
    fn status(&self) -> PodStatus {
        let mut status = match &self.observed.failed {
            Some(failure) if self.is_rejected => PodStatus {
                phase: Phase::Failed,
                reason: Some(failure.reason.clone()),
                message: Some(failure.message.clone()),
                ..PodStatus::default()
            },
            _ => (self.status)(&self.pod, &self.observed),
        };
        status.qos_class = self.rules.map(|rules| (rules.qos)(&self.pod).word().to_owned());
        status
    }

    /// The same pod once more: one with the same uid that has just ended. Its sandbox is gone, and its
    /// containers have run before.
    pub fn once_more(mut self, before: Engine) -> Engine {
        let mut seen = before.observed;
        for record in seen.containers.values_mut() {
            record.waiting = None;
            record.failed_at = None;
            record.probes.clear();
        }
        self.observed.containers = seen.containers;
        self.observed.sandbox = seen.sandbox.map(|sandbox| Sandbox { ready: false, ..sandbox });
        self
    }

    /// The pod, with its newest status.
    pub fn pod(&self) -> &Pod {
        &self.pod
    }

    /// The same pod, with what may be changed while it runs changed.
    pub fn amend(&mut self, amend: impl FnOnce(&mut Pod)) {
        amend(&mut self.pod);
    }

    /// What its volumes wait for may be there now.
    pub fn look_again(&mut self) {
        if self.mount_failures > 0 {
            self.sandbox_retry = None;
        }
    }

    /// How the pod has been told to end, if it has.
    pub fn deletion(&self) -> Option<&Deletion> {
        self.observed.deletion.as_ref()
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
        if turn.engine.is_rejected {
            turn.engine.over = true;
            return Ok(None);
        }
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
pub(super) struct Turn<'a> {
    pub(super) engine: &'a mut Engine,
    pub(super) world: &'a mut dyn World,
    pub(super) tell: &'a mut dyn Publish,
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
        let last = self.engine.observed.sandbox.as_ref().filter(|last| last.attempt > 0);
        let after_last = last.map(|last| last.started_at + Duration::from_secs(1));
        let next = after_last.max(self.engine.sandbox_retry)?;
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

    pub(super) fn record(&mut self, name: &str) -> &mut Record {
        self.engine.observed.containers.entry(name.to_owned()).or_default()
    }

    /// Tells the status if it differs from the one told last.
    fn publish(&mut self) {
        let now = self.world.now();
        let mut status = self.engine.status();
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

    pub(super) fn note(&mut self, reason: &str, container: Option<&str>, message: String) {
        self.event(reason, container, message, false);
    }

    pub(super) fn warn(&mut self, reason: &str, container: Option<&str>, message: String) {
        self.event(reason, container, message, true);
    }

    fn event(&mut self, reason: &str, container: Option<&str>, message: String, warning: bool) {
        let event = Event { reason: reason.into(), container: container.map(str::to_owned), message, warning };
        self.tell.event(self.world.now(), &event);
    }
}
