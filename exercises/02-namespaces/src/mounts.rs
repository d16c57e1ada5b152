//! What a container sees as its files: a plan first, made of data.
//!
//! A plan can be read, printed and compared; only [`crate::root::perform`]
//! touches anything. Its order matters: what comes later covers what came before.

use std::path::{Path, PathBuf};

use nix::mount::MsFlags;
use podkit::runtime::{ContainerSpec, HOST};
use podkit::sys::MountFlags;

use crate::base;

/// One step of a plan. A target is a path in the container; a source one in the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MountOp {
    /// A new file system.
    Mount {
        kind: &'static str,
        target: PathBuf,
        flags: MsFlags,
        data: String,
    },
    /// A file or directory, and all mounts below it, seen in a second place.
    Bind {
        source: PathBuf,
        target: PathBuf,
        flags: Option<MountFlags>,
    },
    /// Read-only from here on, if it is there.
    Protect {
        target: PathBuf,
    },
    /// Empty from here on, if it is there.
    Mask {
        target: PathBuf,
    },
    Directory {
        target: PathBuf,
        mode: u32,
    },
    /// A directory, made only if there is none.
    Exists {
        target: PathBuf,
    },
    File {
        target: PathBuf,
        text: String,
    },
    Symlink {
        target: PathBuf,
        to: PathBuf,
    },
    /// The root itself, as layers: an image, two new directories of the node, and the mount's data.
    Layers {
        image: PathBuf,
        upper: PathBuf,
        work: PathBuf,
        data: String,
    },
    /// The root itself is read-only from here on, and not what is mounted in it.
    Seal,
}

/// No set-user-ID programs, no device files.
pub const NO_SUID_DEV: MsFlags = MsFlags::MS_NOSUID.union(MsFlags::MS_NODEV);
/// No set-user-ID programs, no programs at all.
pub const NO_SUID_EXEC: MsFlags = MsFlags::MS_NOSUID.union(MsFlags::MS_NOEXEC);
/// All three.
pub const NOTHING_RUNS: MsFlags = NO_SUID_DEV.union(MsFlags::MS_NOEXEC);

/// Hidden from containers by every runtime: the machine's, not the container's
/// (OCI runtime specification, the default maskedPaths).
const MASKED: [&str; 10] = [
    "/proc/acpi",
    "/proc/asound",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/sys/firmware",
];

/// Visible and not to be written: the default readonlyPaths.
const READ_ONLY: [&str; 5] = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/// Device files that do no harm.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];

/// Everything a container needs to see, in order.
pub fn plan(spec: &ContainerSpec) -> Vec<MountOp> {
    let mut plan = base::root(&spec.root, &spec.scratch);
    plan.extend(proc_and_sys());
    plan.extend(dev(&spec.shm));
    plan.extend(spec.files.iter().map(|file| MountOp::Bind {
        source: file.source.clone(),
        target: file.target.clone(),
        flags: file.read_only.then_some(MountFlags::ReadOnly),
    }));
    plan.extend(spec.makes_cwd.then(|| MountOp::Exists { target: spec.cwd.clone() }));
    // Last: until now places to mount on were made in it.
    plan.extend(spec.read_only_root.then_some(MountOp::Seal));
    plan
}

/// /proc and /sys: the kernel's own view, of this container's processes and the pod's network.
fn proc_and_sys() -> Vec<MountOp> {
    // ANCHOR: task_2_7
    Vec::new()
    // ANCHOR_END: task_2_7
}

/// A minimal /dev. `shm` is the pod's: its containers share it.
fn dev(shm: &Path) -> Vec<MountOp> {
    // ANCHOR: task_2_7_b
    Vec::new()
    // ANCHOR_END: task_2_7_b
}

/// A new file system of this kind.
pub fn new(kind: &'static str, target: impl Into<PathBuf>, flags: MsFlags, data: &str) -> MountOp {
    MountOp::Mount { kind, target: target.into(), flags, data: data.to_owned() }
}

/// A symbolic link.
pub fn link(target: impl Into<PathBuf>, to: impl Into<PathBuf>) -> MountOp {
    MountOp::Symlink { target: target.into(), to: to.into() }
}
