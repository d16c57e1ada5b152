//! What there is only so much of: no pod takes all of it.

use std::fs;
use std::path::Path;

use crate::common::{User, pod_with, until};
use crate::kit::{Attackers, in_pod, is_root, on_machine, reached, refused};

/// The limit of processes is the kernel's, for each PID namespace; before Linux 6.14 it is for each user of a pod,
/// and does not hold for the machine's root.
fn has_own_pid_max() -> bool {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut numbers = release.split(|it: char| !it.is_ascii_digit()).map(|it| it.parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (6, 14)
}

#[test]
fn processes_end_somewhere_and_the_others_go_on() {
    if !has_own_pid_max() && is_root() {
        eprintln!("this kernel does not count the processes of the machine's root: not tested");
        return;
    }
    let user = User::new();
    user.apply(&pod_with("calm", "while true; do sleep 0.1; done", ""));
    user.until_status("calm", "Running");
    let attacks = ["fork", "more-processes", "oom-score"];
    refused(&attacks, &in_pod(&user, "bomb", &attacks, &[]));
    // It stays full, and somebody else's pod does not notice.
    let full = Attackers { containers: vec![("app", vec!["fork-and-stay"], "")], ..Attackers::default() };
    user.apply(&full.manifest("full"));
    until("the pod to be full", || user.out(&["logs", "full"]).contains(" processes stay"));
    assert_eq!(user.out(&["exec", "calm", "--", "echo", "still", "here"]), "still here\n");
    user.peapod(&["delete", "pod", "full", "--grace-period=0", "--force"]).assert().success();
    if has_own_pid_max() {
        refused(&["fork-as-others"], &in_pod(&user, "many", &["fork-as-others"], &[]));
    }
}

#[test]
fn no_disk_of_a_pod_is_the_machines_memory() {
    let user = User::new();
    let attacks = ["fill-shm", "fill-dev", "disks", "shared-pages", "files"];
    let outcomes = in_pod(&user, "disks", &attacks, &[]);
    refused(&attacks, &outcomes);
    for attack in ["fill-shm", "fill-dev"] {
        let says = outcomes[attack].as_ref().unwrap_err();
        assert!(says.contains("64 MB") || says.contains("63 MB"), "the control: something went in: {says}");
    }
    let says = outcomes["files"].as_ref().unwrap_err();
    assert!(says.starts_with("65"), "the control: some went in: {says}");
}

#[test]
fn an_empty_dir_is_bounded_as_well() {
    let user = User::new();
    let volumes = "  restartPolicy: Never\n  volumes:\n  - { name: some, emptyDir: {} }\n  \
                   - { name: small, emptyDir: { medium: Memory, sizeLimit: 3Mi } }\n";
    let script = "for d in some small; do stat -f -c \"$d %b %S %c\" /$d; done; head -c 8m /dev/zero > /small/x; stat -c 'wrote %s' /small/x";
    let mounts =
        "    volumeMounts:\n    - { name: some, mountPath: /some }\n    - { name: small, mountPath: /small }\n";
    let manifest =
        pod_with("dirs", script, volumes).replace("    image: host\n", &format!("    image: host\n{mounts}"));
    user.apply(&manifest);
    user.until_status("dirs", "Completed");
    let told = user.out(&["logs", "dirs"]);
    assert!(told.contains("wrote 3145728"), "{told}");
    let about = fs::read_to_string("/proc/meminfo").expect("/proc/meminfo");
    let total =
        about.lines().find_map(|it| it.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    let some = told.lines().find_map(|line| line.strip_prefix("some ")).expect("a line");
    let numbers: Vec<u64> = some.split(' ').map(|it| it.parse().expect("a number")).collect();
    assert!(numbers[0] * numbers[1] <= total.expect("a total") * 1024 / 2, "{told}");
}

#[test]
fn output_without_end_fills_neither_disk_nor_memory() {
    let user = User::new();
    let script = "head -c 20000000 /dev/zero | tr '\\0' x; yes \"$(head -c 8000 /dev/zero | tr '\\0' y)\" | head -c 70000000; \
                  head -c 50000000 /dev/zero > /dev/termination-log; echo; echo the end";
    user.apply(&pod_with("loud", script, "  restartPolicy: Never\n"));
    user.until_status("loud", "Completed");
    assert_eq!(user.out(&["logs", "loud", "--tail=1"]), "the end\n");
    let size = size_of(&user.state());
    assert!((10 << 20..70 << 20).contains(&size), "{size} bytes of logs");
    for pid in user.node() {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let resident =
            status.lines().find_map(|it| it.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        assert!(resident.unwrap_or(0) < 100_000, "{status}");
    }
}

fn size_of(path: &Path) -> u64 {
    let Ok(about) = path.symlink_metadata() else { return 0 };
    let below = fs::read_dir(path).into_iter().flatten().flatten().map(|entry| size_of(&entry.path()));
    match about.is_dir() {
        true => below.sum(),
        false => about.len(),
    }
}

#[test]
fn descriptors_of_one_are_not_anothers() {
    let user = User::new();
    let attacks = ["descriptors", "namespaces", "watchers"];
    refused(&attacks, &in_pod(&user, "open", &attacks, &[]));
    reached(&["namespaces", "watchers"], &on_machine(&["namespaces", "watchers"], &[]));
    until("the node to answer", || user.out(&["get", "pods"]).contains("open"));
}
