//! Volumes of pods in the background: what they share, what they are told of changes, and what is left of them.

mod common;

use std::fs;
use std::os::unix::fs::MetadataExt;

use common::{User, until};
use predicates::prelude::*;

const SLEEPS: &str = "trap 'exit 0' TERM; sleep 60 & wait";

/// A pod with these volumes, and these lines in its container.
fn pod(name: &str, volumes: &str, lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    let volumes: String = volumes.lines().map(|line| format!("  {line}\n")).collect();
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{ name: {name}, labels: {{ tier: front }} }}\nspec:\n  \
         volumes:\n{volumes}  containers:\n  - name: app\n    image: host\n    command: [sh, -c, {SLEEPS:?}]\n{lines}"
    )
}

fn map(colour: &str, rest: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: settings }}\ndata: {{ colour: {colour}{rest} }}\n---\n"
    )
}

fn secret(word: &str) -> String {
    format!("apiVersion: v1\nkind: Secret\nmetadata: {{ name: words }}\nstringData: {{ word: {word} }}\n---\n")
}

const VOLUMES: &str = "- { name: map, configMap: { name: settings } }\n\
    - name: all\n  projected:\n    sources:\n    - secret: { name: words }\n    - configMap: { name: settings, optional: true }\n    \
    - downwardAPI: { items: [{ path: labels, fieldRef: { fieldPath: metadata.labels } }] }";
const LINES: &str = "env: [{ name: COLOUR, valueFrom: { configMapKeyRef: { name: settings, key: colour } } }]\n\
    volumeMounts:\n- { name: map, mountPath: /map }\n- { name: all, mountPath: /all }\n\
    - { name: map, mountPath: /part, subPath: colour }";

fn cat(user: &User, pod: &str, path: &str) -> String {
    user.out(&["exec", pod, "--", "cat", path])
}

#[test]
fn files_follow_what_is_applied_and_nothing_else_does() {
    let user = User::new();
    user.apply(&(map("red", ", size: \"5\"") + &secret("sesame") + &pod("web", VOLUMES, LINES)));
    user.until_status("web", "Running");
    assert_eq!(cat(&user, "web", "/map/colour"), "red");
    assert_eq!(cat(&user, "web", "/all/word"), "sesame");
    assert_eq!(cat(&user, "web", "/all/labels"), "tier=\"front\"");
    user.apply(&map("blue", ", taste: sweet"));
    until("the volume to follow", || cat(&user, "web", "/map/colour") == "blue");
    let names = user.out(&["exec", "web", "--", "ls", "/map"]);
    assert_eq!(names, "colour\ntaste\n");
    assert_eq!(cat(&user, "web", "/all/colour"), "blue");
    assert_eq!(cat(&user, "web", "/part"), "red", "a subPath is what it was");
    assert_eq!(user.out(&["exec", "web", "--", "printenv", "COLOUR"]), "red\n", "so is a variable");
    user.apply(&secret("other"));
    until("the secret's file to follow", || cat(&user, "web", "/all/word") == "other");
    user.apply(&pod("web", VOLUMES, LINES).replace("tier: front", "tier: back"));
    until("the labels' file to follow", || cat(&user, "web", "/all/labels") == "tier=\"back\"");
    user.peapod(&["exec", "web", "--", "sh", "-c", "echo x > /map/new"]).assert().code(predicate::ne(0));
}

#[test]
fn what_is_deleted_stays_in_a_volume_that_needs_it_and_leaves_one_that_does_not() {
    let user = User::new();
    user.apply(&(map("red", "") + &secret("sesame") + &pod("web", VOLUMES, LINES)));
    user.until_status("web", "Running");
    user.peapod(&["delete", "cm", "settings"]).assert().success();
    until("the optional files to go", || user.out(&["exec", "web", "--", "ls", "/all"]) == "labels\nword\n");
    assert_eq!(cat(&user, "web", "/map/colour"), "red");
    let about = user.out(&["describe", "pod", "web"]);
    assert!(
        about.contains("MountVolume.SetUp failed for volume \"map\" : configmap \"settings\" not found"),
        "{about}"
    );
}

#[test]
fn a_pod_waits_for_its_volumes() {
    let user = User::new();
    user.apply(&pod("web", VOLUMES, LINES));
    user.until_status("web", "ContainerCreating");
    until("an event", || {
        let about = user.out(&["describe", "pod", "web"]);
        about.contains("FailedMount") && about.contains("configmap \"settings\" not found")
    });
    user.apply(&(map("red", "") + &secret("sesame")));
    user.until_status("web", "Running");
    // One that waits can be deleted.
    user.apply(&pod("late", "- { name: v, secret: { secretName: nope } }", ""));
    user.until_status("late", "ContainerCreating");
    user.peapod(&["delete", "pod", "late"]).assert().success();
}

#[test]
fn an_empty_dir_outlives_a_container_and_not_the_pod() {
    let user = User::new();
    let volumes = "- { name: desk, emptyDir: {} }\n- { name: ram, emptyDir: { medium: Memory, sizeLimit: 1Mi } }";
    let counts = "command: [sh, -c, 'echo line >> /desk/notes; test $(wc -l < /desk/notes) = 2 && { trap \"exit 0\" TERM; sleep 60 & wait; }']\n\
                  volumeMounts:\n- { name: desk, mountPath: /desk }\n- { name: ram, mountPath: /ram }";
    let text = pod("web", volumes, counts).replacen(&format!("    command: [sh, -c, {SLEEPS:?}]\n"), "", 1);
    user.apply(&text);
    until("the second run", || user.out(&["get", "pod", "web", "--no-headers"]).split_whitespace().nth(3) == Some("1"));
    user.until_status("web", "Running");
    assert_eq!(cat(&user, "web", "/desk/notes"), "line\nline\n");
    let full = user.peapod(&["exec", "web", "--", "dd", "if=/dev/zero", "of=/ram/x", "bs=64k", "count=32"]).assert();
    full.code(predicate::ne(0)).stderr(predicate::str::contains("No space left on device"));
    user.peapod(&["delete", "pod", "web", "--grace-period=0", "--force"]).assert().success();
    user.apply(&text);
    until("the second run", || user.out(&["get", "pod", "web", "--no-headers"]).split_whitespace().nth(3) == Some("1"));
    user.until_status("web", "Running");
    assert_eq!(cat(&user, "web", "/desk/notes"), "line\nline\n", "of this pod alone");
}

/// What is the machine's is neither emptied nor taken away with the pod.
#[test]
fn a_host_path_is_the_machines() {
    let user = User::new();
    let place = user.path("place");
    fs::create_dir_all(place.join("inner")).unwrap();
    fs::write(place.join("inner/kept"), "kept").unwrap();
    let volumes = format!("- {{ name: v, hostPath: {{ path: {:?}, type: Directory }} }}", place.display().to_string());
    let lines = "volumeMounts:\n- { name: v, mountPath: /v }\n- { name: v, mountPath: /part, subPath: inner }\n\
                 - { name: v, mountPath: /fixed, readOnly: true }";
    user.apply(&pod("web", &volumes, lines));
    user.until_status("web", "Running");
    assert_eq!(cat(&user, "web", "/part/kept"), "kept");
    user.out(&["exec", "web", "--", "sh", "-c", "echo new > /v/new"]);
    user.peapod(&["exec", "web", "--", "touch", "/fixed/no"]).assert().code(predicate::ne(0));
    user.peapod(&["delete", "pod", "web", "--grace-period=0", "--force"]).assert().success();
    assert_eq!(fs::read_to_string(place.join("new")).unwrap(), "new\n");
    assert_eq!(fs::read_to_string(place.join("inner/kept")).unwrap(), "kept");
    // Whoever runs the pod owns what it has made there.
    assert_eq!(fs::metadata(place.join("new")).unwrap().uid(), fs::metadata(&place).unwrap().uid());
}

/// A container may change what the next one's subPath goes through, but not lead it out.
#[test]
fn a_part_of_a_volume_does_not_lead_out_of_it() {
    let user = User::new();
    let secret = user.file("outside", "outside");
    let volumes = "- { name: desk, emptyDir: {} }";
    let lines = "volumeMounts: [{ name: desk, mountPath: /part, subPath: link }]";
    let makes = format!("ln -s {} /desk/link", secret.display());
    let first = format!(
        "  initContainers:\n  - name: first\n    image: host\n    command: [sh, -c, {makes:?}]\n    \
         volumeMounts: [{{ name: desk, mountPath: /desk }}]\n"
    );
    user.apply(&(pod("web", volumes, lines) + &first));
    user.until_status("web", "CreateContainerConfigError");
    let about = user.out(&["describe", "pod", "web"]);
    assert!(about.contains("failed to prepare subPath") && about.contains("leads out of the volume"), "{about}");
    // The same with a link that stays inside.
    let inside = first.replace(&makes, "mkdir /desk/there; ln -s there /desk/link");
    user.apply(&(pod("good", volumes, lines) + &inside));
    user.until_status("good", "Running");
}

#[test]
fn check_names_what_a_machine_alone_cannot_give() {
    let user = User::new();
    let volumes = "- { name: a, persistentVolumeClaim: { claimName: data } }\n- { name: b, nfs: { server: s, path: / } }\n\
        - { name: c, projected: { sources: [{ serviceAccountToken: { path: token } }] } }";
    let file = user.file("web.yaml", &pod("web", volumes, ""));
    let output = user.peapod(&["check", &file.display().to_string()]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    for field in ["volumes[0].persistentVolumeClaim", "volumes[1].nfs", "sources[0].serviceAccountToken"] {
        assert!(said.contains(field), "{field} in {said}");
    }
    user.peapod(&["apply", "-f", &file.display().to_string()]).assert().code(predicate::ne(0));
}
