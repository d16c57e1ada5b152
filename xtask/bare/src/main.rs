//! The floor that `cargo xtask bench` measures the runner against: the clone, mount,
//! pivot and exec calls of a two-container pod in a row, written out, with no manifest,
//! no plan, no report and no loop. `bare ROOTFS`; ended with SIGKILL.

use std::ffi::CString;
use std::fs;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, setns};
use nix::sys::prctl::{set_no_new_privs, set_pdeathsig};
use nix::sys::signal::Signal;
use nix::unistd::{Pid, chdir, execve, pause, pivot_root, setgid, setgroups, sethostname, setsid, setuid};

type Fallible<T = ()> = Result<T, Box<dyn std::error::Error>>;

const PROGRAM: [&str; 3] = ["/bin/sh", "-c", "echo up; exec sleep 1000"];
const PROTECTED: [&str; 5] = ["proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger"];
const MASKED: [&str; 5] = ["proc/interrupts", "proc/kcore", "proc/keys", "proc/latency_stats", "proc/timer_list"];
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];
const FILES: [&str; 4] = ["etc/hosts", "etc/hostname", "etc/resolv.conf", "dev/termination-log"];

fn main() -> Fallible {
    let rootfs = std::env::args().nth(1).ok_or("usage: bare ROOTFS")?;
    let (mut go, mut ready) = io::pipe()?;
    let node = CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWNS;
    match clone(node)? {
        Some(pid) => {
            let ids = map_node(pid)?;
            ready.write_all(&[ids])?;
            nix::sys::wait::waitpid(pid, None)?;
            Ok(())
        }
        None => {
            set_pdeathsig(Signal::SIGKILL)?;
            let mut ids = [0];
            go.read_exact(&mut ids)?;
            node_main(&rootfs, ids[0] == 1)
        }
    }
}

/// Returns 1 where all 65536 ids are mapped.
fn map_node(pid: Pid) -> Fallible<u8> {
    let uid = nix::unistd::geteuid();
    if uid.is_root() {
        let map = "0 0 1\n1 1879048192 65535\n";
        if fs::write(format!("/proc/{pid}/uid_map"), map).is_ok() {
            fs::write(format!("/proc/{pid}/gid_map"), map)?;
            return Ok(1);
        }
    } else if let Some(first) = subordinate(&uid.to_string()) {
        let start = |program: &str, own: u32| {
            let map = ["0", &own.to_string(), "1", "1", &first, "65535"].map(str::to_owned);
            Command::new(program).arg(pid.to_string()).args(map).stderr(Stdio::null()).spawn()
        };
        if let (Ok(mut uids), Ok(mut gids)) =
            (start("newuidmap", uid.as_raw()), start("newgidmap", nix::unistd::getegid().as_raw()))
        {
            let (uids, gids) = (uids.wait()?, gids.wait()?);
            return if uids.success() && gids.success() { Ok(1) } else { Err("newuidmap failed".into()) };
        }
    }
    fs::write(format!("/proc/{pid}/setgroups"), "deny")?;
    fs::write(format!("/proc/{pid}/uid_map"), format!("0 {uid} 1"))?;
    fs::write(format!("/proc/{pid}/gid_map"), format!("0 {} 1", nix::unistd::getegid()))?;
    Ok(0)
}

fn subordinate(uid: &str) -> Option<String> {
    let name = nix::unistd::User::from_uid(nix::unistd::geteuid()).ok()??.name;
    let text = fs::read_to_string("/etc/subuid").ok()?;
    let line =
        text.lines().find(|line| line.starts_with(&format!("{name}:")) || line.starts_with(&format!("{uid}:")))?;
    line.split(':').nth(1).map(str::to_owned)
}

fn node_main(rootfs: &str, all_ids: bool) -> Fallible {
    mount(None::<&str>, "/", None::<&str>, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None::<&str>)?;
    tmpfs("/tmp", "mode=755")?;
    for dir in ["host", "proc", "pods", "tmp"] {
        fs::create_dir(format!("/tmp/{dir}"))?;
    }
    pivot_root("/tmp", "/tmp/host")?;
    chdir("/")?;
    file_system("proc", "/proc", "")?;
    fs::create_dir_all("/pods/shm")?;
    tmpfs("/pods/shm", "mode=1777,size=65536k")?;
    for file in FILES {
        fs::write(Path::new("/pods").join(Path::new(file).file_name().unwrap_or_default()), "")?;
    }
    let sandbox = sandbox(all_ids)?;
    for name in ["one", "two"] {
        container(name, &sandbox, rootfs)?;
    }
    loop {
        pause();
    }
}

fn sandbox(all_ids: bool) -> Fallible<OwnedFd> {
    let (go, mut ready) = io::pipe()?;
    let (report, done) = io::pipe()?;
    let shared =
        CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWIPC | CloneFlags::CLONE_NEWUTS;
    match clone(shared)? {
        Some(pid) => {
            drop(done);
            let map = if all_ids { "0 0 1\n1 1 65535\n" } else { "0 0 1\n" };
            fs::write(format!("/proc/{pid}/uid_map"), map)?;
            fs::write(format!("/proc/{pid}/gid_map"), map)?;
            ready.write_all(b"+")?;
            until_closed(report)?;
            pidfd(pid)
        }
        None => {
            drop(report);
            until_go(go, done)
        }
    }
}

fn until_go(mut go: PipeReader, done: PipeWriter) -> Fallible<OwnedFd> {
    go.read_exact(&mut [0])?;
    sethostname("peas-bench")?;
    loopback_up()?;
    drop(done);
    loop {
        pause();
    }
}

fn container(name: &str, sandbox: &OwnedFd, rootfs: &str) -> Fallible {
    let dir = format!("/pods/{name}");
    for part in ["root", "upper", "work"] {
        fs::create_dir_all(format!("{dir}/{part}"))?;
    }
    let (report, done) = io::pipe()?;
    match clone(CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWNS)? {
        Some(_) => {
            drop(done);
            until_closed(report)
        }
        None => {
            setns(sandbox, CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWIPC | CloneFlags::CLONE_NEWUTS)?;
            let root = format!("{dir}/root");
            let layers = format!("lowerdir=/host{rootfs},upperdir={dir}/upper,workdir={dir}/work,userxattr");
            mount(Some("overlay"), root.as_str(), Some("overlay"), MsFlags::empty(), Some(layers.as_str()))?;
            chdir(root.as_str())?;
            furnish()?;
            pivot_root(".", ".")?;
            umount2(".", MntFlags::MNT_DETACH)?;
            chdir("/")?;
            setns(sandbox, CloneFlags::CLONE_NEWUSER)?;
            become_program()
        }
    }
}

/// Runs with the container's root as current directory.
fn furnish() -> Fallible {
    file_system("proc", "proc", "")?;
    mount(Some("sysfs"), "sys", Some("sysfs"), MsFlags::MS_RDONLY, None::<&str>)?;
    for path in PROTECTED.iter().filter(|path| Path::new(path).exists()) {
        bind(path, path)?;
        read_only(path)?;
    }
    for path in MASKED.iter().filter(|path| Path::new(path).exists()) {
        bind("/host/dev/null", path)?;
    }
    tmpfs("dev", "mode=755")?;
    for name in DEVICES {
        fs::write(format!("dev/{name}"), "")?;
        bind(&format!("/host/dev/{name}"), &format!("dev/{name}"))?;
    }
    for dir in ["dev/pts", "dev/mqueue", "dev/shm"] {
        fs::create_dir(dir)?;
    }
    file_system("devpts", "dev/pts", "newinstance,ptmxmode=0666,mode=0620")?;
    file_system("mqueue", "dev/mqueue", "")?;
    bind("/pods/shm", "dev/shm")?;
    for (to, link) in [("pts/ptmx", "ptmx"), ("/proc/self/fd", "fd"), ("/proc/self/fd/1", "stdout")] {
        symlink(to, format!("dev/{link}"))?;
    }
    for file in FILES {
        fs::write(file, "")?;
        let source = Path::new("/pods").join(Path::new(file).file_name().unwrap_or_default());
        bind(&source.display().to_string(), file)?;
    }
    Ok(())
}

fn become_program() -> Fallible {
    setsid()?;
    // Denied where a single id is mapped.
    let _ = setgroups(&[]);
    setgid(0.into())?;
    setuid(0.into())?;
    set_no_new_privs()?;
    let args = PROGRAM.map(|word| CString::new(word).unwrap_or_default());
    execve(&args[0], &args, &[c"PATH=/bin"])?;
    Ok(())
}

fn tmpfs(target: &str, data: &str) -> Fallible {
    file_system("tmpfs", target, data)
}

fn file_system(kind: &str, target: &str, data: &str) -> Fallible {
    Ok(mount(Some(kind), target, Some(kind), MsFlags::MS_NOSUID, Some(data))?)
}

fn bind(source: &str, target: &str) -> Fallible {
    Ok(mount(Some(source), target, None::<&str>, MsFlags::MS_BIND | MsFlags::MS_REC, None::<&str>)?)
}

fn read_only(target: &str) -> Fallible {
    let attributes = libc::mount_attr { attr_set: libc::MOUNT_ATTR_RDONLY, attr_clr: 0, propagation: 0, userns_fd: 0 };
    let (path, size) = (CString::new(target)?, size_of::<libc::mount_attr>());
    let (at, flags) = (libc::AT_FDCWD, libc::AT_RECURSIVE);
    // SAFETY: path and attributes live until the call returns, and size is theirs.
    let done = unsafe { libc::syscall(libc::SYS_mount_setattr, at, path.as_ptr(), flags, &raw const attributes, size) };
    Errno::result(done)?;
    Ok(())
}

fn clone(flags: CloneFlags) -> Fallible<Option<Pid>> {
    let flags = libc::c_long::from(flags.bits() | libc::SIGCHLD);
    // SAFETY: a fork; this process has one thread.
    let pid = unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) };
    Ok(Errno::result(pid).map(|pid| (pid != 0).then(|| Pid::from_raw(pid as i32)))?)
}

fn pidfd(pid: Pid) -> Fallible<OwnedFd> {
    // SAFETY: takes numbers only.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid.as_raw(), 0) };
    let fd = Errno::result(fd)?;
    // SAFETY: the kernel has just made this descriptor, and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

fn loopback_up() -> Fallible {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0")?;
    let mut name = [0; libc::IFNAMSIZ];
    name[..2].copy_from_slice(&[b'l' as libc::c_char, b'o' as libc::c_char]);
    let ifr_ifru = libc::__c_anonymous_ifr_ifru { ifru_flags: (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short };
    let request = libc::ifreq { ifr_name: name, ifr_ifru };
    // SAFETY: the request is a whole ifreq and outlives the call.
    let done = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS as _, &raw const request) };
    Errno::result(done)?;
    Ok(())
}

fn until_closed(mut report: PipeReader) -> Fallible {
    report.read_to_end(&mut Vec::new())?;
    Ok(())
}
