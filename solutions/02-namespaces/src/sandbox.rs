//! The process that holds what a pod's containers share.
//!
//! A namespace lives as long as a process is in it. Containers come and go (a
//! crash, a restart), so a process that does nothing holds the pod's: pause.

use std::convert::Infallible;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::CloneFlags;
use nix::sys::prctl::set_name;
use nix::unistd::{chroot, dup2_stderr, dup2_stdin, dup2_stdout, fchdir, sethostname};
use podkit::runtime::{HOST, Node, Sandbox, SandboxSpec, Setting, StepError};
use podkit::sys;

use crate::idmap::{self, errno};
use crate::mounts::NOTHING_RUNS;
use crate::node::{SITE, step};
use crate::report::{self, pipe};

/// Runs in the node. Starts the pause process in new namespaces.
pub fn start(node: &Node, spec: &SandboxSpec) -> Result<Sandbox, StepError> {
    start_with(node, spec, shared_namespaces(), || {
        let_go()?;
        wait_for_the_end()
    })
}

/// The same with these namespaces, and `hold` for what the process does in them.
pub fn start_with(
    node: &Node,
    spec: &SandboxSpec,
    namespaces: CloneFlags,
    hold: impl FnOnce() -> Result<Infallible, StepError>,
) -> Result<Sandbox, StepError> {
    let (mut go_reader, mut go) = pipe()?;
    let nowhere = nowhere()?;
    let pid = report::child(
        namespaces,
        move || {
            // Until the parent has written the maps, this process has no ids.
            go_reader.read_exact(&mut [0]).map_err(|error| StepError::new("wait", "for the id maps", errno(&error)))?;
            furnish(spec)?;
            settle(spec)?;
            if spec.infra.is_none() {
                leave(&nowhere)?;
            }
            sys::reset_signals().map_err(step("reset", "signals"))?;
            // The name in `ps`; pause is not exec'ed, so its command line stays the runner's.
            set_name(c"pause").map_err(step("set name", "pause"))?;
            hold()
        },
        |pid| {
            idmap::map_pod(pid, node)?;
            go.write_all(b"+").map_err(|error| StepError::new("tell", "the sandbox", errno(&error)))
        },
    )?;
    let pidfd = sys::pidfd_open(pid).map_err(step("open a pidfd of", "the pause process"))?;
    Ok(Sandbox { pid, pidfd, shares_processes: namespaces.contains(CloneFlags::CLONE_NEWPID) })
}

/// The namespaces that all containers of the pod are in.
pub fn shared_namespaces() -> CloneFlags {
    // ANCHOR: task_2_4
    // STARTER: CloneFlags::CLONE_NEWUSER
    CloneFlags::from_iter([
        CloneFlags::CLONE_NEWUSER,
        CloneFlags::CLONE_NEWNET,
        CloneFlags::CLONE_NEWIPC,
        CloneFlags::CLONE_NEWUTS,
    ])
    // ANCHOR_END: task_2_4
}

/// Runs in the pause process: what the new namespaces need before anybody uses them.
fn furnish(spec: &SandboxSpec) -> Result<(), StepError> {
    // ANCHOR: task_2_4_b
    // STARTER: Ok(())
    // A new UTS namespace has a copy of the machine's name.
    sethostname(&spec.hostname).map_err(step("set hostname", &spec.hostname))?;
    // A new network namespace has one device, lo, and it is down.
    sys::set_link_up("lo").map_err(step("set up", "lo"))
    // ANCHOR_END: task_2_4_b
}

/// Runs in the pause process: the pod's kernel settings. What a file in /proc/sys stands for depends on the namespaces
/// of who opens it.
fn settle(spec: &SandboxSpec) -> Result<(), StepError> {
    for Setting { name, value, is_needed } in &spec.sysctls {
        let done = fs::write(Path::new("/proc/sys").join(name.replace('.', "/")), value);
        if let Err(error) = done.as_ref()
            && *is_needed
        {
            return Err(StepError::new("set", format!("sysctl {name} to {value:?}"), errno(error)));
        }
    }
    Ok(())
}

/// A directory with nothing in it, nothing above it, and no name.
fn nowhere() -> Result<File, StepError> {
    let flags = NOTHING_RUNS.union(MsFlags::MS_RDONLY);
    mount(Some("tmpfs"), SITE, Some("tmpfs"), flags, Some("mode=555,size=4k,nr_inodes=1"))
        .map_err(step("mount tmpfs", SITE))?;
    let dir = File::open(SITE).map_err(|error| StepError::new("open", SITE, errno(&error)));
    // What is detached has no parent: `..` stays in it.
    umount2(SITE, MntFlags::MNT_DETACH).map_err(step("unmount", SITE))?;
    dir
}

/// Runs in the pause process. Containers may come to see it, and through it (`/proc/1/root`, `/proc/1/fd`) what it has:
/// the node's files, where the machine's lie, and the terminal. So from here on it has nothing.
fn leave(nowhere: &File) -> Result<(), StepError> {
    let null = format!("{HOST}/dev/null");
    let open = File::options().read(true).write(true).open(&null);
    let null = open.map_err(|error| StepError::new("open", null, errno(&error)))?;
    dup2_stdin(&null).map_err(step("dup2", "standard input"))?;
    dup2_stdout(&null).map_err(step("dup2", "standard output"))?;
    dup2_stderr(&null).map_err(step("dup2", "standard error"))?;
    fchdir(nowhere).map_err(step("chdir", "to nowhere"))?;
    chroot(".").map_err(step("chroot", "to nowhere"))
}

/// Lets go of all that the node had open.
pub fn let_go() -> Result<(), StepError> {
    // Every pipe of the pod is open here too, and would never end; the report's as well:
    // its end tells the parent that all is well.
    sys::close_from(3).map_err(step("close", "file descriptors"))
}

/// Does nothing until it is killed. (A later chapter makes more of it.)
fn wait_for_the_end() -> Result<Infallible, StepError> {
    loop {
        nix::unistd::pause();
    }
}
