//! At what another pod keeps: System V memory and queues, POSIX queues and memory, files.

use std::ffi::CString;
use std::fs;

use super::{Attack, Outcome, answer, any, fact};

pub const ALL: &[Attack] = &[
    ("keep", keep),
    ("shared-memory", shared_memory),
    ("queue", queue),
    ("posix-queue", posix_queue),
    ("dev-shm", || file("/dev/shm/kept")),
    ("tmp", || file("/tmp/kept")),
    ("wait", wait),
];

const KEY: libc::key_t = 0x0070_6561;

/// Not an attack: makes one of each, and stays.
fn keep() -> Outcome {
    // SAFETY: numbers only.
    answer(unsafe { libc::shmget(KEY, 4096, libc::IPC_CREAT | 0o666) }.into())?;
    // SAFETY: numbers only.
    answer(unsafe { libc::msgget(KEY, libc::IPC_CREAT | 0o666) }.into())?;
    let name = CString::new("/kept").unwrap_or_default();
    // SAFETY: a C string, numbers, and null for the default attributes.
    let queue = unsafe { libc::mq_open(name.as_ptr(), libc::O_CREAT | libc::O_RDWR, 0o666, std::ptr::null::<u8>()) };
    answer(queue.into())?;
    for path in ["/dev/shm/kept", "/tmp/kept"] {
        fs::write(path, fact("SECRET_TEXT")).map_err(|error| error.to_string())?;
    }
    Ok("everything is kept".to_owned())
}

fn shared_memory() -> Outcome {
    // SAFETY: numbers only.
    answer(unsafe { libc::shmget(KEY, 0, 0) }.into()).map(|_| "shared memory".to_owned())
}

fn queue() -> Outcome {
    // SAFETY: numbers only.
    answer(unsafe { libc::msgget(KEY, 0) }.into()).map(|_| "a queue".to_owned())
}

fn posix_queue() -> Outcome {
    let name = CString::new("/kept").unwrap_or_default();
    // SAFETY: a C string and numbers.
    answer(unsafe { libc::mq_open(name.as_ptr(), libc::O_RDONLY) }.into()).map(|_| "a POSIX queue".to_owned())
}

fn file(path: &str) -> Outcome {
    match fs::read_to_string(path) {
        Ok(text) if text == fact("SECRET_TEXT") => Ok(path.to_owned()),
        Ok(_) => Err(format!("{path} is its own")),
        Err(error) => Err(error.to_string()),
    }
}

/// Not an attack: until what another container keeps is there.
fn wait() -> Outcome {
    for _ in 0..500 {
        if let Ok(what) = any([file("/dev/shm/kept")]) {
            return Ok(what);
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    Err("nothing comes".to_owned())
}
