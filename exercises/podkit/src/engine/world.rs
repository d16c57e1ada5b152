//! The two sides of the loop: the world it acts on, and those it tells.

use std::time::Duration;

use super::{Answer, Exit, HookKind, ProbeKind, Signal};
use crate::pod::{Container, Handler, Pod, Probe};
use crate::time::Time;

/// Where actions take effect. Two implementations: real processes, and a script.
pub trait World {
    fn now(&self) -> Time;

    fn start_sandbox(&mut self, pod: &Pod) -> Result<(), StartError>;

    /// Starts run number `attempt` of a container. Returns once its program runs.
    fn start_container(&mut self, pod: &Pod, container: &Container, attempt: u32) -> Result<(), StartError>;

    /// Starts a hook. Its end comes as [`Happened::HookEnded`].
    fn run_hook(&mut self, container: &Container, hook: HookKind, handler: &Handler);

    /// Looks at a running container. The answer comes as [`Happened::ProbeEnded`].
    fn probe(&mut self, container: &Container, kind: ProbeKind, probe: &Probe);

    /// A container that has just ended is no error: its end is on its way.
    fn signal(&mut self, container: &str, signal: Signal);

    fn stop_sandbox(&mut self);
}

/// A world of one pod, which can be waited for. (The real one holds many pods: its node waits.)
pub trait Wait {
    /// Waits until something happens, at most until `until`. An empty list means
    /// that the time has come. `None` waits without end.
    fn wait(&mut self, until: Option<Time>) -> Vec<Happened>;
}

/// The reason why a sandbox is not made yet: one of the pod's volumes is not there, and may come.
pub const FAILED_MOUNT: &str = "FailedMount";

/// Why a start failed: a Waiting state's reason, and the details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartError {
    pub reason: String,
    pub message: String,
}

/// What the world tells the loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    Exited {
        container: String,
        exit: Exit,
        message_file: Vec<u8>,
        log_tail: Vec<u8>,
        /// Its cgroup's memory.events, where there is one.
        memory_events: Option<String>,
    },
    HookEnded {
        container: String,
        hook: HookKind,
        /// A success may come with a warning: an HTTPS server that turned out to be an HTTP one.
        result: Result<Option<String>, String>,
    },
    ProbeEnded {
        container: String,
        probe: ProbeKind,
        /// The run of the container that was asked.
        attempt: u32,
        answer: Answer,
    },
    /// End the pod gracefully.
    DeletionAsked {
        grace: Option<Duration>,
    },
    /// End it now: the second Ctrl-C.
    KillNow,
    SandboxDied,
    /// The pod's owner has given a container another image.
    ImageChanged {
        container: String,
        image: Option<String>,
    },
    /// A simulation has run to the end of its script.
    EndOfScript,
}

/// An event, as `kubectl describe` lists them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// One word: Started, Killing, BackOff, ...
    pub reason: String,
    /// The container it is about; `None`: the pod.
    pub container: Option<String>,
    pub message: String,
    /// A warning, not normal life.
    pub warning: bool,
}

/// Who is told.
pub trait Publish {
    /// The pod's status has changed; `pod.status` is the new one.
    fn status(&mut self, now: Time, pod: &Pod);
    fn event(&mut self, now: Time, event: &Event);
}
