//! The real sequence of making a container, one step after the other, each reported on
//! stdout as `STEP<TAB>ERRNO` (0 if it worked). Runs in a process of its own that has one
//! thread: unshare(CLONE_NEWUSER) is refused to a process that has more.
//!
//! Nothing is left behind: the mounts are in a mount namespace that ends with the process.

use std::ffi::CStr;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::process::{Command, Stdio};

use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, Pid, fork, getegid, geteuid, pivot_root};

/// What `requires` may name, in words, and the step that decides it.
pub const FEATURES: &[(&str, &str, &str)] = &[
    ("userns", "user namespaces without root", "gid_map"),
    ("netns", "a network namespace with its loopback up", "lo up"),
    ("utsns", "a hostname of its own", "sethostname"),
    ("ipcns", "a System V IPC namespace", "unshare ipc"),
    ("mountns", "a mount namespace, and a tmpfs in it", "mount tmpfs"),
    ("nested", "a user namespace within a user namespace", "nested uid_map"),
    ("pidns", "a pid namespace", "fork into pid namespace"),
    ("proc", "a fresh /proc in it", "mount proc"),
    ("mqueue", "POSIX message queues of its own", "mount mqueue"),
    ("pivot_root", "a root file system of its own", "pivot_root"),
];

/// The outcome of a step that was never tried.
pub const NOT_REACHED: i32 = -1;

/// Reports a step; says whether it worked.
fn step<T>(name: &str, outcome: Result<T, Errno>) -> bool {
    println!("{name}\t{}", outcome.as_ref().err().map_or(0, |errno| *errno as i32));
    outcome.is_ok()
}

fn put(path: &str, text: &str) -> Result<(), Errno> {
    std::fs::write(path, text).map_err(|error| errno_of(&error))
}

fn errno_of(error: &std::io::Error) -> Errno {
    Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO))
}

/// Everything a pod needs, as an ordinary user.
pub fn pod() {
    let (uid, gid) = (geteuid(), getegid());
    if !step("unshare user", unshare(CloneFlags::CLONE_NEWUSER)) {
        return;
    }
    // The map may be one line, of our own id; setgroups must be denied before gid_map.
    if !step("setgroups", put("/proc/self/setgroups", "deny"))
        || !step("uid_map", put("/proc/self/uid_map", &format!("0 {uid} 1")))
        || !step("gid_map", put("/proc/self/gid_map", &format!("0 {gid} 1")))
    {
        return;
    }
    nested();
    if step("unshare net", unshare(CloneFlags::CLONE_NEWNET)) {
        step("lo up", loopback_up());
    }
    if step("unshare uts", unshare(CloneFlags::CLONE_NEWUTS)) {
        step("sethostname", nix::unistd::sethostname("pod"));
    }
    let ipc = step("unshare ipc", unshare(CloneFlags::CLONE_NEWIPC));
    if !step("unshare mount", unshare(CloneFlags::CLONE_NEWNS)) {
        return;
    }
    let none = None::<&str>;
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    if !step("make / private", mount(none, "/", none, private, none))
        || !step("mount tmpfs", mount(Some("tmpfs"), "/tmp", Some("tmpfs"), MsFlags::empty(), none))
        || !step("unshare pid", unshare(CloneFlags::CLONE_NEWPID))
    {
        return;
    }
    // SAFETY: this process has one thread, so the child may go on as if nothing had happened.
    match unsafe { fork() } {
        Err(errno) => {
            step("fork into pid namespace", Err::<(), _>(errno));
        }
        Ok(ForkResult::Parent { child }) => {
            let _ = waitpid(child, None);
        }
        Ok(ForkResult::Child) => {
            let _ = prctl::set_pdeathsig(Signal::SIGKILL);
            step("fork into pid namespace", Ok(()));
            as_pid_1(ipc);
            std::process::exit(0);
        }
    }
}

/// A pod's user namespace is made within the node's; its map is written from outside.
fn nested() {
    in_a_child(
        || unshare(CloneFlags::CLONE_NEWUSER),
        |child, unshared| {
            if !step("nested unshare user", unshared) {
                return;
            }
            step("nested uid_map", put(&format!("/proc/{child}/uid_map"), "0 0 1"));
        },
    );
}

/// What only process 1 of a pid namespace can do, and what comes after.
fn as_pid_1(own_ipc: bool) {
    let none = None::<&str>;
    let mkdir = |path: &str| std::fs::create_dir(path).map_err(|error| errno_of(&error));
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    // Before the old root goes: the kernel wants to see a /proc that hides nothing.
    let _ = mkdir("/tmp/proc");
    let proc = step("mount proc", mount(Some("proc"), "/tmp/proc", Some("proc"), flags, none));
    let _ = mkdir("/tmp/mqueue");
    if own_ipc {
        step("mount mqueue", mount(Some("mqueue"), "/tmp/mqueue", Some("mqueue"), flags, none));
    }
    let _ = std::env::set_current_dir("/tmp");
    if step("pivot_root", pivot_root(".", "."))
        && step("detach the old root", umount2(".", MntFlags::MNT_DETACH))
        && proc
    {
        let one = std::fs::read_link("/proc/self").map_err(|error| errno_of(&error));
        step("see /proc/self", one.and_then(|it| if it.as_os_str() == "1" { Ok(()) } else { Err(Errno::ESRCH) }));
    }
}

/// SIOCSIFFLAGS on `lo`.
fn loopback_up() -> Result<(), Errno> {
    const LO: &CStr = c"lo";
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").map_err(|error| errno_of(&error))?;
    let mut name = [0 as libc::c_char; libc::IFNAMSIZ];
    for (to, from) in name.iter_mut().zip(LO.to_bytes()) {
        *to = *from as libc::c_char;
    }
    let flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    let request = libc::ifreq { ifr_name: name, ifr_ifru: libc::__c_anonymous_ifr_ifru { ifru_flags: flags } };
    // SAFETY: the descriptor is open and the kernel reads one ifreq, which outlives the call.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &request) };
    Errno::result(result).map(drop)
}

/// A map of a whole range, written by the set-uid helpers newuidmap and newgidmap.
pub fn newuidmap() {
    let ranges = (subordinate("/etc/subuid", geteuid().as_raw()), subordinate("/etc/subgid", geteuid().as_raw()));
    let (Some(uids), Some(gids)) = ranges else {
        step("subordinate range", Err::<(), _>(Errno::ENOENT));
        return;
    };
    in_a_child(
        || unshare(CloneFlags::CLONE_NEWUSER),
        |child, unshared| {
            if !step("unshare user", unshared) {
                return;
            }
            let own = (geteuid().as_raw(), getegid().as_raw());
            for (program, own, (start, count)) in [("newuidmap", own.0, uids), ("newgidmap", own.1, gids)] {
                let status = Command::new(program)
                    .args([child.to_string(), "0".into(), own.to_string(), "1".into()])
                    .args(["1".to_owned(), start.to_string(), count.to_string()])
                    .stdout(Stdio::null())
                    .status();
                let outcome = match status {
                    Err(error) => Err(errno_of(&error)),
                    Ok(status) if !status.success() => Err(Errno::EPERM),
                    Ok(_) => Ok(()),
                };
                if !step(program, outcome) {
                    return;
                }
            }
        },
    );
}

/// Forks a child that does one thing and then waits, so that it can be looked at from here.
fn in_a_child(first: impl FnOnce() -> nix::Result<()>, then: impl FnOnce(Pid, Result<(), Errno>)) {
    let pipes = std::io::pipe().and_then(|up| Ok((up, std::io::pipe()?)));
    let Ok(((mut up_read, mut up_write), (mut down_read, down_write))) = pipes else {
        return;
    };
    // SAFETY: this process has one thread, so the child may go on as if nothing had happened.
    match unsafe { fork() } {
        Err(errno) => then(Pid::from_raw(0), Err(errno)),
        Ok(ForkResult::Child) => {
            let _ = prctl::set_pdeathsig(Signal::SIGKILL);
            drop(down_write);
            let errno = first().err().map_or(0, |errno| errno as i32);
            let _ = up_write.write_all(&errno.to_ne_bytes());
            // Until the parent closes its end.
            let _ = down_read.read(&mut [0]);
            std::process::exit(0);
        }
        Ok(ForkResult::Parent { child }) => {
            drop(up_write);
            let mut bytes = [0; 4];
            let outcome = match up_read.read_exact(&mut bytes).map(|()| i32::from_ne_bytes(bytes)) {
                Ok(0) => Ok(()),
                Ok(errno) => Err(Errno::from_raw(errno)),
                Err(error) => Err(errno_of(&error)),
            };
            then(child, outcome);
            drop(down_write);
            let _ = waitpid(child, None);
        }
    }
}

/// The first range in /etc/subuid or /etc/subgid that belongs to a user, by name or by id.
pub fn subordinate(file: &str, uid: u32) -> Option<(u32, u32)> {
    let text = std::fs::read_to_string(file).ok()?;
    let user = nix::unistd::User::from_uid(nix::unistd::Uid::from_raw(uid)).ok().flatten();
    let name = user.map(|it| it.name).unwrap_or_default();
    text.lines().find_map(|line| {
        let mut parts = line.trim().split(':');
        let owner = parts.next()?;
        let range = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        (owner == name || owner == uid.to_string()).then_some(range)
    })
}
