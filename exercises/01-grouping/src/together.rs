//! Fields that are forbidden beside each other.

use podkit::manifest::FieldPath;
use podkit::pod::PodSpec;

use crate::findings::{Findings, Place};

/// A pod that wants to use namespaces of its host.
///
/// - `shareProcessNamespace` asks for one PID namespace for the pod, `hostPID` for the host's:
///   not both. The problem stands at `spec.shareProcessNamespace`.
/// - With `hostNetwork` the container's port *is* a port of the host. So a `hostPort`, where one
///   is given, must equal its `containerPort`; the problem stands at that `containerPort`. Only
///   `spec.containers` are looked at, as in Kubernetes.
pub fn host(spec: &PodSpec, at: &FieldPath, found: &mut Findings) {
    // ANCHOR: task_1_6_b
    todo!("task 1.6: Words, and what may not stand together")
    // ANCHOR_END: task_1_6_b
}

/// An init container that is no sidecar has no `lifecycle`, `livenessProbe`, `readinessProbe`
/// or `startupProbe`: it runs to its end, and is ready when it has ended.
pub fn init_container(place: &Place, found: &mut Findings) {
    // ANCHOR: task_1_6_c
    todo!("task 1.6: Words, and what may not stand together")
    // ANCHOR_END: task_1_6_c
}
