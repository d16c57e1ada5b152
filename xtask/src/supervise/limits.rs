//! What a check's tree may use, and, for root, a world of its own.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::statfs::{CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC};
use nix::unistd::geteuid;

use super::count;

/// What a check of an ordinary user may add to the tasks of that user, should the supervisor
/// be too slow. Much more than [`count::MOST`]: who reaches this limit leaves no room to others.
const BACKSTOP: u64 = 8 * count::MOST as u64;
/// The largest file one process may write.
const FILE: u64 = 256 << 20;
/// The most address space of one process.
const MEMORY: u64 = 16 << 30;

/// The RLIMIT_NPROC for the check: the kernel counts all of a user's tasks, so the limit is
/// what the user has now plus what a check may add. Root is exempt (see [`cgroup`]).
pub fn processes() -> u64 {
    let uid = geteuid();
    if uid.is_root() {
        return u64::MAX;
    }
    let mut tasks = 0;
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let own = |entry: &std::fs::DirEntry| entry.metadata().is_ok_and(|it| it.uid() == uid.as_raw());
        let numbered = entry.file_name().as_encoded_bytes().iter().all(u8::is_ascii_digit);
        if numbered && own(&entry) {
            let status = std::fs::read_to_string(entry.path().join("status")).unwrap_or_default();
            let threads = status.lines().find_map(|line| line.strip_prefix("Threads:"));
            tasks += threads.and_then(|it| it.trim().parse::<u64>().ok()).unwrap_or(1);
        }
    }
    tasks + BACKSTOP
}

/// Sets the limits. Runs in the child, before exec.
pub fn set(processes: u64) -> io::Result<()> {
    let limits = [
        (Resource::RLIMIT_NPROC, processes),
        (Resource::RLIMIT_FSIZE, FILE),
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_AS, MEMORY),
    ];
    for (resource, limit) in limits {
        // A lower hard limit may be in force already: then that one holds.
        let hard = nix::sys::resource::getrlimit(resource)?.1;
        setrlimit(resource, limit.min(hard), limit.min(hard))?;
    }
    if geteuid().is_root() {
        // Root's CAP_SYS_PTRACE would open an undumpable process. Out of the bounding set,
        // it is gone with the exec that follows.
        const CAP_SYS_PTRACE: libc::c_ulong = 19;
        // SAFETY: changes an attribute of this thread only, takes no pointers.
        let done = unsafe { libc::prctl(libc::PR_CAPBSET_DROP, CAP_SYS_PTRACE, 0, 0, 0) };
        if done != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// As root: a mount and IPC namespace of the check's own, with an empty `/tmp` and
/// `/dev/shm`. What is left in it is seen, and vanishes with the supervisor. False where
/// that cannot be had (an ordinary user; root of a container).
pub fn private_world(run: &Path) -> bool {
    geteuid().is_root() && make_private(run).is_ok()
}

fn make_private(run: &Path) -> nix::Result<()> {
    const NONE: Option<&str> = None;
    // Mounts made from here on must not reach the machine's own namespace.
    unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWIPC)?;
    mount(NONE, "/", NONE, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NONE)?;
    let tmpfs = |path: &str| {
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
        mount(Some("tmpfs"), path, Some("tmpfs"), flags, Some("mode=1777"))
    };
    if Path::new("/dev/shm").is_dir() {
        tmpfs("/dev/shm")?;
    }
    if run.starts_with("/tmp") {
        // The run's directory stays where it is: held open, and bound into the new /tmp.
        let held = std::fs::File::open(run).map_err(|_| nix::Error::ENOENT)?;
        let held_path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&held));
        tmpfs("/tmp")?;
        std::fs::create_dir_all(run).map_err(|_| nix::Error::EIO)?;
        let bind = MsFlags::MS_BIND | MsFlags::MS_REC;
        mount(Some(held_path.as_str()), run, NONE, bind, NONE)?;
    }
    Ok(())
}

/// As root: a cgroup that limits the number of processes, if one can be made (version 2,
/// else the `pids` controller of version 1). The kernel exempts root from RLIMIT_NPROC.
pub fn cgroup() -> Option<PathBuf> {
    if !geteuid().is_root() {
        return None;
    }
    for base in BASES {
        // On many machines /sys/fs/cgroup is a tmpfs that holds the controllers' mount
        // points: a directory can be made there, and limits nothing.
        let kind = nix::sys::statfs::statfs(base).map(|it| it.filesystem_type());
        let Ok(CGROUP_SUPER_MAGIC | CGROUP2_SUPER_MAGIC) = kind else {
            continue;
        };
        let dir = Path::new(base).join(cgroup_name());
        if std::fs::create_dir(&dir).is_err() {
            continue;
        }
        let limit = count::MOST.to_string();
        let limited = std::fs::write(dir.join("pids.max"), &limit).is_ok()
            && std::fs::read_to_string(dir.join("pids.max")).is_ok_and(|it| it.trim() == limit);
        if limited {
            return Some(dir);
        }
        let _ = std::fs::remove_dir(&dir);
    }
    None
}

const BASES: [&str; 2] = ["/sys/fs/cgroup", "/sys/fs/cgroup/pids"];

fn cgroup_name() -> String {
    format!("peas-in-a-pod-check-{}", std::process::id())
}

/// Moves the calling process into the cgroup. Runs in the child, before exec.
pub fn join(cgroup: &Path) -> io::Result<()> {
    std::fs::write(cgroup.join("cgroup.procs"), "0")
}

/// Removes the cgroup; everything in it has been killed by now.
pub fn leave_cgroup(cgroup: Option<&Path>) {
    let Some(dir) = cgroup else { return };
    for _ in 0..100 {
        if std::fs::remove_dir(dir).is_ok() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// For the grader: removes the cgroups of supervisors that were killed.
pub fn remove_stale_cgroups() {
    if !geteuid().is_root() {
        return;
    }
    for base in BASES {
        for entry in std::fs::read_dir(base).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let pid = name.strip_prefix("peas-in-a-pod-check-");
            if pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
                let _ = std::fs::remove_dir(entry.path());
            }
        }
    }
}
