//! Task 1.6: words, and what may not stand together.

use podcheck::Result;

use crate::kit::{Case, container, in_c, judge, pod_of, spec};

/// Every field that takes one of a few words takes each of them, and no other.
pub fn words() -> Result {
    let restart = &["Always", "OnFailure", "Never"][..];
    type Make = fn(&str) -> String;
    let fields: [(&str, Make, &[&str]); 13] = [
        ("spec.restartPolicy", |w| spec(&format!("restartPolicy: {w}")), restart),
        (
            "spec.dnsPolicy",
            |w| spec(&format!("dnsPolicy: {w}\ndnsConfig: {{nameservers: [10.0.0.1]}}")),
            &["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"],
        ),
        (
            "spec.volumes[0].emptyDir.medium",
            |w| spec(&format!("volumes: [{{name: v, emptyDir: {{medium: {w}}}}}]")),
            &["Memory", "''"],
        ),
        (
            "spec.volumes[0].hostPath.type",
            |w| spec(&format!("volumes: [{{name: v, hostPath: {{path: /a, type: {w}}}}}]")),
            &["''", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"],
        ),
        (
            "spec.containers[0].imagePullPolicy",
            |w| container(&format!("imagePullPolicy: {w}")),
            &["Always", "IfNotPresent", "Never"],
        ),
        (
            "spec.containers[0].terminationMessagePolicy",
            |w| container(&format!("terminationMessagePolicy: {w}")),
            &["File", "FallbackToLogsOnError"],
        ),
        ("spec.containers[0].restartPolicy", |w| container(&format!("restartPolicy: {w}")), restart),
        (
            "spec.containers[0].ports[0].protocol",
            |w| container(&format!("ports: [{{containerPort: 1, protocol: {w}}}]")),
            &["TCP", "UDP", "SCTP"],
        ),
        (
            "spec.containers[0].livenessProbe.httpGet.scheme",
            |w| container(&format!("livenessProbe: {{httpGet: {{port: 1, scheme: {w}}}}}")),
            &["HTTP", "HTTPS"],
        ),
        (
            "spec.containers[0].readinessProbe.httpGet.scheme",
            |w| container(&format!("readinessProbe: {{httpGet: {{port: 1, scheme: {w}}}}}")),
            &["HTTP", "HTTPS"],
        ),
        (
            "spec.containers[0].startupProbe.httpGet.scheme",
            |w| container(&format!("startupProbe: {{httpGet: {{port: 1, scheme: {w}}}}}")),
            &["HTTP", "HTTPS"],
        ),
        (
            "spec.containers[0].lifecycle.postStart.httpGet.scheme",
            |w| container(&format!("lifecycle: {{postStart: {{httpGet: {{port: 1, scheme: {w}}}}}}}")),
            &["HTTP", "HTTPS"],
        ),
        (
            "spec.containers[0].lifecycle.preStop.httpGet.scheme",
            |w| container(&format!("lifecycle: {{preStop: {{httpGet: {{port: 1, scheme: {w}}}}}}}")),
            &["HTTP", "HTTPS"],
        ),
    ];
    let mut cases = Vec::new();
    for (field, make, allowed) in fields {
        for word in allowed {
            let pointer = format!("/{}", field.replace("[0]", "/0").replace('.', "/"));
            cases.push(Case::new(format!("{field}: {word}"), make(word)).has(&pointer, word.trim_matches('\'')));
        }
        for word in ["Sometimes", &allowed[0].replace("''", "Memo").to_lowercase()] {
            cases.push(Case::new(format!("{field}: {word}"), make(word)).problem(field, "must be"));
        }
    }
    let why = |word: &str| spec(&format!("restartPolicy: {word}"));
    cases.extend([
        Case::new("all words are named", why("always"))
            .problem("spec.restartPolicy", "Always, OnFailure or Never|\"always\"")
            .line(5),
        Case::new("an empty word", why("''")).problem("spec.restartPolicy", "Never"),
        Case::new("two words", container("imagePullPolicy: Ever\nterminationMessagePolicy: Log"))
            .problem(in_c("imagePullPolicy"), "Always, IfNotPresent or Never")
            .problem(in_c("terminationMessagePolicy"), "File or FallbackToLogsOnError"),
        Case::new("an empty word is not named", spec("volumes: [{name: v, emptyDir: {medium: Disk}}]"))
            .problem("spec.volumes[0].emptyDir.medium", "must be Memory, and"),
        Case::new("a second container", pod_of(&["name: a", "name: b, imagePullPolicy: no"]).replace("no}", "No}"))
            .problem("spec.containers[1].imagePullPolicy", "\"No\""),
        Case::new("dnsPolicy None needs a name server", spec("dnsPolicy: None"))
            .problem("spec.dnsConfig", "nameservers"),
        Case::new("dnsPolicy None with an empty list", spec("dnsPolicy: None\ndnsConfig: {nameservers: []}"))
            .problem("spec.dnsConfig", "nameservers"),
        Case::new("dnsPolicy Default does not", spec("dnsPolicy: Default")).has("/spec/dnsPolicy", "Default"),
    ]);
    judge(&cases)
}

/// Namespaces of the host.
pub fn host_namespaces() -> Result {
    let net = |port: &str| {
        Case::new(
            format!("hostNetwork, {port}"),
            format!("{}  hostNetwork: true\n", container(&format!("ports: [{{{port}}}]"))),
        )
    };
    let at = in_c("ports[0].containerPort");
    let init = pod_of(&["name: a", "init name: b, ports: [{containerPort: 80}]"]) + "  hostNetwork: true\n";
    judge(&[
        Case::new("both PID namespaces", spec("hostPID: true\nshareProcessNamespace: true"))
            .problem("spec.shareProcessNamespace", "hostPID")
            .line(6),
        Case::new("the host's PID namespace", spec("hostPID: true\nshareProcessNamespace: false")),
        Case::new("the pod's PID namespace", spec("hostPID: false\nshareProcessNamespace: true")),
        net("containerPort: 80").has("/spec/containers/0/ports/0/hostPort", 80),
        net("containerPort: 80, hostPort: 0").has("/spec/containers/0/ports/0/hostPort", 80),
        net("containerPort: 80, hostPort: 80"),
        net("containerPort: 80, hostPort: 81").problem(at, "hostPort|hostNetwork").line(8),
        Case::new("init containers", init).has("/spec/initContainers/0/ports/0/hostPort", 80),
        Case::new(
            "a second port of a second container",
            pod_of(&[
                "name: a, ports: [{containerPort: 1}]",
                "name: b, ports: [{containerPort: 2}, {containerPort: 3, hostPort: 4}]",
            ]) + "  hostNetwork: true\n",
        )
        .problem("spec.containers[1].ports[1].containerPort", "hostPort"),
        Case::new(
            "without hostNetwork",
            container("ports: [{containerPort: 80, hostPort: 81}]") + "  hostNetwork: false\n",
        ),
    ])
}

/// What an init container may not have, and a sidecar may.
pub fn init_containers_end() -> Result {
    let mut cases = vec![Case::new("a plain init container", pod_of(&["name: a", "init name: b"]))];
    for (field, text) in [
        ("lifecycle", "lifecycle: {preStop: {exec: {command: [x]}}}"),
        ("livenessProbe", "livenessProbe: {exec: {command: [x]}}"),
        ("readinessProbe", "readinessProbe: {exec: {command: [x]}}"),
        ("startupProbe", "startupProbe: {exec: {command: [x]}}"),
    ] {
        let init = |more: &str| pod_of(&["name: a", &format!("init name: b, {text}{more}")]);
        let at = format!("spec.initContainers[0].{field}");
        cases.extend([
            Case::new(format!("init container with {field}"), init("")).problem(&at, "init container|Always"),
            Case::new(format!("never restarted init container with {field}"), init(", restartPolicy: Never"))
                .problem(&at, "init container"),
            Case::new(format!("sidecar with {field}"), init(", restartPolicy: Always")),
            Case::new(format!("container with {field}"), pod_of(&[&format!("name: a, {text}")])),
        ]);
    }
    judge(&cases)
}

/// A sidecar stays, so its port is taken; UDP and TCP are two spaces.
pub fn ports_and_words() -> Result {
    let later = "spec.initContainers[0].ports[0].containerPort";
    judge(&[
        Case::new(
            "TCP is TCP, said or not",
            pod_of(&[
                "name: a, ports: [{containerPort: 1, hostPort: 80}]",
                "name: b, ports: [{containerPort: 2, hostPort: 80, protocol: TCP}]",
            ]),
        )
        .problem("spec.containers[1].ports[0].hostPort", "unique"),
        Case::new(
            "a sidecar and a container",
            pod_of(&[
                "name: a, ports: [{containerPort: 80}]",
                "init name: b, restartPolicy: Always, ports: [{containerPort: 80}]",
            ]),
        )
        .warning(later, "80|EADDRINUSE"),
        Case::new(
            "UDP and TCP",
            pod_of(&["name: a, ports: [{containerPort: 53}]", "name: b, ports: [{containerPort: 53, protocol: UDP}]"]),
        ),
        Case::new(
            "UDP twice: the warning of task 1.5 names the protocol",
            pod_of(&[
                "name: a, ports: [{containerPort: 53, protocol: UDP}]",
                "name: b, ports: [{containerPort: 53, protocol: UDP}]",
            ]),
        )
        .warning("spec.containers[1].ports[0].containerPort", "UDP|53"),
        Case::new(
            "host ports of UDP and TCP",
            pod_of(&[
                "name: a, ports: [{containerPort: 53, hostPort: 53}]",
                "name: b, ports: [{containerPort: 53, hostPort: 53, protocol: UDP}]",
            ]),
        )
        .has("/spec/containers/0/ports/0/protocol", "TCP")
        .has("/spec/containers/1/ports/0/protocol", "UDP"),
    ])
}
