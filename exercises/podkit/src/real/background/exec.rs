//! One more program in a container, for somebody who looks on: with pipes, or with a terminal.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sched::{CloneFlags, setns};
use nix::sys::statfs::{FsType, fstatfs};
use nix::unistd::{Pid, pipe2};

use super::super::world::RealWorld;
use crate::control::Window;
use crate::runtime::{ExecSpec, StepError};
use crate::sys::{self, terminal};

/// What /dev/pts is (linux/magic.h).
const DEVPTS: FsType = FsType(0x1cd1);

/// Starts the program. Returns what belongs to the one who looks on: the terminal, or the ends of pipes for input (if
/// there is to be one), output and errors.
pub fn start(
    world: &RealWorld,
    container: &str,
    command: Vec<String>,
    has_input: bool,
    window: Option<&Window>,
) -> Result<(Pid, Vec<OwnedFd>), StepError> {
    let mut ours = Vec::new();
    let pid = world.exec(container, |program| {
        let (argv, mut env, cwd) = (command, program.env.clone(), program.cwd.clone());
        let privileges = program.privileges.clone();
        let Some(window) = window else {
            let (stdout_end, stdout) = pipe()?;
            let (stderr_end, stderr) = pipe()?;
            let mut stdin = None;
            if has_input {
                let (read, write) = pipe()?;
                stdin = Some(read);
                ours.push(write);
            }
            ours.extend([stdout_end, stderr_end]);
            return Ok(ExecSpec { argv, env, cwd, stdin, is_terminal: false, stdout, stderr, privileges });
        };
        let (master, end) = open_terminal(program.pid)?;
        let _ = terminal::resize(&master, window.rows, window.columns);
        ours.push(master.into());
        if let Some(kind) = window.kind.as_ref().filter(|_| !env.iter().any(|pair| pair.starts_with("TERM="))) {
            env.push(format!("TERM={kind}"));
        }
        let copy = || end.try_clone().map_err(|error| io_step("copy", "the terminal", &error));
        let (stdin, stdout, stderr) = (Some(copy()?), copy()?, copy()?);
        Ok(ExecSpec { argv, env, cwd, stdin, is_terminal: true, stdout, stderr, privileges })
    })?;
    Ok((pid, ours))
}

fn pipe() -> Result<(OwnedFd, OwnedFd), StepError> {
    pipe2(OFlag::O_CLOEXEC).map_err(|errno| StepError::new("make", "a pipe", errno))
}

/// A new terminal of the container's own /dev/pts, so that it has a name there (`tty`): both its ends.
fn open_terminal(container: Pid) -> Result<(File, OwnedFd), StepError> {
    let step = |step: &'static str| move |errno| StepError::new(step, "the container's mounts", errno);
    let pidfd = sys::pidfd_open(container).map_err(step("open a pidfd for"))?;
    let own = File::open("/proc/self/ns/mnt").map_err(|error| io_step("open", "/proc/self/ns/mnt", &error))?;
    setns(&pidfd, CloneFlags::CLONE_NEWNS).map_err(step("enter"))?;
    // Not waiting, whatever the container has put there.
    let open = File::options().read(true).write(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open("/dev/ptmx");
    if let Err(errno) = setns(own.as_fd(), CloneFlags::CLONE_NEWNS) {
        // A node in a container's mounts can do nothing right any more.
        eprintln!("leaving the container's mounts: {errno}");
        std::process::exit(1);
    }
    let master = open.map_err(|error| io_step("open", "/dev/ptmx of the container", &error))?;
    let is_terminal = || {
        let about = master.metadata().ok()?;
        let kind = fstatfs(&master).ok()?.filesystem_type();
        Some(about.file_type().is_char_device() && about.rdev() == libc::makedev(5, 2) && kind == DEVPTS)
    };
    if is_terminal() != Some(true) {
        return Err(StepError::new("open", "/dev/ptmx of the container, which is something else", Errno::ENOTTY));
    }
    let end = terminal::other_end(&master).map_err(|errno| StepError::new("open", "the terminal's end", errno))?;
    Ok((master, end))
}

fn io_step(step: &str, subject: &str, error: &io::Error) -> StepError {
    StepError::new(step, subject, Errno::from_raw(error.raw_os_error().unwrap_or_default()))
}
