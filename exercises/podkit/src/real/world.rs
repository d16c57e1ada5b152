//! The world of one pod: its processes, its sandbox, its directory.

mod made_of;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd};
use std::rc::Rc;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal as OsSignal, kill};
use nix::unistd::Pid;

use super::hooks::{Hook, Run};
use super::limits::{Limits, PodCgroup};
use super::look::{self, Look};
use super::machine::on_the_machine;
use super::poddir::{InstanceDir, PodDir};
use super::program::Program;
use super::tell::Tell;
use super::volumes::PodVolumes;
use crate::engine::{Exit, Happened, HookKind, ProbeKind, Signal, StartError, World};
use crate::environment::{LOOPBACK, NodeFacts};
use crate::hosts;
use crate::image::{self, ImageStore, Images};
use crate::objects::Objects;
use crate::pod::{Container, Handler, Pod, Probe};
use crate::runner::{Environment, Probes};
use crate::runtime::{ExecSpec, Node, Place, Runtime, Sandbox, SandboxSpec, StepError};
use crate::security::{defaults::PROCESSES, sysctls};
use crate::time::{Clock, Time};
use crate::volumes::Volumes;

/// What all pods of a node stand on.
#[derive(Clone)]
pub struct Ground {
    pub runtime: Runtime,
    pub probes: Option<Probes>,
    pub node: Node,
    pub clock: Clock,
    /// A program of the machine to run in the place of pause, and its arguments.
    pub infra: Option<Vec<String>>,
    /// Where images may have been loaded since a pod has asked for one.
    pub images: Option<ImageStore>,
    pub env: Option<Environment>,
    pub volumes: Option<Volumes>,
    pub security: bool,
    pub facts: Rc<NodeFacts>,
    /// What pods may refer to. Looked up at each start of a container.
    pub objects: Rc<RefCell<Objects>>,
    pub limits: Limits,
}

/// Real processes, one sandbox.
pub struct RealWorld {
    ground: Ground,
    dir: PodDir,
    volumes: PodVolumes,
    images: Images,
    tell: Rc<RefCell<Tell>>,
    sandbox: Option<Sandbox>,
    /// By container name; only what runs.
    containers: BTreeMap<String, Program>,
    hooks: Vec<Hook>,
    looks: Vec<Look>,
    /// The newest ended run's directory, by container name.
    ended: BTreeMap<String, InstanceDir>,
    /// Where something is delegated, from the first sandbox on.
    cgroup: Option<PodCgroup>,
}

impl RealWorld {
    pub fn new(ground: Ground, dir: PodDir, images: Images, tell: Rc<RefCell<Tell>>) -> RealWorld {
        RealWorld {
            ground,
            volumes: PodVolumes::new(dir.volumes()),
            dir,
            images,
            tell,
            sandbox: None,
            containers: BTreeMap::new(),
            hooks: Vec::new(),
            looks: Vec::new(),
            ended: BTreeMap::new(),
            cgroup: None,
        }
    }

    fn start(&mut self, pod: &Pod, container: &Container, attempt: u32) -> Result<(), StartError> {
        self.look_for_image(container);
        let failed = |message: String| StartError { reason: "RunContainerError".into(), message };
        let sandbox = self.sandbox.as_ref().ok_or_else(|| failed("the pod has no sandbox".into()))?;
        let image = self.images.get(&container.name).ok_or_else(|| failed("the container has no image".into()))?;
        // The kubelet's word for an image that is not there and may not be downloaded.
        let never_pull = |message: &String| StartError { reason: "ErrImageNeverPull".into(), message: message.clone() };
        let image = image.as_ref().map_err(never_pull)?;
        let mut given = self.given(pod, container, image)?;
        let privileges = self.privileges(pod, container, image, &mut given.variables)?;
        let cgroup = self.cgroup.as_mut().map(|cgroup| cgroup.container(container)).transpose();
        let cgroup = cgroup.map_err(|error| failed(format!("making the container's cgroup: {error}")))?;
        let most = self.ground.limits.pod_pids().unwrap_or(PROCESSES);
        let processes = self.ground.security.then_some(most);
        let place = Place { cgroup, oom_score_adj: self.ground.limits.oom_score_adj(pod, container), processes };
        let of = (container, attempt, place);
        let places = self.dir.mounts(&container.name, attempt);
        let shown = match self.mounts(pod, container, image)? {
            mounts if mounts.is_empty() => None,
            mounts => Some(
                self.volumes
                    .show(pod, &container.name, &mounts, &places)
                    .map_err(|message| StartError { reason: "CreateContainerConfigError".into(), message })?,
            ),
        };
        let volumes = shown.as_ref().map_or(&[][..], |shown| &shown.mounts);
        let program = Program::start(
            self.ground.runtime,
            sandbox,
            &self.dir,
            image,
            of,
            (given, volumes),
            (privileges, self.ground.security),
        );
        let program = program.map_err(failed)?;
        self.containers.insert(container.name.clone(), program);
        Ok(())
    }

    /// An image that was not there may have been loaded since.
    fn look_for_image(&mut self, container: &Container) {
        let is_missing = self.images.get(&container.name).is_some_and(Result::is_err);
        if let (true, Some(_), Some(name)) = (is_missing, self.ground.images, &container.image)
            && let Ok(Ok(image)) = on_the_machine(|| image::resolve(name, &[], self.ground.images))
        {
            self.images.insert(container.name.clone(), Ok(image));
        }
    }

    pub fn clock(&self) -> &Clock {
        &self.ground.clock
    }

    /// Starts one more program in a running container; `spec` is made of what the container's own was started with.
    pub fn exec(
        &self,
        container: &str,
        spec: impl FnOnce(&Program) -> Result<ExecSpec, StepError>,
    ) -> Result<Pid, StepError> {
        let not_running = || StepError { errno: 0, ..StepError::new("enter", "the container", Errno::ESRCH) };
        let program = self.containers.get(container).ok_or_else(not_running)?;
        let sandbox = self.sandbox.as_ref().ok_or_else(not_running)?;
        let spec = spec(program)?;
        let pid = (self.ground.runtime.exec)(sandbox, program.pid, &spec)?;
        program.adopt(pid);
        Ok(pid)
    }

    /// What containers are started from, from now on.
    pub fn set_images(&mut self, images: Images) {
        self.images = images;
    }

    pub fn is_running(&self, container: &str) -> bool {
        self.sandbox.is_some() && self.containers.contains_key(container)
    }

    /// The pod is over: nothing of it stays.
    pub fn remove(&self) {
        self.dir.remove();
    }

    /// Reads what has been written, and says which times have come.
    pub fn collect(&mut self) -> Vec<Happened> {
        self.read_output();
        let mut happened = Vec::new();
        let now = self.now();
        while let Some(at) = self.hooks.iter().position(|hook| hook.run.due(now).is_some_and(|due| due <= now)) {
            happened.push(self.hook_ended(at, Exit::Code(0)));
        }
        if let Some(probes) = self.ground.probes {
            for look in self.looks.extract_if(.., |look| look.due(now) <= now) {
                happened.push(look.answer(probes, None));
            }
        }
        happened
    }

    fn read_output(&mut self) {
        for program in self.containers.values_mut() {
            program.read(&self.tell);
        }
        for hook in &mut self.hooks {
            if let Run::Process { output, .. } = &mut hook.run {
                output.read();
            }
        }
        for output in self.looks.iter_mut().filter_map(Look::output) {
            output.read();
        }
    }

    /// What the end of a child means; nothing, for an orphan of some container, or a child of another pod.
    pub fn child_ended(&mut self, pid: Pid, exit: Exit) -> Vec<Happened> {
        let is_of_dead = self.containers.values().any(|program| program.pid == pid) && self.is_sandbox_dying();
        if is_of_dead {
            self.sandbox = None;
        }
        let ended = self.own_child_ended(pid, exit);
        is_of_dead.then_some(Happened::SandboxDied).into_iter().chain(ended).collect()
    }

    /// A pause that is PID 1 of its containers takes them with it when it ends, and is not gone
    /// before each of them is collected: so the news of its end comes last. But a process that ends has
    /// left its namespaces already.
    fn is_sandbox_dying(&self) -> bool {
        self.sandbox.as_ref().is_some_and(|sandbox| {
            sandbox.shares_processes && std::fs::metadata(format!("/proc/{}/ns/ipc", sandbox.pid)).is_err()
        })
    }

    fn own_child_ended(&mut self, pid: Pid, exit: Exit) -> Option<Happened> {
        if self.sandbox.as_ref().is_some_and(|sandbox| sandbox.pid == pid) {
            self.sandbox = None;
            return Some(Happened::SandboxDied);
        }
        if let Some(at) = self.hooks.iter().position(|hook| hook.run.is_process(pid)) {
            return Some(self.hook_ended(at, exit));
        }
        if let (Some(at), Some(probes)) = (self.looks.iter().position(|look| look.is_process(pid)), self.ground.probes)
        {
            return Some(self.looks.swap_remove(at).answer(probes, Some(exit)));
        }
        let (name, _) = self.containers.iter().find(|(_, program)| program.pid == pid)?;
        let name = name.clone();
        let remains = self.containers.remove(&name)?.collect(&self.tell);
        if let Some(older) = self.ended.insert(name.clone(), remains.dir) {
            older.remove();
        }
        // A hook of a run that is over means nothing to the next one.
        for hook in self.hooks.extract_if(.., |hook| hook.container == name) {
            hook.run.end();
        }
        for look in self.looks.extract_if(.., |look| look.container == name) {
            look.end();
        }
        let (message_file, log_tail) = (remains.message_file, remains.log_tail);
        let memory_events = self.cgroup.as_mut().and_then(|cgroup| cgroup.ended(&name));
        Some(Happened::Exited { container: name, exit, message_file, log_tail, memory_events })
    }

    fn hook_ended(&mut self, at: usize, exit: Exit) -> Happened {
        let Hook { container, kind, run } = self.hooks.swap_remove(at);
        Happened::HookEnded { container, hook: kind, result: run.result(exit) }
    }

    /// What may be read, now or later.
    pub fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let pipes = self.containers.values().flat_map(|program| &program.pipes).filter(|pipe| pipe.is_open());
        let hooks = self.hooks.iter().filter_map(|hook| match &hook.run {
            Run::Process { output, .. } if output.is_open() => Some(output.fd().as_fd()),
            _ => None,
        });
        let looks = self.looks.iter().filter_map(Look::fd).map(AsFd::as_fd);
        pipes.map(|pipe| pipe.fd()).chain(hooks).chain(looks)
    }

    /// When something is due of which no process tells.
    pub fn due(&self) -> Option<Time> {
        let now = self.now();
        let hooks = self.hooks.iter().filter_map(|hook| hook.run.due(now));
        hooks.chain(self.looks.iter().map(|look| look.due(now))).min()
    }
}

impl World for RealWorld {
    fn now(&self) -> Time {
        self.ground.clock.now()
    }

    fn start_sandbox(&mut self, pod: &Pod) -> Result<(), StartError> {
        self.set_up_volumes(pod)?;
        let failed = |message| StartError { reason: "CreatePodSandboxError".into(), message };
        let hostname = hosts::hostname(pod).map_err(failed)?;
        let spec = SandboxSpec {
            hostname,
            share_process_namespace: pod.spec.share_process_namespace == Some(true),
            infra: self.ground.infra.clone(),
            sysctls: sysctls::of(pod),
        };
        if self.cgroup.is_none() {
            self.cgroup = self.ground.limits.pod(pod).map_err(|error| StartError {
                reason: "CreatePodSandboxError".into(),
                message: format!("making the pod's cgroup: {error}"),
            })?;
        }
        match (self.ground.runtime.start_sandbox)(&self.ground.node, &spec) {
            Ok(sandbox) => {
                if let Some(cgroup) = &self.cgroup {
                    cgroup.hold_pause(sandbox.pid);
                }
                self.sandbox = Some(sandbox);
                Ok(())
            }
            Err(error) => Err(StartError { reason: "CreatePodSandboxError".into(), message: error.to_string() }),
        }
    }

    fn start_container(&mut self, pod: &Pod, container: &Container, attempt: u32) -> Result<(), StartError> {
        self.start(pod, container, attempt)
    }

    fn run_hook(&mut self, container: &Container, kind: HookKind, handler: &Handler) {
        let program = self.containers.get(&container.name);
        let run = Run::start(self.ground.runtime, self.sandbox.as_ref(), program, container, handler, self.now());
        self.hooks.push(Hook { container: container.name.clone(), kind, run });
    }

    fn probe(&mut self, container: &Container, kind: ProbeKind, probe: &Probe) {
        let Some(probes) = self.ground.probes else { return };
        let program = self.containers.get(&container.name);
        let attempt = program.map_or(0, |program| program.attempt);
        let runtime = self.ground.runtime;
        let command = probe.exec.as_ref().map(|exec| match self.ground.env {
            Some(env) => (env.probe)(container, &exec.command),
            None => exec.command.clone(),
        });
        let pod = look::Pod { runtime, sandbox: self.sandbox.as_ref(), program, ip: LOOPBACK, command };
        let timeout = Duration::from_secs(probe.timeout_seconds.unwrap_or(1).max(1).unsigned_abs());
        // The programs do not run faster with --speed: they get a second of their own time in any case.
        let deadline = self.now() + timeout.max(self.ground.clock.real(Duration::from_secs(1)));
        self.looks.push(Look::start(probes, &pod, container, (kind, probe), (attempt, deadline)));
    }

    fn signal(&mut self, container: &str, signal: Signal) {
        let signal = match signal {
            // The image may know better what its program ends by.
            Signal::Term => {
                let image = self.images.get(container).and_then(|image| image.as_ref().ok());
                image.and_then(|image| image.stop_signal).unwrap_or(OsSignal::SIGTERM)
            }
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
}
