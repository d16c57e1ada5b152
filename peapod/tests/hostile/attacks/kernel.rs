//! At settings of the kernel, and at what only an administrator may ask of it.

use std::ffi::CString;
use std::fs;
use std::path::Path;

use super::{Attack, Outcome, answer, any, fact};

pub const ALL: &[Attack] = &[
    ("proc-sys", || settings("/proc/sys")),
    ("sys", || settings("/sys")),
    ("sysrq", || open_to_write("/proc/sysrq-trigger")),
    ("kcore", || open_to_read("/proc/kcore")),
    ("kmsg", || any(["/proc/kmsg", "/dev/kmsg", "/dev/mem", "/dev/kvm", "/dev/fuse"].map(open_to_read))),
    ("log", log),
    ("module", module),
    ("bpf", bpf),
    ("key", key),
    ("hostname", || nix::unistd::sethostname("attacked").map(|()| "the hostname".into()).map_err(|it| it.to_string())),
    ("perf", perf),
    ("clock", clock),
    ("swap", swap),
];

fn open_to_read(path: &str) -> Outcome {
    use std::io::Read;
    let mut file = fs::File::open(path).map_err(|error| format!("{path}: {error}"))?;
    // A mask is /dev/null: it opens, and is empty.
    match file.read(&mut [0; 16]) {
        Ok(0) => Err(format!("{path} is empty")),
        Ok(_) => Ok(path.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn open_to_write(path: &str) -> Outcome {
    let open = fs::OpenOptions::new().write(true).open(path);
    open.map(|_| path.to_owned()).map_err(|error| format!("{path}: {error}"))
}

/// Whether any file below is open to be written.
fn settings(dir: &str) -> Outcome {
    let mut todo = vec![Path::new(dir).to_owned()];
    let mut tries = 0;
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => todo.push(entry.path()),
                Ok(kind) if kind.is_file() => {
                    tries += 1;
                    if let Ok(what) = open_to_write(&entry.path().to_string_lossy()) {
                        return Ok(what);
                    }
                }
                _ => {}
            }
        }
    }
    Err(format!("none of {tries} files"))
}

/// The kernel's own log (dmesg).
fn log() -> Outcome {
    let mut buffer = [0_u8; 256];
    // SAFETY: 3 is SYSLOG_ACTION_READ_ALL; a place for as many bytes as is said.
    answer(unsafe { libc::klogctl(3, buffer.as_mut_ptr().cast(), 256) }.into()).map(|_| "the kernel's log".to_owned())
}

/// What is loaded is no module. Who may load modules is told that, and nobody else.
fn module() -> Outcome {
    let (junk, none) = ([0_u8; 64], CString::default());
    // SAFETY: a buffer of the length that is said, and a C string.
    let done = unsafe { libc::syscall(libc::SYS_init_module, junk.as_ptr(), junk.len(), none.as_ptr()) };
    match answer(done) {
        Err(why) if std::io::Error::last_os_error().raw_os_error() == Some(libc::EPERM) => Err(why),
        Err(why) if std::io::Error::last_os_error().raw_os_error() == Some(libc::ENOSYS) => Err(why),
        _ => Ok("the loader of modules".to_owned()),
    }
}

/// A map of BPF's.
fn bpf() -> Outcome {
    // BPF_MAP_CREATE: an array with one entry of four bytes.
    let attributes: [u32; 18] = [2, 4, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    // SAFETY: attributes of the size that is said.
    let done = unsafe { libc::syscall(libc::SYS_bpf, 0, attributes.as_ptr(), size_of_val(&attributes)) };
    answer(done).map(|_| "a map".to_owned())
}

/// A key in the session keyring of whoever has started the runner.
fn key() -> Outcome {
    let (kind, name) = (CString::new("user").unwrap_or_default(), CString::new(fact("KEY")).unwrap_or_default());
    any([libc::KEY_SPEC_SESSION_KEYRING, libc::KEY_SPEC_USER_SESSION_KEYRING, libc::KEY_SPEC_USER_KEYRING].map(
        |ring| {
            // SAFETY: two C strings and numbers.
            let key =
                unsafe { libc::syscall(libc::SYS_keyctl, libc::KEYCTL_SEARCH, ring, kind.as_ptr(), name.as_ptr(), 0) };
            answer(key).map(|key| format!("key {key}"))
        },
    ))
}

/// The counters of the processor, for the whole machine.
fn perf() -> Outcome {
    // perf_event_attr: software (1), its size, the clock of the processor (0).
    let mut attributes = [0_u32; 32];
    (attributes[0], attributes[1]) = (1, 128);
    // SAFETY: attributes of the size that they say; numbers.
    let done = unsafe { libc::syscall(libc::SYS_perf_event_open, attributes.as_ptr(), -1, 0, -1, 0) };
    answer(done).map(|_| "events of all processes".to_owned())
}

/// The machine's clock, set to what it is.
fn clock() -> Outcome {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a place for the time.
    unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, &raw mut now) };
    // SAFETY: the time that it is.
    let done = unsafe { libc::clock_settime(libc::CLOCK_REALTIME, &raw const now) };
    answer(done.into()).map(|_| "the clock".to_owned())
}

/// Swapping, on a file that is not there: who may is told so.
fn swap() -> Outcome {
    // SAFETY: a C string and a number.
    let done = unsafe { libc::swapon(c"/nowhere".as_ptr(), 0) };
    match answer(done.into()) {
        Err(why) if std::io::Error::last_os_error().raw_os_error() == Some(libc::EPERM) => Err(why),
        _ => Ok("swapping".to_owned()),
    }
}
