//! The pod's first process, and what it holds: chapter 2's, and with `shareProcessNamespace` a
//! PID namespace, too.

use nix::sched::CloneFlags;
use podkit::runtime::{Node, Sandbox, SandboxSpec, StepError};

use crate::hold::hold;

/// Runs in the node. Starts the process that holds what the pod's containers share.
pub fn start(node: &Node, spec: &SandboxSpec) -> Result<Sandbox, StepError> {
    namespaces::sandbox::start_with(node, spec, namespaces_of(spec), || match &spec.infra {
        Some(argv) => namespaces::program::run_on_the_machine(argv),
        None => {
            namespaces::sandbox::let_go()?;
            hold()
        }
    })
}

/// What chapter 2's containers share; the processes as well, where the manifest says so. Pause
/// is PID 1 then.
fn namespaces_of(spec: &SandboxSpec) -> CloneFlags {
    // ANCHOR: task_6_3
    let shared = namespaces::sandbox::shared_namespaces();
    match spec.share_process_namespace {
        true => shared.union(CloneFlags::CLONE_NEWPID),
        false => shared,
    }
    // ANCHOR_END: task_6_3
}
