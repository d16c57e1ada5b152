//! Task 10.3: files from a ConfigMap or Secret.

use crate::shows::{Shown, file, pod, show};
use podcheck::Result;

const SETTINGS: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\n\
                        data: { colour: red, size: \"5\", empty: \"\" }\nbinaryData: { picture: aGVsbG8= }\n";
/// `cGVhcw==` is `peas`.
const LOGIN: &str = "apiVersion: v1\nkind: Secret\nmetadata: { name: login }\n\
                     data: { user: cGVhcw== }\nstringData: { password: hunter2 }\n";
const OTHERS: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: elsewhere, namespace: mall }\ndata: { colour: blue }\n";

/// A pod with all three, and these volumes.
fn shop(volumes: &str) -> Result<Shown> {
    show(&file(&[SETTINGS, LOGIN, OTHERS, &pod(volumes, "")]))
}

pub fn every_key_is_a_file() -> Result {
    let shown =
        shop("- { name: map, configMap: { name: settings } }\n- { name: secret, secret: { secretName: login } }")?;
    shown.files("map", &["colour 0644 red", "empty 0644 ", "picture 0644 hello", "size 0644 5"])?;
    shown.files("secret", &["password 0644 hunter2", "user 0644 peas"])
}

pub fn only_the_items() -> Result {
    let shown = shop(
        "- name: map\n  configMap:\n    name: settings\n    items:\n    - { key: size, path: deep/down/size.txt }\n    \
         - { key: colour, path: colour }\n    - { key: colour, path: again }\n\
         - { name: secret, secret: { secretName: login, items: [{ key: user, path: name }] } }",
    )?;
    shown.files("map", &["again 0644 red", "colour 0644 red", "deep/down/size.txt 0644 5"])?;
    shown.files("secret", &["name 0644 peas"])
}

/// Octal as YAML 1.1 has it, decimal as JSON must.
pub fn each_file_has_its_mode() -> Result {
    let shown = shop(
        "- { name: all, configMap: { name: settings, defaultMode: 0400 } }\n\
         - name: some\n  secret:\n    secretName: login\n    defaultMode: 288\n    items:\n    \
         - { key: user, path: own, mode: 0600 }\n    - { key: user, path: none }\n    - { key: user, path: zero, mode: 0 }",
    )?;
    shown.files("all", &["colour 0400 red", "empty 0400 ", "picture 0400 hello", "size 0400 5"])?;
    shown.files("some", &["none 0440 peas", "own 0600 peas", "zero 0000 peas"])
}

pub fn what_is_missing_is_waited_for() -> Result {
    for (source, message) in [
        ("configMap: { name: nope }", "configmap \"nope\" not found"),
        ("configMap: { name: login, optional: false }", "configmap \"login\" not found"),
        ("configMap: { name: elsewhere }", "configmap \"elsewhere\" not found"),
        ("secret: { secretName: nope }", "secret \"nope\" not found"),
        ("secret: { secretName: settings }", "secret \"settings\" not found"),
        (
            "configMap: { name: settings, items: [{ key: colour, path: a }, { key: user, path: b }] }",
            "configmap references non-existent config key: user",
        ),
        (
            "secret: { secretName: login, items: [{ key: colour, path: a }] }",
            "references non-existent secret key: colour",
        ),
    ] {
        shop(&format!("- {{ name: v, {source} }}"))?.waits("volume", "v", message)?;
    }
    shop("- { name: v, secret: { secretName: login, items: [{ key: user, path: a }] } }")?.files("v", &["a 0644 peas"])
}

pub fn optional_means_none() -> Result {
    let shown = shop(
        "- { name: no-map, configMap: { name: nope, optional: true } }\n\
         - { name: no-secret, secret: { secretName: nope, optional: true, items: [{ key: a, path: a }] } }\n\
         - { name: no-key, configMap: { name: settings, optional: true, items: [{ key: nope, path: a }, { key: size, path: b }] } }\n\
         - { name: all, secret: { secretName: login, optional: true } }",
    )?;
    shown.files("no-map", &[])?;
    shown.files("no-secret", &[])?;
    shown.files("no-key", &["b 0644 5"])?;
    shown.files("all", &["password 0644 hunter2", "user 0644 peas"])?;
    shown.ran.expect_code(0).map(|_| ())
}
