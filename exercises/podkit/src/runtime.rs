//! What chapter 2 builds, as a part of the [`Runner`](crate::Runner): programs in namespaces.
//!
//! The processes of a running pod:
//!
//! ```text
//! outside     the command you typed; forwards signals, passes on the exit status
//! └─ node     PID 1 of a PID namespace, root of a user namespace: the loop runs here
//!    ├─ pause       holds the pod's user, net, ipc and uts namespaces
//!    ├─ container   PID 1 of its own PID namespace, own mount namespace
//!    └─ container
//! ```
//!
//! If the outside process dies, however it dies, the node is killed with it
//! (PR_SET_PDEATHSIG), and when PID 1 of a PID namespace dies the kernel kills
//! everything in it. So nothing is left, even after SIGKILL.
//!
//! The node's root is a small tmpfs. The machine's own root lies at [`HOST`],
//! what the pods need at [`PODS`].

use std::fmt;
use std::fs;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use crate::security::Privileges;
use crate::security::defaults::has_own_pid_max;

/// Where the machine's own root directory lies, seen from the node.
pub const HOST: &str = "/host";
/// Where the node keeps what its pods need.
pub const PODS: &str = "/pods";

/// The four things a runtime can do.
#[derive(Clone, Copy)]
pub struct Runtime {
    /// Splits into two processes, as fork does: the outside and the node.
    /// Must run single-threaded, before anything else.
    pub enter_node: fn() -> Result<Entered, StepError>,
    /// Runs in the node. Starts the process that holds a pod's shared namespaces.
    pub start_sandbox: fn(&Node, &SandboxSpec) -> Result<Sandbox, StepError>,
    /// Runs in the node. Returns when the container's program has been exec'ed.
    pub start_container: fn(&Sandbox, &ContainerSpec) -> Result<Pid, StepError>,
    /// Whether a pod's containers can share their processes (chapter 6).
    pub shares_processes: bool,
    /// Runs in the node. Starts one more program in a running container.
    pub exec: fn(&Sandbox, Pid, &ExecSpec) -> Result<Pid, StepError>,
}

/// Who returned from [`Runtime::enter_node`].
pub enum Entered {
    /// The process outside, and the node's pid as seen from it.
    Outside(Pid),
    /// The node itself.
    Node(Node),
}

/// Facts about the node that its pods depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// How many user and group ids are mapped, from 0: 1, or 65536 where
    /// newuidmap gave a subordinate range.
    pub ids: u32,
}

/// What a sandbox is made from.
#[derive(Clone, Debug)]
pub struct SandboxSpec {
    pub hostname: String,
    /// The pod's containers see each other's processes.
    pub share_process_namespace: bool,
    /// A program of the machine to run in the place of pause, and its arguments.
    pub infra: Option<Vec<String>>,
    /// Kernel settings of the pod's namespaces, in order.
    pub sysctls: Vec<Setting>,
}

/// A kernel setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// With dots.
    pub name: String,
    pub value: String,
    /// No pod without it. Else an older kernel may do without.
    pub is_needed: bool,
}

/// A running sandbox. Its namespaces live as long as its pause process.
#[derive(Debug)]
pub struct Sandbox {
    /// The pause process, seen from the node.
    pub pid: Pid,
    /// The same as a descriptor: it cannot come to mean another process.
    pub pidfd: OwnedFd,
    /// The pod's containers live in its PID namespace.
    pub shares_processes: bool,
}

/// What a container is made from; every choice is made, only the doing is left.
#[derive(Debug)]
pub struct ContainerSpec {
    pub name: String,
    /// Program and arguments. A program without a slash is looked up in `PATH` of `env`.
    pub argv: Vec<String>,
    /// The whole environment, `NAME=value`.
    pub env: Vec<String>,
    pub cwd: PathBuf,
    /// A working directory that is not there is made, as the runtimes do it (chapter 10).
    pub makes_cwd: bool,
    pub root: Root,
    /// Files to show inside, each bound over its target.
    pub files: Vec<FileMount>,
    /// The pod's /dev/shm, a tmpfs in the node, shared by its containers.
    pub shm: PathBuf,
    /// An empty directory in the node on which to build the root file system.
    pub scratch: PathBuf,
    pub stdout: OwnedFd,
    pub stderr: OwnedFd,
    pub place: Place,
    pub privileges: Privileges,
    /// Nothing of the root file system may be written, but for what is mounted in it.
    pub read_only_root: bool,
}

/// Where the kernel counts what a container uses, and how gladly it kills it. Chapter 8.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The container's cgroup, as a directory in the node; `None`: where the runner is.
    pub cgroup: Option<PathBuf>,
    pub oom_score_adj: Option<i128>,
    /// The most processes and threads of the container, where no cgroup counts them.
    pub processes: Option<u64>,
}

impl Place {
    /// Runs in the container's process, first of all: so nothing that it does later counts elsewhere.
    pub fn take(&self) -> Result<(), StepError> {
        if let Some(cgroup) = &self.cgroup {
            let file = cgroup.join("cgroup.procs");
            fs::write(&file, "0").map_err(|error| {
                let errno = Errno::from_raw(error.raw_os_error().unwrap_or_default());
                StepError::new("join", format!("cgroup {}", cgroup.display()), errno)
            })?;
        }
        if let Some(score) = self.oom_score_adj {
            // Who may not go below its own value keeps that.
            let _ = fs::write("/proc/self/oom_score_adj", score.to_string());
        }
        if let Some(most) = self.processes {
            bound_processes(most)?;
        }
        Ok(())
    }
}

/// Two bounds, for neither is enough. RLIMIT_NPROC counts the processes of each user of the pod, but for the machine's
/// root, for whom it does not hold. A PID namespace counts all that are in it, but only on newer kernels.
fn bound_processes(most: u64) -> Result<(), StepError> {
    bound(Resource::RLIMIT_NPROC, most)?;
    // Signals that wait are counted with those of the machine's user.
    bound(Resource::RLIMIT_SIGPENDING, most)?;
    if has_own_pid_max() {
        // A machine may have a lower limit already, and what is over it has no say here.
        let _ = fs::write("/proc/sys/kernel/pid_max", most.to_string());
    }
    Ok(())
}

/// A limit that is lower already stays: only root of the machine could raise it.
fn bound(what: Resource, most: u64) -> Result<(), StepError> {
    let step = |step: &'static str| move |errno| StepError::new(step, format!("the limit {what:?}"), errno);
    let (_, hard) = getrlimit(what).map_err(step("read"))?;
    setrlimit(what, most.min(hard), most.min(hard)).map_err(step("set"))
}

/// What a container sees as `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Root {
    /// The machine's own /usr, /bin, /lib*, read-only, and a fresh rest.
    Host,
    /// A directory with a root file system, as a path in the node.
    Dir(PathBuf),
}

/// A file or directory of the node, and where the container sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileMount {
    pub source: PathBuf,
    pub target: PathBuf,
    pub read_only: bool,
}

/// One more program for a running container: a hook, a probe, `exec`.
#[derive(Debug)]
pub struct ExecSpec {
    pub argv: Vec<String>,
    pub env: Vec<String>,
    pub cwd: PathBuf,
    /// What it reads; `None`: nothing.
    pub stdin: Option<OwnedFd>,
    /// `stdin` is a terminal: Ctrl-C typed there is to reach this program.
    pub is_terminal: bool,
    pub stdout: OwnedFd,
    pub stderr: OwnedFd,
    /// Those of its container.
    pub privileges: Privileges,
}

/// What failed: which step, on what, and the kernel's word for it.
///
/// A child that fails between clone and exec sends this over a pipe and exits;
/// it is the same value in parent and child.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepError {
    /// What was being done, in the words of the system call: `mount proc`.
    pub step: String,
    /// To what: `/proc`, `uid_map of 17`.
    pub subject: String,
    /// The error number; 0 where the kernel gave none.
    pub errno: i32,
    /// What usually lies behind it, where the error number misleads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl StepError {
    pub fn new(step: impl Into<String>, subject: impl Into<String>, errno: Errno) -> StepError {
        StepError { step: step.into(), subject: subject.into(), errno: errno as i32, hint: None }
    }

    pub fn hint(self, hint: impl Into<String>) -> StepError {
        StepError { hint: Some(hint.into()), ..self }
    }

    /// As one line, to be sent through a pipe.
    pub fn to_json(&self) -> Vec<u8> {
        // Strings and a number: that cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// What came out of the pipe. If it is none of ours, that is the error.
    pub fn from_json(bytes: &[u8]) -> StepError {
        serde_json::from_slice(bytes).unwrap_or_else(|_| {
            let zeros = bytes.iter().rev().take_while(|&&byte| byte == 0).count();
            let said = &bytes[..bytes.len() - zeros];
            let (start, rest) = said.split_at(said.len().min(60));
            let mut subject = format!("the child's report, which is {:?}", String::from_utf8_lossy(start));
            if !rest.is_empty() {
                subject += &format!(" and {} bytes more", rest.len());
            }
            if zeros > 0 {
                subject += &format!(" and {zeros} zeros");
            }
            let error = StepError::new("read", subject, Errno::EBADMSG);
            // A usual mistake: `read` says how much it read, and leaves the rest of the buffer alone.
            if zeros > 0 { error.hint("the buffer is longer than what was read into it") } else { error }
        })
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.step, self.subject)?;
        if self.errno != 0 {
            let errno = Errno::from_raw(self.errno);
            write!(f, ": {} ({errno:?})", errno.desc())?;
        }
        match &self.hint {
            Some(hint) => write!(f, ": {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for StepError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_out_of_the_pipe_is_what_went_in_or_an_error() {
        let sent = StepError::new("exec", "sh", Errno::ENOENT).hint("look");
        assert_eq!(StepError::from_json(&sent.to_json()), sent);
        let mut buffer = sent.to_json();
        buffer.resize(4096, 0);
        let text = StepError::from_json(&buffer).to_string();
        assert!(text.contains("\\\"exec\\\"") && text.contains(" zeros: ") && !text.contains("\\0"), "{text}");
        assert!(StepError::from_json(&[b'x'; 100]).to_string().contains("and 40 bytes more:"));
    }
}
