//! Task 1.1. Every case has a second, given problem, so that no other task is asked: a pod that
//! is refused gets no defaults (task 1.2).

use podcheck::{Result, expect};

use crate::kit::{Case, human, judge};

/// A pod that is refused for its apiVersion alone, with these metadata and fields of `spec`.
fn named(metadata: &str, spec: &str) -> String {
    format!(
        "apiVersion: v2 # wrong on purpose: a refused pod does not reach task 1.2\nkind: Pod\nmetadata: {{{metadata}}}\nspec:\n{spec}  containers: [{{name: c, image: 'app:1'}}]\n"
    )
}

fn case(what: &str, text: String) -> Case {
    Case::new(what, text).problem("apiVersion", "v1")
}

/// Names of pods: RFC 1123 subdomains.
pub fn pod_names() -> Result {
    let pod = |rule: &str, name: &str| {
        let what = if name.len() > 20 { rule.to_owned() } else { format!("{rule}: {name}") };
        case(&what, named(&format!("name: '{name}'"), ""))
    };
    let (l62, l63, l64) = ("a".repeat(62), "a".repeat(63), "a".repeat(64));
    let long = [l63.as_str(), &l63, &l63, &l62[..61]].join(".");
    assert_eq!(long.len(), 253);
    let mut cases: Vec<Case> = [
        ("a pod name may be one letter", "a"),
        ("a pod name may be one digit", "0"),
        ("a pod name has letters", "web"),
        ("a pod name may have '-' inside", "web-1"),
        ("a pod name may have '.' inside", "1.2"),
        ("a pod name may have many parts", "a.b.c"),
        ("a pod name may have two '-' in a row", "a--b"),
        ("a pod name may begin with a digit", "9a"),
        ("a pod name may have 253 characters", &long),
        ("a part of a pod name may have 64 characters", &l64),
    ]
    .map(|(rule, name)| pod(rule, name))
    .into();
    cases.push(pod("a pod name may not have 254 characters", &format!("{long}a")).problem("metadata.name", "253"));
    for (rule, bad) in [
        ("a pod name has no underscore", "a_b"),
        ("a pod name has no capital letter", "A"),
        ("a pod name has no capital letter", "webApp"),
        ("a pod name does not begin with '-'", "-a"),
        ("a pod name does not end with '-'", "a-"),
        ("no part of a pod name is empty", ".a"),
        ("no part of a pod name is empty", "a."),
        ("no part of a pod name is empty", "a..b"),
        ("no part of a pod name begins with '-'", "a.-b"),
        ("no part of a pod name ends with '-'", "a-.b"),
        ("a pod name has no blank", "a b"),
        ("a pod name has no '/'", "a/b"),
        ("a pod name has ASCII letters only", "é"),
        ("a pod name has ASCII digits only", "a\u{0661}"),
        ("a pod name needs a letter or digit", "-"),
        ("a pod name needs a letter or digit", "."),
    ] {
        cases.push(pod(rule, bad).problem("metadata.name", "RFC 1123"));
    }
    cases.push(case("a pod needs a name", named("labels: {}", "")).problem("metadata.name", "required"));
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
        for good in ["a", "7", "web-1", "a--b"] {
            cases.push(case(&format!("{field} may be {good}"), at(template, good)));
        }
        cases.push(case(&format!("{field} may have 63 characters"), at(template, &"a".repeat(63))));
        for (rule, bad) in [
            ("no underscore", "a_b"),
            ("no capital letter", "Web"),
            ("no '.': it is one label", "a.b"),
            ("no '-' at its begin", "-a"),
            ("no '-' at its end", "a-"),
            ("no blank", "1st "),
            ("ASCII letters only", "é"),
        ] {
            cases.push(case(&format!("{field} has {rule}: {bad}"), at(template, bad)).problem(field, "RFC 1123"));
        }
        let long = at(template, &"a".repeat(64));
        cases.push(case(&format!("{field} may not have 64 characters"), long).problem(field, "63"));
    }
    cases.push(case("a namespace is a label: team-1", named("name: p, namespace: team-1", "")));
    let dotted = named("name: p, namespace: a.b", "");
    cases.push(case("a namespace has no '.': it is one label", dotted).problem("metadata.namespace", "RFC 1123"));
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
