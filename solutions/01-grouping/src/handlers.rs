//! Probes and hooks: what to do, and how often. Given.

use podkit::manifest::FieldPath;
use podkit::pod::{ExecAction, Handler, HttpGetAction, IntOrString, Probe, TcpSocketAction};

use crate::findings::{Findings, Place};
use crate::ports;

/// Probes and hooks of one container.
pub fn check(place: &Place, found: &mut Findings) {
    let container = place.container;
    for (name, probe, is_readiness) in [
        ("livenessProbe", &container.liveness_probe, false),
        ("readinessProbe", &container.readiness_probe, true),
        ("startupProbe", &container.startup_probe, false),
    ] {
        if let Some(it) = probe {
            self::probe(it, is_readiness, &place.field.key(name), found);
        }
    }
    let Some(hooks) = &container.lifecycle else { return };
    let field = place.field.key("lifecycle");
    for (name, hook) in [("postStart", &hooks.post_start), ("preStop", &hooks.pre_stop)] {
        if let Some(hook) = hook {
            self::hook(hook, &field.key(name), found);
        }
    }
}

fn probe(probe: &Probe, is_readiness: bool, field: &FieldPath, found: &mut Findings) {
    let actions = Actions { exec: &probe.exec, http_get: &probe.http_get, tcp_socket: &probe.tcp_socket };
    let grpc = probe.grpc.as_ref();
    one_of(field, &[actions.set().as_slice(), &[("grpc", grpc.is_some())]].concat(), found);
    actions.check(field, found);
    if grpc.is_some_and(|grpc| !ports::is_port(grpc.port)) {
        found.problem(field.key("grpc").key("port"), "must be from 1 to 65535");
    }
    for (name, number) in [
        ("initialDelaySeconds", probe.initial_delay_seconds),
        ("timeoutSeconds", probe.timeout_seconds),
        ("periodSeconds", probe.period_seconds),
        ("successThreshold", probe.success_threshold),
        ("failureThreshold", probe.failure_threshold),
    ] {
        if number.is_some_and(|number| number < 0) {
            found.problem(field.key(name), "must not be negative");
        }
    }
    // One success is enough to be alive. A 0 counts as left out, and that is 1.
    if !is_readiness && probe.success_threshold.is_some_and(|times| times > 1) {
        found.problem(field.key("successThreshold"), "must be 1 for a liveness or startup probe");
    }
    if let Some(seconds) = probe.termination_grace_period_seconds {
        let field = field.key("terminationGracePeriodSeconds");
        if is_readiness {
            found.problem(field, "must not be set for a readiness probe: it never ends a container");
        } else if seconds < 1 {
            found.problem(field, "must be at least 1");
        }
    }
}

fn hook(hook: &Handler, field: &FieldPath, found: &mut Findings) {
    let actions = Actions { exec: &hook.exec, http_get: &hook.http_get, tcp_socket: &hook.tcp_socket };
    let sleep = hook.sleep.as_ref();
    one_of(field, &[actions.set().as_slice(), &[("sleep", sleep.is_some())]].concat(), found);
    actions.check(field, found);
    if sleep.is_some_and(|sleep| sleep.seconds < 0) {
        found.problem(field.key("sleep").key("seconds"), "must not be negative");
    }
}

/// A probe or a hook does one thing.
fn one_of(field: &FieldPath, actions: &[(&str, bool)], found: &mut Findings) {
    let set: Vec<&str> = actions.iter().filter(|(_, is_set)| *is_set).map(|(name, _)| *name).collect();
    let names: Vec<&str> = actions.iter().map(|(name, _)| *name).collect();
    if set.len() != 1 {
        let has = if set.is_empty() { "none".to_owned() } else { set.join(" and ") };
        found.problem(field.clone(), format!("must have one of {}, and has {has}", names.join(", ")));
    }
}

/// The actions that probes and hooks have in common.
struct Actions<'a> {
    exec: &'a Option<ExecAction>,
    http_get: &'a Option<HttpGetAction>,
    tcp_socket: &'a Option<TcpSocketAction>,
}

impl Actions<'_> {
    fn set(&self) -> [(&'static str, bool); 3] {
        [("exec", self.exec.is_some()), ("httpGet", self.http_get.is_some()), ("tcpSocket", self.tcp_socket.is_some())]
    }

    fn check(&self, field: &FieldPath, found: &mut Findings) {
        if self.exec.as_ref().is_some_and(|exec| exec.command.is_empty()) {
            found.problem(field.key("exec").key("command"), "is required");
        }
        if let Some(get) = self.http_get {
            let field = field.key("httpGet");
            port(&get.port, field.key("port"), found);
            for (n, header) in get.http_headers.iter().enumerate() {
                if !is_header_name(&header.name) {
                    let field = field.key("httpHeaders").index(n).key("name");
                    found.problem(field, "must be a header name: letters, digits or '-'");
                }
            }
        }
        if let Some(tcp) = self.tcp_socket {
            port(&tcp.port, field.key("tcpSocket").key("port"), found);
        }
    }
}

/// A number, or the name of a port.
fn port(port: &IntOrString, field: FieldPath, found: &mut Findings) {
    match port {
        IntOrString::Int(0) => {
            found.problem(field, "is required: a number from 1 to 65535, or the name of a port");
        }
        IntOrString::Int(number) if !ports::is_port(*number) => {
            found.problem(field, "must be from 1 to 65535, or the name of a port");
        }
        IntOrString::Text(name) => found.name(field, name, ports::port_name),
        IntOrString::Int(_) => {}
    }
}

fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}
