//! Which user and group ids exist in a user namespace.
//!
//! A new user namespace has no ids at all: every file and process seems to
//! belong to 65534, nobody. Three files in /proc of its first process change
//! that, and each can be written once: `setgroups`, `uid_map`, `gid_map`. A line
//! of a map has three numbers: the first id inside, the first id outside, how many.

use std::fs;
use std::io;
use std::process::{Child, Command, Stdio};

use nix::errno::Errno;
use nix::unistd::{Gid, Pid, Uid, User};
use podkit::runtime::{Node, StepError};

/// How many ids a node has where there is a range to take them from: 0 to 65535.
pub const ALL: u32 = 65536;

/// Ids that nobody allocates, for a node that root starts: users, subordinate
/// ranges and systemd's own all end below (systemd.io/UIDS-GIDS).
const UNUSED: u32 = 0x7000_0000;

/// Runs in the parent, while the child waits. Gives the node's first process
/// its ids; says how many it has got.
pub fn map_node(child: Pid) -> Result<u32, StepError> {
    if Uid::effective().is_root() {
        // Root may map any id. Inside it keeps its own for 0, so that the node can
        // read what root can; the rest must be nobody else's. Root of some outer
        // container has fewer ids to give, and falls through.
        let map = format!("0 0 1\n1 {UNUSED} {}\n", ALL - 1);
        if write(child, "uid_map", &map).is_ok() {
            return write(child, "gid_map", &map).map(|()| ALL);
        }
    } else if let (Some(uids), Some(gids)) = (my_range("/etc/subuid"), my_range("/etc/subgid"))
        && map_with_helpers(child, uids, gids)?
    {
        return Ok(ALL);
    }
    map_single(child).map(|()| 1)
}

/// The way that is always open: root inside is me outside, and nobody else is there.
fn map_single(child: Pid) -> Result<(), StepError> {
    let uid = Uid::effective();
    let gid = Gid::effective();
    // ANCHOR: task_2_1
    todo!("task 2.1: Root inside is you")
    // ANCHOR_END: task_2_1
}

/// My range in /etc/subuid or /etc/subgid.
fn my_range(file: &str) -> Option<u32> {
    let uid = Uid::effective();
    let name = User::from_uid(uid).ok().flatten()?.name;
    subordinate_range(&fs::read_to_string(file).ok()?, &name, uid)
}

/// The first id of a range of this user that holds ids 1 to 65535.
///
/// A line is `user:first:count`; the user may be a name or a number.
pub fn subordinate_range(text: &str, name: &str, uid: Uid) -> Option<u32> {
    // ANCHOR: task_2_2
    None
    // ANCHOR_END: task_2_2
}

/// Has newuidmap and newgidmap write the maps: set-user-ID programs that know
/// /etc/subuid and /etc/subgid. False where they are not installed or do not work.
fn map_with_helpers(child: Pid, uids: u32, gids: u32) -> Result<bool, StepError> {
    // Both at once: each is a whole program to start.
    let uid = helper("newuidmap", child, Uid::effective().as_raw(), uids)?;
    let gid = helper("newgidmap", child, Gid::effective().as_raw(), gids)?;
    let (Some(uid), Some(gid)) = (uid, gid) else { return Ok(false) };
    match (finish("newuidmap", uid), finish("newgidmap", gid)) {
        (Ok(()), Ok(())) => Ok(true),
        // They have lost their set-user-ID bit, or may not use it (inside another
        // container, say). Neither map is written: the way without help is still open.
        (Err(error), Err(_)) => {
            eprintln!("warning: {error}; going on with a single user id");
            Ok(false)
        }
        (Err(error), Ok(())) | (Ok(()), Err(error)) => Err(error),
    }
}

/// Starts one: 0 inside is `own` outside, and the rest comes from `first` on.
fn helper(program: &str, child: Pid, own: u32, first: u32) -> Result<Option<Child>, StepError> {
    let map = [0, own, 1, 1, first, ALL - 1].map(|number| number.to_string());
    match Command::new(program).arg(child.to_string()).args(map).stderr(Stdio::piped()).spawn() {
        Ok(child) => Ok(Some(child)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StepError::new("start", program, errno(&error))),
    }
}

fn finish(program: &str, child: Child) -> Result<(), StepError> {
    let output = child.wait_with_output().map_err(|error| StepError::new("wait for", program, errno(&error)))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(StepError { errno: 0, ..StepError::new("run", program, Errno::EPERM) }.hint(said))
}

/// Runs in the node, while the pod's first process waits. A pod's user
/// namespace has the same ids as the node's, from 0.
pub fn map_pod(child: Pid, node: &Node) -> Result<(), StepError> {
    let map = pod_map(node.ids);
    write(child, "uid_map", &map)?;
    write(child, "gid_map", &map)
}

/// The text of a pod's maps.
fn pod_map(ids: u32) -> String {
    // ANCHOR: task_2_4_c
    "0 0 1\n".to_owned()
    // ANCHOR_END: task_2_4_c
}

/// Writes one of the three files, in one write: the kernel takes a map whole.
fn write(child: Pid, file: &str, text: &str) -> Result<(), StepError> {
    fs::write(format!("/proc/{child}/{file}"), text)
        .map_err(|error| StepError::new("write", format!("{file} of process {child}"), errno(&error)))
}

pub(crate) fn errno(error: &io::Error) -> Errno {
    Errno::from_raw(error.raw_os_error().unwrap_or_default())
}
