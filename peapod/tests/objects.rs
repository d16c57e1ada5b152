//! ConfigMaps, Secrets and Services: applied beside pods, updated, forgotten.

mod common;

use std::fmt::Debug;

use common::{User, pod, until};
use k8s_openapi::api::core::v1::{ConfigMap, Event, Pod, Secret, Service};
use predicates::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::Value;

const SLEEPS: &str = "echo \"$COLOUR $WORD\"; trap 'exit 0' TERM; sleep 60 & wait";

fn map(colour: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: settings }}\ndata: {{ colour: {colour} }}\n---\n")
}

const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata: { name: words }\nstringData: { word: sesame }\n---\n";
const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: { name: db }\nspec: { clusterIP: 10.0.0.7, ports: [{ port: 5432 }] }\n---\n";

fn reader(name: &str) -> String {
    let variables = "    env:\n    - { name: COLOUR, valueFrom: { configMapKeyRef: { name: settings, key: colour } } }\n    \
                     - { name: WORD, valueFrom: { secretKeyRef: { name: words, key: word } } }\n";
    pod(name, SLEEPS).replace("    command:", &format!("{variables}    command:"))
}

#[test]
fn a_file_holds_a_pod_and_all_it_refers_to_in_any_order() {
    let user = User::new();
    let all = reader("web") + &map("red") + SECRET + SERVICE;
    user.peapod(&["apply", "-f", "-"])
        .write_stdin(all.clone())
        .assert()
        .success()
        .stdout("configmap/settings created\nsecret/words created\nservice/db created\npod/web created\n");
    until("the pod to speak", || user.out(&["logs", "web"]) == "red sesame\n");
    assert_eq!(user.out(&["exec", "web", "--", "printenv", "DB_SERVICE_HOST"]), "10.0.0.7\n");
    let read: ConfigMap =
        serde_yaml::from_str(&user.out(&["get", "cm", "settings", "-o", "yaml"])).expect("a v1 ConfigMap");
    assert_eq!(read.data.unwrap()["colour"], "red");
    let read: Secret = serde_yaml::from_str(&user.out(&["get", "secret", "words", "-o", "json"])).expect("a v1 Secret");
    assert_eq!(read.data.unwrap()["word"].0, b"sesame");
    assert!(user.out(&["get", "svc"]).contains("10.0.0.7"));
    // Of what is to be deleted nothing but its name is looked at.
    let spoilt = all.replace("clusterIP: 10.0.0.7", "clusterIP: nowhere");
    user.peapod(&["delete", "-f", "-", "--now"]).write_stdin(spoilt).assert().success();
    assert!(!user.out(&["get", "svc"]).contains("10.0.0.7"));
}

#[test]
fn a_second_apply_updates_and_new_pods_see_it() {
    let user = User::new();
    user.apply(&(map("red") + SECRET));
    user.peapod(&["apply", "-f", "-"])
        .write_stdin(map("red"))
        .assert()
        .success()
        .stdout("configmap/settings unchanged\n");
    user.peapod(&["apply", "-f", "-"])
        .write_stdin(map("blue"))
        .assert()
        .success()
        .stdout("configmap/settings configured\n");
    user.apply(&reader("web"));
    until("the pod to speak", || user.out(&["logs", "web"]) == "blue sesame\n");
}

#[test]
fn what_is_missing_is_waited_for() {
    let user = User::new();
    user.apply(&reader("web"));
    user.until_status("web", "CreateContainerConfigError");
    assert!(user.out(&["describe", "pod", "web"]).contains("settings"));
    assert!(user.error(1, &["logs", "web"]).contains("is waiting to start: CreateContainerConfigError"));
}

#[test]
fn they_are_kept_until_they_are_deleted() {
    let user = User::new();
    user.apply(&(map("red") + SECRET));
    user.peapod(&["delete", "configmap", "settings"])
        .assert()
        .success()
        .stdout("configmap \"settings\" deleted from default namespace\n");
    assert_eq!(user.error(1, &["get", "cm", "settings"]), "configmaps \"settings\" not found\n");
    assert_eq!(user.error(1, &["delete", "cm", "settings"]), "configmaps \"settings\" not found\n");
    user.peapod(&["delete", "secret/words"]).assert().success();
    until("the node to end", || user.node().is_empty());
}

#[test]
fn a_broken_one_is_refused_with_its_line() {
    let user = User::new();
    let wrong = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata:\n  port: 8080\n---\n";
    let said = predicate::str::contains("ConfigMap \"settings\": data.port: must be a string")
        .and(predicate::str::contains("line 5"));
    user.peapod(&["apply", "-f", "-"]).write_stdin(wrong).assert().code(1).stderr(said);
    let map = map("red").replace("\ndata:", "\nimmutable: true\ndata:");
    user.apply(&map);
    let said = predicate::str::contains("is immutable");
    user.peapod(&["apply", "-f", "-"]).write_stdin(map.replace("red", "blue")).assert().code(1).stderr(said);
}

const LIST: &str = "apiVersion: v1
kind: List
items:
- { apiVersion: v1, kind: Pod, metadata: { name: web }, spec: { containers: [{ name: app, image: host, command: [sleep, '60'] }] } }
- apiVersion: v1
  kind: List
  items:
  - { apiVersion: v1, kind: ConfigMap, metadata: { name: settings }, data: { colour: red } }
- { apiVersion: v1, kind: Service, metadata: { name: db }, spec: { ports: [{ port: 5432 }] } }
- { apiVersion: v1, kind: Secret, metadata: { name: words }, stringData: { word: sesame } }
";

#[test]
fn a_list_is_its_items() {
    let user = User::new();
    let all = "configmap/settings created\nservice/db created\nsecret/words created\npod/web created\n";
    user.peapod(&["apply", "-f", "-"]).write_stdin(LIST).assert().success().stdout(all);
    user.until_status("web", "Running");
    // What is shown as a list can be applied as one.
    for kind in ["pods", "cm", "secrets", "services"] {
        let shown = user.out(&["get", kind, "-o", "json"]);
        let unchanged = predicate::str::is_match("^[a-z]+/[a-z]+ unchanged\n$").unwrap();
        user.peapod(&["apply", "-f", "-"]).write_stdin(shown).assert().success().stdout(unchanged);
    }
    user.peapod(&["delete", "-f", "-", "--now"]).write_stdin(LIST).assert().success();
    until("the node to end", || user.node().is_empty());
}

#[test]
fn what_is_wrong_in_a_list_is_named_with_its_line_and_the_rest_is_applied() {
    let user = User::new();
    let more = "- { apiVersion: apps/v1, kind: Deployment, metadata: { name: d } }\n- { apiVersion: v1, kind: ConfigMap, metadata: { name: a_b } }\n";
    let said = predicate::str::contains("must be Pod, and is Deployment")
        .and(predicate::str::contains("line 11"))
        .and(predicate::str::contains("ConfigMap \"a_b\": metadata.name"))
        .and(predicate::str::contains("line 12"));
    let list = LIST.to_owned() + more;
    user.peapod(&["apply", "-f", "-"]).write_stdin(list.clone()).assert().code(1).stderr(said);
    assert!(user.out(&["get", "pods"]).contains("web"));
    let said = predicate::str::contains("Deployment").and(predicate::str::contains("line 11"));
    user.peapod(&["check", "-"]).write_stdin(list).assert().code(2).stdout(said);
    let said = predicate::str::contains("items: must be a list; line 2");
    user.peapod(&["apply", "-f", "-"]).write_stdin("kind: List\nitems: {}\n").assert().code(1).stderr(said);
}

#[test]
fn objects_have_an_age_that_an_update_keeps() {
    let user = User::new();
    let old = map("red").replace("name: settings", "name: settings, creationTimestamp: '2001-01-01T00:00:00Z'");
    user.apply(&(old + SECRET + SERVICE));
    let made = |user: &User| {
        let map: ConfigMap = serde_json::from_str(&user.out(&["get", "cm", "settings", "-o", "json"])).unwrap();
        map.metadata.creation_timestamp.expect("a time").0.to_string()
    };
    let at = made(&user);
    assert!(!at.starts_with("2001"), "{at}");
    for (kind, heads) in [
        ("cm", "NAME       DATA   AGE"),
        ("secrets", "NAME    TYPE     DATA   AGE"),
        ("svc", "NAME   TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)    AGE"),
    ] {
        let table = user.out(&["get", kind]);
        let (first, row) = table.trim_end().split_once('\n').expect("a row");
        assert_eq!(first, heads, "{table}");
        let age = row.split_whitespace().last().unwrap().trim_end_matches('s');
        assert!(age.parse::<u32>().is_ok_and(|age| age < 30), "{table}");
    }
    std::thread::sleep(std::time::Duration::from_millis(1100));
    user.apply(&map("blue"));
    assert_eq!(made(&user), at);
}

#[test]
fn all_that_is_shown_is_what_kubernetes_types_accept() {
    let user = User::new();
    user.apply(LIST);
    user.until_status("web", "Running");
    let pods: Vec<Pod> = items(&user, "pods");
    assert_eq!(pods[0].metadata.name.as_deref(), Some("web"));
    assert_eq!(items::<ConfigMap>(&user, "cm").len(), 1);
    assert_eq!(items::<Secret>(&user, "secrets").len(), 1);
    let services: Vec<Service> = items(&user, "services");
    assert_eq!(services[0].spec.as_ref().unwrap().ports.as_ref().unwrap()[0].port, 5432);
    let events: Vec<Event> = items(&user, "events");
    let started = events.iter().find(|it| it.reason.as_deref() == Some("Started")).expect("a start");
    assert_eq!(started.involved_object.name.as_deref(), Some("web"));
    assert_eq!(started.involved_object.field_path.as_deref(), Some("spec.containers{app}"));
}

/// What `get` shows of a kind, read as the kind's own type; as JSON and as YAML.
fn items<T: DeserializeOwned + PartialEq + Debug>(user: &User, kind: &str) -> Vec<T> {
    let json: Value = serde_json::from_str(&user.out(&["get", kind, "-o", "json"])).expect("JSON");
    assert_eq!((&json["apiVersion"], &json["kind"]), (&"v1".into(), &"List".into()));
    let read = serde_json::from_value(json["items"].clone()).unwrap_or_else(|error| panic!("{kind}: {error}"));
    let yaml: Value = serde_yaml::from_str(&user.out(&["get", kind, "-o", "yaml"])).expect("YAML");
    let again: Vec<T> = serde_json::from_value(yaml["items"].clone()).unwrap_or_else(|error| panic!("{kind}: {error}"));
    assert_eq!(read, again, "{kind}");
    read
}
