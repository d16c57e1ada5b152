//! What has been observed of a pod: all that a plan may look at besides the pod and the time.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{ProbeKind, Probing};
use crate::time::Time;

/// Everything known about one running pod.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    /// When the runner accepted the pod: `status.startTime`.
    pub started_at: Time,
    /// The newest sandbox; `None` before the first.
    pub sandbox: Option<Sandbox>,
    /// By container name, init containers too. A container that was never
    /// tried has no record.
    pub containers: BTreeMap<String, Record>,
    /// Somebody asked for the pod's end (Ctrl-C, delete): the newest request.
    pub deletion: Option<Deletion>,
    /// The pod as a whole has failed, whatever its containers say.
    pub failed: Option<PodFailure>,
}

/// One sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sandbox {
    /// 0 for the first.
    pub attempt: u32,
    pub started_at: Time,
    /// False once its pause process is gone.
    pub ready: bool,
}

/// The pod is to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    pub asked_at: Time,
    /// The grace period asked for; `None`: the pod's own.
    pub grace: Option<Duration>,
}

/// Why a pod failed as a whole: `status.reason` and `status.message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodFailure {
    pub at: Time,
    /// One word, such as DeadlineExceeded.
    pub reason: String,
    pub message: String,
}

// ANCHOR: record
/// What is known of one container: its two newest instances, as the kubelet keeps them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// The newest instance, running or ended.
    pub current: Option<Instance>,
    /// The one before it.
    pub last: Option<Instance>,
    /// How many instances came before `current`.
    pub restarts: u32,
    /// Why the container is not started (again) now, where something else than
    /// its end holds it up; `None` while it runs.
    pub waiting: Option<WaitReason>,
    /// When the newest try to start it failed before there was an instance
    /// (no such image, a wrong configuration); `None` after any other try.
    pub failed_at: Option<Time>,
    /// Remembered from the newest restart.
    pub back_off: Option<BackOff>,
    /// By kind; what was never asked has no entry.
    pub probes: BTreeMap<ProbeKind, Probing>,
}
// ANCHOR_END: record

// ANCHOR: instance
/// One run of a container.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// Number of the run, from 0.
    pub attempt: u32,
    /// Number of the sandbox it was started in.
    pub sandbox: u32,
    pub started_at: Time,
    /// `None` while it runs.
    pub ended: Option<Ended>,
    pub post_start: HookState,
    /// Set from the moment the container is to stop.
    pub stopping: Option<Stopping>,
}
// ANCHOR_END: instance

/// How an instance ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub at: Time,
    pub exit: Exit,
    /// Set where the exit status does not say it: there was no program to end, since the start itself failed
    /// (StartError), or its memory was short (OOMKilled, chapter 8).
    pub reason: Option<String>,
    /// What the program left in its termination message file; at most the last 64 KiB.
    pub message_file: Vec<u8>,
    /// The end of its output; at most the last 64 KiB.
    pub log_tail: Vec<u8>,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Code(i32),
    /// Ended by this signal.
    Signal(i32),
}

impl Exit {
    /// As the runtimes report it: the exit status, or 128 + the signal's number.
    pub fn code(self) -> i32 {
        match self {
            Exit::Code(code) => code,
            Exit::Signal(signal) => 128 + signal,
        }
    }
}

// ANCHOR: stopping
/// A container on its way to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Stopping {
    pub reason: StopReason,
    pub asked_at: Time,
    /// All of it: preStop, SIGTERM and the wait for the end.
    pub grace: Duration,
    pub pre_stop: HookState,
    pub term_sent_at: Option<Time>,
    pub kill_sent_at: Option<Time>,
}
// ANCHOR_END: stopping

/// Why a running container is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The pod is to end.
    Deletion,
    /// `activeDeadlineSeconds` is over.
    DeadlineExceeded,
    /// Its postStart hook failed.
    PostStartHookFailed,
    /// The sandbox is gone.
    SandboxChanged,
    /// Its liveness or startup probe failed (chapter 4).
    ProbeFailed(ProbeKind),
    /// No regular container is left (a sidecar, chapter 5).
    PodFinished,
    /// It has another image now: it is started again, whatever the policy.
    ImageChanged,
}

/// Which hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookKind {
    PostStart,
    PreStop,
}

/// How far a hook has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum HookState {
    #[default]
    NotRun,
    Running {
        since: Time,
    },
    Succeeded {
        at: Time,
    },
    Failed {
        at: Time,
        message: String,
    },
}

impl HookState {
    /// Has it run to its end, whichever?
    pub fn is_over(&self) -> bool {
        matches!(self, HookState::Succeeded { .. } | HookState::Failed { .. })
    }
}

// ANCHOR: back_off
/// The back-off entry of a container: how long the next restart must stay away
/// from the end of the run before it, and when that was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackOff {
    pub delay: Duration,
    pub updated_at: Time,
}
// ANCHOR_END: back_off

/// Why a container waits: a Waiting state's reason and message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WaitReason {
    pub reason: String,
    pub message: String,
}

impl Observed {
    /// The newest instance of a container.
    pub fn current(&self, container: &str) -> Option<&Instance> {
        self.containers.get(container)?.current.as_ref()
    }

    /// The newest instance, if it runs.
    pub fn running(&self, container: &str) -> Option<&Instance> {
        self.current(container).filter(|instance| instance.ended.is_none())
    }

    /// What is remembered of a probe, for the newest run of the container.
    pub fn probing(&self, container: &str, probe: ProbeKind) -> Probing {
        let Some(record) = self.containers.get(container) else { return Probing::default() };
        let attempt = record.current.as_ref().map_or(0, |instance| instance.attempt);
        record.probes.get(&probe).map_or(Probing { attempt, ..Probing::default() }, |probing| probing.of_run(attempt))
    }

    /// Does a container of this pod run?
    pub fn anything_runs(&self) -> bool {
        self.containers.keys().any(|name| self.running(name).is_some())
    }
}
