//! Questions put over the network. They run in a process of their own that is in the pod's
//! network already, and is killed when its time is over: nothing here needs a clock.

use podkit::engine::Answer;
use podkit::pod::{Container, GrpcAction, IntOrString, TcpSocketAction};
use podkit::runner::Question;
use podkit::wire::connect;
use podkit::wire::grpc::{self, Health};

use crate::http;

/// Puts the probe's question, whichever it is. Given.
pub fn ask(question: &Question) -> Answer {
    let probe = question.probe;
    match (&probe.http_get, &probe.tcp_socket, &probe.grpc) {
        (Some(action), ..) => http::get(question, action),
        (_, Some(action), _) => tcp(question, action),
        (.., Some(action)) => health(question, action),
        _ => Answer::Error("the probe has no handler".into()),
    }
}

/// A connection that comes about is a success, one that does not is a failure. A port that the container
/// does not know ([`port`]) is an error of the question, not of the container.
pub fn tcp(question: &Question, action: &TcpSocketAction) -> Answer {
    // ANCHOR: task_4_6
    todo!("task 4.6: A connection, and gRPC")
    // ANCHOR_END: task_4_6
}

/// gRPC's own question about health, to the pod's address ([`grpc::check`]). Only Serving is a success; any other
/// health is a failure: `service unhealthy (responded with "NOT_SERVING")`. So is no answer.
pub fn health(question: &Question, action: &GrpcAction) -> Answer {
    // ANCHOR: task_4_6_b
    todo!("task 4.6: A connection, and gRPC")
    // ANCHOR_END: task_4_6_b
}

/// A port by its number, or by its name in this container's ports. Given.
pub fn port(container: &Container, port: &IntOrString) -> Result<u16, String> {
    let found = container.port(port).and_then(|port| u16::try_from(port).ok()).filter(|port| *port != 0);
    found.ok_or_else(|| format!("port {:?} is no port of container {}", port.to_string(), container.name))
}

/// The host that the manifest names, else the pod's address. Given.
pub fn host<'a>(named: Option<&'a str>, question: &'a Question) -> &'a str {
    named.filter(|host| !host.is_empty()).unwrap_or(question.pod_ip)
}
