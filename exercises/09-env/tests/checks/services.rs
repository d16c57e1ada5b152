//! Task 9.7: the addresses of services.

use crate::kit::{Shown, file, pod, show};
use podcheck::{Result, expect_eq};

/// A service: its metadata and its spec.
fn service(metadata: &str, spec: &str) -> String {
    format!("apiVersion: v1\nkind: Service\nmetadata: {{ {metadata} }}\nspec: {{ {spec} }}\n")
}

fn with(services: &[String], lines: &str) -> Result<Shown> {
    let mut documents: Vec<&str> = services.iter().map(String::as_str).collect();
    let pod = pod(lines);
    documents.push(&pod);
    show(&file(&documents))
}

/// The names that services' variables have.
fn of_services(shown: &Shown) -> Result<String> {
    shown.names(|name| name.contains("_SERVICE_") || name.contains("_PORT"))
}

pub fn address_and_port() -> Result {
    let shown = with(&[service("name: my-db", "clusterIP: 10.0.0.11, ports: [{ port: 6379 }]")], "")?;
    shown.have(&[
        ("MY_DB_SERVICE_HOST", "10.0.0.11"),
        ("MY_DB_SERVICE_PORT", "6379"),
        ("MY_DB_PORT", "tcp://10.0.0.11:6379"),
        ("MY_DB_PORT_6379_TCP", "tcp://10.0.0.11:6379"),
        ("MY_DB_PORT_6379_TCP_PROTO", "tcp"),
        ("MY_DB_PORT_6379_TCP_PORT", "6379"),
        ("MY_DB_PORT_6379_TCP_ADDR", "10.0.0.11"),
    ])?;
    let names = "MY_DB_PORT MY_DB_PORT_6379_TCP MY_DB_PORT_6379_TCP_ADDR MY_DB_PORT_6379_TCP_PORT \
                 MY_DB_PORT_6379_TCP_PROTO MY_DB_SERVICE_HOST MY_DB_SERVICE_PORT";
    expect_eq("the variables of the service, and no others", names, &*of_services(&shown)?)?;
    let v6 = with(&[service("name: six", "clusterIP: \"fd00::7\", ports: [{ port: 80, name: \"\" }]")], "")?;
    v6.have(&[
        ("SIX_SERVICE_HOST", "fd00::7"),
        ("SIX_PORT", "tcp://[fd00::7]:80"),
        ("SIX_PORT_80_TCP_ADDR", "fd00::7"),
    ])?;
    v6.has("SIX_SERVICE_PORT_", None)
}

pub fn every_port_of_a_service() -> Result {
    let ports = "[{ name: my-web, port: 80 }, { name: dns, port: 53, protocol: UDP }, { name: dns-tcp, port: 53, protocol: TCP }]";
    let shown = with(&[service("name: all", &format!("clusterIP: 10.0.0.12, ports: {ports}"))], "")?;
    shown.have(&[
        ("ALL_SERVICE_PORT", "80"),
        ("ALL_SERVICE_PORT_MY_WEB", "80"),
        ("ALL_SERVICE_PORT_DNS", "53"),
        ("ALL_SERVICE_PORT_DNS_TCP", "53"),
        ("ALL_PORT", "tcp://10.0.0.12:80"),
        ("ALL_PORT_53_UDP", "udp://10.0.0.12:53"),
        ("ALL_PORT_53_UDP_PROTO", "udp"),
        ("ALL_PORT_53_UDP_PORT", "53"),
        ("ALL_PORT_53_UDP_ADDR", "10.0.0.12"),
        ("ALL_PORT_53_TCP", "tcp://10.0.0.12:53"),
        ("ALL_PORT_80_TCP_PORT", "80"),
    ])?;
    let first = with(&[service("name: all", "clusterIP: 10.0.0.12, ports: [{ port: 53, protocol: UDP }]")], "")?;
    first.have(&[("ALL_PORT", "udp://10.0.0.12:53"), ("ALL_SERVICE_PORT", "53")])
}

/// With an address, and of the pod's namespace.
pub fn which_services() -> Result {
    let services = [
        service("name: one", "clusterIP: 10.0.0.1, ports: [{ port: 80 }]"),
        service("name: two, namespace: default", "clusterIP: 10.0.0.2, ports: [{ port: 80 }]"),
        service("name: headless", "clusterIP: None, ports: [{ port: 80 }]"),
        service("name: outside", "type: ExternalName, externalName: example.org"),
        // The frame gives it an address, as the API server does.
        service("name: free", "ports: [{ port: 80 }]"),
        service("name: far, namespace: mall", "clusterIP: 10.0.0.3, ports: [{ port: 80 }]"),
    ];
    let hosts = |shown: &Shown| shown.names(|name| name.ends_with("_SERVICE_HOST"));
    expect_eq(
        "the services that are told of",
        "FREE_SERVICE_HOST ONE_SERVICE_HOST TWO_SERVICE_HOST",
        &*hosts(&with(&services, "")?)?,
    )?;
    let linked = |links: &str, namespace: &str| {
        let pod = pod("").replace("spec:\n", &format!("spec:\n  enableServiceLinks: {links}\n"));
        let pod = pod.replace("  name: web\n", &format!("  name: web\n  namespace: {namespace}\n"));
        show(&(file(&services.iter().map(String::as_str).collect::<Vec<&str>>()) + "---\n" + &pod))
    };
    expect_eq("... of namespace mall", "FAR_SERVICE_HOST", &*hosts(&linked("true", "mall")?)?)?;
    expect_eq("... with enableServiceLinks: false", "", &*hosts(&linked("false", "default")?)?)
}

/// That of namespace default; the pod's namespace may have one of its own.
pub fn kubernetes_is_always_there() -> Result {
    let main = service("name: kubernetes", "clusterIP: 10.96.0.1, ports: [{ name: https, port: 443 }]");
    let own = service("name: kubernetes, namespace: mall", "clusterIP: 10.0.0.9, ports: [{ port: 80 }]");
    // Before and after `default`, in the order of the names.
    let earlier = service("name: kubernetes, namespace: a", "clusterIP: 10.0.0.8, ports: [{ port: 80 }]");
    let other = service("name: two", "clusterIP: 10.0.0.2, ports: [{ port: 80 }]");
    let headless = service("name: kubernetes, namespace: hall", "clusterIP: None, ports: [{ port: 80 }]");
    let services = [main, own, earlier, headless, other];
    let host = |links: &str, namespace: &str, expected: &str| {
        let pod = pod("").replace("spec:\n", &format!("spec:\n  enableServiceLinks: {links}\n"));
        let pod = pod.replace("  name: web\n", &format!("  name: web\n  namespace: {namespace}\n"));
        let shown = show(&(file(&services.iter().map(String::as_str).collect::<Vec<&str>>()) + "---\n" + &pod))?;
        shown.has("KUBERNETES_SERVICE_HOST", Some(expected))?;
        Ok(shown)
    };
    let shown = host("false", "default", "10.96.0.1")?;
    shown.have(&[("KUBERNETES_SERVICE_PORT_HTTPS", "443"), ("KUBERNETES_PORT", "tcp://10.96.0.1:443")])?;
    shown.has("TWO_SERVICE_HOST", None)?;
    host("true", "default", "10.96.0.1")?.has("TWO_SERVICE_HOST", Some("10.0.0.2"))?;
    host("true", "elsewhere", "10.96.0.1")?.has("TWO_SERVICE_HOST", None)?;
    host("true", "mall", "10.0.0.9")?.has("KUBERNETES_SERVICE_PORT_HTTPS", None)?;
    host("true", "a", "10.0.0.8")?;
    // Its own has no address, so it is none.
    host("true", "hall", "10.96.0.1")?;
    host("false", "mall", "10.96.0.1").map(|_| ())
}

/// `env` and `envFrom` go over them, and `$(NAME)` sees them.
pub fn they_lie_below_all_others() -> Result {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: own }\ndata: { DB_SERVICE_PORT: from the map }\n"
        .to_owned();
    let db = service("name: db", "clusterIP: 10.0.0.11, ports: [{ port: 6379 }]");
    let lines = "command: [connect, $(DB_SERVICE_HOST)]\nenvFrom: [{ configMapRef: { name: own } }]\n\
                 env:\n- { name: BEFORE, value: $(DB_PORT) $(DB_SERVICE_PORT) }\n- { name: DB_PORT, value: mine }\n\
                 - { name: AFTER, value: $(DB_PORT) }";
    let shown = with(&[map, db], lines)?;
    shown.have(&[
        ("BEFORE", "tcp://10.0.0.11:6379 from the map"),
        ("DB_PORT", "mine"),
        ("AFTER", "mine"),
        ("DB_SERVICE_PORT", "from the map"),
        ("DB_SERVICE_HOST", "10.0.0.11"),
    ])?;
    shown.runs(&["connect", "10.0.0.11"])
}
