//! The world of processes.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal as OsSignal, kill};
use nix::sys::signalfd::SignalFd;
use nix::unistd::Pid;

use super::Options;
use super::capture::Capture;
use super::hooks;
use super::logs::{LogPipe, LogTail, Stream};
use super::poddir::{InstanceDir, PodDir};
use super::reap;
use super::tell::Tell;
use crate::engine::{Exit, Happened, HookKind, Signal, StartError, World};
use crate::image::Image;
use crate::pod::{Container, Handler, Pod};
use crate::runtime::{ContainerSpec, ExecSpec, Node, Runtime, Sandbox, SandboxSpec};
use crate::time::{Clock, Time};

/// Real processes, one sandbox.
pub struct RealWorld {
    runtime: Runtime,
    node: Node,
    clock: Clock,
    dir: PodDir,
    images: BTreeMap<String, Image>,
    signals: SignalFd,
    tell: Rc<RefCell<Tell>>,
    sandbox: Option<Sandbox>,
    /// By container name; only what runs.
    containers: BTreeMap<String, Program>,
    hooks: Vec<Hook>,
    /// The newest ended run's directory, by container name.
    ended: BTreeMap<String, InstanceDir>,
    /// The first signal that asked for the end.
    pub asked_to_end: Option<OsSignal>,
}

/// A running container.
struct Program {
    pid: Pid,
    env: Vec<String>,
    cwd: std::path::PathBuf,
    pipes: [LogPipe; 2],
    tail: LogTail,
    dir: InstanceDir,
}

/// A running hook: a process, or a time to wait for.
struct Hook {
    container: String,
    kind: HookKind,
    what: HookRun,
}

enum HookRun {
    Process {
        pid: Pid,
        says: String,
        output: Option<Capture>,
    },
    Until(Time),
    /// It could not even start.
    Failed(String),
}

impl RealWorld {
    pub fn new(
        runtime: Runtime,
        node: Node,
        dir: PodDir,
        signals: SignalFd,
        options: Options,
        tell: Rc<RefCell<Tell>>,
    ) -> RealWorld {
        RealWorld {
            runtime,
            node,
            clock: Clock::start(options.speed),
            dir,
            images: options.images,
            signals,
            tell,
            sandbox: None,
            containers: BTreeMap::new(),
            hooks: Vec::new(),
            ended: BTreeMap::new(),
            asked_to_end: None,
        }
    }

    /// Starts the program and keeps what belongs to it.
    fn start(&mut self, pod: &Pod, container: &Container, attempt: u32) -> Result<(), String> {
        let sandbox = self.sandbox.as_ref().ok_or("the pod has no sandbox")?;
        let image = self.images.get(&container.name).ok_or("the container has no image")?;
        let dir = self.dir.instance(&container.name, attempt).map_err(|error| error.to_string())?;
        let (out, stdout) = LogPipe::create(&container.name, Stream::Stdout).map_err(|errno| errno.to_string())?;
        let (err, stderr) = LogPipe::create(&container.name, Stream::Stderr).map_err(|errno| errno.to_string())?;
        let mut files = self.dir.files();
        files.push(dir.termination_log(container));
        files.extend(image.files.iter().cloned());
        let env = environment(pod, container, image);
        let cwd = match container.working_dir.as_deref() {
            Some(dir) if !dir.is_empty() => Path::new(dir),
            _ => &image.workdir,
        };
        let spec = ContainerSpec {
            name: container.name.clone(),
            argv: argv(container, image)?,
            env: env.clone(),
            cwd: cwd.to_owned(),
            root: image.root.clone(),
            files,
            shm: self.dir.shm(),
            scratch: dir.scratch(),
            stdout,
            stderr,
        };
        let pid = (self.runtime.start_container)(sandbox, &spec).map_err(|error| error.to_string())?;
        let program = Program { pid, env, cwd: cwd.to_owned(), pipes: [out, err], tail: LogTail::default(), dir };
        self.containers.insert(container.name.clone(), program);
        Ok(())
    }

    /// Starts a hook's process, or says why it cannot be started.
    fn start_hook(&mut self, container: &Container, handler: &Handler) -> HookRun {
        if let Some(sleep) = &handler.sleep {
            return HookRun::Until(self.now() + Duration::from_secs(sleep.seconds.max(0).unsigned_abs()));
        }
        let (Some(sandbox), Some(program)) = (&self.sandbox, self.containers.get(&container.name)) else {
            return HookRun::Failed("the container is not running".into());
        };
        let started = match (&handler.exec, &handler.http_get) {
            (Some(exec), _) => {
                let says = format!("exec {:?}", exec.command);
                start_exec(self.runtime, sandbox, program, &exec.command).map(|(pid, output)| (pid, says, Some(output)))
            }
            (None, Some(get)) => hooks::http_get(sandbox.pidfd.as_fd(), container, get)
                .map(|running| (running.pid, "http GET".to_owned(), running.output)),
            // The API accepts tcpSocket in a hook; the kubelet has never done it.
            (None, None) => Err("a hook must be exec, httpGet or sleep; tcpSocket is accepted and always fails".into()),
        };
        match started {
            Ok((pid, says, output)) => HookRun::Process { pid, says, output },
            Err(message) => HookRun::Failed(message),
        }
    }

    /// Everything that has happened so far, without waiting.
    fn collect(&mut self, happened: &mut Vec<Happened>) {
        self.read_output();
        while let Some(signal) = reap::next(&self.signals) {
            if reap::ENDING.contains(&signal) {
                happened.push(self.end_asked(signal));
            }
        }
        while let Some((pid, exit)) = reap::ended_child() {
            happened.extend(self.child_ended(pid, exit));
        }
        let now = self.now();
        let (due, waiting) = std::mem::take(&mut self.hooks).into_iter().partition(|hook| match &hook.what {
            HookRun::Process { .. } => false,
            HookRun::Until(at) => *at <= now,
            HookRun::Failed(_) => true,
        });
        self.hooks = waiting;
        for Hook { container, kind, what } in due {
            let result = match what {
                HookRun::Failed(message) => Err(message),
                _ => Ok(()),
            };
            happened.push(Happened::HookEnded { container, hook: kind, result });
        }
        // Nobody reads what the containers say: what a closed terminal means.
        if self.tell.borrow().broken && self.asked_to_end.is_none() {
            happened.push(self.end_asked(OsSignal::SIGPIPE));
        }
    }

    fn end_asked(&mut self, signal: OsSignal) -> Happened {
        match self.asked_to_end {
            None => {
                self.asked_to_end = Some(signal);
                Happened::DeletionAsked { grace: None }
            }
            Some(_) => Happened::KillNow,
        }
    }

    fn read_output(&mut self) {
        for program in self.containers.values_mut() {
            for pipe in 0..program.pipes.len() {
                program.read(pipe, &self.tell);
            }
        }
        for hook in &mut self.hooks {
            if let HookRun::Process { output: Some(capture), .. } = &mut hook.what {
                capture.read();
            }
        }
    }

    fn child_ended(&mut self, pid: Pid, exit: Exit) -> Option<Happened> {
        if self.sandbox.as_ref().is_some_and(|sandbox| sandbox.pid == pid) {
            self.sandbox = None;
            return Some(Happened::SandboxDied);
        }
        if let Some(name) = self.containers.iter().find(|(_, p)| p.pid == pid).map(|(name, _)| name.clone()) {
            return self.container_ended(&name, exit);
        }
        let is_it = |hook: &Hook| matches!(hook.what, HookRun::Process { pid: p, .. } if p == pid);
        let at = self.hooks.iter().position(is_it)?;
        let hook = self.hooks.swap_remove(at);
        Some(Happened::HookEnded { container: hook.container, hook: hook.kind, result: hook.what.result(exit) })
    }

    fn container_ended(&mut self, name: &str, exit: Exit) -> Option<Happened> {
        let mut program = self.containers.remove(name)?;
        // With PID 1 gone the kernel has killed its whole PID namespace, so all that
        // was ever written is in the pipes.
        for pipe in 0..program.pipes.len() {
            while program.read(pipe, &self.tell) {}
        }
        let message_file = program.dir.message();
        if let Some(older) = self.ended.insert(name.to_owned(), program.dir) {
            older.remove();
        }
        // A hook of a run that is over means nothing to the next one. Its process ends
        // with the container, or is of the node and is ended here.
        self.hooks.retain(|hook| {
            let of_this = hook.container == name;
            if let (true, HookRun::Process { pid, .. }) = (of_this, &hook.what) {
                let _ = kill(*pid, OsSignal::SIGKILL);
            }
            !of_this
        });
        Some(Happened::Exited { container: name.to_owned(), exit, message_file, log_tail: program.tail.take() })
    }

    /// When the next sleeping hook is over.
    fn next_hook(&self) -> Option<Time> {
        let due = |hook: &Hook| match &hook.what {
            HookRun::Until(at) => Some(*at),
            HookRun::Failed(_) => Some(self.now()),
            HookRun::Process { .. } => None,
        };
        self.hooks.iter().filter_map(due).min()
    }
}

impl World for RealWorld {
    fn now(&self) -> Time {
        self.clock.now()
    }

    fn start_sandbox(&mut self, pod: &Pod) -> Result<(), StartError> {
        let spec = SandboxSpec { hostname: pod.hostname().to_owned() };
        match (self.runtime.start_sandbox)(&self.node, &spec) {
            Ok(sandbox) => {
                self.sandbox = Some(sandbox);
                Ok(())
            }
            Err(error) => Err(StartError { reason: "CreatePodSandboxError".into(), message: error.to_string() }),
        }
    }

    fn start_container(&mut self, pod: &Pod, container: &Container, attempt: u32) -> Result<(), StartError> {
        self.start(pod, container, attempt)
            .map_err(|message| StartError { reason: "RunContainerError".into(), message })
    }

    fn run_hook(&mut self, container: &Container, kind: HookKind, handler: &Handler) {
        let what = self.start_hook(container, handler);
        self.hooks.push(Hook { container: container.name.clone(), kind, what });
    }

    fn signal(&mut self, container: &str, signal: Signal) {
        let signal = match signal {
            Signal::Term => OsSignal::SIGTERM,
            Signal::Kill => OsSignal::SIGKILL,
        };
        if let Some(program) = self.containers.get(container) {
            // An ended program is a zombie until it is collected: its pid is still its own.
            let _ = kill(program.pid, signal);
        }
    }

    fn stop_sandbox(&mut self) {
        if let Some(sandbox) = self.sandbox.take() {
            let _ = kill(sandbox.pid, OsSignal::SIGKILL);
        }
    }

    fn wait(&mut self, until: Option<Time>) -> Vec<Happened> {
        let mut happened = Vec::new();
        let until = [until, self.next_hook()].into_iter().flatten().min();
        loop {
            self.collect(&mut happened);
            let left = until.map(|at| self.clock.until(at));
            if !happened.is_empty() || left.is_some_and(|left| left.is_zero()) {
                return happened;
            }
            self.poll(left);
        }
    }
}

impl RealWorld {
    /// Sleeps until a signal, output, or the end of `left`.
    fn poll(&self, left: Option<Duration>) {
        // Rounded up: waking a moment early would spin until the time has come.
        let timeout = left.map_or(PollTimeout::NONE, |left| {
            let millis = left.as_nanos().div_ceil(1_000_000);
            PollTimeout::try_from(millis.min(i32::MAX as u128) as i32).unwrap_or(PollTimeout::MAX)
        });
        let mut fds = vec![PollFd::new(self.signals.as_fd(), PollFlags::POLLIN)];
        for pipe in self.containers.values().flat_map(|program| &program.pipes).filter(|pipe| pipe.is_open()) {
            fds.push(PollFd::new(pipe.fd(), PollFlags::POLLIN));
        }
        for hook in &self.hooks {
            if let HookRun::Process { output: Some(capture), .. } = &hook.what {
                if capture.is_open() {
                    fds.push(PollFd::new(capture.fd().as_fd(), PollFlags::POLLIN));
                }
            }
        }
        // An interrupted wait only means another look.
        let _ = poll(&mut fds, timeout);
    }
}

impl Program {
    /// Reads one of the two outputs once; returns whether there may be more.
    fn read(&mut self, pipe: usize, tell: &Rc<RefCell<Tell>>) -> bool {
        let Program { pipes, tail, .. } = self;
        let pipe = &mut pipes[pipe];
        if !pipe.is_open() {
            return false;
        }
        let (name, stream) = (pipe.container.clone(), pipe.stream);
        pipe.read(|line| {
            tail.add(line);
            tell.borrow_mut().log(&name, stream, line);
        })
    }
}

impl HookRun {
    fn result(self, exit: Exit) -> Result<(), String> {
        let HookRun::Process { says, output, .. } = self else { return Ok(()) };
        let printed = output.map(|mut capture| {
            capture.read();
            capture.text()
        });
        match (exit, printed) {
            (Exit::Code(0), _) => Ok(()),
            (exit, Some(text)) if !text.is_empty() => Err(format!("{says} failed with {}: {text}", exit.code())),
            (exit, _) => Err(format!("{says} failed with {}", exit.code())),
        }
    }
}

fn start_exec(
    runtime: Runtime,
    sandbox: &Sandbox,
    program: &Program,
    command: &[String],
) -> Result<(Pid, Capture), String> {
    let (output, stdout) = Capture::create().map_err(|errno| errno.to_string())?;
    let stderr: OwnedFd = stdout.try_clone().map_err(|error| error.to_string())?;
    let spec = ExecSpec { argv: command.to_vec(), env: program.env.clone(), cwd: program.cwd.clone(), stdout, stderr };
    let pid = (runtime.exec)(sandbox, program.pid, &spec).map_err(|error| error.to_string())?;
    Ok((pid, output))
}

/// command replaces the image's entrypoint and drops its cmd; args replaces the cmd.
fn argv(container: &Container, image: &Image) -> Result<Vec<String>, String> {
    let mut argv = match container.command.is_empty() {
        true => image.entrypoint.clone(),
        false => container.command.clone(),
    };
    match (container.args.is_empty(), container.command.is_empty()) {
        (false, _) => argv.extend(container.args.iter().cloned()),
        (true, true) => argv.extend(image.cmd.iter().cloned()),
        (true, false) => {}
    }
    match argv.is_empty() {
        true => Err(format!("no command specified: image {} has none, so the manifest must give one", image.name)),
        false => Ok(argv),
    }
}

/// The image's variables, the hostname as the runtimes set it, then the container's own.
fn environment(pod: &Pod, container: &Container, image: &Image) -> Vec<String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    let split = |pair: &String| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    all.extend(image.env.iter().filter_map(split));
    all.insert("HOSTNAME".into(), pod.hostname().to_owned());
    for variable in &container.env {
        all.insert(variable.name.clone(), variable.value.clone().unwrap_or_default());
    }
    all.into_iter().map(|(name, value)| format!("{name}={value}")).collect()
}
