//! Questions put over the network. They run in a process of their own that is in the pod's
//! network already, and is killed when its time is over: nothing here needs a clock.

use std::net::{TcpStream, ToSocketAddrs};

use podkit::engine::Answer;
use podkit::pod::{Container, IntOrString};
use podkit::runner::Question;

use crate::http;

/// Puts the probe's question, whichever it is.
pub fn ask(question: &Question) -> Answer {
    match (&question.probe.http_get, &question.probe.tcp_socket) {
        (Some(get), _) => http::get(question, get),
        (None, Some(socket)) => tcp(question, &socket.port, socket.host.as_deref()),
        (None, None) => Answer::Error("the probe has no handler".into()),
    }
}

/// A connection that comes about is a success. A port that the container does not know is an
/// error of the question, not of the container.
fn tcp(question: &Question, port: &IntOrString, host: Option<&str>) -> Answer {
    // ANCHOR: task_4_6
    let port = match self::port(question.container, port) {
        Ok(port) => port,
        Err(message) => return Answer::Error(message),
    };
    match connect(host_or_pod(host, question), port) {
        Ok(_) => Answer::Success,
        Err(error) => Answer::Failure(error.to_string()),
    }
    // ANCHOR_END: task_4_6
}

/// A port by its number or by its name in this container's ports. Given.
pub fn port(container: &Container, port: &IntOrString) -> Result<u16, String> {
    let found = container.port(port).and_then(|port| u16::try_from(port).ok()).filter(|port| *port != 0);
    found.ok_or_else(|| format!("port {:?} is no port of container {}", port.to_string(), container.name))
}

/// The host the manifest names, else the pod's address. Given.
pub fn host_or_pod<'a>(host: Option<&'a str>, question: &'a Question) -> &'a str {
    host.filter(|host| !host.is_empty()).unwrap_or(question.pod_ip)
}

/// A TCP connection. Given.
pub fn connect(host: &str, port: u16) -> std::io::Result<TcpStream> {
    let mut last = std::io::Error::other(format!("{host} has no address"));
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect(address) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}
