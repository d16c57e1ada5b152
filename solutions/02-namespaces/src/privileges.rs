//! Less than root: what a container's program may not do, whoever it becomes.

use nix::errno::Errno;
use nix::sys::prctl::set_no_new_privs;
use nix::unistd::{Gid, Uid, setgid, setgroups, setsid, setuid};
use podkit::runtime::StepError;
use podkit::sys::capability::{self, Capability};

use crate::node::step;

/// What containerd and Docker leave to a container's root.
pub const KEPT: [Capability; 14] = [
    capability::AUDIT_WRITE,
    capability::CHOWN,
    capability::DAC_OVERRIDE,
    capability::FOWNER,
    capability::FSETID,
    capability::KILL,
    capability::MKNOD,
    capability::NET_BIND_SERVICE,
    capability::NET_RAW,
    capability::SETFCAP,
    capability::SETGID,
    capability::SETPCAP,
    capability::SETUID,
    capability::SYS_CHROOT,
];

/// Runs in the container's process, the last thing before the program.
pub fn give_up() -> Result<(), StepError> {
    // A session of its own: no terminal of ours to type into.
    setsid().map_err(step("setsid", "of the container"))?;
    // The groups of whoever started the runner are not the container's. With a
    // single id setgroups is denied, and there is nothing to be done.
    match setgroups(&[]) {
        Ok(()) | Err(Errno::EPERM) => {}
        Err(errno) => return Err(StepError::new("setgroups", "to none", errno)),
    }
    setgid(Gid::from_raw(0)).map_err(step("setgid", "0"))?;
    setuid(Uid::from_raw(0)).map_err(step("setuid", "0"))?;
    drop_capabilities()
}

fn drop_capabilities() -> Result<(), StepError> {
    // ANCHOR: task_2_8
    // STARTER: Ok(())
    // Exec gives user 0 everything that is left in the bounding set, whatever the other
    // sets say. Taking from it needs SETPCAP, which is among those that stay.
    for capability in capability::all().filter(|it| !KEPT.contains(it)) {
        let name = format!("{capability:?}");
        capability::drop_from_bounding(capability).map_err(step("drop from the bounding set", &name))?;
    }
    capability::set(&KEPT).map_err(step("set capabilities", "of the container"))?;
    // And from here on no exec gives more than there was before it: not to user 0, not by
    // set-user-ID, not by file capabilities.
    set_no_new_privs().map_err(step("set", "no_new_privs"))
    // ANCHOR_END: task_2_8
}
