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
    if spec.share_process_namespace == Some(true) && spec.host_pid == Some(true) {
        found.problem(at.key("shareProcessNamespace"), "must not be set together with hostPID");
    }
    if spec.host_network == Some(true) {
        for (c, container) in spec.containers.iter().enumerate() {
            for (n, port) in container.ports.iter().enumerate() {
                if port.host_port.is_some_and(|host| host != 0 && host != port.container_port) {
                    let field = at.key("containers").index(c).key("ports").index(n).key("containerPort");
                    found.problem(field, "must equal hostPort when hostNetwork is true");
                }
            }
        }
    }
    // ANCHOR_END: task_1_6_b
}

/// An init container that is no sidecar has no `lifecycle`, `livenessProbe`, `readinessProbe`
/// or `startupProbe`: it runs to its end, and is ready when it has ended.
pub fn init_container(place: &Place, found: &mut Findings) {
    // ANCHOR: task_1_6_c
    let container = place.container;
    for (field, is_set) in [
        ("lifecycle", container.lifecycle.is_some()),
        ("livenessProbe", container.liveness_probe.is_some()),
        ("readinessProbe", container.readiness_probe.is_some()),
        ("startupProbe", container.startup_probe.is_some()),
    ] {
        if is_set {
            found.problem(
                place.field.key(field),
                "must not be set for an init container, unless it has restartPolicy: Always",
            );
        }
    }
    // ANCHOR_END: task_1_6_c
}
