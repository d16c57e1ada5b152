//! A root file system without overlayfs: a copy of the image.
//!
//! Old kernels, some kernels without the module, and overlays that lie on two others refuse another overlay. Then a
//! container gets all files of the image for itself, which takes time and room.

use std::collections::HashMap;
use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag};
use nix::mount::{MsFlags, mount};
use nix::sys::stat::{Mode, UtimensatFlags, utimensat};
use nix::sys::time::TimeSpec;
use nix::unistd::mkfifo;

/// What the kernel says where there is no overlayfs for us.
const REFUSALS: [Errno; 4] = [Errno::EINVAL, Errno::ENODEV, Errno::EOPNOTSUPP, Errno::EPERM];

/// Puts a copy of `image` at `root`, a mount of its own, if `errno` says that an overlay is refused. Any other error stays.
pub fn in_place_of_overlay(image: &Path, root: &Path, errno: Errno) -> nix::Result<()> {
    if !REFUSALS.contains(&errno) {
        return Err(errno);
    }
    eprintln!("warning: no overlayfs here ({errno}): the container gets a copy of {}", image.display());
    mount(Some(root), root, None::<&str>, MsFlags::MS_BIND, None::<&str>)?;
    let copied = Copy::default().directory(image, root);
    copied.map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(Errno::EIO as i32)))
}

/// On the way through a tree.
#[derive(Default)]
struct Copy {
    /// Where the first name of a file with several went.
    linked: HashMap<(u64, u64), PathBuf>,
}

impl Copy {
    /// Copies what is in a directory, and then what is known about it.
    fn directory(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            self.entry(&entry.path(), &to.join(entry.file_name()))?;
        }
        about(&fs::symlink_metadata(from)?, to)
    }

    fn entry(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let meta = fs::symlink_metadata(from)?;
        let kind = meta.file_type();
        if kind.is_dir() {
            DirBuilder::new().mode(0o700).create(to)?;
            return self.directory(from, to);
        }
        if meta.nlink() > 1 {
            let first = self.linked.entry((meta.dev(), meta.ino())).or_insert_with(|| to.to_owned());
            if first != to {
                return fs::hard_link(first, to);
            }
        }
        if kind.is_symlink() {
            symlink(fs::read_link(from)?, to)?;
        } else if kind.is_fifo() {
            mkfifo(to, Mode::S_IRUSR)?;
        } else if kind.is_file() {
            let mut source = File::options().read(true).custom_flags(OFlag::O_NOFOLLOW.bits()).open(from)?;
            io::copy(&mut source, &mut File::create_new(to)?)?;
        } else {
            // Sockets and devices are nobody's without who has made them.
            return Ok(());
        }
        about(&meta, to)
    }
}

/// Owner, mode and time.
fn about(meta: &fs::Metadata, path: &Path) -> io::Result<()> {
    // An owner that has no id in this namespace cannot be given.
    let _ = lchown(path, Some(meta.uid()), Some(meta.gid()));
    if !meta.is_symlink() {
        // After its owner: with that the kernel takes set-user-ID away.
        fs::set_permissions(path, Permissions::from_mode(meta.mode() & 0o7777))?;
    }
    let time = TimeSpec::new(meta.mtime(), meta.mtime_nsec());
    Ok(utimensat(AT_FDCWD, path, &time, &time, UtimensatFlags::NoFollowSymlink)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_the_same_tree() {
        let dir = std::env::temp_dir().join(format!("podkit-copy-{}", std::process::id()));
        let (from, to) = (dir.join("from"), dir.join("to"));
        fs::create_dir_all(from.join("d")).unwrap();
        fs::create_dir(&to).unwrap();
        fs::write(from.join("d/file"), "text").unwrap();
        fs::set_permissions(from.join("d/file"), Permissions::from_mode(0o640)).unwrap();
        fs::hard_link(from.join("d/file"), from.join("second")).unwrap();
        symlink("/nowhere", from.join("link")).unwrap();
        mkfifo(&from.join("pipe"), Mode::S_IRUSR).unwrap();
        Copy::default().directory(&from, &to).unwrap();
        let about = |path: PathBuf| {
            let meta = fs::symlink_metadata(path).unwrap();
            (meta.mode(), meta.nlink(), meta.mtime(), meta.mtime_nsec())
        };
        for name in ["d", "d/file", "second", "link", "pipe"] {
            assert_eq!(about(from.join(name)), about(to.join(name)), "{name}");
        }
        assert_eq!(fs::read_to_string(to.join("second")).unwrap(), "text");
        assert_eq!(fs::read_link(to.join("link")).unwrap(), Path::new("/nowhere"));
        fs::remove_dir_all(dir).unwrap();
        assert_eq!(in_place_of_overlay(&from, &to, Errno::ENOMEM), Err(Errno::ENOMEM));
    }
}
