//! Two programs that meet in the IPC namespace, as the notes' example does:
//!
//! - `ipc -producer` puts messages into a System V message queue, `ipc -consumer`
//!   takes them out until one says that it is the last;
//! - `ipc -writer` leaves a line in System V shared memory, `ipc -reader` finds it.
//!
//! Whoever reads waits until there is something, at most ten seconds: the
//! containers of a pod start in no promised order.

use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::errno::Errno;

use crate::sys::sysv::{Memory, Queue};

/// The number under which both sides find the queue, and the memory.
const KEY: i32 = 0x0070_0D06;
const LAST: &[u8] = b"done";
const PATIENCE: Duration = Duration::from_secs(10);

pub fn main(args: &[String]) -> Result<(), String> {
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["-producer"] => produce(),
        ["-consumer"] => consume(),
        ["-writer"] => write(),
        ["-reader"] => read(),
        _ => Err("usage: ipc -producer | -consumer | -writer | -reader".into()),
    }
}

fn produce() -> Result<(), String> {
    let queue = Queue::open(KEY, true).map_err(|errno| format!("make a message queue: {errno}"))?;
    let send = |bytes: &[u8]| queue.send(bytes).map_err(|errno| format!("send a message: {errno}"));
    for number in 1..=5 {
        let message = format!("message {number}");
        send(message.as_bytes())?;
        super::say(format_args!("Produced: {message}"));
        sleep(Duration::from_millis(20));
    }
    send(LAST)
}

fn consume() -> Result<(), String> {
    let queue = patiently(|| Queue::open(KEY, false)).map_err(|errno| format!("find the message queue: {errno}"))?;
    loop {
        let message = queue.receive().map_err(|errno| format!("receive a message: {errno}"))?;
        if message == LAST {
            return queue.remove().map_err(|errno| format!("remove the message queue: {errno}"));
        }
        super::say(format_args!("Consumed: {}", String::from_utf8_lossy(&message)));
    }
}

fn write() -> Result<(), String> {
    let memory = Memory::open(KEY, true).map_err(|errno| format!("make shared memory: {errno}"))?;
    let line = "a line in memory";
    memory.write(line);
    super::say(format_args!("Written: {line}"));
    Ok(())
}

fn read() -> Result<(), String> {
    let memory = patiently(|| Memory::open(KEY, false)).map_err(|errno| format!("find shared memory: {errno}"))?;
    let line = patiently(|| memory.read().ok_or(Errno::ENOENT)).map_err(|errno| format!("find a line: {errno}"))?;
    super::say(format_args!("Read: {line}"));
    memory.remove().map_err(|errno| format!("remove shared memory: {errno}"))
}

/// Tries again while there is nothing yet.
fn patiently<T>(mut attempt: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    let until = Instant::now() + PATIENCE;
    loop {
        match attempt() {
            Err(Errno::ENOENT) if Instant::now() < until => sleep(Duration::from_millis(5)),
            result => return result,
        }
    }
}
