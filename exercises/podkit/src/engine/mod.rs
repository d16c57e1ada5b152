//! The loop, and the words it is written in.
//!
//! Functional core, imperative shell. The core is two pure functions:
//!
//! - [`Plan`]: the pod, what has been observed and the time, to a list of [`Action`]s;
//! - [`Status`]: the pod and what has been observed, to a PodStatus.
//!
//! The shell is [`run`]: observe, plan, act, publish, wait. It drives a
//! [`World`], of which there are two: the real one ([`crate::real`]) and the
//! simulator ([`crate::sim`]).

mod action;
mod first;
mod fleet;
mod observe;
mod observed;
mod perform;
mod probe;
mod run;
mod world;

pub use action::{Action, Signal};
pub use first::{first_plan, first_status};
pub use fleet::{Known, News, Order, Store};
pub use observed::*;
pub use probe::{Answer, ProbeKind, Probing};
pub use run::{Engine, run};
pub use world::{Event, FAILED_MOUNT, Happened, Publish, StartError, Wait, World};

use crate::pod::{Pod, PodStatus, Probe};
use crate::time::Time;

/// What to do next. Pure: the same arguments give the same actions.
///
/// The loop performs the actions in their order, records what they led to in
/// [`Observed`], and asks again until nothing new is asked for. Then it waits
/// until something happens or the earliest [`Action::Wake`] is due.
pub type Plan = fn(&Pod, &Observed, Time) -> Vec<Action>;

/// What an answer does to what is remembered of a probe. Pure.
///
/// Arguments: which probe, as the manifest has it, the memory so far, the answer, and when it came.
pub type Count = fn(ProbeKind, &Probe, &Probing, &Answer, Time) -> Probing;

/// What to say about the pod.
pub type Status = fn(&Pod, &Observed) -> PodStatus;
