//! The rules that are given: labels, variables, volumes, probes and hooks. They only work
//! with the tasks they stand on.

use podcheck::{Cli, Result};

use crate::kit::{Case, container, in_c, judge, spec};

/// Keys and values of labels, keys and size of annotations.
pub fn labels_and_annotations() -> Result {
    let with = |kind: &str, key: &str, value: &str| {
        let text = spec("").replace("{name: p}", &format!("{{name: p, {kind}: {{'{key}': '{value}'}}}}"));
        Case::new(format!("{kind} {key:.30}: {value:.10}"), text)
    };
    let (l63, l64) = ("a".repeat(63), "a".repeat(64));
    let mut cases = Vec::new();
    for (key, value) in
        [("app", "std_linux_message_queue"), ("app", ""), ("a.b/C_d", "X.y-1"), ("7", "7"), (&l63, &l63)]
    {
        cases.push(with("labels", key, value));
    }
    for value in ["-a", "a_", "a b", "é", "a/b", &l64] {
        cases.push(with("labels", "app", value).problem("metadata.labels.app", "label value"));
    }
    for key in ["", "-a", "a-", "a b", &l64, "a/b/c", "a/"] {
        cases.push(with("labels", key, "v").problem(format!("metadata.labels.{key}"), "key|63"));
    }
    for key in ["A/b", "/b", "a_/b"] {
        cases.push(with("labels", key, "v").problem(format!("metadata.labels.{key}"), "RFC 1123"));
    }
    cases.push(with("annotations", "A.B/c", "any thing: at all"));
    cases.push(with("annotations", "a b", "v").problem("metadata.annotations.a b", "key"));
    let limit = 256 << 10;
    cases.push(with("annotations", "a", &"x".repeat(limit - 1)));
    cases.push(with("annotations", "a", &"x".repeat(limit)).problem("metadata.annotations", "262144"));
    judge(&cases)
}

/// Names of variables, and where their values come from.
pub fn variables() -> Result {
    let one = |entry: &str| Case::new(entry.to_owned(), container(&format!("env: [{{{entry}}}]")));
    let from = |source: &str| one(&format!("name: A, valueFrom: {{{source}}}"));
    let at = |field: &str| in_c(&format!("env[0].{field}"));
    let mut cases = vec![
        one("name: 'a b~!', value: '1'"),
        one("value: x").problem(at("name"), "required"),
        one("name: 'a=b'").problem(at("name"), "'='"),
        one("name: \"a\\tb\"").problem(at("name"), "printable"),
        one("name: 'é'").problem(at("name"), "printable"),
        one("name: A, valueFrom: {}").problem(at("valueFrom"), "one of fieldRef"),
        one("name: A, value: '', valueFrom: {fieldRef: {fieldPath: metadata.name}}"),
        one("name: A, value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}")
            .problem(at("valueFrom"), "together with value"),
        from("fieldRef: {fieldPath: metadata.name}, secretKeyRef: {name: a, key: b}")
            .problem(at("valueFrom"), "one source"),
        from("fieldRef: {}").problem(at("valueFrom.fieldRef.fieldPath"), "required"),
        from("resourceFieldRef: {}").problem(at("valueFrom.resourceFieldRef.resource"), "required"),
        from("configMapKeyRef: {}")
            .problem(at("valueFrom.configMapKeyRef.name"), "required")
            .problem(at("valueFrom.configMapKeyRef.key"), "required"),
        from("secretKeyRef: {name: a_b, key: c}").problem(at("valueFrom.secretKeyRef.name"), "RFC 1123"),
    ];
    for field in [
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
        "metadata.labels['a.b/c']",
        "metadata.annotations['A/b']",
    ] {
        cases.push(from(&format!("fieldRef: {{fieldPath: \"{field}\"}}")));
    }
    for field in [
        "metadata.labels",
        "metadata.labels['A/b']",
        "metadata.labels[a]",
        "metadata.annotations['']",
        "spec.hostname",
        "status.podIPs[0]",
    ] {
        let case = from(&format!("fieldRef: {{fieldPath: \"{field}\"}}"));
        cases.push(case.problem(at("valueFrom.fieldRef.fieldPath"), "one of metadata.name"));
    }
    for resource in [
        "limits.cpu",
        "limits.memory",
        "limits.ephemeral-storage",
        "requests.cpu",
        "requests.memory",
        "requests.ephemeral-storage",
        "limits.hugepages-2Mi",
        "requests.hugepages-2Mi",
    ] {
        cases.push(from(&format!("resourceFieldRef: {{resource: {resource}}}")));
    }
    cases.push(
        from("resourceFieldRef: {resource: cpu}").problem(at("valueFrom.resourceFieldRef.resource"), "limits.cpu"),
    );
    let (k253, k254) = ("k".repeat(253), "k".repeat(254));
    for key in ["A_b-c.d", ".a", &k253] {
        cases.push(from(&format!("configMapKeyRef: {{name: m.n, key: '{key}'}}")));
    }
    for key in ["a/b", ".", "..", "..a", &k254] {
        cases.push(
            from(&format!("configMapKeyRef: {{name: m, key: '{key}'}}"))
                .problem(at("valueFrom.configMapKeyRef.key"), "253"),
        );
    }
    let all = |entry: &str| Case::new(format!("envFrom {entry}"), container(&format!("envFrom: [{{{entry}}}]")));
    cases.extend([
        all("prefix: A_, configMapRef: {name: m}"),
        all("prefix: '', secretRef: {name: m}"),
        all("prefix: 'A=', secretRef: {name: m}").problem(in_c("envFrom[0].prefix"), "'='"),
        all("prefix: A").problem(in_c("envFrom[0]"), "one of configMapRef"),
        all("secretRef: {name: m}, configMapRef: {name: m}").problem(in_c("envFrom[0]"), "one of configMapRef"),
        all("secretRef: {}").problem(in_c("envFrom[0].secretRef.name"), "required"),
        all("configMapRef: {name: a_b}").problem(in_c("envFrom[0].configMapRef.name"), "RFC 1123"),
    ]);
    judge(&cases)
}

/// Volumes: a name of their own, one source, and what each source needs.
pub fn volumes() -> Result {
    let all = |list: &str| Case::new(format!("volumes {list}"), spec(&format!("volumes: [{list}]")));
    let one = |source: &str| all(&format!("{{name: v, {source}}}"));
    let v = |field: &str| format!("spec.volumes[0].{field}");
    let mut cases = vec![
        all("{name: a}, {name: b, emptyDir: {}}"),
        all("{name: a}, {name: a}").problem("spec.volumes[1].name", "unique"),
        all("{emptyDir: {}}").problem("spec.volumes[0].name", "required"),
        all("{emptyDir: {}}, {}").problem("spec.volumes[0].name", "required").problem("spec.volumes[1].name", "required"),
        one("emptyDir: {}, hostPath: {path: /a}").problem("spec.volumes[0]", "one source|emptyDir and hostPath"),
        one("hostPath: {path: /a/b..c}"),
        one("hostPath: {}").problem(v("hostPath.path"), "required"),
        one("hostPath: {path: /a/../b}").problem(v("hostPath.path"), "'..'"),
        one("configMap: {}").problem(v("configMap.name"), "required"),
        one("secret: {}").problem(v("secret.secretName"), "required"),
        one("secret: {name: s}").problem(v("secret.secretName"), "required"),
        one("configMap: {name: m, items: [{}]}")
            .problem(v("configMap.items[0].key"), "required")
            .problem(v("configMap.items[0].path"), "required"),
        one("secret: {secretName: m, items: [{key: k, path: /a}]}").problem(v("secret.items[0].path"), "relative"),
        one("secret: {secretName: m, items: [{key: k, path: a/../b}]}").problem(v("secret.items[0].path"), "'..'"),
        one("configMap: {name: m, defaultMode: 0, items: [{key: k, path: a/b, mode: 511}]}"),
        one("configMap: {name: m, defaultMode: -1, items: [{key: k, path: a/b, mode: 512}]}")
            .problem(v("configMap.defaultMode"), "511")
            .problem(v("configMap.items[0].mode"), "511"),
        one("secret: {secretName: m, defaultMode: 512}").problem(v("secret.defaultMode"), "511"),
        one("downwardAPI: {defaultMode: 512, items: [{path: a, mode: -1, fieldRef: {fieldPath: metadata.uid}}]}")
            .problem(v("downwardAPI.defaultMode"), "511")
            .problem(v("downwardAPI.items[0].mode"), "511"),
        one("downwardAPI: {items: [{fieldRef: {fieldPath: metadata.name}}]}").problem(v("downwardAPI.items[0].path"), "required"),
        one("downwardAPI: {items: [{path: a}]}").problem(v("downwardAPI.items[0]"), "one of fieldRef"),
        one("downwardAPI: {items: [{path: a, fieldRef: {fieldPath: metadata.labels}, resourceFieldRef: {containerName: c, resource: limits.cpu}}]}")
            .problem(v("downwardAPI.items[0]"), "one of fieldRef"),
        one("downwardAPI: {items: [{path: a, fieldRef: {fieldPath: status.podIP}}]}")
            .problem(v("downwardAPI.items[0].fieldRef.fieldPath"), "metadata"),
        one("downwardAPI: {items: [{path: a, resourceFieldRef: {containerName: c, resource: limits.cpu}}]}"),
        one("downwardAPI: {items: [{path: a, resourceFieldRef: {resource: disk}}]}")
            .problem(v("downwardAPI.items[0].resourceFieldRef.containerName"), "required")
            .problem(v("downwardAPI.items[0].resourceFieldRef.resource"), "limits.cpu"),
    ];
    for field in ["metadata.annotations", "metadata.labels", "metadata.namespace", "metadata.labels['a']"] {
        cases.push(one(&format!("downwardAPI: {{items: [{{path: a, fieldRef: {{fieldPath: \"{field}\"}}}}]}}")));
    }
    judge(&cases)
}

/// Probes and hooks do one thing, at sensible times.
pub fn probes_and_hooks() -> Result {
    let mut cases = Vec::new();
    for kind in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let probe = |text: &str| Case::new(format!("{kind} {text}"), container(&format!("{kind}: {{{text}}}")));
        let p = |field: &str| in_c(&format!("{kind}.{field}"));
        cases.extend([
            probe("exec: {command: [a]}, initialDelaySeconds: 0, terminationGracePeriodSeconds: null"),
            probe("httpGet: {port: 80}")
                .has(&format!("/spec/containers/0/{kind}/httpGet/path"), "/")
                .has(&format!("/spec/containers/0/{kind}/httpGet/scheme"), "HTTP"),
            probe("httpGet: {port: web-1, path: /ok, httpHeaders: [{name: X-A1, value: b}]}")
                .has(&format!("/spec/containers/0/{kind}/httpGet/path"), "/ok"),
            probe("tcpSocket: {port: 65535}"),
            probe("grpc: {port: 1}"),
            probe("periodSeconds: 1").problem(in_c(kind), "one of exec|none"),
            probe("exec: {command: [a]}, grpc: {port: 1}").problem(in_c(kind), "exec and grpc"),
            probe("httpGet: {port: 1}, tcpSocket: {port: 1}").problem(in_c(kind), "httpGet and tcpSocket"),
            probe("exec: {}").problem(p("exec.command"), "required"),
            probe("httpGet: {port: 0}").problem(p("httpGet.port"), "required|65535"),
            probe("httpGet: {port: -1}").problem(p("httpGet.port"), "65535|!required"),
            probe("httpGet: {port: Web}").problem(p("httpGet.port"), ""),
            probe("httpGet: {port: 80, httpHeaders: [{name: 'a b', value: c}]}")
                .problem(p("httpGet.httpHeaders[0].name"), "header"),
            probe("httpGet: {port: 80, httpHeaders: [{value: c}]}").problem(p("httpGet.httpHeaders[0].name"), "header"),
            probe("tcpSocket: {port: 65536}").problem(p("tcpSocket.port"), "65535"),
            probe("grpc: {port: 65536}").problem(p("grpc.port"), "65535"),
        ]);
        for name in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] {
            cases.push(probe(&format!("exec: {{command: [a]}}, {name}: -1")).problem(p(name), "negative"));
        }
        let twice = probe("exec: {command: [a]}, successThreshold: 2");
        let grace = |seconds: i64| probe(&format!("exec: {{command: [a]}}, terminationGracePeriodSeconds: {seconds}"));
        let field = p("terminationGracePeriodSeconds");
        cases.extend(match kind {
            "readinessProbe" => [twice, grace(1).problem(&field, "readiness"), grace(0).problem(field, "readiness")],
            _ => [twice.problem(p("successThreshold"), "1"), grace(1), grace(0).problem(field, "at least 1")],
        });
    }
    for kind in ["postStart", "preStop"] {
        let hook =
            |text: &str| Case::new(format!("{kind} {text}"), container(&format!("lifecycle: {{{kind}: {{{text}}}}}")));
        let h = |field: &str| in_c(&format!("lifecycle.{kind}{field}"));
        cases.extend([
            hook("exec: {command: [a]}"),
            hook("sleep: {seconds: 0}"),
            hook("tcpSocket: {port: 1}"),
            hook("httpGet: {port: 80}")
                .has(&format!("/spec/containers/0/lifecycle/{kind}/httpGet/path"), "/")
                .has(&format!("/spec/containers/0/lifecycle/{kind}/httpGet/scheme"), "HTTP"),
            hook("").problem(h(""), "one of exec|sleep|none"),
            hook("exec: {command: [a]}, sleep: {seconds: 1}").problem(h(""), "exec and sleep"),
            hook("sleep: {seconds: -1}").problem(h(".sleep.seconds"), "negative"),
            hook("exec: {}").problem(h(".exec.command"), "required"),
            hook("httpGet: {}").problem(h(".httpGet.port"), "required|65535"),
        ]);
    }
    judge(&cases)
}

/// The manifests of the notes, unchanged.
pub fn the_notes_manifests() -> Result {
    let notes = [
        ("01-grouping/pods/pod-sample.yaml", include_str!("../../pods/pod-sample.yaml")),
        ("01-grouping/pods/pod-probe.yaml", include_str!("../../pods/pod-probe.yaml")),
        ("01-grouping/pods/pod-init.yaml", include_str!("../../pods/pod-init.yaml")),
        ("01-grouping/pods/pod-resource.yaml", include_str!("../../pods/pod-resource.yaml")),
        ("01-grouping/pods/pod-env.yaml", include_str!("../../pods/pod-env.yaml")),
    ];
    let mut cli = Cli::new("check").args(["--format", "json", "--show"]);
    for (path, text) in notes {
        cli = cli.manifest(path, text);
    }
    let ran = cli.run()?;
    ran.expect_code(0)?;
    let told = ran.json_lines()?;
    ran.expect_eq("manifests read", notes.len(), told.len())?;
    for (told, (path, _)) in told.iter().zip(notes) {
        let pod = &told["pods"][0];
        ran.expect_eq(
            format!("{path}: the pod's name"),
            "kubernetes-simple-pod",
            pod["metadata"]["name"].as_str().unwrap_or("none"),
        )?;
        ran.expect_eq(
            format!("{path}: its image"),
            "arisu1000/simple-container-app:latest",
            pod["spec"]["containers"][0]["image"].as_str().unwrap_or("none"),
        )?;
        ran.expect_eq(
            format!("{path}: its pull policy"),
            "Always",
            pod["spec"]["containers"][0]["imagePullPolicy"].as_str().unwrap_or("none"),
        )?;
        ran.expect(format!("{path}: warnings"), "none", told["warnings"] == serde_json::json!([]), &told["warnings"])?;
    }
    Ok(())
}
