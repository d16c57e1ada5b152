//! A look from within: a child of the check enters the namespaces of a process
//! and says what it sees there.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};

use nix::sched::{CloneFlags, setns};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, fork};

use crate::proc::Process;
use crate::report::{Failure, Result};

/// Namespaces to enter, in this order.
#[derive(Default)]
pub struct Namespaces(Vec<(String, OwnedFd)>);

impl Namespaces {
    /// One more: the one of that kind that the process is in.
    pub fn of(mut self, process: Process, kind: &str) -> Result<Namespaces> {
        let path = process.path(&format!("ns/{kind}"));
        let file = File::open(&path).map_err(|error| Failure::new(path.display(), "a running process", error))?;
        self.0.push((path.display().to_string(), file.into()));
        Ok(self)
    }

    /// What `look` says in there. It must print nothing and start no thread.
    pub fn see(self, look: impl FnOnce() -> String) -> Result<String> {
        let seen = self.try_see(look)?;
        seen.map_err(|error| Failure::new("entering the namespaces", "possible", error))
    }

    /// The same, where it may be refused: the inner error names the namespace and the errno.
    pub fn try_see(self, look: impl FnOnce() -> String) -> Result<std::result::Result<String, String>> {
        let (mut reader, mut writer) =
            std::io::pipe().map_err(|error| Failure::grader(format!("make a pipe: {error}")))?;
        // SAFETY: the child calls only `look`, which takes no lock that another thread of this
        // process could hold (glibc's fork leaves the allocator usable), and then _exit.
        match unsafe { fork() } {
            Err(errno) => Err(Failure::grader(format!("fork: {errno}"))),
            Ok(ForkResult::Child) => {
                drop(reader);
                let seen = self.enter().map_or_else(|error| error, look_with(look));
                let _ = writer.write_all(seen.as_bytes());
                // SAFETY: _exit takes a number and does not return.
                unsafe { libc::_exit(0) }
            }
            Ok(ForkResult::Parent { child }) => {
                drop(writer);
                let mut seen = String::new();
                let read = reader.read_to_string(&mut seen);
                let _ = waitpid(child, None);
                read.map_err(|error| Failure::grader(format!("read what was seen: {error}")))?;
                match seen.split_once(' ') {
                    Some(("ok", text)) => Ok(Ok(text.to_string())),
                    _ => Ok(Err(seen)),
                }
            }
        }
    }

    fn enter(&self) -> std::result::Result<(), String> {
        for (name, fd) in &self.0 {
            setns(fd.as_fd(), CloneFlags::empty()).map_err(|errno| format!("{name}: {errno:?}"))?;
        }
        Ok(())
    }
}

fn look_with(look: impl FnOnce() -> String) -> impl FnOnce(()) -> String {
    move |()| format!("ok {}", look())
}
