//! Less than root: what a container's program may not do, whoever it becomes.

use std::os::fd::OwnedFd;

use nix::errno::Errno;
use nix::sys::prctl::{set_dumpable, set_no_new_privs};
use nix::unistd::{Gid, Uid, fchown, setgid, setgroups, setsid, setuid};
use podkit::runtime::StepError;
use podkit::security::Privileges;
use podkit::sys::{capability, keyring, seccomp};

use crate::node::step;

/// Runs in the container's process, the last thing before the program.
pub fn give_up(privileges: &Privileges) -> Result<(), StepError> {
    // A session of its own: no terminal of ours to type into, and none of our keys.
    setsid().map_err(step("setsid", "of the container"))?;
    keyring::begin_session().map_err(step("join", "a session keyring of its own"))?;
    become_user(privileges)?;
    if let Some(filter) = &privileges.seccomp {
        // As long as there is SYS_ADMIN to allow it: no_new_privs, that would do as well, may not be wanted.
        seccomp::install(filter).map_err(step("install", "the seccomp filter"))?;
    }
    drop_capabilities(privileges)
}

/// Runs before anything is joined. Programs of the pod see who joins them, and until its exec it has the node's files and
/// memory: nobody may look at those (`/proc/PID/fd`), nor trace it. With the exec this is over.
pub fn hide() -> Result<(), StepError> {
    set_dumpable(false).map_err(step("hide", "from the pod"))
}

/// Runs before [`give_up`]. The program's output becomes its user's, who could not open `/dev/stdout` otherwise.
pub fn hand_over(privileges: &Privileges, fds: [Option<&OwnedFd>; 3]) -> Result<(), StepError> {
    if privileges.user == 0 {
        return Ok(());
    }
    let user = Some(Uid::from_raw(privileges.user));
    for fd in fds.into_iter().flatten() {
        // What somebody else opened for it (a file of the machine, say) stays as it is.
        match fchown(fd, user, None) {
            Ok(()) | Err(Errno::EPERM | Errno::EROFS | Errno::EINVAL) => {}
            Err(errno) => return Err(StepError::new("give", "the program its output", errno)),
        }
    }
    Ok(())
}

/// Another user and other groups, and still all capabilities.
fn become_user(privileges: &Privileges) -> Result<(), StepError> {
    let groups: Vec<Gid> = privileges.groups.iter().copied().map(Gid::from_raw).collect();
    let (user, group) = (privileges.user, privileges.group);
    // The groups of whoever started the runner are not the container's. With a
    // single id setgroups is denied, and there is nothing to be done.
    match setgroups(&groups) {
        Ok(()) => {}
        Err(Errno::EPERM) if groups.is_empty() => {}
        Err(errno) => return Err(StepError::new("setgroups", format!("to {:?}", privileges.groups), errno)),
    }
    setgid(Gid::from_raw(group)).map_err(step("setgid", &group.to_string()))?;
    // Who stops being user 0 loses all capabilities, unless it has asked to keep them.
    capability::keep_over_setuid().map_err(step("keep", "capabilities"))?;
    setuid(Uid::from_raw(user)).map_err(step("setuid", &user.to_string()))?;
    capability::raise().map_err(step("raise", "capabilities"))
}

/// The container keeps `kept`, and nothing else.
fn drop_capabilities(Privileges { kept, no_new_privs, .. }: &Privileges) -> Result<(), StepError> {
    // ANCHOR: task_2_8
    Ok(())
    // ANCHOR_END: task_2_8
}
