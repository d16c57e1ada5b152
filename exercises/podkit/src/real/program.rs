//! One running container: its process, its output, its directory.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use nix::unistd::Pid;

use super::logs::{LogPipe, LogTail, Stream};
use super::poddir::{InstanceDir, PodDir};
use super::tell::{Piece, Tell};
use super::volumes::in_order;
use crate::environment::{Given, Variables};
use crate::image::Image;
use crate::pod::{Container, Pod};
use crate::runtime::{ContainerSpec, FileMount, Place, Runtime, Sandbox};
use crate::security::{Privileges, read_only_root};

/// A running container.
pub struct Program {
    pub pid: Pid,
    pub attempt: u32,
    pub env: Vec<String>,
    pub cwd: PathBuf,
    pub privileges: Privileges,
    pub pipes: [LogPipe; 2],
    cgroup: Option<PathBuf>,
    tail: LogTail,
    dir: InstanceDir,
}

/// What a container has left when it has ended.
pub struct Remains {
    pub message_file: Vec<u8>,
    pub log_tail: Vec<u8>,
    pub dir: InstanceDir,
}

impl Program {
    /// Starts the program and keeps what belongs to it. The message of an error
    /// becomes the container's Waiting message.
    pub fn start(
        runtime: Runtime,
        sandbox: &Sandbox,
        pod_dir: &PodDir,
        image: &Image,
        (container, attempt, place): (&Container, u32, Place),
        (given, volumes): (Given, &[FileMount]),
        (privileges, makes_cwd): (Privileges, bool),
    ) -> Result<Program, String> {
        let Given { argv, variables } = given;
        if argv.is_empty() {
            let image = &image.name;
            return Err(format!("no command specified: image {image} has none, so the manifest must give one"));
        }
        let env: Vec<String> = variables.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cwd = match container.working_dir.as_deref() {
            Some(dir) if !dir.is_empty() => Path::new(dir),
            _ => &image.workdir,
        };
        let (out, stdout) = LogPipe::create(&container.name, Stream::Stdout).map_err(|errno| errno.to_string())?;
        let (err, stderr) = LogPipe::create(&container.name, Stream::Stderr).map_err(|errno| errno.to_string())?;
        let dir = pod_dir.instance(&container.name, attempt).map_err(|error| error.to_string())?;
        let mut files = pod_dir.files(container);
        files.push(dir.termination_log(container));
        files.extend(image.files.iter().cloned());
        let files = in_order(files, volumes);
        let spec = ContainerSpec {
            name: container.name.clone(),
            argv,
            env: env.clone(),
            cwd: cwd.to_owned(),
            makes_cwd,
            root: image.root.clone(),
            files,
            shm: pod_dir.shm(),
            scratch: dir.scratch(),
            stdout,
            stderr,
            place,
            privileges,
            read_only_root: read_only_root(container),
        };
        match (runtime.start_container)(sandbox, &spec) {
            Ok(pid) => {
                let (pipes, tail) = ([out, err], LogTail::default());
                let ContainerSpec { cwd, privileges, place: Place { cgroup, .. }, .. } = spec;
                Ok(Program { pid, attempt, env, cwd, privileges, pipes, cgroup, tail, dir })
            }
            Err(error) => {
                dir.remove();
                Err(error.to_string())
            }
        }
    }

    /// One more process of the container: what it uses counts with the rest.
    pub fn adopt(&self, pid: Pid) {
        if let Some(cgroup) = &self.cgroup {
            // It may have ended already.
            let _ = std::fs::write(cgroup.join("cgroup.procs"), pid.to_string());
        }
    }

    /// Reads what has been written so far, each output once.
    pub fn read(&mut self, tell: &Rc<RefCell<Tell>>) {
        for pipe in 0..self.pipes.len() {
            self.read_one(pipe, tell);
        }
    }

    /// Call when the process has ended. With PID 1 gone the kernel has killed its whole
    /// PID namespace, so all that was ever written is in the pipes.
    pub fn collect(mut self, tell: &Rc<RefCell<Tell>>) -> Remains {
        for pipe in 0..self.pipes.len() {
            while self.read_one(pipe, tell) {}
        }
        Remains { message_file: self.dir.message(), log_tail: self.tail.take(), dir: self.dir }
    }

    /// Returns whether there may be more to read at once.
    fn read_one(&mut self, pipe: usize, tell: &Rc<RefCell<Tell>>) -> bool {
        let Program { pipes, tail, attempt, .. } = self;
        let attempt = *attempt;
        let pipe = &mut pipes[pipe];
        if !pipe.is_open() {
            return false;
        }
        let (name, stream) = (pipe.container.clone(), pipe.stream);
        let mut tell = tell.borrow_mut();
        let more = pipe.read(|line, whole| {
            tail.add(line, whole);
            tell.log(&name, stream, line, Piece { attempt, whole });
        });
        tell.flush();
        more
    }
}

/// Until chapter 9: command and args as they are written, and the plain values of variables.
pub fn plainly_given(pod: &Pod, container: &Container, image: &Image) -> Given {
    Given { argv: argv(container, image), variables: environment(pod, container, image) }
}

/// command replaces the image's entrypoint and drops its cmd; args replaces the cmd.
fn argv(container: &Container, image: &Image) -> Vec<String> {
    let mut argv = match container.command.is_empty() {
        true => image.entrypoint.clone(),
        false => container.command.clone(),
    };
    match (container.args.is_empty(), container.command.is_empty()) {
        (false, _) => argv.extend(container.args.iter().cloned()),
        (true, true) => argv.extend(image.cmd.iter().cloned()),
        (true, false) => {}
    }
    argv
}

/// The hostname as containerd sets it, the image's variables, then the container's own.
fn environment(pod: &Pod, container: &Container, image: &Image) -> Variables {
    let mut all = Variables::from([("HOSTNAME".to_owned(), pod.hostname().to_owned())]);
    all.extend(image.variables());
    for variable in &container.env {
        all.insert(variable.name.clone(), variable.value.clone().unwrap_or_default());
    }
    all
}
