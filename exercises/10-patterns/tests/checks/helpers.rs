//! For the checks of the helpers: a directory, the helper as a program of this machine, and who talks to it.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use podcheck::{Cli, Failure, Result, Running, Signal, TempDir, wait_until};

use crate::kit::SOON;

/// How long a helper that has nothing to do is watched.
pub const A_WHILE: Duration = Duration::from_millis(250);

/// What the check itself could not do.
pub fn own<T>(what: &str, result: std::io::Result<T>) -> Result<T> {
    result.map_err(|error| Failure::grader(format!("{what}: {error}")))
}

/// A directory of the check's own.
pub struct Room(TempDir);

impl Room {
    pub fn new() -> Result<Room> {
        own("make a directory", TempDir::new()).map(Room)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// The file, open to write at its end; made if it is not there.
    pub fn log(&self, name: &str) -> Result<Log> {
        let path = self.path(name);
        let file = own("open a log", OpenOptions::new().append(true).create(true).open(&path))?;
        Ok(Log { file })
    }

    pub fn rename(&self, from: &str, to: &str) -> Result {
        own("rename a log", fs::rename(self.path(from), self.path(to)))
    }
}

/// A log that somebody writes.
pub struct Log {
    file: File,
}

impl Log {
    pub fn add(&mut self, text: &str) -> Result {
        own("write a log", self.file.write_all(text.as_bytes()))
    }

    /// Everything in it is gone, and it is still the same file.
    pub fn empty(&mut self) -> Result {
        own("empty a log", self.file.set_len(0))
    }
}

/// A helper as a program of this machine.
pub fn helper(name: &str, args: &[&str]) -> Result<Running> {
    Cli::new("app").arg(name).args(args).spawn()
}

/// Has printed exactly these lines, after at most five seconds.
pub fn prints(running: &mut Running, what: &str, expected: &[&str]) -> Result {
    let expected = expected.join("\n");
    let is = wait_until(SOON, || running.stdout().trim_end() == expected || running.try_wait().is_some());
    let observed = running.stdout();
    if is && observed.trim_end() == expected {
        return Ok(());
    }
    running.expect_started()?;
    let observed = if observed.is_empty() { running.tail("nothing is printed") } else { observed };
    Err(running.failure(what, expected, observed.trim_end()))
}

/// Prints nothing more for a while.
pub fn stays(running: &mut Running, what: &str, expected: &[&str]) -> Result {
    std::thread::sleep(A_WHILE);
    prints(running, what, expected)
}

/// Asks it to end: it ends with status 0. Returns all it has printed.
pub fn end(running: Running) -> Result<String> {
    running.signal(Signal::SIGTERM)?;
    let ran = running.wait(SOON)?;
    ran.expect_code(0)?;
    Ok(ran.stdout())
}

/// A port that nobody listens on.
pub fn free_port() -> Result<u16> {
    let listener = own("find a port", TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
    own("find a port", listener.local_addr()).map(|address| address.port())
}

/// A connection to a helper, as soon as it listens.
pub fn connect(running: &mut Running, port: u16) -> Result<TcpStream> {
    let mut stream = None;
    wait_until(SOON, || {
        stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok();
        stream.is_some() || running.try_wait().is_some()
    });
    let Some(stream) = stream else {
        running.expect_started()?;
        return Err(running.failure(
            format!("a connection to port {port}"),
            "somebody listens",
            running.tail("nobody does"),
        ));
    };
    own("set a timeout", stream.set_read_timeout(Some(SOON)))?;
    own("set a timeout", stream.set_write_timeout(Some(SOON)))?;
    Ok(stream)
}

/// Status, kind and body of a page.
pub fn get(running: &mut Running, port: u16, path: &str) -> Result<(String, String, String)> {
    let mut stream = connect(running, port)?;
    let mut text = String::new();
    let asked = stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes());
    let read = asked.and_then(|()| stream.read_to_string(&mut text));
    let parts = text.split_once("\r\n\r\n").filter(|_| read.is_ok());
    let Some((head, body)) = parts else {
        // A task that is not written ends the helper; give it the time to say so.
        wait_until(Duration::from_secs(1), || running.try_wait().is_some());
        running.expect_started()?;
        return Err(running.failure(format!("GET {path}"), "an answer in HTTP", running.tail(&format!("{text:?}"))));
    };
    let status = head.split(' ').nth(1).unwrap_or_default();
    let kind = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-type").then(|| value.trim().to_owned())
    });
    Ok((status.to_owned(), kind.unwrap_or_default(), body.to_owned()))
}

/// How long something takes.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let result = work();
    (result, started.elapsed())
}
