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
    (1..=65535).contains(&number)
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
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.len() > 15 {
        Err("must be at most 15 characters")
    } else if !name.chars().all(allowed) {
        Err("must be lower-case letters, digits or '-'")
    } else if !name.contains(|c: char| c.is_ascii_lowercase()) {
        Err("must have at least one letter")
    } else if name.contains("--") {
        Err("must not have two '-' in a row")
    } else if name.starts_with('-') || name.ends_with('-') {
        Err("must not begin or end with '-'")
    } else {
        Ok(())
    }
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
    let mut taken = BTreeSet::new();
    for place in places {
        for (n, port) in place.container.ports.iter().enumerate() {
            let host_port = port.host_port.unwrap_or(0);
            let host_ip = port.host_ip.as_deref().unwrap_or("");
            if host_port != 0 && !taken.insert((protocol(port), host_ip, host_port)) {
                let field = place.field.key("ports").index(n).key("hostPort");
                found.problem(
                    field,
                    format!("must be unique in the pod: {} port {host_port} of the host is taken", protocol(port)),
                );
            }
        }
    }
    // ANCHOR_END: task_1_5_c
}

/// Two containers that declare the same port and protocol: Kubernetes accepts the pod, and
/// then the second program cannot bind its port. A warning at the later `containerPort`.
fn shared_space(places: &[&Place], found: &mut Findings) {
    // ANCHOR: task_1_5_d
    let mut declared: Vec<(&str, i64, &str)> = Vec::new();
    for place in places {
        let name = place.container.name.as_str();
        for (n, port) in place.container.ports.iter().enumerate() {
            let (protocol, number) = (protocol(port), port.container_port);
            let other = declared.iter().find(|(p, n, other)| (*p, *n) == (protocol, number) && *other != name);
            if let Some((_, _, other)) = other {
                found.warning(
                    place.field.key("ports").index(n).key("containerPort"),
                    format!(
                        "{protocol} port {number} is declared by container {other} too: a pod has one port space, \
                         and the second program that binds it fails (EADDRINUSE)"
                    ),
                );
            }
            declared.push((protocol, number, name));
        }
    }
    // ANCHOR_END: task_1_5_d
}

/// TCP, unless the manifest says otherwise.
fn protocol(port: &ContainerPort) -> &str {
    port.protocol.as_deref().unwrap_or("TCP")
}
