//! Task 1.3: every wrong type in one go.

use podcheck::Result;

use crate::kit::{Case, container, in_c, judge, spec};

/// All fields of the wrong type, each once, each with its line.
pub fn every_wrong_type_at_once() -> Result {
    let text = "apiVersion: v1
kind: Pod
metadata:
  name: 5
  labels: [a]
spec:
  terminationGracePeriodSeconds: soon
  hostNetwork: 'yes'
  hostname: true
  containers:
  - name: c
    image: 1.5
    command: sleep
    env: [{name: A, value: 8080}, {name: B, value: b}, {name: C, value: false}]
    livenessProbe: 3
  volumes:
  - name: [d]
";
    judge(&[
        Case::new("ten wrong types", text)
            .problem("metadata.name", "string")
            .line(4)
            .problem("metadata.labels", "")
            .line(5)
            .problem("spec.terminationGracePeriodSeconds", "soon")
            .line(7)
            .problem("spec.hostNetwork", "")
            .line(8)
            .problem("spec.hostname", "string")
            .line(9)
            .problem(in_c("image"), "string|quotes")
            .line(12)
            .problem(in_c("command"), "list|sleep")
            .line(13)
            .problem(in_c("env[0].value"), "string|8080|quotes")
            .line(14)
            .problem(in_c("env[2].value"), "string|quotes")
            .line(14)
            .problem(in_c("livenessProbe"), "")
            .line(15)
            .problem("spec.volumes[0].name", "string|a list")
            .line(17),
        Case::new("one wrong type", container("workingDir: 1")).problem(in_c("workingDir"), "string").line(8),
        Case::new("a whole number", spec("activeDeadlineSeconds: 1.5"))
            .problem("spec.activeDeadlineSeconds", "whole number"),
        Case::new("true or false", spec("hostNetwork: 1")).problem("spec.hostNetwork", "true or false|!quotes"),
        Case::new("a mapping", spec("nodeSelector: a")).problem("spec.nodeSelector", "must be a mapping|!of fields"),
        Case::new("a mapping of fields", spec("securityContext: a"))
            .problem("spec.securityContext", "mapping of fields"),
        Case::new("a mapping for a string", container("workingDir: {}"))
            .problem(in_c("workingDir"), "a mapping|!quotes"),
        Case::new("a list for a mapping", spec("nodeSelector: [a]")).problem("spec.nodeSelector", "is a list"),
        Case::new("a fraction for a string", container("workingDir: 1.5")).problem(in_c("workingDir"), "quotes"),
        Case::new("a number that is too large", spec("activeDeadlineSeconds: 9223372036854775808"))
            .problem("spec.activeDeadlineSeconds", "must be a whole number|9223372036854775808"),
        Case::new("a list for a quantity", container("resources: {limits: {cpu: [1]}}"))
            .problem(in_c("resources.limits.cpu"), "quantity"),
        Case::new("a mapping for a port", container("livenessProbe: {tcpSocket: {port: {}}}"))
            .problem(in_c("livenessProbe.tcpSocket.port"), "number or the name"),
        Case::new("no quotes help here", container("tty: 'true'")).problem(in_c("tty"), "\"true\""),
    ])
}

/// Entries of lists, wrong lists, and documents that are no mapping at all.
pub fn wrong_entries_of_lists() -> Result {
    let many: String = (0..60).map(|n| format!("- {n}\n")).collect();
    let mut all = Case::new("sixty numbers for strings", container(&format!("args:\n{many}")));
    for n in 0..60 {
        all = all.problem(in_c(&format!("args[{n}]")), "string|quotes").line(9 + n);
    }
    // Each of these takes two cuts: a number, then a string where a mapping must be.
    let entries: String = (0..150).map(|n| format!("- {n}\n")).collect();
    let mut twice = Case::new("150 numbers for volumes", spec(&format!("volumes:\n{entries}")));
    for n in 0..150 {
        twice = twice.problem(format!("spec.volumes[{n}]"), "mapping").line(6 + n);
    }
    judge(&[
        all,
        twice,
        Case::new("a number among strings", container("command: [sleep, 10, 'x', 11]"))
            .problem(in_c("command[1]"), "string")
            .problem(in_c("command[3]"), "string"),
        Case::new("a number for a volume", spec("volumes:\n- 5\n- {name: v}"))
            .problem("spec.volumes[0]", "mapping")
            .line(6),
        Case::new(
            "a mapping for a list",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: {name: c}\n",
        )
        .problem("spec.containers", "list")
        .line(5),
        Case::new("a string for spec", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: none\n")
            .problem("spec", "")
            .line(4),
        Case::new("a string for a pod", "just text\n").problem("", "mapping"),
        Case::new("a list for a pod", "- kind: Pod\n").problem("", "mapping"),
        Case::new(
            "a number for a kind",
            "apiVersion: v1\nkind: 7\nmetadata: {name: p}\nspec: {containers: [{name: c, image: 'app:1'}]}\n",
        )
        .problem("kind", "string")
        .line(2),
    ])
}

/// Wrong types do not hide broken rules, and are not reported twice for being cut out.
pub fn types_and_rules_together() -> Result {
    let text = "apiVersion: v1
kind: Pod
metadata: {name: a_b, namespace: 7}
spec:
  containers:
  - name: 1
    image: app:1
  - name: Web
    image: 2
    workingDir: 3
";
    // Two containers: names must be unique too. One of them has none that could be read.
    let one = text.replace("  - name: 1\n    image: app:1\n", "");
    judge(&[
        Case::new("rules beside types", one)
            .problem("metadata.name", "RFC 1123")
            .line(3)
            .problem("metadata.namespace", "string")
            .line(3)
            .problem(in_c("name"), "RFC 1123")
            .line(6)
            .problem(in_c("image"), "string")
            .line(7)
            .problem(in_c("workingDir"), "string")
            .line(8),
        Case::new(
            "an entry that was cut out is not empty",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [7]\n  hostname: A\n",
        )
        .problem("spec.containers[0]", "mapping")
        .problem("spec.hostname", "RFC 1123"),
        Case::new(
            "unknown fields are still seen",
            container("workingDir: 1").replace("kind: Pod", "kind: Pod\nextra: {a: 1}"),
        )
        .problem(in_c("workingDir"), "string"),
    ])
}
