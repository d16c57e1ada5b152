//! Ports: the containers of a pod share one IP address, and so one space of ports.

use std::collections::BTreeSet;

use podkit::pod::ContainerPort;

use crate::findings::{Findings, Place};

/// The rules for the ports of one container.
pub fn container(place: &Place, found: &mut Findings) {
    let mut names = BTreeSet::new();
    for (n, port) in place.container.ports.iter().enumerate() {
        let field = place.field.key("ports").index(n);
        if port.container_port == 0 {
            found.problem(field.key("containerPort"), "is required, from 1 to 65535");
        } else if !is_port(port.container_port) {
            found.problem(field.key("containerPort"), "must be from 1 to 65535");
        }
        // A host port of 0 is as good as none.
        if port.host_port.is_some_and(|port| port != 0 && !is_port(port)) {
            found.problem(field.key("hostPort"), "must be from 1 to 65535");
        }
        let Some(name) = port.name.as_deref().filter(|name| !name.is_empty()) else { continue };
        if let Err(rule) = port_name(name) {
            found.problem(field.key("name"), rule);
        } else if !names.insert(name) {
            found.problem(field.key("name"), format!("must be unique in its container: {name} is taken"));
        }
    }
}

/// May this be the number of a port?
pub fn is_port(number: i64) -> bool {
    // ANCHOR: task_1_5
    todo!("task 1.5: One port space")
    // ANCHOR_END: task_1_5
}

/// The name of a port (IANA service name, RFC 6335).
///
/// At most 15 bytes; `a` to `z`, `0` to `9` and `-`; at least one letter, so that it
/// cannot be taken for a number; no `-` at either end, and no two in a row.
///
/// # Errors
/// The rule that `name` breaks, in words.
pub fn port_name(name: &str) -> Result<(), &'static str> {
    // ANCHOR: task_1_5_b
    todo!("task 1.5: One port space")
    // ANCHOR_END: task_1_5_b
}

/// The rules between the ports of different containers.
pub fn pod(places: &[Place], found: &mut Findings) {
    // Init containers run one at a time, so each only competes with itself.
    let (init, regular): (Vec<&Place>, Vec<&Place>) = places.iter().partition(|place| place.init);
    host_ports(&regular, found);
    for place in init {
        host_ports(&[place], found);
    }
    let staying: Vec<&Place> = places.iter().filter(|place| place.stays()).collect();
    shared_space(&staying, found);
}

/// Two ports may not want the same port of the host: the same protocol, `hostIP` and
/// `hostPort`, in whichever containers. The problem stands at the later `hostPort`.
fn host_ports(places: &[&Place], found: &mut Findings) {
    // ANCHOR: task_1_5_c
    todo!("task 1.5: One port space")
    // ANCHOR_END: task_1_5_c
}

/// Two containers that declare the same port and protocol: Kubernetes accepts the pod, and
/// then the second program cannot bind its port. A warning at the later `containerPort`.
fn shared_space(places: &[&Place], found: &mut Findings) {
    // ANCHOR: task_1_5_d
    todo!("task 1.5: One port space")
    // ANCHOR_END: task_1_5_d
}

/// TCP, unless the manifest says otherwise.
fn protocol(port: &ContainerPort) -> &str {
    port.protocol.as_deref().unwrap_or("TCP")
}
