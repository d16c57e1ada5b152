//! System V message queues and shared memory, for the programs in [`crate::apps`].
//!
//! Both are found by a number, the key, in the IPC namespace of the process.

use std::sync::atomic::{AtomicU8, Ordering};

use nix::errno::Errno;

use super::Result;

/// The most bytes of a message here. (The kernel's own limit is 8192.)
pub const MESSAGE: usize = 256;

/// A message as the kernel takes it: a kind above 0, then the bytes.
#[repr(C)]
struct Message {
    kind: libc::c_long,
    text: [u8; MESSAGE],
}

/// A message queue.
#[derive(Clone, Copy, Debug)]
pub struct Queue(i32);

impl Queue {
    /// The queue with this key. ENOENT if there is none and it is not to be made.
    pub fn open(key: i32, create: bool) -> Result<Queue> {
        // SAFETY: takes numbers only.
        let id = unsafe { libc::msgget(key, flags(create)) };
        Errno::result(id).map(Queue)
    }

    /// Sends the first [`MESSAGE`] bytes; waits while the queue is full.
    pub fn send(self, bytes: &[u8]) -> Result<()> {
        let mut message = Message { kind: 1, text: [0; MESSAGE] };
        let length = bytes.len().min(MESSAGE);
        message.text[..length].copy_from_slice(&bytes[..length]);
        // SAFETY: `message` has the layout of msgbuf and holds `length` bytes of text.
        let sent = unsafe { libc::msgsnd(self.0, (&raw const message).cast(), length, 0) };
        Errno::result(sent).map(drop)
    }

    /// Takes the next message; waits while the queue is empty.
    pub fn receive(self) -> Result<Vec<u8>> {
        let mut message = Message { kind: 0, text: [0; MESSAGE] };
        // SAFETY: `message` has the layout of msgbuf and room for MESSAGE bytes of text.
        let length = unsafe { libc::msgrcv(self.0, (&raw mut message).cast(), MESSAGE, 0, 0) };
        let length = Errno::result(length)?.unsigned_abs();
        Ok(message.text[..length].to_vec())
    }

    /// The queue is gone for everybody.
    pub fn remove(self) -> Result<()> {
        // SAFETY: IPC_RMID takes no buffer.
        let removed = unsafe { libc::msgctl(self.0, libc::IPC_RMID, std::ptr::null_mut()) };
        Errno::result(removed).map(drop)
    }
}

/// A page of shared memory, attached until the process ends.
pub struct Memory {
    id: i32,
    page: &'static [AtomicU8],
}

/// Bytes of a [`Memory`].
pub const PAGE: usize = 4096;

impl Memory {
    /// The memory with this key. ENOENT if there is none and it is not to be made.
    pub fn open(key: i32, create: bool) -> Result<Memory> {
        // SAFETY: takes numbers only.
        let id = unsafe { libc::shmget(key, PAGE, flags(create)) };
        let id = Errno::result(id)?;
        // SAFETY: the kernel chooses a free address; nothing else lies there.
        let at = unsafe { libc::shmat(id, std::ptr::null(), 0) };
        if at.addr() == usize::MAX {
            return Err(Errno::last());
        }
        // SAFETY: PAGE bytes lie at `at` until the process ends, for it is never detached, and
        // other processes may change them at any time, which is what atomics allow.
        let page = unsafe { std::slice::from_raw_parts(at.cast::<AtomicU8>(), PAGE) };
        Ok(Memory { id, page })
    }

    /// Nobody finds it any more; it is gone when the last process that has it ends.
    pub fn remove(&self) -> Result<()> {
        // SAFETY: IPC_RMID takes no buffer.
        let removed = unsafe { libc::shmctl(self.id, libc::IPC_RMID, std::ptr::null_mut()) };
        Errno::result(removed).map(drop)
    }

    /// Puts a line in; its length, last, tells readers that it is there.
    pub fn write(&self, line: &str) {
        let bytes = &line.as_bytes()[..line.len().min(255)];
        for (to, from) in self.page[1..].iter().zip(bytes) {
            to.store(*from, Ordering::Relaxed);
        }
        self.page[0].store(bytes.len() as u8, Ordering::Release);
    }

    /// The line, if there is one.
    pub fn read(&self) -> Option<String> {
        let length = usize::from(self.page[0].load(Ordering::Acquire));
        let bytes: Vec<u8> = self.page[1..=length].iter().map(|byte| byte.load(Ordering::Relaxed)).collect();
        (length > 0).then(|| String::from_utf8_lossy(&bytes).into_owned())
    }
}

fn flags(create: bool) -> i32 {
    0o600 | if create { libc::IPC_CREAT } else { 0 }
}
