//! How a child tells its parent what failed.
//!
//! A child that sets itself up cannot return an error: it is another process.
//! So it holds one end of a pipe. What failed goes through it as one
//! [`StepError`]; silence is success. The pipe is closed on exec, so the parent
//! reads its end in the moment in which the program starts.

use std::convert::Infallible;
use std::io::{PipeReader, PipeWriter, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use nix::errno::Errno;
use nix::sched::CloneFlags;
use nix::sys::wait::waitpid;
use nix::unistd::Pid;
use podkit::runtime::StepError;
use podkit::sys;

use crate::idmap::errno;

/// Both ends of a new pipe, closed on exec.
pub fn pipe() -> Result<(PipeReader, PipeWriter), StepError> {
    std::io::pipe().map_err(|error| StepError::new("make", "a pipe", errno(&error)))
}

/// Starts a child in the new namespaces of `flags`; it does `work`, which ends
/// in an exec or never. The parent goes on with `meanwhile`, then waits for the
/// child's word.
pub fn child(
    flags: CloneFlags,
    work: impl FnOnce() -> Result<Infallible, StepError>,
    meanwhile: impl FnOnce(Pid) -> Result<(), StepError>,
) -> Result<Pid, StepError> {
    let (reader, writer) = pipe()?;
    match sys::clone(flags).map_err(|errno| clone_error(flags, errno))? {
        None => {
            drop(reader);
            run(writer, work)
        }
        Some(pid) => {
            drop(writer);
            let done = meanwhile(pid).and_then(|()| receive(reader));
            if let Err(error) = done {
                // It may live: it waits for the parent's part if that failed, and it runs
                // if what came through the pipe was misread.
                end(pid);
                let _ = waitpid(pid, None);
                return Err(error);
            }
            Ok(pid)
        }
    }
}

fn end(pid: Pid) {
    // It is not collected yet, so the pid is its own.
    let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
}

/// Runs in the child, to its end. Nothing of the parent's code may run here
/// afterwards, not even its destructors.
fn run(writer: PipeWriter, work: impl FnOnce() -> Result<Infallible, StepError>) -> ! {
    if let Ok(Err(error)) = catch_unwind(AssertUnwindSafe(work)) {
        send(writer, &error);
    }
    sys::exit_now(1)
}

/// Runs in the child: the last thing it does.
fn send(mut writer: PipeWriter, error: &StepError) {
    // ANCHOR: task_2_3
    todo!("task 2.3: What failed, and where")
    // ANCHOR_END: task_2_3
}

/// Runs in the parent: waits until the child's end of the pipe is closed.
fn receive(mut reader: PipeReader) -> Result<(), StepError> {
    // ANCHOR: task_2_3_b
    todo!("task 2.3: What failed, and where")
    // ANCHOR_END: task_2_3_b
}

/// What usually lies behind a clone that failed.
const CAUSES: [(Errno, &str); 4] = [
    (Errno::EPERM, "this machine does not let ordinary users make namespaces; `doctor` says more"),
    (Errno::ENOSPC, "the limit in /proc/sys/user/max_*_namespaces is reached"),
    (
        Errno::EINVAL,
        "the process has more than one thread, or has joined another PID namespace and cannot make a new one",
    ),
    (Errno::ENOMEM, "the first process of the PID namespace has ended"),
];

/// A clone that failed, and what usually lies behind it.
pub fn clone_error(flags: CloneFlags, errno: Errno) -> StepError {
    let error = StepError::new("clone", format!("with {}", names(flags)), errno);
    match CAUSES.iter().find(|(known, _)| *known == errno) {
        Some((_, cause)) => error.hint(*cause),
        None => error,
    }
}

fn names(flags: CloneFlags) -> String {
    let names: Vec<&str> = flags.iter_names().map(|(name, _)| name).collect();
    if names.is_empty() { "no new namespace".to_owned() } else { names.join("|") }
}
