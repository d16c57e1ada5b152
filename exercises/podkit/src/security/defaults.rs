//! How much a pod may take of the machine where no cgroup counts it, and where nothing in its manifest says less.
//!
//! A pod of Kubernetes may fill its node's disk and its table of processes until the kubelet evicts it. Here the
//! node is somebody's machine, the disk of a container is memory, and nobody evicts. So there is a bound.

use std::fs;

/// Processes and threads of one container; of one pod, where its containers share their processes. The kubelet's
/// podPidsLimit has no default; clusters that set it have between 1024 and 4096.
pub const PROCESSES: u64 = 4096;

/// Options of a tmpfs that a container writes to: what it holds, and how many files. A share of the machine's memory;
/// files without content cost memory as well.
pub const DISK: &str = "size=12%,nr_inodes=262144";

/// How many files a small one may have (/dev, /dev/shm).
pub const FILES: u32 = 65536;

/// The most of each for a user of a pod (/proc/sys/user of the pod's user namespace). A network namespace takes a third
/// of a megabyte; of watchers a user has 128 on most machines.
pub const OF_USERS: [(&str, u32); 9] = [
    ("max_cgroup_namespaces", 64),
    ("max_inotify_instances", 64),
    ("max_ipc_namespaces", 64),
    ("max_mnt_namespaces", 64),
    ("max_net_namespaces", 64),
    ("max_pid_namespaces", 64),
    ("max_time_namespaces", 64),
    ("max_user_namespaces", 64),
    ("max_uts_namespaces", 64),
];

/// The same share for what processes share in memory, in pages.
pub fn shared_pages() -> Option<u64> {
    let about = fs::read_to_string("/proc/meminfo").ok()?;
    let total = about.lines().find_map(|line| line.strip_prefix("MemTotal:")?.strip_suffix("kB"))?;
    // Of four KiB, the smallest there are.
    Some(total.trim().parse::<u64>().ok()? / 4 * 12 / 100)
}

/// Since Linux 6.14 every PID namespace has a limit of its own. Before, the same file is the machine's: not to be
/// touched, whoever may.
pub fn has_own_pid_max() -> bool {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    is_from(&release, (6, 14))
}

fn is_from(release: &str, from: (u32, u32)) -> bool {
    let mut numbers = release.split(|it: char| !it.is_ascii_digit()).map(|it| it.parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= from
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_compared_as_numbers() {
        assert!(is_from("6.14.0-rc1", (6, 14)) && is_from("6.18.44", (6, 14)) && is_from("7.0", (6, 14)));
        assert!(!is_from("6.9.1", (6, 14)) && !is_from("5.15.0-generic", (6, 14)) && !is_from("", (6, 14)));
    }
}
