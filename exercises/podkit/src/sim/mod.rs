//! The simulator: the same loop and the same plan in a scripted world with virtual time.
//!
//! A scenario says what the programs do and what happens from outside; the
//! plan and the status under test decide everything else. Ten minutes take a
//! few milliseconds, because the clock jumps from event to event.
//!
//! # A scenario
//!
//! ```yaml
//! pod:                        # a v1 Pod, or `podFile: path` beside this file
//!   apiVersion: v1
//!   kind: Pod
//!   metadata: { name: web }
//!   spec:
//!     containers: [{ name: app, image: host, command: [app] }]
//! containers:                 # by name; who is not named runs forever
//!   app:
//!     runs:                   # one entry a run; the last one repeats
//!       - { lasts: 2s, exits: 1 }
//!       - { lasts: 500ms, signal: 9 }              # ended by a signal
//!       - { startFails: RunContainerError }        # the program could not be started
//!       - { lasts: 3s, signal: 9, memoryEvents: { oom_kill: 1 } }   # chapter 8: its memory was short
//!       - { lasts: forever }
//!     onTerm: { takes: 1s, exits: 0 }   # or `ignores`; without it SIGTERM ends it at once (143)
//!     postStart: { takes: 3s }          # `fails: MESSAGE` makes it fail
//!     preStop: { takes: 5s }
//!     readiness:              # what the probe finds, from when on; counted from the run's start
//!       - { from: 5s, fails: "connection refused" }   # or `errs`, `warns`; nothing: success
//!       - { from: 20s, takes: 3s }                    # longer than the probe's timeout: a failure
//!     message: text           # what it leaves in its termination message file
//!     log: text               # what it prints
//! events:
//!   - { at: 30s, delete: { grace: 10s } }          # `delete: {}`: the pod's own grace period
//!   - { at: 31s, killNow: true }                   # the second Ctrl-C
//!   - { at: 40s, sandboxDies: true }
//! until: 700s                 # the end of the script; without it one hour
//! ```
//!
//! A run may have `onTerm`, `postStart`, `preStop`, `startup`, `liveness`, `readiness`,
//! `message` and `log` of its own. `message` and `log` may be a list of bytes. A hook that sleeps takes
//! as long as it says, any other no time unless the scenario says so.
//!
//! # The timeline
//!
//! [`Timeline`] prints as text, as an SVG figure, or as JSON: one object a line,
//! `t` in seconds from the start, `kind` one of
//!
//! | kind | other members |
//! |---|---|
//! | `sandbox` | `what`: started, stopped, died; `attempt` |
//! | `start` | `container`, `attempt`: a program runs |
//! | `startFailed` | `container`, `attempt`, `reason`, `message` |
//! | `exit` | `container`, `attempt`, `exitCode`, `signal` where one ended it |
//! | `hook` | `container`, `hook`: postStart, preStop; `what`: started, succeeded, failed; `message` |
//! | `probe` | `container`, `probe`: startup, liveness, readiness; `what`: succeeded, warned, failed, erred; `message` |
//! | `signal` | `container`, `signal`: SIGTERM, SIGKILL |
//! | `outside` | `what`: delete, killNow, sandboxDies; `grace` in seconds |
//! | `event` | `reason`, `container`, `message`, `warning` |
//! | `status` | `status`: the v1 PodStatus, whenever it changes |
//! | `end` | `phase`; `why`: over (the runner has stopped the sandbox), until (the script has ended) |

mod scenario;
mod script;
mod span;
mod svg;
mod text;
mod timeline;
mod world;

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

pub use timeline::{Entry, Fact, Timeline};

use crate::engine;
use crate::manifest::{FieldPath, Problem};
use crate::runner::Runner;
use timeline::Recorder;
use world::Scripted;

/// Runs a scenario to its end. `base_dir` is where a `podFile` is looked for.
///
/// # Errors
/// What is wrong with the scenario or its pod, with lines; or with the plan,
/// when it goes round in circles.
pub fn simulate(runner: &Runner, scenario_text: &str, base_dir: &Path) -> Result<Timeline, Vec<Problem>> {
    let scenario = scenario::read(runner, scenario_text, base_dir)?;
    let entries = Rc::new(RefCell::new(Vec::new()));
    let pod = scenario.pod.clone();
    let mut world = Scripted::new(scenario, entries.clone());
    let mut recorder = Recorder::new(world::EPOCH, entries.clone());
    let end = engine::run(runner, pod.clone(), &mut world, &mut recorder);
    match (world.went_wrong(), end) {
        (Some(why), _) | (None, Err(why)) => Err(vec![Problem::new(FieldPath::root(), why)]),
        (None, Ok(status)) => {
            world.record_end(status.phase);
            Ok(Timeline { pod, entries: entries.take() })
        }
    }
}
