//! Volumes: what is shown read-only stays so, and no link leads out of one.

use std::fs;
use std::os::unix::fs::symlink;

use crate::common::{User, pod_with, until};
use crate::kit::{Attackers, refused};

#[test]
fn a_read_only_directory_of_the_machine_stays_as_it_is() {
    let user = User::new();
    let (dir, control) = (user.path("shown"), user.path("given"));
    for dir in [&dir, &control] {
        fs::create_dir(dir).expect("a directory");
        fs::write(dir.join("file"), "as it was").expect("a file");
    }
    let script = "for d in /shown /given; do echo new > $d/file; echo new > /proc/self/root$d/file; rm -f $d/file; \
                  mount -o remount,rw,bind $d; unshare -Urm sh -c \"mount -o remount,rw,bind $d; echo new > $d/file\"; \
                  touch $d/more; done; true";
    let volumes = format!(
        "  restartPolicy: Never\n  volumes:\n  - {{ name: shown, hostPath: {{ path: {dir:?} }} }}\n  \
         - {{ name: given, hostPath: {{ path: {control:?} }} }}\n"
    );
    let mounts = "    volumeMounts:\n    - { name: shown, mountPath: /shown, readOnly: true }\n    \
                  - { name: given, mountPath: /given }\n";
    let manifest = pod_with("ro", script, &volumes).replace("    image: host\n", &format!("    image: host\n{mounts}"));
    user.apply(&manifest);
    user.until_status("ro", "Completed");
    assert_eq!(fs::read_to_string(dir.join("file")).expect("the file"), "as it was");
    assert!(!dir.join("more").exists());
    // The control: the same script where it may.
    assert!(control.join("more").exists(), "{}", user.out(&["logs", "ro"]));
    let attacks = vec!["remount"];
    let pod = Attackers {
        containers: vec![(
            "app",
            attacks.clone(),
            "    volumeMounts:\n    - { name: shown, mountPath: /shown, readOnly: true }\n",
        )],
        volumes: &format!("  - {{ name: shown, hostPath: {{ path: {dir:?} }} }}\n"),
        facts: vec![("TARGET", "/shown".to_owned())],
        ..Attackers::default()
    };
    refused(&attacks, &pod.attack(&user, "remount")["app"]);
}

#[test]
fn no_link_in_a_volume_leads_out_of_it() {
    let user = User::new();
    let (dir, secret) = (user.path("volume"), user.path("outside"));
    fs::create_dir(&dir).expect("a directory");
    fs::create_dir(&secret).expect("a directory");
    fs::write(secret.join("file"), "outside").expect("a file");
    fs::create_dir(dir.join("inside")).expect("a directory");
    fs::write(dir.join("inside/file"), "inside").expect("a file");
    symlink(&secret, dir.join("absolute")).expect("a link");
    symlink("../outside", dir.join("relative")).expect("a link");
    symlink("/", dir.join("root")).expect("a link");
    symlink("/proc/self/root", dir.join("proc")).expect("a link");
    let pod = |name: &str, sub_path: &str| {
        let volumes = format!("  restartPolicy: Never\n  volumes:\n  - {{ name: v, hostPath: {{ path: {dir:?} }} }}\n");
        let mounts = format!("    volumeMounts:\n    - {{ name: v, mountPath: /v, subPath: {sub_path} }}\n");
        pod_with(name, "cat /v/file; ls /v | head", &volumes)
            .replace("    image: host\n", &format!("    image: host\n{mounts}"))
    };
    for (n, path) in ["absolute", "relative", "root", "root/etc", "proc", "inside/../relative"].iter().enumerate() {
        let manifest = pod(&format!("out-{n}"), path);
        let output = user.peapod(&["apply", "-f", "-"]).write_stdin(manifest).output().expect("peapod");
        if !output.status.success() {
            continue;
        }
        let name = format!("out-{n}");
        until("the pod to be refused or to end", || {
            let row = user.out(&["get", "pod", &name, "--no-headers"]);
            let word = row.split_whitespace().nth(2).unwrap_or_default();
            !["Pending", "ContainerCreating", "Running"].contains(&word)
        });
        let told =
            String::from_utf8_lossy(&user.peapod(&["logs", &name]).output().expect("peapod").stdout).into_owned();
        assert!(!told.contains("outside") && !told.contains("usr"), "{path}: {told}");
        user.peapod(&["delete", "pod", &name, "--grace-period=0", "--force"]).assert().success();
    }
    user.apply(&pod("in", "inside"));
    user.until_status("in", "Completed");
    assert!(user.out(&["logs", "in"]).starts_with("inside"), "the control");
}
