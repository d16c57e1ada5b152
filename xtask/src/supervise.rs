//! `xtask supervise` (hidden): runs one check, ends all that it started, looks for leaks.
//!
//! One process a check, started by the grader with the check program (a sealed memory file)
//! as its standard input and the answer's pipe as its standard output.
//!
//! ```text
//! grade ── supervise (sub-reaper, undumpable)
//!              └── check program (own session, own HOME and TMPDIR, limits, report pipe)
//!                      └── the reader's binary, and whatever it starts
//! ```
//!
//! 1. It is the reaper of all that comes below it (`PR_SET_CHILD_SUBREAPER`): a daemon that
//!    forks twice and calls `setsid` becomes its child, so nothing slips away.
//! 2. The check program gets a pipe for its verdict. The reader's binary does not hold it,
//!    and cannot take it: supervisor and check program are undumpable, so a process of the
//!    same user can neither ptrace them nor open their `/proc/PID/fd`. As root, where the
//!    kernel would allow it all the same, `CAP_SYS_PTRACE` is taken from the check's tree.
//! 3. After the verdict, or the time limit, all that is left is stopped and killed until
//!    nothing is left. Then the traces are looked for: processes, files, mounts, queues.
//!
//! A submission can kill its supervisor: they are the same user's. What it started then falls
//! to the grader, which is a reaper too, and ends it ([`tree::end_strays`]).
//!
//! What it saw goes to the grader as one line of JSON ([`Answer`]). It judges nothing.

pub mod count;
pub mod damage;
pub mod leaks;
pub mod limits;
mod room;
pub mod tree;
mod watch;

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::unistd::{Pid, UnlinkatFlags};
use serde::{Deserialize, Serialize};

use count::Count;

#[derive(clap::Args)]
pub struct Args {
    /// What to run, as JSON.
    spec: String,
}

/// What the grader asks for.
#[derive(Serialize, Deserialize)]
pub struct Spec {
    pub check: String,
    /// The binary the check judges, and how it was before any check ran.
    pub binary: PathBuf,
    pub stamp: damage::Stamp,
    /// The check's own directory, made by the grader: `tmp`, `home` and so on below it.
    pub dir: PathBuf,
    /// The directory of the whole run, kept visible when `/tmp` is replaced (as root).
    pub run: PathBuf,
    pub timeout: Duration,
    /// How much slower this machine is than the reference.
    pub factor: f64,
}

/// What the supervisor saw.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Answer {
    /// What arrived on the report pipe.
    pub report: String,
    pub end: End,
    /// What stayed behind, and certainly comes from this check.
    pub leaks: Vec<String>,
    /// What appeared in places shared with others: certain only if it appears again.
    pub suspects: Vec<String>,
    /// What was taken away from under the check.
    pub damage: Vec<String>,
    /// The most processes and threads that were seen at a time.
    pub most: usize,
    /// Whether the machine had many more of them for a time, whoever's.
    pub crowded: bool,
    pub seconds: f64,
}

/// How the check program ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// The supervisor could not say.
    #[default]
    Unknown,
    Exit(i32),
    Signal(i32),
    Timeout,
    /// It was stopped because its directory grew beyond all measure.
    Full,
    /// It was stopped because it had more processes than any check needs.
    TooMany,
}

pub fn run(args: &Args) -> Result<ExitCode> {
    let spec: Spec = serde_json::from_str(&args.spec).context("supervise: spec")?;
    let program = std::io::stdin().as_fd().try_clone_to_owned()?;
    let answer = supervise(&spec, program)?;
    let line = serde_json::to_string(&answer)?;
    std::io::stdout().write_all(line.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn supervise(spec: &Spec, program: OwnedFd) -> Result<Answer> {
    nix::sys::prctl::set_dumpable(false)?;
    nix::sys::prctl::set_child_subreaper(true)?;
    // If the grader is killed, this process is told, and cleans up.
    nix::sys::prctl::set_pdeathsig(Signal::SIGTERM)?;
    let mut signals = SigSet::empty();
    for signal in [Signal::SIGCHLD, Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        signals.add(signal);
    }
    signals.thread_block()?;
    let signals = SignalFd::with_flags(&signals, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;

    // Held from before `/tmp` is replaced, to be able to remove the run's directory.
    let parent = spec.run.parent().map(File::open).transpose()?;
    let private = limits::private_world(&spec.run);
    let before = leaks::Traces::take(private);
    let cgroup = limits::cgroup();
    let started = Instant::now();
    let (mut reader, child) = start(spec, program, cgroup.clone())?;
    let mut answer = Answer::default();
    let mut count = Count::begin(cgroup.clone());
    let status = watch::watch(spec, &signals, &mut reader, child, &mut answer, &mut count);
    let Ok(status) = status else {
        tree::end_all();
        limits::leave_cgroup(cgroup.as_deref());
        // The grader may be gone, and with it who would remove the run's directory.
        let _ = std::fs::remove_dir_all(&spec.run);
        if let (Some(parent), Some(name)) = (&parent, spec.run.file_name()) {
            let _ = nix::unistd::unlinkat(parent, name, UnlinkatFlags::RemoveDir);
        }
        bail!("told to stop");
    };
    answer.seconds = started.elapsed().as_secs_f64();
    answer.end = status;

    let clean = matches!(answer.end, End::Exit(_));
    if clean {
        // The init of a PID namespace takes a moment to be gone after it was killed.
        answer.leaks = tree::wait_until_gone(Duration::from_secs(2));
    }
    answer.most = count.most.max(tree::end_all());
    answer.crowded = count.crowded;
    tree::wait_until_gone(Duration::from_millis(0))
        .into_iter()
        .for_each(|it| answer.leaks.push(format!("{it} (and it cannot be killed)")));
    answer.damage = damage::look(&spec.dir, &spec.binary, &spec.stamp);
    if clean {
        answer.leaks.extend(leaks::files(&spec.dir));
        let (leaks, suspects) = before.compare();
        answer.leaks.extend(leaks);
        answer.suspects = suspects;
    }
    limits::leave_cgroup(cgroup.as_deref());
    Ok(answer)
}

/// Starts the check program. Returns the read end of its report pipe.
fn start(spec: &Spec, program: OwnedFd, cgroup: Option<PathBuf>) -> Result<(File, Pid)> {
    let (reader, writer) = nix::unistd::pipe2(OFlag::O_CLOEXEC)?;
    fcntl(&reader, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    // This process has one thread: nothing else can inherit the descriptor.
    fcntl(&writer, FcntlArg::F_SETFD(FdFlag::empty()))?;
    let processes = limits::processes();
    let mut command = Command::new(format!("/proc/self/fd/{}", program.as_raw_fd()));
    command
        .arg0("check")
        .args(["--exact", &spec.check])
        .env_clear()
        .env("PODCHECK_REPORT_FD", writer.as_raw_fd().to_string())
        .env("PODCHECK_FACTOR", spec.factor.to_string())
        .env("PEAPOD_BIN", &spec.binary)
        .env("LANG", "C.UTF-8")
        .env("TERM", "dumb")
        .current_dir(spec.dir.join("work"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    for (name, dir) in leaks::DIRS {
        command.env(name, spec.dir.join(dir));
    }
    for name in ["PATH", "USER", "LOGNAME"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    let prepare = move || {
        nix::unistd::setsid()?;
        if let Some(path) = &cgroup {
            limits::join(path)?;
        }
        limits::set(processes)
    };
    // SAFETY: between fork and exec of a process with one thread, so any call is allowed.
    unsafe { command.pre_exec(prepare) };
    let child = room::wait_for(|| command.spawn()).context("failed to start the check")?;
    drop(writer);
    Ok((File::from(reader), Pid::from_raw(child.id().cast_signed())))
}

/// There was no room for a supervisor: nobody's mistake.
#[derive(Debug)]
pub struct NoRoom;

impl std::fmt::Display for NoRoom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("there is no room for the check's supervisor")
    }
}

/// How the grader starts a supervisor, and reads its answer.
pub fn ask(spec: &Spec, program: &File) -> Result<Answer> {
    let mut command = Command::new(OWN_PROGRAM);
    command.arg("supervise").arg(serde_json::to_string(spec)?);
    command.stdin(program.try_clone()?).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = room::wait_for(|| command.spawn()).map_err(|error| match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::OutOfMemory => anyhow::Error::from(error).context(NoRoom),
        _ => anyhow::Error::from(error).context("failed to start the supervisor"),
    })?;
    let output = child.wait_with_output().context("the supervisor's answer")?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        let signal = output.status.signal();
        let how = signal.map_or(output.status.to_string(), |it| format!("killed by signal {it}"));
        bail!("the supervisor ended early ({how}) {}", words.trim());
    }
    serde_json::from_slice(&output.stdout).context("the supervisor's answer")
}

/// This program, even if its file has been replaced meanwhile.
const OWN_PROGRAM: &str = "/proc/self/exe";
