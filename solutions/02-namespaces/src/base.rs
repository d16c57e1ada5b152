//! Where a container's root file system begins: the machine's own programs, or
//! a directory with an image.

use std::fs;
use std::path::{Path, PathBuf};

use podkit::runtime::{HOST, Root};
use podkit::security::defaults::DISK;
use podkit::sys::MountFlags;

use crate::mounts::{MountOp, NO_SUID_DEV, link, new};

/// The machine's programs and libraries. A machine has some of them; /bin and
/// its like are directories or links into /usr. /nix/store is NixOS's /usr.
const PROGRAMS: [&str; 9] = ["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "nix", "gnu"];

/// What programs need to find of the machine's /etc: libraries, alternatives,
/// certificates, the time zone. No names, no passwords, no keys.
const SETTINGS: [&str; 10] = [
    "alternatives",
    "ca-certificates",
    "crypto-policies",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "pki/ca-trust",
    "pki/tls/certs",
    "ssl/certs",
];

/// Directories that every system has, and their modes.
const DIRECTORIES: [(&str, u32); 12] = [
    ("/home", 0o755),
    ("/mnt", 0o755),
    ("/opt", 0o755),
    ("/root", 0o700),
    ("/run", 0o755),
    ("/srv", 0o755),
    ("/tmp", 0o1777),
    ("/var", 0o755),
    ("/var/cache", 0o755),
    ("/var/lib", 0o755),
    ("/var/log", 0o755),
    ("/var/tmp", 0o1777),
];

/// The steps that make the bare root file system.
pub fn root(root: &Root, scratch: &Path) -> Vec<MountOp> {
    match root {
        Root::Host => host(Path::new(HOST)),
        Root::Dir(image) => directory(image, scratch),
    }
}

/// The `host` image: a tmpfs, with the machine's programs in it, read-only.
fn host(machine: &Path) -> Vec<MountOp> {
    let mut ops = vec![new("tmpfs", "/", NO_SUID_DEV, &format!("mode=755,{DISK}"))];
    for name in PROGRAMS {
        let (source, target) = (machine.join(name), Path::new("/").join(name));
        if let Ok(to) = fs::read_link(&source) {
            ops.push(link(target, to));
        } else if source.is_dir() {
            ops.push(guarded(source, target));
        }
    }
    for name in SETTINGS {
        let (source, target) = (machine.join("etc").join(name), Path::new("/etc").join(name));
        // A link is made again: followed here, it would lead into the node's own root.
        if let Ok(to) = fs::read_link(&source) {
            ops.push(link(target, to));
        } else if source.exists() {
            ops.push(guarded(source, target));
        }
    }
    ops.extend(DIRECTORIES.map(|(target, mode)| MountOp::Directory { target: target.into(), mode }));
    ops.extend([
        file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"),
        file("/etc/group", "root:x:0:\nnogroup:x:65534:\n"),
        file("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
        link("/var/run", "/run"),
    ]);
    ops
}

/// A directory as an image: read-only below, with a layer of the container's
/// own on top (overlayfs), so that two containers of one image do not meet.
fn directory(image: &Path, scratch: &Path) -> Vec<MountOp> {
    let layer = |name: &str| scratch.with_file_name(name);
    let (upper, work) = (layer("upper"), layer("work"));
    // A comma ends an option, a colon a layer.
    let escape = |path: &Path| path.display().to_string().replace('\\', r"\\").replace(',', r"\,").replace(':', r"\:");
    // userxattr: what overlayfs notes in trusted.* attributes, only root of the machine may write.
    let data = format!("lowerdir={},upperdir={},workdir={},userxattr", escape(image), escape(&upper), escape(&work));
    vec![MountOp::Layers { image: image.to_owned(), upper, work, data }]
}

fn guarded(source: PathBuf, target: PathBuf) -> MountOp {
    MountOp::Bind { source, target, flags: Some(MountFlags::Guarded) }
}

fn file(target: &str, text: &str) -> MountOp {
    MountOp::File { target: target.into(), text: text.to_owned() }
}
