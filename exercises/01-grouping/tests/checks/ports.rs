//! Task 1.5: ports.

use podcheck::Result;

use crate::kit::{Case, container, in_c, judge, pod_of};

fn ports(list: &str) -> Case {
    Case::new(format!("ports {list:.60}"), container(&format!("ports: [{list}]")))
}

/// 1 to 65535, on both sides.
pub fn port_numbers() -> Result {
    let at = |field: &str| in_c(&format!("ports[0].{field}"));
    let mut cases = vec![
        ports("{}").problem(at("containerPort"), "required"),
        ports("{containerPort: 0}").problem(at("containerPort"), "65535"),
        ports("{containerPort: 80, hostPort: 0}").has("/spec/containers/0/ports/0/hostPort", 0),
        ports("{containerPort: 80}, {containerPort: -1}").problem(in_c("ports[1].containerPort"), "65535"),
        ports("{containerPort: 80}")
            .has("/spec/containers/0/ports/0/protocol", "TCP")
            .lacks("/spec/containers/0/ports/0/hostPort"),
    ];
    for good in [1, 2, 80, 65534, 65535] {
        let text = container(&format!("ports: [{{containerPort: {good}, hostPort: {good}}}]"));
        cases.push(Case::new(format!("a port may be {good}"), text));
    }
    for bad in [-1, 65536, 70000, 65536 + 80] {
        let text = container(&format!("ports: [{{containerPort: {bad}, hostPort: {bad}}}]"));
        cases.push(
            Case::new(format!("a port may not be {bad}"), text)
                .problem(at("containerPort"), "65535")
                .problem(at("hostPort"), "65535"),
        );
    }
    judge(&cases)
}

/// Names of ports are not names of containers: 15 characters, a letter, no `--`.
pub fn port_names() -> Result {
    let named = |rule: &str, name: &str| {
        let text = container(&format!("ports: [{{name: '{name}', containerPort: 80}}]"));
        Case::new(format!("a port name {rule}: {name}"), text)
    };
    let at = in_c("ports[0].name");
    let mut cases: Vec<Case> =
        ["a", "http", "h2c", "8080-web", "a-b-c", "z9", "", "1a"].map(|good| named("may be", good)).into();
    cases.push(named("may have 15 characters", "abcdefghijklmno"));
    for (rule, bad, word) in [
        ("may not have 16 characters", "abcdefghijklmnop", "15"),
        ("needs a letter", "8080", "letter"),
        ("needs a letter", "1-2", "letter"),
        ("has no two '-' in a row", "web--1", "row"),
        ("does not begin with '-'", "-web", "begin or end"),
        ("does not end with '-'", "web-", "begin or end"),
        ("has no capital letter", "Web", "lower-case"),
        ("has no underscore", "web_1", "lower-case"),
        ("has no '.'", "web.1", "lower-case"),
        ("has ASCII letters only", "wéb", "lower-case"),
    ] {
        cases.push(named(rule, bad).problem(&at, word));
    }
    cases.extend([
        ports("{name: a, containerPort: 80}, {name: a, containerPort: 81}").problem(in_c("ports[1].name"), "unique"),
        ports("{name: a, containerPort: 80}, {name: b, containerPort: 81}"),
        ports("{name: '', containerPort: 80}, {name: '', containerPort: 81}"),
        Case::new(
            "one name in two containers",
            pod_of(&["name: a, ports: [{name: x, containerPort: 1}]", "name: b, ports: [{name: x, containerPort: 2}]"]),
        ),
    ]);
    judge(&cases)
}

/// One port of the host for one port of the pod, in whichever container.
pub fn host_ports() -> Result {
    let two = |a: &str, b: &str| {
        let text = pod_of(&[
            &format!("name: a, ports: [{{containerPort: 1, {a}}}]"),
            &format!("name: b, ports: [{{containerPort: 2, {b}}}]"),
        ]);
        Case::new(format!("host ports {a} and {b}"), text)
    };
    let later = "spec.containers[1].ports[0].hostPort";
    let init = |entry: &str| format!("init name: {entry}, ports: [{{containerPort: 1, hostPort: 80}}]");
    judge(&[
        two("hostPort: 80", "hostPort: 81"),
        two("hostPort: 80", "hostPort: 80").problem(later, "unique|80").line(7),
        two("hostPort: 0", "hostPort: 0"),
        two("name: x", "name: x"),
        two("hostPort: 80, hostIP: 10.0.0.1", "hostPort: 80, hostIP: 10.0.0.2"),
        two("hostPort: 80, hostIP: 10.0.0.1", "hostPort: 80, hostIP: 10.0.0.1").problem(later, "unique"),
        ports("{containerPort: 1, hostPort: 80}, {containerPort: 2, hostPort: 80}")
            .problem(in_c("ports[1].hostPort"), "unique"),
        Case::new(
            "init containers run one at a time",
            pod_of(&["name: a, ports: [{containerPort: 2, hostPort: 80}]", &init("b"), &init("c")]),
        ),
        Case::new(
            "an init container and itself",
            pod_of(&[
                "name: a",
                "init name: b, ports: [{containerPort: 1, hostPort: 80}, {containerPort: 2, hostPort: 80}]",
            ]),
        )
        .problem("spec.initContainers[0].ports[1].hostPort", "unique"),
    ])
}

/// Two containers that declare one port: legal, and a warning. A `protocol` and sidecars are
/// words, so they wait for task 1.6 (`ports_and_words`).
pub fn one_port_space() -> Result {
    let of = |name: &str, port: &str| format!("name: {name}, ports: [{{containerPort: {port}}}]");
    let pod =
        |what: &str, list: &[String]| Case::new(what, pod_of(&list.iter().map(String::as_str).collect::<Vec<_>>()));
    let later = "spec.containers[1].ports[0].containerPort";
    judge(&[
        pod("two ports", &[of("a", "8080"), of("b", "8081")]),
        pod("one port twice", &[of("a", "8080"), of("b", "8080")]).warning(later, "TCP|8080|EADDRINUSE"),
        pod(
            "one port three times: one warning at each later container",
            &[of("a", "80"), of("b", "80"), of("c", "80")],
        )
        .warning(later, "TCP|80|EADDRINUSE")
        .warning("spec.containers[2].ports[0].containerPort", "TCP|80|EADDRINUSE"),
        pod("one port twice, a third container apart", &[of("a", "80"), of("b", "81"), of("c", "80")])
            .warning("spec.containers[2].ports[0].containerPort", "TCP|80|EADDRINUSE"),
        Case::new("twice in one container", container("ports: [{containerPort: 80}, {containerPort: 80, name: x}]")),
        pod("an init container has ended by then", &[of("a", "80"), format!("init {}", of("b", "80"))]),
    ])
}
