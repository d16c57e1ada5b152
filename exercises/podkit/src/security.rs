//! What a container's program may be and do: its user, its capabilities, its filter of system calls.
//!
//! Chapter 2 gives every container the same ([`Privileges::default`]); from chapter 10 on the securityContext
//! of the pod and of the container says what is different. Here that is only data: chapter 2's code does it.

use crate::sys::capability::{self, Capability};
use crate::sys::seccomp::Filter;

/// What a process becomes, the last thing before its program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Privileges {
    /// Ids of the pod's user namespace.
    pub user: u32,
    pub group: u32,
    /// Supplementary groups.
    pub groups: Vec<u32>,
    /// All capabilities that it, and whatever it starts, can ever have. A program of another user than 0 has none of
    /// them until it execs one that is set-user-ID.
    pub kept: Vec<Capability>,
    /// No exec gives more than there was before it.
    pub no_new_privs: bool,
    /// Which system calls it may make; `None`: all.
    pub seccomp: Option<Filter>,
}

impl Default for Privileges {
    /// Root of the pod, with what the runtimes leave it.
    fn default() -> Privileges {
        let kept = capability::USUAL.to_vec();
        Privileges { user: 0, group: 0, groups: Vec::new(), kept, no_new_privs: true, seccomp: None }
    }
}
