//! `apply`, `get`, `describe` and `delete`: pods come, are shown, and go.

mod common;

use std::time::{Duration, Instant};

use common::{User, pod, pod_with, processes_with, until};
use k8s_openapi::api::core::v1::Pod;
use predicates::prelude::*;

const SLEEPS: &str = "trap 'exit 0' TERM; sleep 60 & wait";

#[test]
fn a_pod_is_applied_shown_and_deleted_and_nothing_is_left() {
    let user = User::new();
    let file = user.file("web.yaml", &pod("web", "trap 'exit 0' TERM; sleep 71321 & wait"));
    user.peapod(&["apply", "-f"]).arg(&file).assert().success().stdout("pod/web created\n");
    user.until_status("web", "Running");
    let table = user.out(&["get", "pods"]);
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]);
    assert_eq!(rows[1][..4], ["web", "1/1", "Running", "0"]);
    assert_eq!(user.out(&["get", "po", "-o", "name"]), "pod/web\n");
    assert!(user.out(&["get", "pod/web", "-o", "wide"]).contains("READINESS GATES"));
    user.peapod(&["apply", "-f"]).arg(&file).assert().success().stdout("pod/web unchanged\n");
    assert_eq!(processes_with("sleep 71321").len(), 2, "the shell and its child");
    user.peapod(&["delete", "-f"]).arg(&file).assert().success().stdout("pod \"web\" deleted from default namespace\n");
    assert!(processes_with("sleep 71321").is_empty());
    until("the node to end", || user.node().is_empty());
    assert!(!user.state().exists(), "the state directory is taken away with the last pod");
}

#[test]
fn what_is_not_there_is_an_error() {
    let user = User::new();
    user.peapod(&["get", "pods"]).assert().success().stderr("No resources found in default namespace.\n");
    assert_eq!(user.error(1, &["get", "pod", "web", "-o", "json"]), "pods \"web\" not found\n");
    assert_eq!(user.error(1, &["delete", "pod", "web"]), "pods \"web\" not found\n");
    assert_eq!(user.error(1, &["logs", "web"]), "pods \"web\" not found\n");
    assert_eq!(user.error(1, &["exec", "web", "--", "true"]), "pods \"web\" not found\n");
    assert_eq!(user.error(1, &["describe", "pod", "web"]), "pods \"web\" not found\n");
    user.peapod(&["delete", "pod", "web", "--ignore-not-found"]).assert().success();
    user.apply(&pod("other", SLEEPS));
    assert_eq!(user.error(1, &["get", "pod", "web"]), "pods \"web\" not found\n");
    assert!(user.error(1, &["get", "deployments"]).contains("no kind that there is here"));
}

#[test]
fn each_refusal_is_named_and_the_rest_is_applied() {
    let user = User::new();
    let manifests = pod("good", SLEEPS)
        + "apiVersion: v1\nkind: Pod\nmetadata: { name: a_b }\nspec: { containers: [{ name: x, image: host }] }\n---\n\
           apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: d }\n";
    user.peapod(&["apply", "-f", "-"])
        .write_stdin(manifests)
        .assert()
        .code(1)
        .stdout("pod/good created\n")
        .stderr(predicate::str::contains("\"a_b\": metadata.name").and(predicate::str::contains("Deployment")));
    let nameless = pod("x", SLEEPS).replace("  name: x\n", "  generateName: x-\n");
    user.peapod(&["apply", "-f", "-"])
        .write_stdin(nameless)
        .assert()
        .code(1)
        .stderr(predicate::str::contains("metadata.name: must be given"));
    user.peapod(&["apply", "-f", "/nowhere.yaml"]).assert().code(1).stderr(predicate::str::contains("/nowhere.yaml"));
}

#[test]
fn several_files_and_a_directory_of_them() {
    let user = User::new();
    let one = user.file("one.yaml", &(pod("a", SLEEPS) + &pod("b", SLEEPS)));
    std::fs::create_dir(user.path("more")).unwrap();
    user.file("more/c.yml", &pod("c", SLEEPS));
    user.file("more/notes.txt", "none of it");
    user.peapod(&["apply", "-f"])
        .arg(&one)
        .arg("-f")
        .arg(user.path("more"))
        .assert()
        .success()
        .stdout("pod/a created\npod/b created\npod/c created\n");
    assert_eq!(user.out(&["get", "pods", "-o", "name"]), "pod/a\npod/b\npod/c\n");
    user.peapod(&["delete", "pod", "a", "nobody", "c"]).assert().code(1).stderr("pods \"nobody\" not found\n");
    assert_eq!(user.out(&["get", "pods", "-o", "name"]), "pod/b\n");
}

#[test]
fn a_changed_spec_is_refused_and_a_label_is_not() {
    let user = User::new();
    user.apply(&pod("web", SLEEPS));
    let stderr = predicate::str::contains("spec.containers[0].command[2]: may not be changed")
        .and(predicate::str::contains("pod updates may not change fields other than"));
    user.peapod(&["apply", "-f", "-"]).write_stdin(pod("web", "sleep 1")).assert().code(1).stderr(stderr);
    let labelled = pod("web", SLEEPS).replace("  name: web\n", "  name: web\n  labels: { tier: front }\n");
    user.peapod(&["apply", "-f", "-"]).write_stdin(labelled).assert().success().stdout("pod/web configured\n");
    assert!(user.out(&["describe", "pod", "web"]).contains("tier=front"));
    assert_eq!(user.out(&["get", "pods", "-l", "tier=front", "-o", "name"]), "pod/web\n");
    assert_eq!(user.out(&["get", "pods", "-l", "tier!=front", "-o", "name"]), "");
}

#[test]
fn a_new_image_restarts_the_container_whatever_the_policy() {
    let user = User::new();
    let manifest = pod_with("web", SLEEPS, "  restartPolicy: Never\n");
    user.apply(&manifest);
    user.until_status("web", "Running");
    let newer = manifest.replace("image: host", "image: busybox");
    user.peapod(&["apply", "-f", "-"]).write_stdin(newer.clone()).assert().success().stdout("pod/web configured\n");
    until("the restart", || {
        let row = user.out(&["get", "pod", "web", "--no-headers"]);
        row.starts_with("web   1/1   Running   1 (")
    });
    let text = user.out(&["describe", "pod", "web"]);
    assert!(text.contains("Container app definition changed, will be restarted"), "{text}");
    assert!(text.contains("Image:          busybox") && text.contains("Last State:"), "{text}");
    user.peapod(&["apply", "-f", "-"]).write_stdin(newer).assert().success().stdout("pod/web unchanged\n");
    user.peapod(&["delete", "pod", "web"]).assert().success();
}

#[test]
fn the_words_under_status_are_kubectls() {
    let user = User::new();
    let never = "  restartPolicy: Never\n";
    let init = "  initContainers:\n  - { name: first, image: host, command: [sleep, \"60\"] }\n";
    let manifests = pod_with("done", "exit 0", never)
        + &pod_with("broken", "exit 3", never)
        + &pod("crashing", "exit 1")
        + &pod_with("starting", SLEEPS, init)
        + &pod("nothing", SLEEPS).replace("image: host", "image: nobody/nothing");
    user.peapod(&["apply", "-f", "-"]).write_stdin(manifests).assert().success().stderr(predicate::str::contains(
        "warning: pod \"nothing\": container app: image \"nobody/nothing\" is not known",
    ));
    user.until_status("done", "Completed");
    user.until_status("broken", "Error");
    user.until_status("crashing", "CrashLoopBackOff");
    user.until_status("starting", "Init:0/1");
    user.until_status("nothing", "ErrImageNeverPull");
    let row = user.out(&["get", "pod", "crashing", "--no-headers"]);
    assert!(
        predicate::str::is_match(r"^crashing +0/1 +CrashLoopBackOff +1 \(\d+s ago\) +\d+s\n$").unwrap().eval(&row),
        "{row}"
    );
    user.peapod(&["delete", "pod", "starting", "--wait=false"]).assert().success();
    user.until_status("starting", "Terminating");
    assert_eq!(user.out(&["get", "pod", "starting", "-o", "json"]).matches("deletionTimestamp").count(), 1);
}

#[test]
fn what_is_printed_is_a_v1_pod() {
    let user = User::new();
    let sidecar =
        "  initContainers:\n  - { name: side, image: host, restartPolicy: Always, command: [sleep, \"60\"] }\n";
    user.apply(&pod_with("web", "trap 'exit 0' TERM; sleep 60 & wait", sidecar));
    user.apply(&pod("crashing", "exit 1"));
    user.until_status("web", "Running");
    user.until_status("crashing", "CrashLoopBackOff");
    let again = user.out(&["get", "pod", "web", "-o", "yaml"]);
    user.peapod(&["apply", "-f", "-"]).write_stdin(again).assert().success().stdout("pod/web unchanged\n");
    let web: Pod = serde_yaml::from_str(&user.out(&["get", "pod", "web", "-o", "yaml"])).expect("a v1 Pod");
    assert_eq!(web.metadata.name.as_deref(), Some("web"));
    assert!(web.metadata.uid.is_some() && web.metadata.creation_timestamp.is_some());
    let status = web.status.expect("a status");
    assert_eq!(status.phase.as_deref(), Some("Running"));
    assert!(status.container_statuses.unwrap()[0].state.as_ref().unwrap().running.is_some());
    let list: serde_yaml::Value = serde_yaml::from_str(&user.out(&["get", "pods", "-o", "json"])).expect("JSON");
    assert_eq!((list["apiVersion"].as_str(), list["kind"].as_str()), (Some("v1"), Some("List")));
    let pods: Vec<Pod> = serde_yaml::from_value(list["items"].clone()).expect("v1 Pods");
    assert_eq!(pods.len(), 2);
    let row = user.out(&["get", "pod", "web", "--no-headers"]);
    assert!(row.contains("2/2"), "a sidecar counts: {row}");
}

#[test]
fn describe_tells_states_and_events() {
    let user = User::new();
    user.apply(&pod("crashing", "exit 4"));
    user.until_status("crashing", "CrashLoopBackOff");
    let text = user.out(&["describe", "pod", "crashing"]);
    let events = user.out(&["get", "events"]);
    let row = r"\d+s +Warning +BackOff +pod/crashing +Back-off";
    assert!(predicate::str::is_match(row).unwrap().eval(&events), "{events}");
    for word in ["Name:             crashing", "Last State:", "Exit Code:      4", "Restart Count:  1", "Conditions:"] {
        assert!(text.contains(word), "{word} in {text}");
    }
    assert!(
        predicate::str::is_match(r"Warning +BackOff .* Back-off restarting failed container app").unwrap().eval(&text)
    );
    assert!(predicate::str::is_match(r"Normal +Started .*\(x2 over").unwrap().eval(&text), "{text}");
}

#[test]
fn deletion_gives_grace_and_now_gives_less() {
    let user = User::new();
    let stubborn = "trap '' TERM; while :; do sleep 1; done";
    user.apply(&(pod("a", "trap 'sleep 1; exit 0' TERM; sleep 60 & wait; wait") + &pod("b", stubborn)));
    user.apply(&pod("c", stubborn).replace("PeriodSeconds: 1", "PeriodSeconds: 60"));
    user.until_status("c", "Running");
    let begun = Instant::now();
    user.peapod(&["delete", "pod", "c", "--grace-period=0", "--force"]).assert().success();
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    let begun = Instant::now();
    user.peapod(&["delete", "pod/a", "pod/b", "--now"]).assert().success();
    assert!((1..4).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    user.peapod(&["get", "pods"]).assert().stderr(predicate::str::contains("No resources"));
}

#[test]
fn a_grace_period_that_has_begun_can_become_shorter() {
    let user = User::new();
    let stubborn = pod("a", "trap '' TERM; while :; do sleep 1; done").replace("PeriodSeconds: 1", "PeriodSeconds: 60");
    user.apply(&stubborn);
    user.until_status("a", "Running");
    user.peapod(&["delete", "pod", "a", "--wait=false"]).assert().success();
    user.until_status("a", "Terminating");
    let again = user.peapod(&["apply", "-f", "-"]).write_stdin(stubborn).assert().code(1);
    again.stderr(predicate::str::contains("is being deleted"));
    user.peapod(&["delete", "pod", "a", "--now"]).timeout(Duration::from_secs(5)).assert().success();
}

#[test]
fn a_watch_tells_each_change() {
    let user = User::new();
    user.apply(&pod("other", SLEEPS));
    let watch = user.plain(&["get", "pods", "-w"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    user.apply(&pod_with("web", "sleep 0.2", "  restartPolicy: Never\n"));
    user.until_status("web", "Completed");
    user.peapod(&["delete", "pod", "--all"]).assert().success();
    // The node has ended, and the watch with it.
    let output = watch.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text.matches("NAME").count(), 1, "{text}");
    for word in ["Running", "Completed"] {
        let row = format!("web +./1 +{word}");
        assert!(predicate::str::is_match(row).unwrap().eval(&text), "{word} in {text}");
    }
}

#[test]
fn speed_stands_before_and_after_the_command() {
    let user = User::new();
    for (name, words) in [("a", ["--speed", "50", "apply", "-f", "-"]), ("b", ["apply", "-f", "-", "--speed", "50"])] {
        user.peapod(&words).write_stdin(pod(name, "exit 1")).assert().success();
    }
    user.apply(&pod("slow", "exit 1"));
    // Within a second and a half, the third restart of a pod with a clock of fifty times the speed has come.
    until("restarts at fifty times the speed", || {
        ["a", "b"].iter().all(|name| {
            let row = user.out(&["get", "pod", name, "--no-headers"]);
            row.split_whitespace().nth(3).and_then(|count| count.parse::<u32>().ok()) >= Some(3)
        })
    });
    let slow = user.out(&["get", "pod", "slow", "--no-headers"]);
    assert_eq!(slow.split_whitespace().nth(3), Some("1"), "{slow}");
}

#[test]
fn namespaces_keep_names_apart() {
    let user = User::new();
    user.apply(&pod("web", SLEEPS));
    user.peapod(&["apply", "-n", "blue", "-f", "-"]).write_stdin(pod("web", SLEEPS)).assert().success();
    assert_eq!(user.out(&["get", "pods", "-o", "name", "-n", "blue"]), "pod/web\n");
    assert_eq!(user.out(&["get", "pods", "-A", "--no-headers"]).lines().count(), 2);
    user.peapod(&["delete", "pod", "web", "-n", "blue"]).assert().success();
    assert_eq!(user.out(&["get", "pods", "-A", "-o", "name"]), "pod/web\n");
}

#[test]
fn static_pods_of_a_kubelet_are_shown_too() {
    let user = User::new();
    std::fs::create_dir(user.path("manifests")).unwrap();
    user.file("manifests/web.yaml", &pod("web", SLEEPS));
    let manifests = user.path("manifests").display().to_string();
    let mut kubelet = user.plain(&["kubelet", "--manifests", &manifests]);
    let quiet = std::process::Stdio::null;
    let mut kubelet = kubelet.stdout(quiet()).stderr(quiet()).spawn().unwrap();
    user.until_status("web-node", "Running");
    user.apply(&pod("other", SLEEPS));
    user.until_status("other", "Running");
    assert_eq!(user.out(&["get", "pods", "-o", "name"]), "pod/other\npod/web-node\n");
    assert!(user.out(&["describe", "pod", "web-node"]).contains("kubernetes.io/config.mirror"));
    assert!(user.error(1, &["logs", "web-node"]).contains("is a kubelet's static pod"));
    assert!(user.error(1, &["exec", "web-node", "--", "true"]).contains("is a kubelet's static pod"));
    user.peapod(&["delete", "pod", "web-node"]).assert().success().stdout("pod \"web-node\" deleted\n");
    user.until_status("web-node", "Running");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(kubelet.id().cast_signed()), nix::sys::signal::SIGTERM).unwrap();
    kubelet.wait().unwrap();
}
