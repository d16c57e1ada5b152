//! ConfigMaps, Secrets and Services: applied beside pods, updated, forgotten.

mod common;

use common::{User, pod, until};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use predicates::prelude::*;

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
        .write_stdin(all)
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
