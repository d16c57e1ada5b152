//! Tasks 9.5 and 9.6: values from ConfigMaps and Secrets.

use crate::kit::{SOON, Shown, container_status, end, file, pod, show, text};
use podcheck::{Cli, Result};

const SETTINGS: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\n\
                        data: { colour: red, size: \"5\", empty: \"\" }\nbinaryData: { picture: aGVsbG8= }\n";
/// `cGVhcw==` is `peas`. The text wins over the base64.
const LOGIN: &str = "apiVersion: v1\nkind: Secret\nmetadata: { name: login }\n\
                     data: { user: cGVhcw==, password: b2xk }\nstringData: { password: hunter2, note: $(A) }\n";
const OTHERS: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: elsewhere, namespace: mall }\ndata: { colour: blue }\n";

/// A pod with all three, and these lines in its container.
fn shop(lines: &str) -> Result<Shown> {
    show(&file(&[SETTINGS, LOGIN, OTHERS, &pod(lines)]))
}

/// Lines of a container: under `env`, each with its reference (`configMapKeyRef: { .. }`).
fn refs(list: &[(&str, &str)]) -> String {
    let lines: String =
        list.iter().map(|(name, reference)| format!("- {{ name: {name}, valueFrom: {{ {reference} }} }}\n")).collect();
    format!("env:\n{lines}")
}

pub fn one_key() -> Result {
    let list = refs(&[
        ("COLOUR", "configMapKeyRef: { name: settings, key: colour }"),
        ("EMPTY", "configMapKeyRef: { name: settings, key: empty }"),
        ("USER", "secretKeyRef: { name: login, key: user }"),
        ("SURE", "configMapKeyRef: { name: settings, key: size, optional: true }"),
    ]);
    let shown = shop(&list)?;
    shown.have(&[("COLOUR", "red"), ("EMPTY", ""), ("USER", "peas"), ("SURE", "5")])?;
    shown.has("size", None)
}

/// It hides nothing; and nothing in it is expanded.
pub fn a_secret_is_only_base64() -> Result {
    let list = refs(&[
        ("A", "secretKeyRef: { name: login, key: user }"),
        ("PASSWORD", "secretKeyRef: { name: login, key: password }"),
        ("NOTE", "secretKeyRef: { name: login, key: note }"),
    ]);
    let shown = shop(&format!("command: [login, $(PASSWORD)]\n{list}"))?;
    shown.have(&[("A", "peas"), ("PASSWORD", "hunter2"), ("NOTE", "$(A)")])?;
    shown.runs(&["login", "hunter2"])
}

pub fn what_is_missing_is_waited_for() -> Result {
    for (reference, message) in [
        ("configMapKeyRef: { name: nope, key: colour }", "configmap \"nope\" not found"),
        ("secretKeyRef: { name: nope, key: colour }", "secret \"nope\" not found"),
        ("secretKeyRef: { name: settings, key: colour }", "secret \"settings\" not found"),
        ("configMapKeyRef: { name: settings, key: nope }", "couldn't find key nope in ConfigMap default/settings"),
        ("secretKeyRef: { name: login, key: colour }", "couldn't find key colour in Secret default/login"),
        ("secretKeyRef: { name: nope, key: x, optional: false }", "secret \"nope\" not found"),
        // Bytes are for files.
        (
            "configMapKeyRef: { name: settings, key: picture }",
            "couldn't find key picture in ConfigMap default/settings",
        ),
    ] {
        shop(&refs(&[("X", reference)]))?.waits(message)?;
    }
    shop(&refs(&[("X", "secretKeyRef: { name: login, key: user }")]))?.has("X", Some("peas"))
}

/// Not empty: there is no such variable. What there is of its name stays.
pub fn optional_means_absent() -> Result {
    let list = "env:\n- { name: KEPT, value: before }\n\
        - { name: KEPT, valueFrom: { configMapKeyRef: { name: settings, key: nope, optional: true } } }\n\
        - { name: NO_KEY, valueFrom: { secretKeyRef: { name: login, key: nope, optional: true } } }\n\
        - { name: NO_MAP, valueFrom: { configMapKeyRef: { name: nope, key: colour, optional: true } } }\n\
        - { name: NO_SECRET, valueFrom: { secretKeyRef: { name: nope, key: user, optional: true } } }\n\
        - { name: SEEN, value: $(KEPT) $(NO_KEY)$(NO_MAP) }";
    let shown = shop(list)?;
    for name in ["NO_KEY", "NO_MAP", "NO_SECRET"] {
        shown.has(name, None)?;
    }
    shown.has("KEPT", Some("before"))?;
    shown.has("SEEN", Some("before $(NO_KEY)$(NO_MAP)"))
}

pub fn only_of_its_own_namespace() -> Result {
    let list = refs(&[("X", "configMapKeyRef: { name: elsewhere, key: colour }")]);
    shop(&list)?.waits("configmap \"elsewhere\" not found")?;
    let there = pod(&list).replace("  name: web\n", "  name: web\n  namespace: mall\n");
    show(&file(&[SETTINGS, OTHERS, &there]))?.has("X", Some("blue"))?;
    let other = refs(&[("X", "configMapKeyRef: { name: settings, key: nope }")]);
    let other = pod(&other).replace("  name: web\n", "  name: web\n  namespace: mall\n");
    show(&file(&[&SETTINGS.replace("name: settings", "name: settings, namespace: mall"), &other]))?
        .waits("couldn't find key nope in ConfigMap mall/settings")
}

/// The other container runs meanwhile. Ten seconds lie between two tries, here a half.
pub fn it_waits_and_tries_again() -> Result {
    let (path, text) = text!("missing.yaml");
    let mut pod = Cli::new("run").args(["--format", "json", "--speed", "20"]).manifest(path, text).spawn()?;
    let is_failure = |line: &podcheck::Value| line["reason"] == "Failed" && line["container"] == "waits";
    let first = pod.wait_for_json("an event of container waits", SOON, is_failure)?;
    let message = "Error: secret \"login\" not found";
    podcheck::expect_eq("its message", Some(message), first["message"].as_str())?;
    let waits = |line: &podcheck::Value| {
        let of = |name| container_status(line, name).map(|status| status["state"].clone());
        let (good, other) = (of("good").unwrap_or_default(), of("waits").unwrap_or_default());
        other["waiting"]["reason"] == "CreateContainerConfigError" && good["running"].is_object()
    };
    let status =
        pod.wait_for_json("container good runs, and waits has reason CreateContainerConfigError", SOON, waits)?;
    podcheck::expect_eq("the pod's phase", Some("Pending"), status["pod"]["status"]["phase"].as_str())?;
    pod.wait_for_json("another event of container waits, at the next try", SOON, is_failure)?;
    end(pod)
}

pub fn every_key_becomes_a_variable() -> Result {
    let odd = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: odd }\ndata: { a.b: dot, a-b: dash, 1st: digit, Big: letter }\n";
    let lines =
        "envFrom:\n- configMapRef: { name: settings }\n- secretRef: { name: login }\n- configMapRef: { name: odd }";
    let shown = show(&file(&[SETTINGS, LOGIN, odd, &pod(lines)]))?;
    shown.have(&[("colour", "red"), ("size", "5"), ("empty", ""), ("user", "peas"), ("password", "hunter2")])?;
    shown.have(&[("note", "$(A)"), ("a.b", "dot"), ("a-b", "dash"), ("1st", "digit"), ("Big", "letter")])?;
    // Bytes are for files.
    shown.has("picture", None)
}

pub fn with_a_prefix() -> Result {
    let lines = "envFrom:\n- { prefix: SHOP_, configMapRef: { name: settings } }\n- { prefix: \"\", secretRef: { name: login } }\n\
                 - { prefix: x., secretRef: { name: login } }";
    let shown = shop(lines)?;
    shown.have(&[("SHOP_colour", "red"), ("user", "peas"), ("x.user", "peas")])?;
    shown.has("colour", None)
}

pub fn the_later_entry_counts() -> Result {
    let second = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: second }\ndata: { colour: green, user: nobody }\n";
    let both = |first: &str, last: &str| {
        let lines = format!("envFrom:\n- {first}\n- {last}");
        show(&file(&[SETTINGS, LOGIN, second, &pod(&lines)]))
    };
    let (settings, second, login) =
        ("configMapRef: { name: settings }", "configMapRef: { name: second }", "secretRef: { name: login }");
    both(settings, second)?.have(&[("colour", "green"), ("size", "5")])?;
    both(second, settings)?.have(&[("colour", "red"), ("user", "nobody")])?;
    both(login, second)?.have(&[("user", "nobody"), ("password", "hunter2")])?;
    both(second, login)?.have(&[("user", "peas"), ("colour", "green")])
}

/// And it may use what is there.
pub fn env_goes_over_env_from() -> Result {
    let lines = "env:\n- { name: TEXT, value: $(colour) paint }\n- { name: colour, value: dark $(colour) }\n\
                 - { name: size, value: \"\" }\n- { name: LATER, value: $(colour) }\n\
                 envFrom:\n- configMapRef: { name: settings }";
    let shown = shop(lines)?;
    shown.have(&[("TEXT", "red paint"), ("colour", "dark red"), ("size", ""), ("LATER", "dark red")])
}

pub fn an_object_that_is_not_there() -> Result {
    shop("envFrom:\n- configMapRef: { name: nope }")?.waits("configmap \"nope\" not found")?;
    shop("envFrom:\n- secretRef: { name: settings }")?.waits("secret \"settings\" not found")?;
    shop("envFrom:\n- secretRef: { name: nope, optional: false }")?.waits("secret \"nope\" not found")?;
    // Another namespace's.
    shop("envFrom:\n- configMapRef: { name: elsewhere }")?.waits("configmap \"elsewhere\" not found")?;
    let lines = "envFrom:\n- configMapRef: { name: nope, optional: true }\n- secretRef: { name: nope, optional: true }\n\
                 - configMapRef: { name: settings, optional: true }";
    shop(lines)?.have(&[("colour", "red")])
}
