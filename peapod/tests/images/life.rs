//! From the load of an image to its removal, and pods between.

use std::fs;
use std::process::{Command as Plain, Stdio};

use predicates::prelude::*;
use serde_json::json;
use tar::EntryType;

use crate::archive::{Image, ROOT, Tar, docker, plain, programs};
use crate::common::{self, User, until};
use crate::{good, left, pod, shell};

#[test]
fn one_that_a_pod_has_is_not_removed() {
    let user = User::new();
    user.load(&docker(&[good()], plain));
    user.apply(&pod("demo:1", &shell("sleep 100")));
    user.until_status("web", "Running");
    assert!(user.error(1, &["image", "rm", "demo:1"]).contains("is in use by a pod"));
    // Its name may go to another image. It stays until the pod is gone.
    let newer = Image { run: json!({ "Cmd": ["/bin/echo", "newer"] }), ..good() };
    user.load(&docker(&[newer], plain));
    assert_eq!(user.out(&["exec", "web", "--", "cat", "/etc/word"]), "sesame\n");
    user.peapod(&["delete", "pod", "web"]).assert().success();
    assert_eq!(user.run(&pod("demo:1", "")), "newer\n");
    let gone = "Untagged: demo:1\nDeleted: sha256:";
    user.peapod(&["image", "rm", "demo:1"]).assert().success().stdout(predicate::str::starts_with(gone));
    assert!(user.error(1, &["image", "rm", "demo:1"]).contains("no such image: demo:1"));
    assert_eq!(left(&user), Vec::<String>::new());
}

#[test]
fn a_load_that_is_killed_leaves_nothing_that_counts() {
    let user = User::new();
    user.load(&docker(&[good()], plain));
    let large = vec![b'x'; 64 << 20];
    let layer = Tar::new().entry(EntryType::Regular, "large", "", ROOT, &large).file("more", "x");
    let file = user.path("large.tar");
    fs::write(&file, docker(&[Image::new("large:1", json!({}), &[layer.bytes()])], plain)).unwrap();
    let file = file.to_str().unwrap();
    let mut load = user.plain(&["image", "load", file]).stdout(Stdio::null()).spawn().unwrap();
    until("the load to begin", || user.images().join(".new/rootfs/large").exists());
    load.kill().unwrap();
    load.wait().unwrap();
    until("its processes to end", || common::processes_with(file).is_empty());
    assert_eq!(user.out(&["image", "ls", "-o", "name"]), "demo:1\n");
    assert_eq!(user.run(&pod("demo:1", "")), "sesame\n");
    user.load(&docker(&[good()], plain));
    assert_eq!(left(&user).len(), 1, "{:?}", left(&user));
    // Control: nothing was wrong with the archive.
    assert_eq!(user.out(&["image", "load", file]), "Loaded image: large:1\n");
}

#[test]
fn without_overlayfs_a_container_gets_a_copy() {
    let user = User::new();
    user.load(&docker(&[good()], plain));
    let id = fs::read_dir(user.images()).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
    let image = user.images().join(id.into_iter().find(|name| name.len() == 64).unwrap()).join("rootfs");
    // An overlay over an overlay over an overlay is one too many for the kernel.
    let pod =
        user.file("pod.yaml", &pod("stacked", &shell("echo changed > /etc/word; cat /etc/word; stat -c %h /bin/sh")));
    fs::create_dir(user.path("mounts")).unwrap();
    let script = format!(
        "set -e; mount -t tmpfs none {mounts}; cd {mounts}; mkdir u1 w1 m1 u2 w2 m2
         mount -t overlay overlay m1 -o userxattr,lowerdir={},upperdir=u1,workdir=w1
         mount -t overlay overlay m2 -o userxattr,lowerdir=m1,upperdir=u2,workdir=w2
         {peapod} run --image stacked=$PWD/m2 {pod}; cat m2/etc/word; mount | grep -c ' {mounts}/m2 '",
        image.display(),
        mounts = user.path("mounts").display(),
        peapod = assert_cmd::cargo::cargo_bin("peapod").display(),
        pod = pod.display(),
    );
    // In a user namespace of its own. Not in that of `peapod unshare`: who has another root directory there than the
    // namespace began with may make none in it.
    let done = Plain::new("unshare").args(["-Urm", "sh", "-c", &script]).output().expect("unshare, of util-linux");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(said.contains("warning: no overlayfs here (EINVAL"), "{said}");
    assert_eq!(String::from_utf8_lossy(&done.stdout), "[app] changed\n[app] 14\nsesame\n1\n");
}

#[test]
fn the_images_signal_asks_for_the_end() {
    let user = User::new();
    let run = json!({ "StopSignal": "SIGQUIT" });
    user.load(&docker(&[Image::new("demo:1", run, &[programs()])], plain));
    let script =
        "trap 'echo quit; exit 0' QUIT; trap 'echo term; exit 0' TERM; echo ready; while :; do /bin/sleep 0.05; done";
    user.apply(&pod("demo:1", &shell(script)).replace("PeriodSeconds: 0", "PeriodSeconds: 20"));
    until("the pod to be ready", || user.out(&["logs", "web"]) == "ready\n");
    let mut logs = user.plain(&["logs", "-f", "web"]).stdout(Stdio::piped()).spawn().unwrap();
    user.peapod(&["delete", "pod", "web"]).assert().success();
    let mut said = String::new();
    std::io::Read::read_to_string(&mut logs.stdout.take().unwrap(), &mut said).unwrap();
    logs.wait().unwrap();
    assert_eq!(said, "ready\nquit\n");
}

#[test]
fn a_pod_may_wait_for_its_image() {
    let user = User::new();
    let words = predicate::str::contains("image \"demo:1\" is not known").and(predicate::str::contains("image load"));
    let manifest = pod("demo:1", &shell("sleep 100"));
    user.peapod(&["apply", "-f", "-", "--speed=20"]).write_stdin(manifest).assert().success().stderr(words);
    user.until_status("web", "ErrImageNeverPull");
    user.load(&docker(&[good()], plain));
    user.until_status("web", "Running");
}

#[test]
fn a_pull_policy_is_no_reason_to_pull() {
    let user = User::new();
    user.load(&docker(&[good()], plain));
    for policy in ["Always", "IfNotPresent", "Never"] {
        let manifest = pod("demo:1", &format!("    imagePullPolicy: {policy}\n"));
        assert_eq!(user.run(&manifest), "sesame\n", "{policy}");
        let told =
            predicate::str::contains("imagePullPolicy: nothing is downloaded").count(usize::from(policy == "Always"));
        user.peapod(&["check", "-"]).write_stdin(manifest).assert().success().stdout(told);
    }
}
