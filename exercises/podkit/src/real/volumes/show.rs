//! What one run of a container sees of the pod's volumes.
//!
//! A part of a volume, and a hostPath, are found first and bound to a place of the node's own: from then on nobody can
//! put anything else there. That is what the kubelet does, too, since CVE-2017-1002101: a container that shares the
//! volume may replace a directory by a symbolic link at any moment.

use std::fs::{self, File, Permissions};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, open, openat2};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::stat::{Mode, mkdirat};

use super::super::machine::on_the_machine;
use super::PodVolumes;
use crate::pod::Pod;
use crate::runtime::FileMount;
use crate::volumes::Mount;

/// How often the kernel is asked again that was disturbed in looking for a path.
const TRIES: usize = 100;

/// What is bound for one start of a container. The container has mounts of its own by the time it runs: these are
/// taken away when this is dropped.
pub struct Shown {
    pub mounts: Vec<FileMount>,
    places: Vec<PathBuf>,
}

impl Drop for Shown {
    fn drop(&mut self) {
        for place in &self.places {
            let _ = umount2(place, MntFlags::MNT_DETACH | MntFlags::UMOUNT_NOFOLLOW);
            // Only what is empty: what lay there is not ours.
            let _ = fs::remove_file(place).or_else(|_| fs::remove_dir(place));
        }
    }
}

impl PodVolumes {
    /// What a container is shown; `dir` is an empty directory for this start.
    ///
    /// # Errors
    /// In the kubelet's words.
    pub fn show(&self, pod: &Pod, container: &str, mounts: &[Mount], dir: &Path) -> Result<Shown, String> {
        let mut shown = Shown { mounts: Vec::new(), places: Vec::new() };
        for (n, wanted) in mounts.iter().enumerate() {
            let source = self.source(pod, wanted, (&mut shown.places, dir.join(n.to_string())));
            let source = source.map_err(|why| {
                let what = if wanted.sub_path.is_empty() { "volume" } else { "subPath" };
                let Mount { volume, .. } = wanted;
                format!("failed to prepare {what} for volumeMount {volume:?} of container {container:?}: {why}")
            })?;
            shown.mounts.push(FileMount { source, target: wanted.target.clone(), read_only: wanted.read_only });
        }
        Ok(shown)
    }

    /// Where the node has it.
    fn source(&self, pod: &Pod, wanted: &Mount, at: (&mut Vec<PathBuf>, PathBuf)) -> Result<PathBuf, String> {
        let volume = pod.spec.volumes.iter().find(|volume| volume.name == wanted.volume);
        let volume = volume.ok_or_else(|| "the pod has no such volume".to_owned())?;
        let flags = OFlag::O_PATH | OFlag::O_CLOEXEC;
        let root = match &volume.host_path {
            Some(host_path) => on_the_machine(|| open(Path::new(&host_path.path), flags, Mode::empty()))
                .map_err(|error| error.to_string())?
                .map_err(|errno| format!("{}: {}", host_path.path, errno.desc()))?,
            None => {
                let place = self.dir.join(&volume.name);
                if wanted.sub_path.is_empty() {
                    return Ok(place);
                }
                open(&place, flags, Mode::empty()).map_err(|errno| errno.desc().to_owned())?
            }
        };
        let part = beneath(root, Path::new(&wanted.sub_path))?;
        let (places, place) = at;
        bind(&part, &place).map_err(|errno| errno.desc().to_owned())?;
        places.push(place.clone());
        Ok(place)
    }
}

/// A path in a volume; directories that are missing are made. Links lead where they do, but not out of the volume.
fn beneath(root: OwnedFd, path: &Path) -> Result<OwnedFd, String> {
    let mode = about(&root).map_or(0o755, |about| about.mode() & 0o777);
    let mut so_far = PathBuf::new();
    let mut last = root.try_clone().map_err(|error| error.to_string())?;
    for part in path.components() {
        so_far.push(part);
        let mut found = look(&root, &so_far);
        if matches!(found, Err(Errno::ENOENT)) {
            let made = mkdirat(last.as_fd(), part.as_os_str(), Mode::from_bits_truncate(mode));
            found = made.and_then(|()| look(&root, &so_far));
            if let Ok(new) = &found {
                // Whatever the umask of this process may be.
                let _ = fs::set_permissions(fd_path(new), Permissions::from_mode(mode));
            }
        }
        last = found.map_err(|errno| match errno {
            Errno::EXDEV => format!("{} leads out of the volume", so_far.display()),
            errno => format!("{}: {}", so_far.display(), errno.desc()),
        })?;
    }
    Ok(last)
}

/// The kernel looks it up, and refuses every step out of `root`, whatever anybody changes meanwhile (openat2,
/// Linux 5.6).
fn look(root: &OwnedFd, path: &Path) -> Result<OwnedFd, Errno> {
    let how = OpenHow::new()
        .flags(OFlag::O_PATH | OFlag::O_CLOEXEC)
        .resolve(ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_MAGICLINKS);
    for _ in 0..TRIES {
        match openat2(root, path, how) {
            // Something was renamed on the way: the kernel cannot tell.
            Err(Errno::EAGAIN) => {}
            found => return found,
        }
    }
    Err(Errno::EAGAIN)
}

fn bind(source: &OwnedFd, place: &Path) -> Result<(), Errno> {
    let is_dir = about(source).is_some_and(|about| about.is_dir());
    let made = match is_dir {
        true => fs::create_dir_all(place),
        false => place.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| File::create(place).map(drop)),
    };
    made.map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or_default()))?;
    let none = None::<&str>;
    mount(Some(&fd_path(source)), place, none, MsFlags::MS_BIND | MsFlags::MS_REC, none)
}

fn about(fd: &OwnedFd) -> Option<fs::Metadata> {
    fs::metadata(fd_path(fd)).ok()
}

/// A path to what a descriptor means, and to nothing else.
fn fd_path(fd: &OwnedFd) -> PathBuf {
    Path::new("/proc/self/fd").join(fd.as_raw_fd().to_string())
}

/// The frame's own files among the volumes: each above a volume that it would be covered by, and none where a
/// volume is mounted in its place.
pub fn in_order(own: Vec<FileMount>, volumes: &[FileMount]) -> Vec<FileMount> {
    let mut first = Vec::new();
    let mut all = volumes.to_vec();
    for file in own {
        if volumes.iter().any(|it| it.target == file.target) {
            continue;
        }
        match all.iter().rposition(|it| file.target.starts_with(&it.target)) {
            Some(at) => all.insert(at + 1, file),
            None => first.push(file),
        }
    }
    first.extend(all);
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_frame_is_not_covered() {
        let at = |target: &str| FileMount { source: "/x".into(), target: target.into(), read_only: false };
        let targets = |own: &[&str], volumes: &[&str]| {
            let [own, volumes] = [own, volumes].map(|list| list.iter().map(|it| at(it)).collect::<Vec<_>>());
            let all = in_order(own, &volumes);
            all.iter().map(|it| it.target.display().to_string()).collect::<Vec<String>>().join(" ")
        };
        assert_eq!(targets(&["/etc/hosts", "/a"], &["/etc", "/data"]), "/a /etc /etc/hosts /data");
        assert_eq!(targets(&["/etc/hosts", "/etc/hostname"], &["/etc/hosts"]), "/etc/hostname /etc/hosts");
        assert_eq!(targets(&["/etc/hosts"], &["/data"]), "/etc/hosts /data");
    }

    #[test]
    fn a_path_stays_in_its_volume() {
        let dir = std::env::temp_dir().join(format!("beneath-{}", std::process::id()));
        fs::create_dir_all(dir.join("in/there")).unwrap();
        fs::create_dir_all(dir.join("out")).unwrap();
        std::os::unix::fs::symlink("../out", dir.join("in/link")).unwrap();
        std::os::unix::fs::symlink("/", dir.join("in/far")).unwrap();
        std::os::unix::fs::symlink("there", dir.join("in/near")).unwrap();
        let find = |path: &str| {
            let root = open(&dir.join("in"), OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty()).unwrap();
            beneath(root, Path::new(path)).map(|fd| fs::read_link(fd_path(&fd)).unwrap())
        };
        assert_eq!(find("there").unwrap(), dir.join("in/there"));
        assert_eq!(find("near/new/newer").unwrap(), dir.join("in/there/new/newer"));
        for path in ["link", "link/new", "far", "far/tmp", ".."] {
            assert!(find(path).unwrap_err().contains("leads out of the volume"), "{path}");
        }
        assert!(!dir.join("out/new").exists());
        fs::remove_dir_all(&dir).unwrap();
    }
}
