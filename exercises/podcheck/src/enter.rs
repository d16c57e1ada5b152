//! A look from within: a child of the check enters the namespaces of a process
//! and says what it sees there.

use std::ffi::CString;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::prctl::set_dumpable;
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, Gid, Uid, fork};

use crate::proc::Process;
use crate::report::{Failure, Result};
use crate::room;

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
        let forked = room::wait_for(|| {
            // SAFETY: the child calls only `look`, which takes no lock that another thread of this
            // process could hold (glibc's fork leaves the allocator usable), and then _exit.
            Ok(unsafe { fork() }?)
        });
        match forked {
            Err(error) => Err(Failure::grader(format!("fork: {error}"))),
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

/// Has a command see other files: `over` is (where, which). It gets a mount namespace of its
/// own for that, and a user namespace in which everybody is who they were.
pub(crate) fn with_files_over(command: &mut Command, over: &[(PathBuf, PathBuf)], user: Option<(u32, u32)>) -> Result {
    let text = |path: &Path| {
        CString::new(path.as_os_str().as_bytes()).map_err(|error| Failure::grader(format!("{path:?}: {error}")))
    };
    let pairs = over.iter().map(|(to, from)| Ok((text(to)?, text(from)?))).collect::<Result<Vec<_>>>()?;
    let (uid, gid) = user.unwrap_or((Uid::effective().as_raw(), Gid::effective().as_raw()));
    let (uid_map, gid_map) = (format!("{uid} {uid} 1"), format!("{gid} {gid} 1"));
    let none = None::<&str>;
    let apart = move || {
        unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)?;
        // A process that changed its user does not own its files in /proc otherwise.
        set_dumpable(true)?;
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", &uid_map)?;
        fs::write("/proc/self/gid_map", &gid_map)?;
        mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)?;
        for (to, from) in &pairs {
            mount(Some(from.as_c_str()), to.as_c_str(), none, MsFlags::MS_BIND, none)?;
        }
        Ok(())
    };
    // SAFETY: system calls and short strings between fork and exec; glibc's fork leaves the
    // allocator usable.
    unsafe { command.pre_exec(apart) };
    Ok(())
}
