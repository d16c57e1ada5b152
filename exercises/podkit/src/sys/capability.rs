//! Capabilities: root's powers, cut into pieces.
//!
//! A thread has five sets of them. Two matter to what a program can do after
//! exec as user 0: it is given everything that the *bounding* set still holds.
//! [`set`] changes effective, permitted and inheritable; [`drop_from_bounding`]
//! the bounding set. A program of any other user starts with none.

use rustix::thread::{CapabilitySet, CapabilitySets};

use super::Result;

/// One capability, by its number in linux/capability.h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capability(pub u8);

macro_rules! capabilities {
    ($($name:ident = $number:literal),+ $(,)?) => {
        $(pub const $name: Capability = Capability($number);)+

        /// All of them, with the names that manifests have for them.
        pub const NAMES: &[(&str, Capability)] = &[$((stringify!($name), $name)),+];
    };
}

capabilities! {
    CHOWN = 0, DAC_OVERRIDE = 1, DAC_READ_SEARCH = 2, FOWNER = 3, FSETID = 4, KILL = 5, SETGID = 6, SETUID = 7,
    SETPCAP = 8, LINUX_IMMUTABLE = 9, NET_BIND_SERVICE = 10, NET_BROADCAST = 11, NET_ADMIN = 12, NET_RAW = 13,
    IPC_LOCK = 14, IPC_OWNER = 15, SYS_MODULE = 16, SYS_RAWIO = 17, SYS_CHROOT = 18, SYS_PTRACE = 19, SYS_PACCT = 20,
    SYS_ADMIN = 21, SYS_BOOT = 22, SYS_NICE = 23, SYS_RESOURCE = 24, SYS_TIME = 25, SYS_TTY_CONFIG = 26, MKNOD = 27,
    LEASE = 28, AUDIT_WRITE = 29, AUDIT_CONTROL = 30, SETFCAP = 31, MAC_OVERRIDE = 32, MAC_ADMIN = 33, SYSLOG = 34,
    WAKE_ALARM = 35, BLOCK_SUSPEND = 36, AUDIT_READ = 37, PERFMON = 38, BPF = 39, CHECKPOINT_RESTORE = 40,
}

/// What containerd and Docker leave to a container's root.
pub const USUAL: [Capability; 14] = [
    AUDIT_WRITE,
    CHOWN,
    DAC_OVERRIDE,
    FOWNER,
    FSETID,
    KILL,
    MKNOD,
    NET_BIND_SERVICE,
    NET_RAW,
    SETFCAP,
    SETGID,
    SETPCAP,
    SETUID,
    SYS_CHROOT,
];

/// Every capability this kernel knows.
pub fn all() -> impl Iterator<Item = Capability> {
    // PR_CAPBSET_READ answers EINVAL for a number the kernel does not know.
    (0..64).map(Capability).take_while(|it| rustix::thread::capability_is_in_bounding_set(one(*it)).is_ok())
}

/// Takes one capability out of the bounding set: no exec gives it back.
pub fn drop_from_bounding(capability: Capability) -> Result<()> {
    rustix::thread::remove_capability_from_bounding_set(one(capability)).map_err(super::errno)
}

/// From here on a change of user takes nothing away but what is effective; until the next exec.
pub fn keep_over_setuid() -> Result<()> {
    nix::sys::prctl::set_keepcaps(true)
}

/// All that is permitted becomes effective.
pub fn raise() -> Result<()> {
    let has = rustix::thread::capabilities(None).map_err(super::errno)?;
    let sets = CapabilitySets { effective: has.permitted, ..has };
    rustix::thread::set_capabilities(None, sets).map_err(super::errno)
}

/// Effective and permitted become exactly these; inheritable and ambient nothing.
pub fn set(capabilities: &[Capability]) -> Result<()> {
    let set = capabilities.iter().fold(CapabilitySet::empty(), |set, it| set | one(*it));
    let sets = CapabilitySets { effective: set, permitted: set, inheritable: CapabilitySet::empty() };
    rustix::thread::clear_ambient_capability_set().map_err(super::errno)?;
    rustix::thread::set_capabilities(None, sets).map_err(super::errno)
}

fn one(capability: Capability) -> CapabilitySet {
    CapabilitySet::from_bits_retain(1 << capability.0)
}
