//! The runner splits in two. The outer half stays what was typed; the inner
//! half, the node, is root of a user namespace, PID 1 of a PID namespace, and
//! has a root directory of its own. Every pod lives in it.

use std::fs;
use std::io::{PipeReader, Read, Write};
use std::os::fd::{AsFd, IntoRawFd};
use std::path::Path;

use nix::mount::{MsFlags, mount};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::CloneFlags;
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{chdir, pivot_root};
use podkit::runtime::{Entered, HOST, Node, PODS, StepError};
use podkit::sys::{self, keyring};

use crate::idmap::{self, errno};
use crate::mounts::{NO_SUID_DEV, NOTHING_RUNS};
use crate::report::{clone_error, pipe};

/// Where the node's root is put together: any directory there is. What it held
/// can be seen again, under /host, once the root has changed.
pub const SITE: &str = "/tmp";

/// Splits into the outside and the node.
///
/// Must run single-threaded: a process with threads may not change its user namespace.
pub fn enter() -> Result<Entered, StepError> {
    let (mut go_reader, mut go) = pipe()?;
    // One clone for all three: the user namespace is made first, and owns the others.
    let flags = CloneFlags::from_iter([CloneFlags::CLONE_NEWUSER, CloneFlags::CLONE_NEWPID, CloneFlags::CLONE_NEWNS]);
    match sys::clone(flags).map_err(|errno| clone_error(flags, errno))? {
        Some(pid) => {
            drop(go_reader);
            let mapped = idmap::map_node(pid).and_then(|ids| {
                go.write_all(&ids.to_ne_bytes()).map_err(|error| StepError::new("tell", "the node", errno(&error)))
            });
            if let Err(error) = mapped {
                let _ = kill(pid, Signal::SIGKILL);
                let _ = waitpid(pid, None);
                return Err(error);
            }
            // Never closed while this process lives: the node takes that for our end.
            let _ = go.into_raw_fd();
            Ok(Entered::Outside(pid))
        }
        None => {
            drop(go);
            // From here on the node dies with the outside.
            set_pdeathsig(Signal::SIGKILL).map_err(step("set", "the parent death signal"))?;
            let mut ids = [0; 4];
            if go_reader.read_exact(&mut ids).is_err() {
                sys::exit_now(1);
            }
            // If the outside died before that, no signal comes. But then its end of the
            // pipe is closed, even if the ids got through.
            if hung_up(&go_reader) {
                sys::exit_now(1);
            }
            build_root()?;
            keyring::begin_session().map_err(step("join", "a session keyring of its own"))?;
            Ok(Entered::Node(Node { ids: u32::from_ne_bytes(ids) }))
        }
    }
}

/// Has everybody who could write to this pipe closed it?
fn hung_up(pipe: &PipeReader) -> bool {
    let mut fds = [PollFd::new(pipe.as_fd(), PollFlags::empty())];
    // POLLHUP is always told, asked for or not.
    poll(&mut fds, PollTimeout::ZERO) != Ok(0)
}

/// The node's own root: a small tmpfs with the machine's root at /host.
fn build_root() -> Result<(), StepError> {
    // The new mount namespace is a copy of the old one, and still hears of mounts
    // made there. From here on it does not.
    let none = None::<&str>;
    mount(none, "/", none, MsFlags::MS_REC.union(MsFlags::MS_PRIVATE), none).map_err(step("make private", "/"))?;

    mount(Some("tmpfs"), SITE, Some("tmpfs"), NO_SUID_DEV, Some("mode=755")).map_err(step("mount tmpfs", SITE))?;
    for dir in [HOST, "/proc", PODS, "/tmp"] {
        let path = format!("{SITE}{dir}");
        fs::create_dir(&path).map_err(|error| StepError::new("make directory", path, errno(&error)))?;
    }
    pivot_root(SITE, Path::new(&format!("{SITE}{HOST}"))).map_err(step("pivot_root", SITE))?;
    chdir("/").map_err(step("chdir", "/"))?;

    // /proc shows the PID namespace of the process that mounts it.
    mount(Some("proc"), "/proc", Some("proc"), NOTHING_RUNS, none).map_err(step("mount proc", "/proc"))
}

/// For `map_err`: the step that failed, and on what.
pub(crate) fn step<'a>(step: &'a str, subject: &'a str) -> impl FnOnce(nix::errno::Errno) -> StepError + 'a {
    move |errno| StepError::new(step, subject, errno)
}
