//! Task 1.1. Every case has a second, given problem, so that no other task is asked.

use podcheck::{Result, expect};

use crate::kit::{Case, human, judge};

/// A pod that is refused for its apiVersion alone, with these metadata and fields of `spec`.
fn named(metadata: &str, spec: &str) -> String {
    format!(
        "apiVersion: v2\nkind: Pod\nmetadata: {{{metadata}}}\nspec:\n{spec}  containers: [{{name: c, image: 'app:1'}}]\n"
    )
}

fn case(what: &str, text: String) -> Case {
    Case::new(what, text).problem("apiVersion", "v1")
}

/// Names of pods: RFC 1123 subdomains.
pub fn pod_names() -> Result {
    let pod = |name: &str| case(&format!("pod name {name:.20}"), named(&format!("name: '{name}'"), ""));
    let (l62, l63, l64) = ("a".repeat(62), "a".repeat(63), "a".repeat(64));
    let long = [l63.as_str(), &l63, &l63, &l62[..61]].join(".");
    let mut cases: Vec<Case> = ["a", "0", "web", "web-1", "1.2", "a.b.c", "a--b", "x-.y", "9a"]
        .iter()
        .filter(|name| **name != "x-.y")
        .map(|name| pod(name))
        .collect();
    assert_eq!(long.len(), 253);
    cases.push(pod(&long));
    cases.push(pod(&l64));
    cases.push(pod(&format!("{long}a")).problem("metadata.name", "253"));
    for bad in
        ["a_b", "A", "webApp", "-a", "a-", ".a", "a.", "a..b", "a.-b", "a-.b", "a b", "a/b", "é", "a\u{0661}", "-", "."]
    {
        cases.push(pod(bad).problem("metadata.name", "RFC 1123"));
    }
    cases.push(case("no pod name", named("labels: {}", "")).problem("metadata.name", "required"));
    judge(&cases)
}

/// Names of containers, volumes, namespaces and hosts: RFC 1123 labels.
pub fn labels_of_dns() -> Result {
    let fields = [
        ("spec.containers[0].name", "  containers: [{name: 'NAME', image: 'app:1'}]\n"),
        ("spec.volumes[0].name", "  volumes: [{name: 'NAME'}]\n"),
        ("spec.hostname", "  hostname: 'NAME'\n"),
        ("spec.subdomain", "  subdomain: 'NAME'\n"),
    ];
    let at = |template: &str, name: &str| {
        let text = named("name: p", &template.replace("NAME", name));
        // A list of containers of its own replaces the one that is there.
        if template.contains("containers") {
            text.replace("  containers: [{name: c, image: 'app:1'}]\n", "")
        } else {
            text
        }
    };
    let mut cases = Vec::new();
    for (field, template) in fields {
        for good in ["a", "7", "web-1", "a--b", &"a".repeat(63)] {
            cases.push(case(&format!("{field} {good:.12}"), at(template, good)));
        }
        for bad in ["a_b", "Web", "a.b", "-a", "a-", "1st ", "é"] {
            cases.push(case(&format!("{field} {bad}"), at(template, bad)).problem(field, "RFC 1123"));
        }
        cases.push(case(&format!("{field}: 64 characters"), at(template, &"a".repeat(64))).problem(field, "63"));
    }
    cases.push(case("namespace", named("name: p, namespace: team-1", "")));
    cases.push(case("namespace", named("name: p, namespace: a.b", "")).problem("metadata.namespace", "RFC 1123"));
    judge(&cases)
}

/// One line for each problem: which pod, which field, which rule, which line.
pub fn a_problem_in_one_line() -> Result {
    let ran = human(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a_b\nspec:\n  containers:\n  - name: c\n    image: app:1\n",
    )?;
    ran.expect_code(2)?;
    let text = ran.stdout();
    let line = text.lines().find(|line| line.contains("metadata.name"));
    let ok = line.is_some_and(|line| {
        line.trim_start().starts_with("pod \"a_b\": metadata.name: ")
            && line.contains("RFC 1123")
            && line.ends_with("; line 4")
    });
    ran.expect("the line about the name", "pod \"a_b\": metadata.name: must be ... (RFC 1123); line 4", ok, &text)?;
    expect("the verdict", "1 problem", text.lines().next().is_some_and(|line| line.ends_with(": 1 problem")), &text)
}
