//! At what there is only so much of: processes, memory, files, descriptors.

use std::ffi::CString;
use std::fs;
use std::io::Write;

use super::{Attack, Outcome, answer};

pub const ALL: &[Attack] = &[
    ("fork", fork),
    ("fork-and-stay", fork_and_stay),
    ("fork-as-others", fork_as_others),
    ("fill-shm", || fill("/dev/shm/full")),
    ("fill-dev", || fill("/dev/full-file")),
    ("disks", disks),
    ("files", files),
    ("shared-pages", shared_pages),
    ("oom-score", oom_score),
    ("more-processes", more_processes),
    ("descriptors", descriptors),
    ("namespaces", namespaces),
    ("watchers", watchers),
];

/// How many children there can be at the same time.
fn children(before: impl Fn(usize)) -> usize {
    let mut made = 0;
    loop {
        // SAFETY: one thread; the child only waits, and ends with its container or its parent.
        match unsafe { libc::fork() } {
            -1 => return made,
            0 => {
                // SAFETY: numbers only.
                unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
                loop {
                    // SAFETY: nothing goes in.
                    unsafe { libc::pause() };
                }
            }
            _ => made += 1,
        }
        before(made);
        if made > 20_000 {
            return made;
        }
    }
}

fn end_children() {
    // SAFETY: everybody in this PID namespace but for PID 1 and this process.
    unsafe { libc::kill(-1, libc::SIGKILL) };
}

fn fork() -> Outcome {
    let made = children(|_| ());
    let why = std::io::Error::last_os_error();
    end_children();
    if made > 4096 { Ok(format!("{made} processes")) } else { Err(format!("{made} processes, then {why}")) }
}

/// The same, and they stay.
fn fork_and_stay() -> Outcome {
    println!("\n{} processes stay", children(|_| ()));
    std::thread::sleep(std::time::Duration::from_secs(14));
    Err("it is over".to_owned())
}

/// The limit of a user's processes, passed by becoming others.
fn fork_as_others() -> Outcome {
    let mut made = 0;
    for user in 1..=4 {
        let path = format!("/dev/shm/made-{user}");
        // SAFETY: one thread.
        match unsafe { libc::fork() } {
            -1 => break,
            0 => {
                // SAFETY: numbers only.
                let became = answer(unsafe { libc::setuid(user) }.into());
                let more = if became.is_ok() { children(|_| ()) } else { 0 };
                let _ = fs::write(&path, format!("{more}."));
                loop {
                    // SAFETY: nothing goes in.
                    unsafe { libc::pause() };
                }
            }
            _ => {}
        }
        for _ in 0..500 {
            let told = fs::read_to_string(&path).unwrap_or_default();
            if let Some(more) = told.strip_suffix('.') {
                made += more.parse().unwrap_or(0);
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
    end_children();
    if made > 4096 { Ok(format!("{made} processes")) } else { Err(format!("{made} processes")) }
}

/// Writes until nothing more goes in; 200 MB are enough to show that there is no bound.
fn fill(path: &str) -> Outcome {
    let mut file = fs::File::create(path).map_err(|error| error.to_string())?;
    let (block, mut written) = (vec![1_u8; 1 << 20], 0);
    while written < 200 {
        if let Err(error) = file.write_all(&block) {
            let _ = fs::remove_file(path);
            return Err(format!("{written} MB, then {error}"));
        }
        written += 1;
    }
    let _ = fs::remove_file(path);
    Ok(format!("{written} MB"))
}

/// How much would go into each place that can be written: not more than an eighth of the machine's memory.
fn disks() -> Outcome {
    let about = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total =
        about.lines().find_map(|it| it.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    let most = total.unwrap_or(0) * 1024 / 8;
    let mut seen = Vec::new();
    for place in [
        "/",
        "/tmp",
        "/run",
        "/dev",
        "/dev/shm",
        "/etc/hosts",
        "/etc/resolv.conf",
        "/etc/hostname",
        "/dev/termination-log",
        "/var/tmp",
    ] {
        let name = CString::new(place).unwrap_or_default();
        // SAFETY: a structure of numbers, for which zero is a value.
        let mut about: libc::statvfs = unsafe { std::mem::zeroed() };
        // SAFETY: a C string and a place for the answer.
        answer(unsafe { libc::statvfs(name.as_ptr(), &raw mut about) }.into())?;
        let (bytes, files) = (about.f_blocks * about.f_frsize, about.f_files);
        if bytes > most || bytes == 0 || files > 300_000 {
            return Ok(format!("{place} holds {bytes} bytes and {files} files: more than {most} or 300000"));
        }
        seen.push(format!("{place} {bytes} {files}"));
    }
    Err(seen.join(", "))
}

/// Files without content.
fn files() -> Outcome {
    for n in 0..100_000 {
        if let Err(error) = fs::File::create(format!("/dev/shm/{n}")) {
            return Err(format!("{n} files, then {error}"));
        }
    }
    Ok("100000 files".to_owned())
}

/// Shared memory outlives its processes: there must be an end to it.
fn shared_pages() -> Outcome {
    let about = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total =
        about.lines().find_map(|it| it.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse::<usize>().ok());
    // SAFETY: numbers only; no page of it is touched.
    let id = unsafe { libc::shmget(libc::IPC_PRIVATE, total.unwrap_or(0) * 1024 / 4, libc::IPC_CREAT | 0o600) };
    answer(id.into())?;
    // SAFETY: the segment that was just made, and null.
    unsafe { libc::shmctl(id, libc::IPC_RMID, std::ptr::null_mut()) };
    Ok("a quarter of the machine's memory".to_owned())
}

/// Where memory is short, who is killed? Not a neighbour.
fn oom_score() -> Outcome {
    let own: i32 =
        fs::read_to_string("/proc/self/oom_score_adj").ok().and_then(|it| it.trim().parse().ok()).unwrap_or(0);
    // Who may not change the machine's may come back to what its user's own programs have, and not below.
    match (own, fs::write("/proc/self/oom_score_adj", "-1")) {
        (1000, Err(error)) => Err(format!("{own}, and not below 0: {error}")),
        (own, done) => Ok(format!("{own}, and to make it -1 gave {done:?}")),
    }
}

/// The limits themselves, raised.
fn more_processes() -> Outcome {
    let raised = nix::sys::resource::setrlimit(nix::sys::resource::Resource::RLIMIT_NPROC, 100_000, 100_000);
    let own = fs::write("/proc/sys/kernel/pid_max", "100000");
    match (raised, own) {
        (Err(errno), Err(error)) => Err(format!("{errno}, {error}")),
        done => Ok(format!("{done:?}")),
    }
}

/// As many descriptors as there are to be had.
fn descriptors() -> Outcome {
    let mut open = Vec::new();
    while open.len() < 1_100_000 {
        match fs::File::open("/dev/null") {
            Ok(file) => open.push(file),
            Err(error) => return Err(format!("{} descriptors, then {error}", open.len())),
        }
    }
    Ok(format!("{} descriptors", open.len()))
}

/// Each costs the kernel's memory, as long as somebody holds it.
fn namespaces() -> Outcome {
    use nix::sched::{CloneFlags, unshare};
    unshare(CloneFlags::CLONE_NEWUSER).map_err(|errno| errno.to_string())?;
    let mut held = Vec::new();
    while held.len() < 100 {
        if let Err(errno) = unshare(CloneFlags::CLONE_NEWNET) {
            return Err(format!("{} networks, then {errno}", held.len()));
        }
        held.push(fs::File::open("/proc/self/ns/net").map_err(|error| error.to_string())?);
    }
    Ok(format!("{} networks", held.len()))
}

/// A user of the machine has only so many of them, in whatever namespaces.
fn watchers() -> Outcome {
    let mut held = Vec::new();
    while held.len() < 100 {
        match nix::sys::inotify::Inotify::init(nix::sys::inotify::InitFlags::empty()) {
            Ok(watcher) => held.push(watcher),
            Err(errno) => return Err(format!("{} watchers, then {errno}", held.len())),
        }
    }
    Ok(format!("{} watchers", held.len()))
}
