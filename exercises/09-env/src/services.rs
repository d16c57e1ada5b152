//! The addresses of services, as variables.
//!
//! The oldest way of Kubernetes to tell programs where others are, older than names in DNS, and made to be like
//! what Docker called links.

use std::collections::BTreeMap;

use podkit::environment::{Around, Variables, namespace};
use podkit::objects::Service;

/// The variables of all services that the container is told of. Given.
pub fn all(around: &Around) -> Variables {
    let mut all = Variables::new();
    for service in seen(around).into_values() {
        if let Some(ip) = service.cluster_ip() {
            all.extend(of_service(service, ip));
        }
    }
    all
}

/// The services that the container is told of, by name.
///
/// - Of the pod's namespace: all, unless the pod's `enableServiceLinks` is false. (Left out, it is true.)
/// - Of namespace `default`: the one that is called `kubernetes`, always; unless the pod's namespace has given one
///   of that name already.
///
/// A service without an address ([`Service::cluster_ip`]) is none of them.
pub fn seen<'a>(around: &Around<'a>) -> BTreeMap<&'a str, &'a Service> {
    // ANCHOR: task_9_7
    // None, until you have written it.
    BTreeMap::new()
    // ANCHOR_END: task_9_7
}

/// The variables of one service with this address. In their names, NAME is [`in_a_name`] of the service's name.
///
/// | variable | value |
/// |---|---|
/// | `NAME_SERVICE_HOST` | the address |
/// | `NAME_SERVICE_PORT` | the first port's number |
/// | `NAME_SERVICE_PORT_PORTNAME` | for each port that has a name: its number |
/// | `NAME_PORT` | the first port's URL |
/// | `NAME_PORT_80_TCP` | for each port (here 80, TCP): its URL |
/// | `NAME_PORT_80_TCP_PROTO` | its protocol in lower case |
/// | `NAME_PORT_80_TCP_PORT` | its number |
/// | `NAME_PORT_80_TCP_ADDR` | the address |
///
/// A URL is `tcp://ADDRESS:80`, with the protocol in lower case; [`host`] writes an IPv6 address in brackets. A port
/// that names no protocol is `TCP`.
pub fn of_service(service: &Service, ip: &str) -> Variables {
    // ANCHOR: task_9_7_b
    // None, until you have written it.
    Variables::new()
    // ANCHOR_END: task_9_7_b
}

/// In capitals, with `_` in place of `-`: `my-db` is `MY_DB`. Given.
pub fn in_a_name(text: &str) -> String {
    text.to_uppercase().replace('-', "_")
}

/// An address as it stands in a URL. Given.
pub fn host(ip: &str) -> String {
    if ip.contains(':') { format!("[{ip}]") } else { ip.to_owned() }
}
