//! The container's root file system: carrying out the plan, then moving in.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{OFlag, open, openat};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::stat::{Mode, mkdirat};
use nix::unistd::{chdir, pivot_root};
use podkit::copy;
use podkit::runtime::{HOST, StepError};
use podkit::security::defaults::FILES;
use podkit::sys::{self, MountFlags};

use crate::idmap::errno;
use crate::mounts::{MountOp, NOTHING_RUNS};
use crate::node::step;

/// Runs in the container's process. Does one thing of the plan; targets are
/// paths in the container, `root` is where that lies now.
pub fn perform(op: &MountOp, root: &Path) -> Result<(), StepError> {
    match op {
        MountOp::Mount { kind, target, flags, data } => {
            let place = directory(root, target)?;
            let data = bounded(kind, data);
            mount(Some(*kind), &place, Some(*kind), *flags, Some(data.as_str()))
                .map_err(|errno| mount_error(kind, target, errno))
        }
        MountOp::Bind { source, target, flags } => {
            let place = mount_point(root, target, source.is_dir())?;
            bind(source, &place, *flags)
        }
        MountOp::Protect { target } => {
            let place = inside(root, target)?;
            if !place.exists() {
                return Ok(());
            }
            bind(&place, &place, Some(MountFlags::ReadOnly))
        }
        MountOp::Mask { target } => {
            let place = inside(root, target)?;
            if place.is_dir() {
                let flags = NOTHING_RUNS.union(MsFlags::MS_RDONLY);
                mount(Some("tmpfs"), &place, Some("tmpfs"), flags, Some("mode=755"))
                    .map_err(|errno| mount_error("tmpfs", target, errno))
            } else if place.exists() {
                bind(&Path::new(HOST).join("dev/null"), &place, None)
            } else {
                Ok(())
            }
        }
        MountOp::Layers { image, upper, work, data } => {
            for dir in [upper, work] {
                fs::create_dir_all(dir).map_err(io_step("make directory", dir))?;
            }
            mount(Some("overlay"), root, Some("overlay"), MsFlags::empty(), Some(data.as_str()))
                .or_else(|errno| copy::in_place_of_overlay(image, root, errno))
                .map_err(|errno| mount_error("overlay", Path::new("/"), errno))
        }
        MountOp::Seal => sys::set_flags_of_mount(root, MountFlags::ReadOnly).map_err(step("make read-only", "/")),
        MountOp::Exists { target } => directory(root, target).map(drop),
        MountOp::Directory { target, mode } => {
            let place = directory(root, target)?;
            fs::set_permissions(&place, Permissions::from_mode(*mode)).map_err(io_step("set mode of", target))
        }
        MountOp::File { target, text } => {
            let place = inside(root, target)?;
            make_parent(root, &place, target)?;
            let mut options = OpenOptions::new();
            let file = options.write(true).create(true).truncate(true).mode(0o644).open(&place);
            file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(io_step("write", target))
        }
        MountOp::Symlink { target, to } => {
            let place = inside(root, target)?;
            make_parent(root, &place, target)?;
            symlink(to, &place).map_err(io_step("make symlink", target))
        }
    }
}

/// `size` counts what is in files. But a file without content costs memory as well.
fn bounded(kind: &str, data: &str) -> String {
    match kind == "tmpfs" && !data.contains("nr_inodes") {
        true => format!("{data},nr_inodes={FILES}"),
        false => data.to_owned(),
    }
}

/// Shows `source` and everything mounted below it at `place`.
fn bind(source: &Path, place: &Path, flags: Option<MountFlags>) -> Result<(), StepError> {
    let shown = source.display().to_string();
    let none = None::<&str>;
    mount(Some(source), place, none, MsFlags::MS_BIND.union(MsFlags::MS_REC), none).map_err(step("bind", &shown))?;
    // A bind ignores every other flag of the same call, MS_RDONLY too, without
    // a word. So they are set afterwards, on the mounts below as well.
    match flags {
        Some(flags) => sys::set_mount_flags(place, flags).map_err(step("make read-only", &shown)),
        None => Ok(()),
    }
}

/// Runs in the container's process: `root` becomes `/`, and the old root is gone.
pub fn enter(root: &Path) -> Result<(), StepError> {
    let shown = root.display().to_string();
    chdir(root).map_err(step("chdir", &shown))?;
    // ANCHOR: task_2_6
    // STARTER: nix::unistd::chroot(".").map_err(step("chroot", &shown))
    // With the same place for both, the old root comes to lie on top of the new
    // one. It is busy (we came from there), so it is detached, not unmounted.
    pivot_root(".", ".").map_err(step("pivot_root", &shown))?;
    umount2(".", MntFlags::MNT_DETACH).map_err(step("unmount", "the old root"))?;
    chdir("/").map_err(step("chdir", "/"))
    // ANCHOR_END: task_2_6
}

/// A path of the container, as a path of the node.
///
/// An image may hold symlinks that lead out of it (`/etc -> /host/etc`). Before
/// the root has changed they would lead there, so each step is looked at.
fn inside(root: &Path, target: &Path) -> Result<PathBuf, StepError> {
    let mut path = root.to_owned();
    // As many as the kernel follows.
    let mut links = 0..40;
    let mut rest = parts(target);
    while let Some(part) = rest.pop() {
        if part == Path::new("..") {
            // At the root, `..` stays there.
            path = path.parent().filter(|it| it.starts_with(root)).unwrap_or(root).to_owned();
        } else if let Ok(to) = fs::read_link(path.join(&part)) {
            links.next().ok_or_else(|| StepError::new("follow", target.display().to_string(), Errno::ELOOP))?;
            if to.is_absolute() {
                path = root.to_owned();
            }
            rest.extend(parts(&to));
        } else {
            path.push(part);
        }
    }
    Ok(path)
}

/// The names in a path, last one first.
fn parts(path: &Path) -> Vec<PathBuf> {
    use std::path::Component::{Normal, ParentDir};
    path.components()
        .rev()
        .filter(|it| matches!(it, Normal(_) | ParentDir))
        .map(|it| PathBuf::from(it.as_os_str()))
        .collect()
}

/// Makes sure that there is a directory.
fn directory(root: &Path, target: &Path) -> Result<PathBuf, StepError> {
    let place = inside(root, target)?;
    make(root, &place).map_err(step("make directory", &target.display().to_string()))?;
    Ok(place)
}

/// Makes sure that there is something to mount on: a directory or a file.
fn mount_point(root: &Path, target: &Path, is_dir: bool) -> Result<PathBuf, StepError> {
    if is_dir {
        return directory(root, target);
    }
    let place = inside(root, target)?;
    if !place.exists() {
        let dir = make_parent(root, &place, target)?;
        let flags = OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_CLOEXEC;
        openat(&dir, place.file_name().unwrap_or_default(), flags, Mode::from_bits_truncate(0o644))
            .map_err(step("make file", &target.display().to_string()))?;
    }
    Ok(place)
}

fn make_parent(root: &Path, place: &Path, target: &Path) -> Result<OwnedFd, StepError> {
    let parent = place.parent().unwrap_or(root);
    make(root, parent).map_err(step("make directory of", &target.display().to_string()))
}

/// Makes a directory and those above it, from `root` down. [`inside`] has left no link in `place`; if there is one now,
/// another container of the pod has put it there, in a volume of theirs, and it would lead into the node.
fn make(root: &Path, place: &Path) -> nix::Result<OwnedFd> {
    let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let mut dir = open(root, flags, Mode::empty())?;
    for part in place.strip_prefix(root).unwrap_or(place).components() {
        let next = || openat(&dir, part.as_os_str(), flags, Mode::empty());
        let opened = match next() {
            Err(Errno::ENOENT) => match mkdirat(&dir, part.as_os_str(), Mode::from_bits_truncate(0o755)) {
                Ok(()) | Err(Errno::EEXIST) => next(),
                Err(errno) => Err(errno),
            },
            opened => opened,
        };
        dir = opened?;
    }
    Ok(dir)
}

fn io_step<'a>(step: &'a str, target: &'a Path) -> impl FnOnce(io::Error) -> StepError + 'a {
    move |error| StepError::new(step, target.display().to_string(), errno(&error))
}

fn mount_error(kind: &str, target: &Path, errno: Errno) -> StepError {
    let error = StepError::new(format!("mount {kind}"), target.display().to_string(), errno);
    let too_revealing = [("proc", Errno::EPERM), ("sysfs", Errno::EPERM)];
    if too_revealing.contains(&(kind, errno)) {
        return error.hint("is the runner inside a container that hides parts of /proc or /sys? `doctor` says more");
    }
    error
}
