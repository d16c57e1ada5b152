//! The system calls of chapter 2 that nix does not wrap, each behind a safe function.
//!
//! All `unsafe` of the runner is in here. Nothing is taught here: what a call
//! does, and when to make it, is in the chapter. Errors are plain [`Errno`]s.
//!
//! - [`clone`], [`pidfd_open`], [`exit_now`]: processes
//! - [`set_mount_flags`], [`set_flags_of_mount`]: mounts
//! - [`set_link_up`]: the network
//! - [`close_on_exec_from`], [`close_from`], [`reset_signals`]: before an exec; [`notice_children`]: before the first child
//! - [`capability`]: capabilities; [`seccomp`]: filters of system calls; [`keyring`]: keys; [`sysv`]: System V queues and memory; [`terminal`]: terminals

pub mod capability;
pub mod keyring;
pub mod seccomp;
pub mod sysv;
pub mod terminal;

use std::ffi::{CString, c_int, c_uint};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nix::errno::Errno;
use nix::sched::CloneFlags;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
use nix::unistd::Pid;

pub type Result<T> = nix::Result<T>;

/// Splits the process in two, as fork does, and gives the new one the
/// namespaces that `flags` names. `None` in the child.
///
/// Must run single-threaded: only the calling thread exists in the child.
/// (nix's own `clone` runs a function on a stack of its own instead.)
pub fn clone(flags: CloneFlags) -> Result<Option<Pid>> {
    let flags = libc::c_long::from(flags.bits() | libc::SIGCHLD);
    // SAFETY: without CLONE_VM and with a null stack this is fork: the child has a copy of everything.
    let pid = unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) };
    let pid = Errno::result(pid)?;
    Ok((pid != 0).then(|| Pid::from_raw(pid as i32)))
}

/// A descriptor that means this process and never another one. Closed on exec.
pub fn pidfd_open(pid: Pid) -> Result<OwnedFd> {
    let pid = rustix::process::Pid::from_raw(pid.as_raw()).ok_or(Errno::ESRCH)?;
    rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).map_err(errno)
}

/// Ends this process at once: no destructors, no flushing of buffers that
/// belong to the parent.
pub fn exit_now(code: i32) -> ! {
    // SAFETY: _exit takes any number and does not return.
    unsafe { libc::_exit(code) }
}

/// What may be set on a mount, and on all mounts below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MountFlags {
    /// Read-only.
    ReadOnly,
    /// Read-only, no set-user-ID programs, no devices: how a container may see the machine.
    Guarded,
}

/// Sets flags on the mount at `path` and on everything mounted below it
/// (mount_setattr, Linux 5.12). Flags that are set already stay.
pub fn set_mount_flags(path: &Path, flags: MountFlags) -> Result<()> {
    set_attributes(path, flags, libc::AT_RECURSIVE)
}

/// The same on the mount at `path` alone: what is mounted below it stays as it is.
pub fn set_flags_of_mount(path: &Path, flags: MountFlags) -> Result<()> {
    set_attributes(path, flags, 0)
}

fn set_attributes(path: &Path, flags: MountFlags, how: c_int) -> Result<()> {
    let attr_set = match flags {
        MountFlags::ReadOnly => libc::MOUNT_ATTR_RDONLY,
        MountFlags::Guarded => libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV,
    };
    let attr = libc::mount_attr { attr_set, attr_clr: 0, propagation: 0, userns_fd: 0 };
    let path = CString::new(path.as_os_str().as_bytes()).map_err(|_| Errno::EINVAL)?;
    // SAFETY: `path` is a C string, `attr` is valid for the size given, and both outlive the call.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            how,
            &raw const attr,
            size_of::<libc::mount_attr>(),
        )
    };
    Errno::result(done).map(drop)
}

/// Sets a network device of this network namespace up.
pub fn set_link_up(name: &str) -> Result<()> {
    let socket = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None)?;
    let mut request =
        libc::ifreq { ifr_name: [0; libc::IFNAMSIZ], ifr_ifru: libc::__c_anonymous_ifr_ifru { ifru_flags: 0 } };
    if name.len() >= libc::IFNAMSIZ {
        return Err(Errno::ENODEV);
    }
    for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *to = from.cast_signed();
    }
    // SAFETY: `request` is a valid ifreq with a name that ends in a zero; the kernel fills in ifru_flags.
    let got = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCGIFFLAGS as _, &raw mut request) };
    Errno::result(got)?;
    // SAFETY: SIOCGIFFLAGS has just set this field of the union.
    let flags = unsafe { request.ifr_ifru.ifru_flags };
    request.ifr_ifru.ifru_flags = flags | libc::IFF_UP as libc::c_short;
    // SAFETY: as above, with the flags to set.
    let set = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS as _, &raw const request) };
    Errno::result(set).map(drop)
}

/// Marks every descriptor from `first` on to be closed by the next exec.
pub fn close_on_exec_from(first: RawFd) -> Result<()> {
    close_range(first, libc::CLOSE_RANGE_CLOEXEC)
}

/// Closes every descriptor from `first` on. Whoever owned one must not use it
/// any more: only for a child that never drops them.
pub fn close_from(first: RawFd) -> Result<()> {
    close_range(first, 0)
}

fn close_range(first: RawFd, flags: c_uint) -> Result<()> {
    let first = c_uint::try_from(first).map_err(|_| Errno::EBADF)?;
    // SAFETY: takes numbers only; descriptors closed here are not used again (see `close_from`).
    let done = unsafe { libc::syscall(libc::SYS_close_range, first, c_uint::MAX, flags) };
    Errno::result(done).map(drop)
}

/// Back to default dispositions and an empty mask: both would outlive exec.
/// (Rust ignores SIGPIPE, the loop blocks the signals it waits for.)
pub fn reset_signals() -> Result<()> {
    // Not through libc's `signal`: it does not touch the two signals of its own
    // (32 and 33), and those can be ignored by whoever started the runner, too.
    // A kernel_sigaction of zeroes: default action, no flags, no restorer, empty mask.
    let default = [0_u64; 4];
    for signal in 1..=libc::SIGRTMAX() {
        // SAFETY: `default` is as long as a kernel_sigaction and outlives the call; the kernel's
        // mask has 8 bytes. KILL and STOP refuse; that is right.
        unsafe {
            libc::syscall(libc::SYS_rt_sigaction, signal, default.as_ptr(), std::ptr::null::<u64>(), size_of::<u64>())
        };
    }
    nix::sys::signal::SigSet::empty().thread_set_mask()
}

/// The default for SIGCHLD. Where it is ignored, as whoever started the runner may have left it, the kernel collects
/// children by itself, and nobody learns how they have ended.
pub fn notice_children() -> Result<()> {
    use nix::sys::signal::{SigHandler, Signal, signal};
    // SAFETY: the default action runs no code of this program.
    unsafe { signal(Signal::SIGCHLD, SigHandler::SigDfl) }.map(drop)
}

fn errno(error: rustix::io::Errno) -> Errno {
    Errno::from_raw(error.raw_os_error())
}
