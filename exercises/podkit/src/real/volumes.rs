//! A pod's volumes on the node: made before its sandbox, kept while the pod is there.
//!
//! Each is a directory of the pod's own, on the node's tmpfs: so it outlives its containers, and nothing of it is left
//! when the node is gone, however it went. For an emptyDir that is not the kubelet's way, which has them on the
//! machine's disk unless they ask for memory: a process that is killed cannot clean up after itself, and no directory
//! on a disk does it by itself. What an emptyDir holds counts as memory here in either case, and its sizeLimit is the
//! size of its file system: who writes more is told at once, where the kubelet would evict the pod later.
//!
//! A hostPath has no directory here: it is looked up at each start of a container.

mod below;
mod show;

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Component, Path, PathBuf};

use nix::mount::{MsFlags, mount};

use super::machine::on_the_machine;
use crate::engine::{FAILED_MOUNT, StartError};
use crate::pod::{EmptyDir, HostPath, Volume};
use crate::security::defaults::{DISK, FILES};
use crate::volumes::{Contents, Payload, Volumes};

pub use below::unmount_below;
pub use show::in_order;

/// Everybody may write to an emptyDir; what is made of files is mounted read-only.
const MODE: u32 = 0o777;
/// A group that owns an emptyDir, too, owns what is made in it.
const SET_GROUP_ID: u32 = 0o2000;

/// The volumes of one pod.
pub struct PodVolumes {
    dir: PathBuf,
    /// Names of those that are there.
    ready: BTreeSet<String>,
}

impl PodVolumes {
    /// There is none yet; `dir` will hold them.
    pub fn new(dir: PathBuf) -> PodVolumes {
        PodVolumes { dir, ready: BTreeSet::new() }
    }

    /// Makes all that are not there yet; `ids` is how many group ids the node has.
    ///
    /// # Errors
    /// What keeps the first of them away, in the kubelet's words. It may come: try again.
    pub fn set_up(&mut self, parts: &Volumes, contents: &Contents, ids: u32) -> Result<(), StartError> {
        for volume in &contents.pod.spec.volumes {
            if self.ready.contains(&volume.name) {
                continue;
            }
            let done = group(contents, ids).and_then(|group| self.make(parts, contents, volume, group));
            done.map_err(|why| StartError { reason: FAILED_MOUNT.to_owned(), message: failed(volume, &why) })?;
            self.ready.insert(volume.name.clone());
        }
        Ok(())
    }

    /// Writes again what has changed of their files; a volume of which something is gone keeps what it has.
    /// Returns what went wrong.
    pub fn update(&self, parts: &Volumes, contents: &Contents, ids: u32) -> Vec<String> {
        let of_files = |volume: &&Volume| volume.is_of_files() && self.ready.contains(&volume.name);
        let volumes = contents.pod.spec.volumes.iter().filter(of_files);
        let update = |volume: &Volume| {
            let done = group(contents, ids).and_then(|group| self.write(parts, contents, volume, group));
            done.err().map(|why| failed(volume, &why))
        };
        volumes.filter_map(update).collect()
    }

    fn make(&self, parts: &Volumes, contents: &Contents, volume: &Volume, group: Option<u32>) -> Result<(), String> {
        if let Some(host_path) = &volume.host_path {
            return check(parts, host_path);
        }
        let place = self.dir.join(&volume.name);
        fs::create_dir_all(&place).map_err(|error| error.to_string())?;
        match &volume.empty_dir {
            Some(source) => empty_dir(parts, contents, source, &place).map_err(|error| error.to_string())?,
            None => self.write(parts, contents, volume, group)?,
        }
        let mode = if group.is_some() { MODE | SET_GROUP_ID } else { MODE };
        own(&place, group, mode).map_err(|error| format!("giving it to its group: {error}"))?;
        self.nested(contents, volume, &place).map_err(|error| format!("making room for other mounts: {error}"))
    }

    fn write(&self, parts: &Volumes, contents: &Contents, volume: &Volume, group: Option<u32>) -> Result<(), String> {
        let files = (parts.files)(contents, volume).map_err(|missing| missing.to_string())?;
        let written = (parts.write)(&self.dir.join(&volume.name), &Payload { files, group });
        written.map(drop).map_err(|error| format!("writing its files: {error}"))
    }

    /// A mount within a volume that is mounted read-only finds its place there.
    fn nested(&self, contents: &Contents, volume: &Volume, place: &Path) -> io::Result<()> {
        for container in contents.pod.all_containers() {
            let of_volume = container.volume_mounts.iter().filter(|it| it.name == volume.name);
            for outer in of_volume.filter(|it| it.sub_path.is_none() && it.sub_path_expr.is_none()) {
                let inside = |it: &&crate::pod::VolumeMount| it.mount_path != outer.mount_path;
                for inner in container.volume_mounts.iter().filter(inside) {
                    if let Ok(rest) = Path::new(&inner.mount_path).strip_prefix(&outer.mount_path)
                        && rest.components().all(|part| matches!(part, Component::Normal(_)))
                    {
                        fs::create_dir_all(place.join(rest))?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn failed(volume: &Volume, why: &str) -> String {
    format!("MountVolume.SetUp failed for volume \"{}\" : {why}", volume.name)
}

/// The pod's fsGroup.
fn group(contents: &Contents, ids: u32) -> Result<Option<u32>, String> {
    let wanted = contents.pod.spec.security_context.as_ref().and_then(|context| context.fs_group);
    let Some(wanted) = wanted else { return Ok(None) };
    match u32::try_from(wanted).ok().filter(|group| *group < ids) {
        Some(group) => Ok(Some(group)),
        None => Err(format!(
            "fsGroup {wanted} is not mapped: the node has {ids} of the machine's ids (more take newuidmap, newgidmap \
             and lines in /etc/subuid and /etc/subgid)"
        )),
    }
}

fn check(parts: &Volumes, host_path: &HostPath) -> Result<(), String> {
    let path = Path::new(&host_path.path);
    let kind = host_path.kind.as_deref().unwrap_or_default();
    on_the_machine(|| {
        let is_missing = path.metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
        if kind.is_empty() && is_missing {
            // No check; and the runtimes make a directory of what is not there.
            return fs::create_dir_all(path).map_err(|error| format!("making {}: {error}", path.display()));
        }
        (parts.host_path)(kind, path)
    })
    .map_err(|error| error.to_string())?
}

/// A file system of its own, so that one that is full is not the others' trouble.
fn empty_dir(parts: &Volumes, contents: &Contents, source: &EmptyDir, place: &Path) -> Result<(), String> {
    let size = (parts.size)(contents, source).map_err(|missing| missing.to_string())?;
    // For the kernel, a size of 0 is no limit. Where the manifest has none, there is one all the same: it is memory.
    let size = size.map_or_else(|| DISK.to_owned(), |bytes| format!("size={},nr_inodes={FILES}", bytes.max(1)));
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(Some("emptydir"), place, Some("tmpfs"), flags, Some(format!("mode=777,{size}").as_str()))
        .map_err(|errno| format!("mounting a tmpfs: {}", errno.desc()))
}

fn own(place: &Path, group: Option<u32>, mode: u32) -> io::Result<()> {
    if group.is_some() {
        chown(place, None, group)?;
    }
    fs::set_permissions(place, Permissions::from_mode(mode))
}
