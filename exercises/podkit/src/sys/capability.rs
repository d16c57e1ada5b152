//! Capabilities: root's powers, cut into pieces.
//!
//! A thread has five sets of them. Two matter to what a program can do after
//! exec as user 0: it is given everything that the *bounding* set still holds.
//! [`set`] changes effective, permitted and inheritable; [`drop_from_bounding`]
//! the bounding set.

use nix::errno::Errno;
use rustix::thread::{CapabilitySet, CapabilitySets};

use super::Result;

/// One capability, by its number in linux/capability.h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capability(pub u8);

macro_rules! capabilities {
    ($($name:ident = $number:literal),+ $(,)?) => {
        $(pub const $name: Capability = Capability($number);)+
    };
}

capabilities! {
    CHOWN = 0, DAC_OVERRIDE = 1, DAC_READ_SEARCH = 2, FOWNER = 3, FSETID = 4, KILL = 5, SETGID = 6, SETUID = 7,
    SETPCAP = 8, NET_BIND_SERVICE = 10, NET_ADMIN = 12, NET_RAW = 13, IPC_LOCK = 14, SYS_MODULE = 16,
    SYS_CHROOT = 18, SYS_PTRACE = 19, SYS_ADMIN = 21, SYS_BOOT = 22, SYS_TIME = 25, MKNOD = 27, AUDIT_WRITE = 29,
    SETFCAP = 31,
}

/// Every capability this kernel knows.
pub fn all() -> impl Iterator<Item = Capability> {
    // PR_CAPBSET_READ answers EINVAL for a number the kernel does not know.
    (0..64).map(Capability).take_while(|it| rustix::thread::capability_is_in_bounding_set(one(*it)).is_ok())
}

/// Takes one capability out of the bounding set: no exec gives it back.
pub fn drop_from_bounding(capability: Capability) -> Result<()> {
    rustix::thread::remove_capability_from_bounding_set(one(capability)).map_err(super::errno)
}

/// Effective and permitted become exactly these; inheritable and ambient nothing.
pub fn set(capabilities: &[Capability]) -> Result<()> {
    let set = capabilities.iter().fold(CapabilitySet::empty(), |set, it| set | one(*it));
    let sets = CapabilitySets { effective: set, permitted: set, inheritable: CapabilitySet::empty() };
    rustix::thread::clear_ambient_capability_set().map_err(super::errno)?;
    rustix::thread::set_capabilities(None, sets).map_err(|error| Errno::from_raw(error.raw_os_error()))
}

fn one(capability: Capability) -> CapabilitySet {
    CapabilitySet::from_bits_retain(1 << capability.0)
}
