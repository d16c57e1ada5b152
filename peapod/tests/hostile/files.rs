//! The machine's files.

use std::fs;
use std::io::Write;

use crate::common::User;
use crate::kit::{Attackers, in_pod, is_root, on_machine, reached, refused};

const SECRET: &str = "known to the machine alone";

/// A file of the machine's, which anybody there may read.
fn secret(user: &User) -> Vec<(&'static str, String)> {
    let path = user.file("secret", SECRET);
    let mut facts = vec![("SECRET", path.display().to_string()), ("SECRET_TEXT", SECRET.to_owned())];
    facts.push(("HANDLE_OF", "/usr".to_owned()));
    facts
}

#[test]
fn no_way_leads_to_a_file_of_the_machine() {
    let user = User::new();
    let facts = secret(&user);
    reached(&["secret"], &on_machine(&["secret"], &facts));
    let attacks = ["secret", "handle", "device", "chroot", "runner"];
    refused(&attacks, &in_pod(&user, "alone", &attacks, &facts));
    if is_root() {
        reached(&["handle", "device", "chroot", "runner"], &on_machine(&attacks, &facts));
    }
}

#[test]
fn nor_where_the_containers_see_pause_and_each_other() {
    let user = User::new();
    let facts = secret(&user);
    let attacks = vec!["secret", "runner", "trace", "join", "parent-namespaces", "pidfd"];
    let all = "    securityContext: { capabilities: { add: [ALL] } }\n";
    let pod = Attackers {
        containers: vec![("usual", attacks.clone(), ""), ("all", attacks.clone(), all)],
        spec: "  shareProcessNamespace: true\n",
        facts,
        ..Attackers::default()
    };
    let outcomes = pod.attack(&user, "shared");
    refused(&attacks, &outcomes["usual"]);
    // With all capabilities a program has power over the pod's others; not over pause, whose root is the node's.
    refused(&["secret", "parent-namespaces", "join"], &outcomes["all"]);
    reached(&["runner", "trace"], &outcomes["all"]);
}

#[test]
fn what_is_mounted_stays_as_it_is() {
    let user = User::new();
    let attacks = ["remount", "unmask", "new-proc", "new-devices", "cgroups"];
    refused(&attacks, &in_pod(&user, "mounts", &attacks, &[]));
    let everything = Attackers {
        containers: vec![("app", attacks.to_vec(), "    securityContext: { capabilities: { add: [ALL] } }\n")],
        ..Attackers::default()
    };
    refused(&attacks, &everything.attack(&user, "mounts-all")["app"]);
    // The control: what a namespace of one's own has mounted read-only, its root makes writable again.
    let script =
        "mount -t tmpfs none /mnt && mount --bind /mnt /mnt && mount -o remount,bind,ro /mnt && exec \"$0\" \"$@\"";
    let me = std::env::current_exe().expect("this program");
    let output = std::process::Command::new("unshare")
        .args(["-Urm", "sh", "-c", script])
        .arg(me)
        .args(["--ignored", "--exact", "attacker", "--nocapture", "--test-threads=1"])
        .env("ATTACKS", "remount")
        .env("TARGET", "/mnt")
        .output()
        .expect("unshare");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("ATTACK remount reached"), "{told} {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_programs_of_the_machine_are_not_to_be_written() {
    let user = User::new();
    // As the user who owns the directory, too: there is one that belongs to whoever runs this.
    let dir = user.path("own");
    fs::create_dir(&dir).expect("a directory");
    let mut file = fs::File::create(dir.join("file")).expect("a file");
    file.write_all(b"own").expect("written");
    let script = "for f in /usr/x /bin/x /lib/x /etc/ssl/certs/x /sys/x /proc/x; do if touch $f; then echo reached $f; fi; done; \
                  touch /x && echo its own";
    user.apply(&crate::common::pod_with("touch", script, "  restartPolicy: Never\n"));
    user.until_status("touch", "Completed");
    let told = user.out(&["logs", "touch"]);
    assert!(!told.contains("reached") && told.contains("its own\n"), "{told}");
    assert_eq!(fs::read_to_string(dir.join("file")).expect("a file"), "own");
}
