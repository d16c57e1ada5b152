//! Task 1.2: what a manifest may leave out; and what it may not.

use podcheck::{Cli, Result};
use serde_json::{Value, json};

use crate::kit::{Case, container, human, in_c, judge, spec};

/// Namespace, restart policy, grace period, DNS policy, service links.
pub fn defaults_of_a_pod() -> Result {
    let bare = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: 'app:1'}]}\n";
    judge(&[
        Case::new("a bare pod", bare)
            .has("/metadata/namespace", "default")
            .has("/spec/restartPolicy", "Always")
            .has("/spec/terminationGracePeriodSeconds", 30)
            .has("/spec/dnsPolicy", "ClusterFirst")
            .has("/spec/enableServiceLinks", true)
            .lacks("/spec/hostname")
            .lacks("/spec/activeDeadlineSeconds"),
        Case::new(
            "what is said stays",
            spec("terminationGracePeriodSeconds: 0\nenableServiceLinks: false\nhostname: h"),
        )
        .has("/spec/terminationGracePeriodSeconds", 0)
        .has("/spec/enableServiceLinks", false)
        .has("/spec/hostname", "h"),
        Case::new("a namespace of its own", bare.replace("{name: p}", "{name: p, namespace: team}"))
            .has("/metadata/namespace", "team"),
        Case::new("one second of grace", spec("terminationGracePeriodSeconds: 1"))
            .has("/spec/terminationGracePeriodSeconds", 1),
        Case::new("a negative grace period counts as 1", spec("terminationGracePeriodSeconds: -1"))
            .has("/spec/terminationGracePeriodSeconds", 1)
            .warning("spec.terminationGracePeriodSeconds", "1 second"),
        Case::new("empty fields are as good as none", spec("terminationGracePeriodSeconds:\nvolumes:\nhostname: ''"))
            .has("/spec/terminationGracePeriodSeconds", 30),
    ])
}

/// Image pull policy by tag, termination message.
pub fn defaults_of_a_container() -> Result {
    let image = |image: &str, policy: &str| {
        Case::new(format!("image {image}"), container("").replace("app:1", image))
            .has("/spec/containers/0/imagePullPolicy", policy)
    };
    let mut cases = vec![
        image("app", "Always"),
        image("app:latest", "Always"),
        image("app:1.2", "IfNotPresent"),
        image("app:latest-1", "IfNotPresent"),
        image("localhost:5000/app", "Always"),
        image("localhost:5000/team/app:2", "IfNotPresent"),
        image("arisu1000/simple-container-app:latest", "Always"),
        image("app@sha256:0123", "IfNotPresent"),
        image("app:latest@sha256:0123", "Always"),
    ];
    cases.push(
        Case::new("last words", container(""))
            .has("/spec/containers/0/terminationMessagePath", "/dev/termination-log")
            .has("/spec/containers/0/terminationMessagePolicy", "File"),
    );
    cases.push(
        Case::new("what is said stays", container("terminationMessagePath: /tmp/last"))
            .has("/spec/containers/0/terminationMessagePath", "/tmp/last"),
    );
    judge(&cases)
}

/// Probes, hooks, variables, requests, volumes, a generated name. Given, but only with the rest.
pub fn defaults_of_parts() -> Result {
    let probe = "{exec: {command: [a]}}";
    let mut cases = Vec::new();
    for kind in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let at = format!("/spec/containers/0/{kind}");
        let fields = [
            ("timeoutSeconds", 1, 7),
            ("periodSeconds", 10, 8),
            ("successThreshold", 1, 1),
            ("failureThreshold", 3, 9),
        ];
        let zeros =
            "{exec: {command: [a]}, timeoutSeconds: 0, periodSeconds: 0, successThreshold: 0, failureThreshold: 0}";
        let said =
            "{exec: {command: [a]}, timeoutSeconds: 7, periodSeconds: 8, successThreshold: 1, failureThreshold: 9}";
        for (what, text, which) in [("bare", probe, 0), ("zeros", zeros, 0), ("said", said, 1)] {
            let mut case = Case::new(format!("{kind}, {what}"), container(&format!("{kind}: {text}")));
            for (name, default, own) in fields {
                case = case.has(&format!("{at}/{name}"), [default, own][which]);
            }
            cases.push(case.lacks(&format!("{at}/initialDelaySeconds")));
        }
    }
    cases.push(
        Case::new("volumes", spec("volumes: [{name: a}, {name: b, configMap: {name: m}}, {name: c, secret: {secretName: s, defaultMode: 0400}}, {name: d, downwardAPI: {}}, {name: e, secret: {secretName: s}}]"))
            .has("/spec/volumes/0/emptyDir", json!({}))
            .has("/spec/volumes/1/configMap/defaultMode", 0o644)
            .lacks("/spec/volumes/1/emptyDir")
            .has("/spec/volumes/2/secret/defaultMode", 256)
            .has("/spec/volumes/3/downwardAPI/defaultMode", 0o644)
            .has("/spec/volumes/4/secret/defaultMode", 0o644),
    );
    cases.push(
        Case::new("variables and requests", container("env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]\nresources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 500m}}"))
            .has("/spec/containers/0/env/0/valueFrom/fieldRef/apiVersion", "v1")
            .has("/spec/containers/0/resources/requests", json!({"cpu": "500m", "memory": "1Gi"}))
            .has("/spec/containers/0/resources/limits", json!({"cpu": 1, "memory": "1Gi"})),
    );
    judge(&cases)
}

/// `generateName` gives a name with five characters more, the same at every reading.
pub fn generated_names() -> Result {
    let text = spec("").replace("{name: p}", "{generateName: web-}");
    let name = generated(&text, "web-")?;
    podcheck::expect_eq("the name at the second reading", name.clone(), generated(&text, "web-")?)?;
    let other = generated(&text.replace("app:1", "app:2"), "web-")?;
    podcheck::expect("the name of another pod", "another name", other != name, other)?;
    // Names are cut so that no host name gets too long: 58 characters and five more.
    generated(&text.replace("web-", &"a".repeat(70)), &"a".repeat(58))?;
    judge(&[
        Case::new("a prefix is a name", text.replace("web-", "we_b")).problem("metadata.generateName", "RFC 1123"),
        Case::new("name wins", text.replace("{generateName: web-}", "{generateName: web-, name: mine}"))
            .has("/metadata/name", "mine"),
        Case::new("a name beside a prefix", text.replace("{generateName: web-}", "{generateName: web-, name: a_b}"))
            .problem("metadata.name", "RFC 1123"),
        Case::new("an empty prefix", text.replace("web-", "''")).problem("metadata.generateName", "required"),
    ])
}

/// The generated name of a pod: `prefix`, and five letters or digits.
fn generated(text: &str, prefix: &str) -> Result<String> {
    let ran = Cli::new("check").args(["-", "--show", "--format", "json"]).stdin(text).run()?;
    ran.expect_code(0)?;
    let name = ran.json()?["pods"][0]["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let tail = name.strip_prefix(prefix).unwrap_or_default().as_bytes();
    let ok = tail.len() == 5
        && tail.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        && tail.iter().any(|b| *b != tail[0]);
    ran.expect("the generated name", format!("{prefix} and five letters or digits"), ok, &name)?;
    Ok(name)
}

/// What a pod cannot do without, and what is not a pod at all.
pub fn what_is_required() -> Result {
    let bare = spec("");
    let without = |what: &str, cut: &str| Case::new(format!("without {what}"), bare.replace(cut, ""));
    let kind = |kind: &str| Case::new(kind, bare.replace("kind: Pod", &format!("kind: {kind}")));
    let mut cases = vec![
        Case::new("a bare pod", bare.as_str()),
        without("apiVersion", "apiVersion: v1\n").problem("apiVersion", "required"),
        without("kind", "kind: Pod\n").problem("kind", "required"),
        without("metadata", "metadata: {name: p}\n").problem("metadata.name", "required"),
        without("a container's name", "name: c, ").problem(in_c("name"), "required"),
        without("an image", ", image: 'app:1'").problem(in_c("image"), "required"),
        without("containers", "  - {name: c, image: 'app:1'}\n").problem("spec.containers", "required"),
        without("spec", "spec:\n  containers:\n  - {name: c, image: 'app:1'}\n").problem("spec.containers", "required"),
        Case::new("another version", bare.replace("v1", "apps/v1")).problem("apiVersion", "v1|apps/v1").line(1),
        Case::new("blanks around an image", bare.replace("'app:1'", "'app:1 '")).problem(in_c("image"), "blank"),
        Case::new("nothing but a kind", "kind: Pod\n")
            .problem("apiVersion", "required")
            .problem("metadata.name", "required")
            .problem("spec.containers", "required"),
        kind("pod").problem("kind", "must be Pod|pod"),
        kind("Service").problem("kind", "must be Pod|Service"),
        kind("CronJob").problem("kind", "CronJob|jobs"),
        kind("List").problem("kind", "List|---"),
        kind("''").problem("kind", "required"),
    ];
    for name in ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController", "Job"] {
        cases.push(kind(name).problem("kind", "must be Pod|spec.template").line(2));
    }
    for field in ["nodeName", "serviceAccountName"] {
        cases.push(Case::new(field, spec(&format!("{field}: a.b"))));
        cases.push(Case::new(field, spec(&format!("{field}: a_b"))).problem(format!("spec.{field}"), "RFC 1123"));
    }
    for (seconds, ok) in [("0", false), ("1", true), ("2147483647", true), ("2147483648", false), ("-5", false)] {
        let case = Case::new(format!("a deadline of {seconds}"), spec(&format!("activeDeadlineSeconds: {seconds}")));
        cases.push(if ok { case } else { case.problem("spec.activeDeadlineSeconds", "between 1 and 2147483647") });
    }
    judge(&cases)
}

/// YAML in all its shapes: lines, documents, JSON, CR LF, a byte order mark, nothing at all.
pub fn files_of_every_shape() -> Result {
    let bare = spec("");
    let json = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},
"spec":{"containers":[{"name":"c",
"image":""}]}}"#;
    let two = format!("# first\n---\n{bare}---\n{}", bare.replace("name: p", "name: ''"));
    let anchors = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - &c\n    name: c\n    image: ''\n  volumes:\n  - {name: v}\n  initContainers: []\n";
    let aliases = format!("{bare}  volumes:\n  - &v {{name: A}}\n  - *v\n");
    let kubectl = format!(
        "{}status:\n  phase: Running\n  qosClass: BestEffort\n  containerStatuses:\n  - {{name: c, state: {{running: {{startedAt: x}}}}}}\n",
        bare.replace("{name: p}", "{name: p, uid: '7', creationTimestamp: null, managedFields: []}")
    );
    let unknown = container("imgae: x\nports: []")
        .replace("metadata: {name: p}", "metadata: {name: p, lables: {a: b}}\nextra: 1");
    judge(&[
        Case::new("JSON", json).problem(in_c("image"), "required").line(3),
        Case::new("the second document", two).problem("metadata.name", "required").line(12),
        Case::new("an anchor", anchors).problem(in_c("image"), "required").line(8),
        Case::new("an alias", aliases)
            .problem("spec.volumes[0].name", "RFC 1123")
            .line(8)
            .problem("spec.volumes[1].name", "RFC 1123")
            .line(8)
            .problem("spec.volumes[1].name", "unique")
            .line(8),
        Case::new("CR LF", bare.replace('\n', "\r\n").replace("app:1", "")).problem(in_c("image"), "required").line(6),
        Case::new("a byte order mark", format!("\u{feff}{bare}")),
        Case::new("a pod as kubectl prints it", kubectl).lacks("/status").has("/metadata/uid", "7"),
        Case::new("an empty file", "").problem("", "no document"),
        Case::new("only comments", "# nothing\n---\n").problem("", "no document"),
        Case::new("not YAML", "apiVersion: v1\nkind: [Pod\n").problem("", "YAML"),
        Case::new("a key twice", bare.replace("kind: Pod", "kind: Pod\nkind: Pod")).problem("", "duplicate"),
        Case::new("unknown fields are no problem", unknown.as_str()),
    ])?;
    let ran = Cli::new("check").args(["-", "--format", "json"]).stdin(unknown).run()?;
    ran.expect_code(0)?;
    let told = ran.json()?;
    for (field, line) in [("metadata.lables", 3), ("extra", 4), ("spec.containers[0].imgae", 9)] {
        let found =
            told["not_honoured"].as_array().into_iter().flatten().any(|it| it["field"] == field && it["line"] == line);
        ran.expect("fields that are not honoured", format!("{field}; line {line}"), found, &told["not_honoured"])?;
    }
    let ran = human(&bare)?;
    ran.expect_code(0)?;
    ran.expect("a good manifest", "-: ok", ran.stdout().starts_with("-: ok"), ran.stdout())?;
    let ran = Cli::new("check").args(["/no/such/file.yaml", "--format", "json"]).run()?;
    ran.expect_code(2)?;
    let rule = ran.json()?["problems"][0]["rule"].clone();
    let ok = rule.as_str().is_some_and(|rule| rule.contains("/no/such/file.yaml"));
    ran.expect("a file that is not there", "a problem that names it", ok, Value::to_string(&rule))?;
    Ok(())
}
