//! Task 10.4: files about the pod itself, and several sources in one volume.

use crate::kit::text;
use crate::shows::{Shown, file, pod, show_with};
use podcheck::{Cli, Result, Value};

const SETTINGS: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { colour: red, user: map }\n";
const LOGIN: &str = "apiVersion: v1\nkind: Secret\nmetadata: { name: login }\nstringData: { user: secret }\n";

/// A pod with both, and this in its metadata.
fn about(metadata: &str, volumes: &str) -> Result<Shown> {
    let pod = pod(volumes, "resources: { requests: { cpu: 250m, memory: 10M }, limits: { memory: 20M } }");
    let pod = pod.replace("  labels: { tier: front, app: web }\n", metadata);
    show_with(&file(&[SETTINGS, LOGIN, &pod]), &["--allocatable", "cpu=3"])
}

fn item(path: &str, field: &str) -> String {
    format!("- {{ path: {path}, fieldRef: {{ fieldPath: {field:?} }} }}\n")
}

/// Lines of items, as a volume called `v`.
fn volume(items: &str) -> String {
    let items: String = items.lines().map(|line| format!("    {line}\n")).collect();
    format!("- name: v\n  downwardAPI:\n    items:\n{items}")
}

pub fn fields_are_files() -> Result {
    let metadata = "  namespace: mall\n  uid: abc\n  labels: { app: web }\n  annotations: { note: hi }\n";
    let items = item("name", "metadata.name")
        + &item("deep/namespace", "metadata.namespace")
        + &item("uid", "metadata.uid")
        + &item("label", "metadata.labels['app']")
        + &item("none", "metadata.labels['tier']")
        + &item("note", "metadata.annotations['note']");
    about(metadata, &volume(&items))?.files(
        "v",
        &["deep/namespace 0644 mall", "label 0644 web", "name 0644 web", "none 0644 ", "note 0644 hi", "uid 0644 abc"],
    )
}

/// Sorted, each value between quotation marks, whatever it holds; no empty line at the end.
pub fn all_labels_in_one() -> Result {
    let metadata = "  labels: { tier: front, app: web, a.b/c: \"\" }\n\
        \x20 annotations: { two: \"a\\nb\", quote: 'say \"hi\"', back: 'c:\\d', tab: \"\\t\", bell: \"\\a\", word: 콩, odd: \"\\r\\b\\v\\f\\x01\\x7f\\N\" }\n";
    let items = item("labels", "metadata.labels") + &item("notes", "metadata.annotations");
    let notes = "back=\"c:\\\\d\"\nbell=\"\\a\"\nodd=\"\\r\\b\\v\\f\\x01\\x7f\\u0085\"\nquote=\"say \\\"hi\\\"\"\ntab=\"\\t\"\ntwo=\"a\\nb\"\nword=\"콩\"";
    about(metadata, &volume(&items))?
        .files("v", &["labels 0644 a.b/c=\"\"\napp=\"web\"\ntier=\"front\"", &format!("notes 0644 {notes}")])?;
    about("  labels: {}\n", &volume(&items))?.files("v", &["labels 0644 ", "notes 0644 "])
}

pub fn amounts_of_a_container() -> Result {
    let item = |path: &str, rest: &str| {
        format!("- {{ path: {path}, resourceFieldRef: {{ containerName: app, resource: {rest} }} }}\n")
    };
    let items = item("cpu", "requests.cpu")
        + &item("milli", "requests.cpu, divisor: 1m")
        + &item("all", "limits.cpu")
        + &item("memory", "limits.memory, divisor: 1Mi");
    about("  labels: {}\n", &volume(&items))?
        .files("v", &["all 0644 3", "cpu 0644 1", "memory 0644 20", "milli 0644 250"])
}

pub fn modes_of_fields() -> Result {
    let name = "fieldRef: { fieldPath: metadata.name }";
    let volumes = format!(
        "- {{ name: v, downwardAPI: {{ defaultMode: 0400, items: [{{ path: a, {name} }}, {{ path: b, mode: 0444, {name} }}] }} }}"
    );
    about("  labels: {}\n", &volumes)?.files("v", &["a 0400 web", "b 0444 web"])
}

const ALL: &str = "- name: v\n  projected:\n    defaultMode: 0440\n    sources:\n    - configMap: { name: settings }\n    \
    - secret: { name: login, items: [{ key: user, path: deep/user, mode: 0400 }] }\n    \
    - downwardAPI: { items: [{ path: name, fieldRef: { fieldPath: metadata.name } }] }";

pub fn several_sources_in_one() -> Result {
    about("  labels: {}\n", ALL)?
        .files("v", &["colour 0440 red", "deep/user 0400 secret", "name 0440 web", "user 0440 map"])?;
    // Two sources may hold the same kind.
    let twice = "- name: v\n  projected:\n    sources:\n    - configMap: { name: settings, items: [{ key: colour, path: a }] }\n    \
        - configMap: { name: settings, items: [{ key: colour, path: b }] }";
    about("  labels: {}\n", twice)?.files("v", &["a 0644 red", "b 0644 red"])
}

pub fn the_later_source_counts() -> Result {
    let sources = |first: &str, last: &str| {
        about("  labels: {}\n", &format!("- name: v\n  projected:\n    sources:\n    - {first}\n    - {last}"))
    };
    let (map, secret) = ("configMap: { name: settings }", "secret: { name: login }");
    sources(map, secret)?.files("v", &["colour 0644 red", "user 0644 secret"])?;
    sources(secret, map)?.files("v", &["colour 0644 red", "user 0644 map"])
}

pub fn each_source_is_waited_for() -> Result {
    let source = |source: &str| {
        let volumes =
            format!("- name: v\n  projected:\n    sources:\n    - configMap: {{ name: settings }}\n    - {source}");
        about("  labels: {}\n", &volumes)
    };
    source("secret: { name: nope }")?.waits("volume", "v", "secret \"nope\" not found")?;
    source("configMap: { name: nope }")?.waits("volume", "v", "configmap \"nope\" not found")?;
    let both = ["colour 0644 red", "user 0644 map"];
    source("secret: { name: nope, optional: true }")?.files("v", &both)?;
    source("configMap: { name: nope, optional: true }")?.files("v", &both)
}

/// What a volume's files cannot be, and a size. What they can be is shown.
pub fn what_cannot_be_is_refused() -> Result {
    let (path, text) = text!("refused.yaml");
    let ran = Cli::new("check").args(["--format", "json"]).manifest(path, text).run()?;
    ran.expect_code(2)?;
    let said = ran.json()?;
    let problem = |it: &Value| {
        let field = it["field"].as_str().unwrap_or_default().trim_start_matches("spec.volumes").to_owned();
        let rule = it["rule"].as_str().unwrap_or_default();
        let rule = rule.split_once(':').map_or(rule, |(start, _)| start);
        format!("{} {field}: {rule}", it["line"])
    };
    let observed: Vec<String> = said["problems"].as_array().into_iter().flatten().map(problem).collect();
    let expected = [
        "8 [0].emptyDir.sizeLimit: must not be less than 0",
        "9 [1].emptyDir.sizeLimit: must be a quantity",
        "10 [2].configMap.items[0].path: must not start with '..'",
        "11 [3].secret.items[0].path: must not start with '..'",
        "15 [4].downwardAPI.items[0].path: must not start with '..'",
        "16 [4].downwardAPI.items[1].resourceFieldRef.containerName: must name a container of the pod, and there is no nobody",
        "17 [4].downwardAPI.items[2].resourceFieldRef.divisor: must be 1 or 1m for cpu",
        "20 [5].projected.defaultMode: must be from 0 to 511 (octal 0777)",
        "22 [5].projected.sources[0]: must have one source, and has none",
        "23 [5].projected.sources[1]: must have one source, and has configMap and secret",
        "24 [5].projected.sources[2].configMap.name: is required",
        "24 [5].projected.sources[2].configMap.items[0].key: is required",
        "24 [5].projected.sources[2].configMap.items[1].path: must be a relative path",
        "24 [5].projected.sources[2].configMap.items[2].path: must not contain '..'",
        "24 [5].projected.sources[2].configMap.items[2].mode: must be from 0 to 511 (octal 0777)",
        "24 [5].projected.sources[2].configMap.items[3].path: is required",
        "24 [5].projected.sources[2].configMap.items[4].path: must not start with '..'",
        "25 [5].projected.sources[3].secret.name: is required",
        "28 [5].projected.sources[4].downwardAPI.items[0].path: must be unique in the volume",
        "29 [5].projected.sources[4].downwardAPI.items[1].path: must be a relative path",
        "29 [5].projected.sources[4].downwardAPI.items[1].mode: must be from 0 to 511 (octal 0777)",
        "30 [5].projected.sources[4].downwardAPI.items[2]: must have one of fieldRef and resourceFieldRef",
        "31 [5].projected.sources[4].downwardAPI.items[3]: must have one of fieldRef and resourceFieldRef",
        "32 [5].projected.sources[4].downwardAPI.items[4].resourceFieldRef.containerName: is required",
        "33 [5].projected.sources[4].downwardAPI.items[5].fieldRef.fieldPath: must be a field of metadata in a volume",
        "34 [5].projected.sources[4].downwardAPI.items[6].fieldRef.fieldPath: must be a field of metadata in a volume",
        "36 [5].projected.sources[4].downwardAPI.items[8].resourceFieldRef.resource: must be limits. or requests. and cpu, memory, ephemeral-storage or hugepages-SIZE",
        "38 [5].projected.sources[4].downwardAPI.items[10].resourceFieldRef.resource: must be limits. or requests. and cpu, memory, ephemeral-storage or hugepages-SIZE",
    ];
    for row in expected {
        let is = observed.iter().any(|it| it == row);
        ran.expect("a problem that is told", row, is, observed.join("\n"))?;
    }
    ran.expect("how many problems are told", expected.len(), observed.len() == expected.len(), observed.join("\n"))?;
    about("  labels: {}\n", ALL)?
        .files("v", &["colour 0440 red", "deep/user 0400 secret", "name 0440 web", "user 0440 map"])
}
