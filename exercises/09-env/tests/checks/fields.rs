//! Task 9.3: values from the pod itself.

use crate::kit::{pod, printed, run, show, show_with, text};
use podcheck::{Result, expect};

/// Lines of a container: a variable of each name, made from this field.
fn fields(list: &[(&str, &str)]) -> String {
    let lines: String = list
        .iter()
        .map(|(name, path)| format!("- {{ name: {name}, valueFrom: {{ fieldRef: {{ fieldPath: {path:?} }} }} }}\n"))
        .collect();
    format!("env:\n{lines}")
}

pub fn who_the_pod_is() -> Result {
    let list = fields(&[("NAME", "metadata.name"), ("NAMESPACE", "metadata.namespace"), ("UID", "metadata.uid")]);
    show(&pod(&list))?.have(&[("NAME", "web"), ("NAMESPACE", "default"), ("UID", "")])?;
    let own = pod(&list).replace("  name: web\n", "  name: shop\n  namespace: mall\n  uid: abc-123\n");
    show(&own)?.have(&[("NAME", "shop"), ("NAMESPACE", "mall"), ("UID", "abc-123")])
}

/// One that is not there is an empty value, not an error.
pub fn labels_and_annotations() -> Result {
    let list = fields(&[
        ("APP", "metadata.labels['app']"),
        ("LONG", "metadata.labels['example.com/tier']"),
        ("NO_LABEL", "metadata.labels['nope']"),
        ("NOTE", "metadata.annotations['note']"),
        ("OTHER", "metadata.annotations['app']"),
        ("ONLY_A_NOTE", "metadata.labels['note']"),
    ]);
    let meta = "  name: web\n  labels: { app: shop, example.com/tier: front }\n  annotations: { note: 'a b' }\n";
    show(&pod(&list).replace("  name: web\n", meta))?.have(&[
        ("APP", "shop"),
        ("LONG", "front"),
        ("NO_LABEL", ""),
        ("NOTE", "a b"),
        ("OTHER", ""),
        ("ONLY_A_NOTE", ""),
    ])
}

pub fn where_it_runs() -> Result {
    let list = fields(&[
        ("NODE", "spec.nodeName"),
        ("POD", "status.podIP"),
        ("PODS", "status.podIPs"),
        ("HOST", "status.hostIP"),
        ("HOSTS", "status.hostIPs"),
    ]);
    let many = [
        "--node",
        "worker-1",
        "--pod-ip",
        "10.1.0.5",
        "--pod-ip",
        "fd00::5",
        "--host-ip",
        "192.168.0.9",
        "--host-ip",
        "fe80::9",
    ];
    show_with(&pod(&list), &many)?.have(&[
        ("NODE", "worker-1"),
        ("POD", "10.1.0.5"),
        ("PODS", "10.1.0.5,fd00::5"),
        ("HOST", "192.168.0.9"),
        ("HOSTS", "192.168.0.9,fe80::9"),
    ])?;
    let one = ["--pod-ip", "10.1.0.6", "--host-ip", "10.0.0.1"];
    let named = pod(&list).replace("spec:\n", "spec:\n  nodeName: chosen\n");
    show_with(&named, &one)?.have(&[
        ("NODE", "chosen"),
        ("POD", "10.1.0.6"),
        ("PODS", "10.1.0.6"),
        ("HOST", "10.0.0.1"),
        ("HOSTS", "10.0.0.1"),
    ])
}

pub fn its_service_account() -> Result {
    let list = fields(&[("ACCOUNT", "spec.serviceAccountName")]);
    show(&pod(&list))?.have(&[("ACCOUNT", "default")])?;
    let own = pod(&list).replace("spec:\n", "spec:\n  serviceAccountName: builder\n");
    show(&own)?.have(&[("ACCOUNT", "builder")])
}

/// A value from elsewhere is not expanded; but later variables see it.
pub fn taken_as_it_is() -> Result {
    let list = "env:\n- { name: A, value: apple }\n\
                - { name: NOTE, valueFrom: { fieldRef: { fieldPath: \"metadata.annotations['note']\" } } }\n\
                - { name: LATER, value: \"<$(NOTE)>\" }";
    let meta = "  name: web\n  annotations: { note: 'costs $$ and $(A)' }\n";
    let shown = show(&pod(list).replace("  name: web\n", meta))?;
    shown.have(&[("NOTE", "costs $$ and $(A)"), ("LATER", "<costs $$ and $(A)>")])
}

pub fn an_empty_value_gives_way() -> Result {
    let list = "env:\n- { name: NAME, value: \"\", valueFrom: { fieldRef: { fieldPath: metadata.name } } }";
    show(&pod(list))?.have(&[("NAME", "web")])
}

pub fn a_real_pod_knows_itself() -> Result {
    let ran = run(text!("uid.yaml"))?;
    printed(&ran, "what the pod says of itself", "[app] uid-pod in default at 127.0.0.1 on node")?;
    let uid = ran.stdout().lines().find_map(|it| it.strip_prefix("[app] uid ").map(str::to_owned)).unwrap_or_default();
    let is = uid.len() == 36 && uid.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit());
    expect("the uid of a pod that has run", "a uid", is, uid)
}
