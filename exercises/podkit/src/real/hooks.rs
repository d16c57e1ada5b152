//! Hooks on real containers: exec in the container, a GET into the pod's network,
//! or a sleep.

use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::capture::Capture;
use super::http_get;
use super::program::Program;
use crate::engine::{Exit, HookKind};
use crate::pod::{Container, Handler};
use crate::runtime::{ExecSpec, Runtime, Sandbox};
use crate::time::Time;

/// What a GET is called when it has failed.
const GET: &str = "httpGet";

/// A hook that has been asked for and is not over.
pub struct Hook {
    pub container: String,
    pub kind: HookKind,
    pub run: Run,
}

/// What does it.
pub enum Run {
    Process {
        pid: Pid,
        says: String,
        output: Capture,
    },
    /// Nothing but time: a sleep.
    Until(Time),
    /// It could not even start.
    Failed(String),
}

impl Run {
    /// Starts the handler of a running container.
    pub fn start(
        runtime: Runtime,
        sandbox: Option<&Sandbox>,
        program: Option<&Program>,
        container: &Container,
        handler: &Handler,
        now: Time,
    ) -> Run {
        if let Some(sleep) = &handler.sleep {
            return Run::Until(now + Duration::from_secs(sleep.seconds.max(0).unsigned_abs()));
        }
        let (Some(sandbox), Some(program)) = (sandbox, program) else {
            return Run::Failed("the container is not running".into());
        };
        let started = match (&handler.exec, &handler.http_get) {
            (Some(exec), _) => start_exec(runtime, sandbox, program, &exec.command)
                .map(|(pid, output)| (pid, format!("exec {:?}", exec.command), output)),
            (None, Some(get)) => http_get::start(sandbox.pidfd.as_fd(), container, get)
                .map(|(pid, output)| (pid, GET.to_owned(), output)),
            // The API accepts tcpSocket in a hook; the kubelet has never done it.
            (None, None) => Err("a hook must be exec, httpGet or sleep; tcpSocket is accepted and always fails".into()),
        };
        match started {
            Ok((pid, says, output)) => Run::Process { pid, says, output },
            Err(message) => Run::Failed(message),
        }
    }

    /// When it is over, where no process tells.
    pub fn due(&self, now: Time) -> Option<Time> {
        match self {
            Run::Until(at) => Some(*at),
            Run::Failed(_) => Some(now),
            Run::Process { .. } => None,
        }
    }

    pub fn is_process(&self, wanted: Pid) -> bool {
        matches!(self, Run::Process { pid, .. } if *pid == wanted)
    }

    /// What came of it; `exit` is that of its process, if it had one.
    pub fn result(self, exit: Exit) -> Result<Option<String>, String> {
        let (says, mut output) = match self {
            Run::Process { says, output, .. } => (says, output),
            Run::Until(_) => return Ok(None),
            Run::Failed(message) => return Err(message),
        };
        output.read();
        match (exit, output.text()) {
            (Exit::Code(0), text) if says == GET && !text.is_empty() => Ok(Some(text)),
            (Exit::Code(0), _) => Ok(None),
            (exit, text) if text.is_empty() => Err(format!("{says} failed with {}", exit.code())),
            (exit, text) => Err(format!("{says} failed with {}: {text}", exit.code())),
        }
    }

    /// Ends it: its container is over. A process in the container ends with it; one of
    /// the node's, such as a GET, would not.
    pub fn end(&self) {
        if let Run::Process { pid, .. } = self {
            let _ = kill(*pid, Signal::SIGKILL);
        }
    }
}

pub fn start_exec(
    runtime: Runtime,
    sandbox: &Sandbox,
    program: &Program,
    command: &[String],
) -> Result<(Pid, Capture), String> {
    let (output, stdout) = Capture::create().map_err(|errno| errno.to_string())?;
    let stderr: OwnedFd = stdout.try_clone().map_err(|error| error.to_string())?;
    let (argv, env, cwd) = (command.to_vec(), program.env.clone(), program.cwd.clone());
    let privileges = program.privileges.clone();
    let spec = ExecSpec { argv, env, cwd, stdin: None, is_terminal: false, stdout, stderr, privileges };
    let pid = (runtime.exec)(sandbox, program.pid, &spec).map_err(|error| error.to_string())?;
    program.adopt(pid);
    Ok((pid, output))
}
