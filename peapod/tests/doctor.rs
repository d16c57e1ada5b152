//! `doctor`: what the machine allows is tried, and where something is taken away, that is what it says.

mod common;

use std::process::{Command as Plain, Output};

use common::User;
use serde_json::Value;

/// What was found, by name.
fn found(output: &Output, name: &str) -> Value {
    let all: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {} {}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    });
    all.as_array().expect("a list").iter().find(|it| it["name"] == name).cloned().expect(name)
}

/// The doctor in a user namespace of its own, after this script.
fn where_(user: &User, script: &str) -> Output {
    let peapod = assert_cmd::cargo::cargo_bin("peapod");
    let script = format!("{script}\nexec {} doctor -o json", peapod.display());
    let mut command = Plain::new("unshare");
    command.args(["-Urm", "sh", "-c", &script]);
    command.env("PEAPOD_STATE", user.state()).env("PEAPOD_IMAGES", user.images()).env("TMPDIR", user.path(""));
    let output = command.output().expect("unshare, of util-linux");
    let left: Vec<_> = std::fs::read_dir(user.path("")).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| name == "open"), "{left:?}");
    output
}

#[test]
fn a_machine_on_which_pods_run() {
    let user = User::new();
    let output = user.peapod(&["doctor", "-o", "json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    for name in ["kernel", "pod", "state", "images"] {
        assert_eq!(found(&output, name)["ok"], true, "{name}");
    }
    // What is lacking says why, and what is different without it.
    for name in ["ids", "overlay", "cgroup"] {
        let it = found(&output, name);
        assert!(it["ok"] == true || (it["why"].is_string() && it["without"].is_string()), "{it}");
    }
    let said = user.out(&["doctor"]);
    assert!(said.contains("started and ended in ") && said.contains("here"), "{said}");
    assert!(!user.state().exists() && !user.images().exists(), "looking leaves nothing");
}

#[test]
fn what_is_taken_away_is_what_it_says() {
    let user = User::new();
    // Control: a namespace with one id, and all else.
    let output = where_(&user, "");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!((&found(&output, "pod")["ok"], &found(&output, "ids")["ok"]), (&true.into(), &false.into()));
    let output = where_(&user, "echo 0 > /proc/sys/user/max_user_namespaces");
    assert_eq!(output.status.code(), Some(1));
    let pod = found(&output, "pod");
    assert_eq!(pod["fix"], "sudo sysctl -w user.max_user_namespaces=15000", "{pod}");
    assert!(pod["why"].as_str().is_some_and(|why| why.contains("ENOSPC")), "{pod}");
    let store = user.path("open");
    std::fs::create_dir(&store).unwrap();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&store, open).unwrap();
    let output = where_(&user, &format!("export PEAPOD_IMAGES={}", store.display()));
    assert!(found(&output, "images")["why"].as_str().is_some_and(|why| why.contains("chmod 700")));
    assert_eq!(output.status.code(), Some(0), "pods run without loaded images");
}
