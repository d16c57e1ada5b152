//! `kubelet --manifests DIR`: the pods of a directory, until it is told to end.
//!
//! Two sources of news, as in the kubelet: inotify says at once which file has changed, and a
//! full listing every 20 s finds what inotify has missed. A file that has become unreadable stays
//! what it was until the next listing, which takes its pod away: the listing *replaces* what is known.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use nix::sys::signal::Signal;
use nix::sys::signalfd::SignalFd;
use nix::unistd::{Pid, setpgid};

use super::api::Mirrors;
use super::node::{NodeLoop, PodRun};
use super::poddir::PodDir;
use super::tell::{Format, Tell};
use super::world::RealWorld;
use super::cannot;
use crate::cli::{self, Source};
use crate::engine::{Engine, Happened, Known, Order};
use crate::pod::Pod;
use crate::runner::{Runner, StaticPods};
use crate::runtime::{Node, Runtime};
use crate::time::{Clock, Time};

/// From one full listing to the next (the kubelet's fileCheckFrequency).
const LISTING: Duration = Duration::from_secs(20);

/// What it is to do. Paths are the node's.
pub struct Config {
    pub manifests: PathBuf,
    pub node_name: String,
    pub state: PathBuf,
    pub speed: f64,
    pub format: Format,
    pub directories: Vec<(String, PathBuf)>,
}

struct Kubelet<'a> {
    runner: &'a Runner,
    runtime: Runtime,
    parts: StaticPods,
    node: Node,
    config: Config,
    clock: Clock,
    /// What each file holds, as of its newest good reading.
    files: BTreeMap<PathBuf, Pod>,
    pods: NodeLoop,
    /// By place in `pods`.
    known: Vec<Known>,
    mirrors: Mirrors,
    /// What has been complained about, so that it is not said again and again.
    said: BTreeMap<PathBuf, String>,
}

/// Runs until a signal asks for the end, and all pods have ended.
pub fn run(runner: &Runner, (runtime, parts): (Runtime, StaticPods), node: Node, config: Config, signals: SignalFd) -> u8 {
    let _ = setpgid(Pid::from_raw(0), Pid::from_raw(0));
    let inotify = match watch(&config.manifests, &config.state) {
        Ok(inotify) => inotify,
        Err(errno) => return cannot(&format!("watching {}", config.manifests.display()), &errno),
    };
    let mirrors = match Mirrors::begin(&config.state) {
        Ok(mirrors) => mirrors,
        Err(error) => return cannot(&format!("keeping state in {}", config.state.display()), &error),
    };
    let clock = Clock::start(config.speed);
    let pods = NodeLoop::new(clock, signals);
    let mut kubelet = Kubelet {
        runner, runtime, parts, node, config, clock, files: BTreeMap::new(), pods, known: Vec::new(), mirrors,
        said: BTreeMap::new(),
    };
    match kubelet.run(&inotify) {
        Ok(signal) => 128 + u8::try_from(signal as i32).unwrap_or_default(),
        Err(error) => cannot("running the pods", &error),
    }
}

fn watch(manifests: &Path, state: &Path) -> nix::Result<Inotify> {
    let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
    let changes = AddWatchFlags::IN_CLOSE_WRITE | AddWatchFlags::IN_MOVE | AddWatchFlags::IN_DELETE;
    inotify.add_watch(manifests, changes | AddWatchFlags::IN_CREATE | AddWatchFlags::IN_ATTRIB)?;
    let _ = std::fs::create_dir_all(state);
    inotify.add_watch(state, AddWatchFlags::IN_DELETE)?;
    Ok(inotify)
}

impl Kubelet<'_> {
    fn run(&mut self, inotify: &Inotify) -> Result<Signal, String> {
        let mut listing_due = self.clock.now();
        loop {
            if self.clock.now() >= listing_due {
                self.list();
                listing_due = self.clock.now() + LISTING;
            }
            self.forget_ended();
            if self.pods.asked_to_end().is_none() {
                self.sync();
            }
            let wake = self.pods.turn()?;
            for (pod, known) in self.pods.pods.iter().zip(&self.known) {
                self.mirrors.show(&known.full_name, &(self.parts.mirror)(pod.engine.pod()));
            }
            match self.pods.asked_to_end() {
                Some(signal) if self.pods.pods.iter().all(|pod| pod.engine.is_over()) => return Ok(signal),
                _ => {}
            }
            let until: Time = [wake, Some(listing_due)].into_iter().flatten().min().unwrap_or(listing_due);
            self.pods.wait(Some(until), &[inotify.as_fd()]);
            self.read_changed(inotify);
        }
    }

    /// What inotify has to say: each file that has changed is read again.
    fn read_changed(&mut self, inotify: &Inotify) {
        while let Ok(events) = inotify.read_events() {
            for name in events.into_iter().filter_map(|event| event.name) {
                let path = self.config.manifests.join(name);
                if !path.exists() {
                    self.files.remove(&path);
                } else if let Ok((files, _)) = (self.parts.manifests)(&self.config.manifests)
                    && files.contains(&path)
                    && let Some(pod) = self.read(&path)
                {
                    self.files.insert(path, pod);
                }
            }
        }
    }

    /// The full listing. What cannot be read is not there any more.
    fn list(&mut self) {
        match (self.parts.manifests)(&self.config.manifests) {
            Ok((files, passed_over)) => {
                for line in passed_over {
                    self.complain(Path::new(&line).to_owned(), line.clone());
                }
                self.files = files.into_iter().filter_map(|path| self.read(&path).map(|pod| (path, pod))).collect();
            }
            Err(error) => self.complain(self.config.manifests.clone(), error.to_string()),
        }
    }

    /// A file's pod. A broken file is complained about, once for each way it is broken in.
    fn read(&mut self, path: &Path) -> Option<Pod> {
        match cli::pod_of_file(self.runner, path, Source::Directory) {
            Ok(pod) => {
                self.said.remove(path);
                Some((self.parts.identity)(pod, path, &self.config.node_name))
            }
            Err(messages) => {
                self.complain(path.to_owned(), messages.join("; "));
                None
            }
        }
    }

    fn complain(&mut self, path: PathBuf, message: String) {
        if self.said.get(&path) != Some(&message) {
            eprintln!("passed over: {message}");
            self.said.insert(path, message);
        }
    }

    /// Pods that were told to end, and have.
    fn forget_ended(&mut self) {
        let mut at = 0;
        while at < self.known.len() {
            if self.known[at].is_ending && self.pods.pods[at].engine.is_over() {
                let known = self.known.remove(at);
                self.pods.pods.remove(at).world.remove();
                self.mirrors.take_away(&known.full_name);
            } else {
                at += 1;
            }
        }
    }

    fn sync(&mut self) {
        let wanted: Vec<Pod> = self.files.values().cloned().collect();
        for order in (self.parts.sync)(&wanted, &self.known) {
            match order {
                Order::End(uid) => {
                    for (known, pod) in self.known.iter_mut().zip(&mut self.pods.pods) {
                        if known.uid == uid {
                            known.is_ending = true;
                            pod.observe(Happened::DeletionAsked { grace: None });
                        }
                    }
                }
                Order::Start(pod) => self.start(pod),
            }
        }
        self.forget_ended();
    }

    fn start(&mut self, pod: Pod) {
        let uid = pod.metadata.uid.clone().unwrap_or_default();
        let namespace = pod.metadata.namespace.as_deref().unwrap_or("default");
        let full_name = format!("{namespace}/{}", pod.metadata.name);
        let images = match cli::images(&pod, &self.config.directories) {
            Ok(images) => images,
            Err(messages) => return self.complain(PathBuf::from(&uid), messages.join("; ")),
        };
        let dir = match PodDir::create(&pod) {
            Ok(dir) => dir,
            Err(error) => return self.complain(PathBuf::from(&uid), format!("making the pod's directory: {error}")),
        };
        let tell = Rc::new(RefCell::new(Tell::of_many(self.config.format, &pod)));
        let (runtime, probes) = (self.runtime, self.runner.probes);
        let world = RealWorld::new((runtime, probes), self.node, dir, self.clock, images, tell.clone());
        let engine = Engine::new(self.runner, pod, self.clock.now());
        self.pods.pods.push(PodRun { engine, world, tell });
        self.known.push(Known { uid, full_name, is_ending: false });
    }
}

