//! What the node keeps for a pod, on the node's own tmpfs: gone with the node.
//!
//! ```text
//! /pods/NAME/shm                      the pod's /dev/shm
//! /pods/NAME/disk                     a tmpfs of a bounded size, for what containers may write:
//! /pods/NAME/disk/{hosts,hostname,resolv.conf}
//! /pods/NAME/disk/containers/C/N/termination-log
//! /pods/NAME/volumes/V                one volume
//! /pods/NAME/disk/containers/C/N/root where run N of container C builds its root
//! /pods/NAME/containers/C/N/mounts    what it is shown of volumes, while it starts
//! ```

use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nix::mount::{MsFlags, mount};

use super::machine::on_the_machine;
use super::tell::say;
use super::volumes::unmount_below;
use crate::dns::{self, Resolver};
use crate::hosts;
use crate::pod::{Container, Pod};
use crate::runtime::{FileMount, PODS};
use crate::security::defaults::{DISK, FILES};

/// Where a container writes its last words, unless the manifest says otherwise.
const TERMINATION_LOG: &str = "/dev/termination-log";
/// The most that is read of a termination message file or kept of a log.
pub const TAIL: u64 = 64 << 10;

/// A pod's directory.
pub struct PodDir {
    path: PathBuf,
}

impl PodDir {
    /// Runs in the node.
    pub fn create(pod: &Pod) -> io::Result<PodDir> {
        let name = &pod.metadata.name;
        // No name of either kind may hold an underscore; both in one name may be too long for a file.
        let path = match pod.metadata.namespace.as_deref() {
            None | Some("default") => Path::new(PODS).join(name),
            Some(namespace) => Path::new(PODS).join(format!("_{namespace}")).join(name),
        };
        fs::create_dir_all(path.join("shm"))?;
        // Size and mode are what the runtimes give /dev/shm.
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
        mount(
            Some("shm"),
            &path.join("shm"),
            Some("tmpfs"),
            flags,
            Some(format!("mode=1777,size=65536k,nr_inodes={FILES}").as_str()),
        )?;
        let disk = path.join("disk");
        fs::create_dir_all(&disk)?;
        let (flags, options) = (MsFlags::MS_NOSUID | MsFlags::MS_NODEV, format!("mode=755,{DISK}"));
        mount(Some("disk"), &disk, Some("tmpfs"), flags, Some(options.as_str()))?;
        // One that is too long makes no sandbox, and so no container to see it.
        let hostname = hosts::hostname(pod).unwrap_or_default();
        fs::write(disk.join("hostname"), format!("{hostname}\n"))?;
        fs::write(disk.join("hosts"), hosts::file(pod))?;
        fs::write(disk.join("resolv.conf"), resolver(pod).text)?;
        Ok(PodDir { path })
    }

    /// The pod is over.
    pub fn remove(&self) {
        remove(&self.path);
    }

    /// Where its volumes are.
    pub fn volumes(&self) -> PathBuf {
        self.path.join("volumes")
    }

    /// Where one run of a container finds what it is shown of them.
    pub fn mounts(&self, container: &str, attempt: u32) -> PathBuf {
        self.path.join("containers").join(container).join(attempt.to_string()).join("mounts")
    }

    pub fn shm(&self) -> PathBuf {
        self.path.join("shm")
    }

    /// A fresh directory for one run of a container.
    pub fn instance(&self, container: &str, attempt: u32) -> io::Result<InstanceDir> {
        let path = self.path.join("disk/containers").join(container).join(attempt.to_string());
        fs::create_dir_all(path.join("root"))?;
        let log = path.join("termination-log");
        fs::write(&log, "")?;
        // Any user of the container may write its last words (the kubelet: 0666).
        fs::set_permissions(&log, fs::Permissions::from_mode(0o666))?;
        Ok(InstanceDir { path })
    }

    /// What every container of the pod sees: the kubelet's files over the image's, but for those that the container
    /// has volumes for.
    pub fn files(&self, container: &Container) -> Vec<FileMount> {
        let is_free = |target: &Path| !container.volume_mounts.iter().any(|it| Path::new(&it.mount_path) == target);
        let files = ["hosts", "hostname", "resolv.conf"].map(|name| FileMount {
            source: self.path.join("disk").join(name),
            target: Path::new("/etc").join(name),
            read_only: false,
        });
        files.into_iter().filter(|file| is_free(&file.target)).collect()
    }
}

/// What belongs to one run of a container.
pub struct InstanceDir {
    path: PathBuf,
}

impl InstanceDir {
    pub fn scratch(&self) -> PathBuf {
        self.path.join("root")
    }

    pub fn termination_log(&self, container: &Container) -> FileMount {
        let target = container.termination_message_path.as_deref().filter(|path| !path.is_empty());
        FileMount {
            source: self.path.join("termination-log"),
            target: target.unwrap_or(TERMINATION_LOG).into(),
            read_only: false,
        }
    }

    /// The end of what the container left as its last words. A file that it
    /// made unreadable says nothing.
    pub fn message(&self) -> Vec<u8> {
        let read = || {
            let mut file = fs::File::open(self.path.join("termination-log"))?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
            let mut tail = Vec::new();
            file.take(TAIL).read_to_end(&mut tail)?;
            io::Result::Ok(tail)
        };
        read().unwrap_or_default()
    }

    /// Its two newest runs are all that a pod shows of a container; older files go.
    pub fn remove(self) {
        remove(&self.path);
    }
}

/// With all that is in it, but not what is mounted there: that may be the machine's.
fn remove(path: &Path) {
    if let Err(error) = unmount_below(path).and_then(|()| fs::remove_dir_all(path)) {
        say(&format!("removing {}: {error}", path.display()));
    }
}

/// The pod's name servers. A machine without the file has none.
pub fn resolver(pod: &Pod) -> Resolver {
    let read = || fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    dns::resolver(pod, &on_the_machine(read).unwrap_or_default())
}
