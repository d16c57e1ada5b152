//! The pod's first process, and what it holds: chapter 2's namespaces, and one for processes.

use std::convert::Infallible;

use namespaces::sandbox::{let_go, shared_namespaces, start_with};
use nix::sched::CloneFlags;
use podkit::runtime::{Node, Sandbox, SandboxSpec, StepError};

use crate::hold::hold;
use crate::infra;

/// Runs in the node. Starts the process that holds what the pod's containers share.
///
/// It is PID 1 of a PID namespace of its own in every pod. Whether the containers join it
/// there is for the manifest to say; [`Sandbox::shares_processes`] tells
/// [`container::start`](crate::container::start).
pub fn start(node: &Node, spec: &SandboxSpec) -> Result<Sandbox, StepError> {
    // ANCHOR: task_6_1
    // As in chapter 2, until you have written it.
    start_with(node, spec, shared_namespaces(), || first_process(spec))
    // ANCHOR_END: task_6_1
}

/// Runs in the new process, when its namespaces are furnished: what it is to do from now on.
///
/// Another program, where `--infra` names one; else pause.
fn first_process(spec: &SandboxSpec) -> Result<Infallible, StepError> {
    // ANCHOR: task_6_5
    // Always pause, until you have written it.
    let_go()?;
    hold()
    // ANCHOR_END: task_6_5
}
