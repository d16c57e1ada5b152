//! `kubelet --manifests DIR`: the pods of a directory, until it is told to end.
//!
//! Two sources of news, as in the kubelet: inotify says at once which file has changed, and a full
//! listing every 20 s finds what inotify cannot see. A file that has become unreadable stays what it
//! was until the next listing, which takes its pod away: the listing *replaces* what is known.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, WatchDescriptor};
use nix::sys::signal::Signal;
use nix::sys::signalfd::SignalFd;
use nix::unistd::{Pid, setpgid};

use super::api::Mirrors;
use super::cannot;
use super::files::Files;
use super::limits::Wanted;
use super::machine::on_the_machine;
use super::node::{NodeLoop, PodRun};
use super::poddir::PodDir;
use super::tell::{Format, Tell, say};
use super::world::{Ground, RealWorld};
use crate::cli;
use crate::engine::{Engine, Happened, Known, Order};
use crate::environment::NodeFacts;
use crate::image::in_node;
use crate::pod::Pod;
use crate::runner::{Runner, StaticPods};
use crate::runtime::{Node, Runtime};
use crate::time::Clock;

/// From one full listing to the next (the kubelet's fileCheckFrequency).
const LISTING: Duration = Duration::from_secs(20);

/// The annotation that says when the kubelet took up the pod.
const SEEN: &str = "kubernetes.io/config.seen";

/// What it is to do. Paths are the machine's, without symbolic links.
pub struct Config {
    pub manifests: PathBuf,
    /// The node's name.
    pub node: String,
    pub facts: NodeFacts,
    pub state: PathBuf,
    pub speed: f64,
    pub format: Format,
    /// Directories that are images, by the image's name.
    pub directories: Vec<(String, PathBuf)>,
    /// A program of the machine to run in the place of pause, and its arguments.
    pub infra: Option<Vec<String>>,
    pub limits: Wanted,
}

struct Kubelet<'a> {
    runner: &'a Runner,
    parts: StaticPods,
    config: Config,
    ground: Ground,
    files: Files,
    pods: NodeLoop,
    /// By place in `pods`.
    known: Vec<Known>,
    mirrors: Mirrors,
    /// Pods that were wanted again, by uid, before they had ended: what is known of their containers goes on.
    before: BTreeMap<String, Engine>,
    /// Why pods could not be started, by uid: said once each.
    said: BTreeMap<String, String>,
}

/// Runs until a signal asks for the end and all pods have ended. Returns the exit status.
pub fn run(
    runner: &Runner,
    (runtime, parts): (Runtime, StaticPods),
    node: Node,
    config: Config,
    signals: SignalFd,
) -> u8 {
    // A group of its own: Ctrl-C reaches the outside process alone, which passes it on.
    let _ = setpgid(Pid::from_raw(0), Pid::from_raw(0));
    let mirrors = match Mirrors::begin(&in_node(&config.state)) {
        Ok(mirrors) => mirrors,
        Err(error) => return cannot(&format!("keeping state in {}", config.state.display()), &error),
    };
    let mut watches = match Watches::begin(&config, parts) {
        Ok(watches) => watches,
        Err(errno) => return cannot(&format!("watching {}", config.manifests.display()), &errno),
    };
    let clock = Clock::start(config.speed);
    let ground = Ground {
        runtime,
        probes: runner.probes,
        node,
        clock,
        infra: config.infra.clone(),
        images: runner.images,
        env: runner.env,
        volumes: runner.volumes,
        security: runner.security,
        facts: Rc::new(config.facts.clone()),
        objects: Rc::default(),
        limits: config.limits.limits(),
    };
    let mut kubelet = Kubelet {
        runner,
        parts,
        files: Files::new(*runner, parts, config.manifests.clone(), config.node.clone()),
        config,
        ground,
        pods: NodeLoop::new(clock, signals),
        known: Vec::new(),
        mirrors,
        before: BTreeMap::new(),
        said: BTreeMap::new(),
    };
    match kubelet.run(&mut watches) {
        Ok(signal) => 128 + u8::try_from(signal as i32).unwrap_or_default(),
        Err(error) => cannot("running the pods", &error),
    }
}

/// What inotify tells of.
struct Watches {
    inotify: Inotify,
    mirrors: WatchDescriptor,
    manifests: PathBuf,
    events: AddWatchFlags,
}

impl Watches {
    fn begin(config: &Config, parts: StaticPods) -> nix::Result<Watches> {
        let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        let mirrors = inotify.add_watch(&in_node(&config.state), AddWatchFlags::IN_DELETE)?;
        // Of a change of its mode, too: a file that could not be read may be readable now.
        let events = (parts.events)() | AddWatchFlags::IN_ATTRIB;
        Ok(Watches { inotify, mirrors, manifests: in_node(&config.manifests), events })
    }

    /// Watches what is at the directory's path now. The kernel watches a directory, not a path: one that
    /// was removed and made again is another one. Asked again for the same one, it changes nothing.
    fn renew(&self) {
        // A directory that is not there is the listing's to tell.
        let _ = self.inotify.add_watch(&self.manifests, self.events);
    }
}

impl Kubelet<'_> {
    fn run(&mut self, watches: &mut Watches) -> Result<Signal, String> {
        let clock = self.ground.clock;
        let mut listing_due = clock.now();
        loop {
            if clock.now() >= listing_due {
                watches.renew();
                self.files.list();
                self.mirrors.look();
                listing_due = clock.now() + LISTING;
            }
            if self.pods.asked_to_end().is_none() {
                self.sync()?;
            }
            let wake = self.pods.turn()?;
            self.show();
            // What has ended may be what another one waits for.
            let has_ended = self.forget_ended();
            match self.pods.asked_to_end() {
                Some(signal) if self.pods.pods.iter().all(|pod| pod.engine.is_over()) => return Ok(signal),
                None if has_ended => continue,
                _ => {}
            }
            let until = wake.map_or(listing_due, |wake| wake.min(listing_due));
            self.pods.wait(Some(until), &[PollFd::new(watches.inotify.as_fd(), PollFlags::POLLIN)]);
            if self.read_news(watches) {
                listing_due = clock.now();
            }
        }
    }

    /// Returns whether news has been lost: then only a listing helps.
    fn read_news(&mut self, watches: &Watches) -> bool {
        let mut is_lost = false;
        let mut changed = Vec::new();
        while let Ok(events) = watches.inotify.read_events() {
            for event in events {
                is_lost |= event.mask.contains(AddWatchFlags::IN_Q_OVERFLOW);
                match event.name {
                    Some(_) if event.wd == watches.mirrors => self.mirrors.look(),
                    Some(name) if !changed.contains(&name) && !self.is_begun(&event.mask, &name) => changed.push(name),
                    _ => {}
                }
            }
        }
        if !changed.is_empty() {
            self.files.look(&changed);
        }
        is_lost
    }

    /// A file that has just been made and is still to be written: another event says when it is. (One with
    /// two names was made before, and only linked.)
    fn is_begun(&self, mask: &AddWatchFlags, name: &OsStr) -> bool {
        let path = in_node(&self.config.manifests).join(name);
        mask.contains(AddWatchFlags::IN_CREATE)
            && path.symlink_metadata().is_ok_and(|about| about.is_file() && about.nlink() == 1)
    }

    /// Starts and ends what the directory asks for.
    fn sync(&mut self) -> Result<(), String> {
        for order in (self.parts.sync)(self.files.wanted(), &self.known) {
            match order {
                Order::Start(pod) if self.known.iter().any(|known| known.full_name == pod.full_name()) => {
                    return Err(format!("sync starts pod {}, and one of that name is still there", pod.full_name()));
                }
                Order::Start(pod) => self.start(*pod),
                Order::End(uid) => {
                    for (known, pod) in self.known.iter_mut().zip(&mut self.pods.pods) {
                        if known.uid == uid {
                            if known.is_ending {
                                return Err(format!("sync ends pod {}, and it is ending already", known.full_name));
                            }
                            known.is_ending = true;
                            pod.observe(Happened::DeletionAsked { grace: None });
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn start(&mut self, pod: Pod) {
        let uid = pod.metadata.uid.clone().unwrap_or_default();
        match self.make(pod) {
            Ok((known, pod)) => {
                self.said.remove(&uid);
                self.known.push(known);
                self.pods.pods.push(pod);
            }
            Err(message) if self.said.get(&uid) == Some(&message) => {}
            Err(message) => {
                say(&message);
                self.said.insert(uid, message);
            }
        }
    }

    fn make(&mut self, mut pod: Pod) -> Result<(Known, PodRun), String> {
        let now = self.ground.clock.now();
        pod.metadata.annotations.insert(SEEN.to_owned(), now.rfc3339());
        let images = on_the_machine(|| cli::images(self.runner, &pod, &self.config.directories));
        let images = images.map_err(|error| error.to_string())?;
        let name = &pod.metadata.name;
        let dir = PodDir::create(&pod).map_err(|error| format!("pod {name:?}: making its directory: {error}"))?;
        let known =
            Known { uid: pod.metadata.uid.clone().unwrap_or_default(), full_name: pod.full_name(), is_ending: false };
        let tell = Rc::new(RefCell::new(Tell::of_many(self.config.format, &pod)));
        let world = RealWorld::new(self.ground.clone(), dir, images, tell.clone());
        let engine = Engine::new(self.runner, pod, now).patient();
        let engine = match self.before.remove(&known.uid) {
            Some(before) => engine.once_more(before),
            None => engine,
        };
        let mut run = PodRun::new(engine, world, tell);
        run.admit(&self.ground.limits, &self.pods.taken());
        Ok((known, run))
    }

    /// Shows the pods that may have changed.
    fn show(&mut self) {
        let now = self.ground.clock.now();
        for (pod, known) in self.pods.pods.iter_mut().zip(&self.known) {
            if pod.has_turned() || self.mirrors.is_missing(&known.full_name) {
                self.mirrors.show(now, &known.full_name, (self.parts.mirror)(pod.engine.pod()));
            }
        }
    }

    /// Forgets pods that were told to end, and have. A pod that has ended by itself stays to be seen.
    fn forget_ended(&mut self) -> bool {
        let before = self.known.len();
        for at in (0..before).rev() {
            if self.known[at].is_ending && self.pods.pods[at].engine.is_over() {
                let known = self.known.remove(at);
                let pod = self.pods.pods.remove(at);
                pod.world.remove();
                self.mirrors.take_away(&known.full_name);
                if self.files.wanted().iter().any(|wanted| wanted.metadata.uid.as_ref() == Some(&known.uid)) {
                    self.before.insert(known.uid, pod.engine);
                }
            }
        }
        self.known.len() < before
    }
}
