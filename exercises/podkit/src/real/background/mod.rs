//! The node in the background: pods that somebody has applied, until the last one is deleted.
//!
//! The same loop as the kubelet's, with a socket in the place of a directory of manifests: commands connect to
//! it, ask one thing each, and are told. It stands where a cluster has its API server and a node's kubelet.
//! It ends when there is nothing left to keep. If it is killed, the kernel ends all that is in it.

mod answer;
mod change;
mod clients;
mod exec;
mod keep;
mod news;

use std::cell::RefCell;
use std::fs;
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::signalfd::SignalFd;
use nix::unistd::{Pid, setpgid};

pub use keep::Keep;

use self::clients::{Client, Wants};
use super::cannot;
use super::limits::Wanted;
use super::node::NodeLoop;
use super::tell::say;
use super::world::Ground;
use crate::control::{LOGS, READY, Reply, SAID, SOCKET};
use crate::engine::World;
use crate::environment::NodeFacts;
use crate::image::in_node;
use crate::objects::Objects;
use crate::pod::Pod;
use crate::runner::Runner;
use crate::runtime::{Node, Runtime};
use crate::time::{Clock, Time};

/// A node that nobody has asked anything ends after this time.
const PATIENCE: Duration = Duration::from_secs(10);
/// More commands at once are not listened to; they wait.
const MOST_CLIENTS: usize = 200;

/// What it is to do. The path is the machine's, without symbolic links.
pub struct Background {
    /// A directory of this user's own.
    pub state: PathBuf,
    pub facts: NodeFacts,
    pub limits: Wanted,
}

struct Daemon<'a> {
    runner: &'a Runner,
    /// The state directory, open; and a path that leads to it, wherever it is moved to, and to nothing
    /// else that stands in its place.
    dir: fs::File,
    state: PathBuf,
    /// Where it was.
    place: PathBuf,
    ground: Ground,
    pods: NodeLoop,
    /// By place in `pods`.
    entries: Vec<Entry>,
    clients: Vec<Client>,
    objects: Rc<RefCell<Objects>>,
    is_asked: bool,
}

/// What is known of a pod beside its engine and its world.
struct Entry {
    uid: String,
    namespace: String,
    name: String,
    /// As it was applied.
    applied: Pod,
    /// Since when it has been told to end, when it is to be gone, and the grace period in seconds.
    deletion: Option<(String, u64)>,
}

/// Runs until nothing is left, or a signal asks for the end. Returns the exit status.
pub fn run(runner: &Runner, runtime: Runtime, node: Node, config: Background, signals: SignalFd) -> u8 {
    let _ = setpgid(Pid::from_raw(0), Pid::from_raw(0));
    let clock = Clock::start(1.0);
    let objects = Rc::default();
    let ground = Ground {
        runtime,
        probes: runner.probes,
        node,
        clock,
        infra: None,
        images: runner.images,
        env: runner.env,
        volumes: runner.volumes,
        security: runner.security,
        facts: Rc::new(config.facts),
        objects: Rc::clone(&objects),
        limits: config.limits.limits(),
    };
    let place = in_node(&config.state);
    let dir = match fs::File::open(&place) {
        Ok(dir) => dir,
        Err(error) => return cannot(&format!("keeping state in {}", config.state.display()), &error),
    };
    let state = Path::new("/proc/self/fd").join(dir.as_raw_fd().to_string());
    let pods = NodeLoop::new(clock, signals);
    let mut daemon = Daemon {
        runner,
        dir,
        state,
        place,
        ground,
        pods,
        entries: Vec::new(),
        clients: Vec::new(),
        objects,
        is_asked: false,
    };
    let opened = daemon.open();
    let (listener, watch) = match opened {
        Ok(opened) => opened,
        Err(error) => return cannot(&format!("keeping state in {}", config.state.display()), &error),
    };
    let ended = daemon.run(&listener, &watch);
    daemon.tidy_up();
    match ended {
        Ok(None) => 0,
        Ok(Some(signal)) => 128 + u8::try_from(signal as i32).unwrap_or_default(),
        Err(error) => cannot("running the pods", &error),
    }
}

impl Daemon<'_> {
    /// The socket, and what tells that it has been taken away.
    fn open(&self) -> io::Result<(UnixListener, Inotify)> {
        fs::create_dir_all(self.state.join(LOGS))?;
        let new = self.state.join(".new");
        let _ = fs::remove_file(&new);
        let listener = UnixListener::bind(&new)?;
        fs::set_permissions(&new, fs::Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        // Whoever finds it can connect: it listens before it has its name.
        fs::rename(&new, self.state.join(SOCKET))?;
        let watch = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        let events = AddWatchFlags::IN_DELETE | AddWatchFlags::IN_MOVE_SELF | AddWatchFlags::IN_DELETE_SELF;
        watch.add_watch(&self.state, events)?;
        // The one who has started the node waits for this line. From here on there may be nobody.
        let mut stdout = io::stdout();
        writeln!(stdout, "{READY}").and_then(|()| stdout.flush())?;
        Ok((listener, watch))
    }

    fn run(&mut self, listener: &UnixListener, watch: &Inotify) -> Result<Option<Signal>, String> {
        let patient_until = self.now() + PATIENCE;
        loop {
            self.accept(listener);
            self.listen();
            let wake = self.pods.turn()?;
            self.tell_exits();
            self.tell_changes();
            let has_ended = self.forget_ended();
            self.clients.iter_mut().for_each(Client::write);
            self.hang_up();
            if self.is_nothing_left() {
                if let Some(signal) = self.pods.asked_to_end() {
                    return Ok(Some(signal));
                }
                if self.is_asked || self.now() >= patient_until {
                    return Ok(None);
                }
            }
            if has_ended {
                continue;
            }
            let until = if self.is_asked { wake } else { Some(patient_until) };
            let mut fds = vec![PollFd::new(watch.as_fd(), PollFlags::POLLIN)];
            if self.clients.len() < MOST_CLIENTS {
                fds.push(PollFd::new(listener.as_fd(), PollFlags::POLLIN));
            }
            fds.extend(self.clients.iter().map(Client::poll_fd));
            self.pods.wait(until, &fds);
            if self.is_cut_off(watch) {
                say("the state directory was taken away, so nobody can reach this node any more: its pods end");
                self.pods.end(Signal::SIGTERM);
            }
            self.note_end();
        }
    }

    fn now(&self) -> Time {
        self.ground.clock.now()
    }

    fn accept(&mut self, listener: &UnixListener) {
        while self.clients.len() < MOST_CLIENTS {
            match listener.accept() {
                Ok((stream, _)) => self.clients.extend(Client::new(stream)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }

    fn listen(&mut self) {
        let mut clients = std::mem::take(&mut self.clients);
        for client in &mut clients {
            match client.read() {
                None => {}
                Some(Err(error)) => {
                    client.tell_last(&Reply::Refused { message: format!("the request is none: {error}") });
                }
                Some(Ok(request)) => {
                    self.is_asked = true;
                    self.answer(client, request);
                }
            }
        }
        self.clients = clients;
    }

    /// Who has gone away, or knows all. What a command has started and does not look at any more ends.
    fn hang_up(&mut self) {
        for client in self.clients.extract_if(.., |client| client.is_over()) {
            if let Wants::Exit(pid) = client.wants {
                // A program in a container begins a session, and so a group of its own.
                let _ = killpg(pid, Signal::SIGKILL);
                let _ = kill(pid, Signal::SIGKILL);
            }
        }
    }

    fn is_nothing_left(&self) -> bool {
        let is_ending = self.pods.asked_to_end().is_some();
        // Who only watches is told by the node's end that there is no more to see.
        let watches = |client: &Client| matches!(client.wants, Wants::Changes { .. }) && !client.has_more();
        let nobody = self.clients.iter().all(watches) && self.pods.others.is_empty();
        self.entries.is_empty() && (is_ending || (nobody && self.objects.borrow().all().next().is_none()))
    }

    fn is_cut_off(&self, watch: &Inotify) -> bool {
        let has_news = watch.read_events().is_ok_and(|events| !events.is_empty());
        has_news && self.pods.asked_to_end().is_none() && !self.state.join(SOCKET).exists()
    }

    /// A signal has told all pods to end: they are shown like that.
    fn note_end(&mut self) {
        if self.pods.asked_to_end().is_none() {
            return;
        }
        for (entry, pod) in self.entries.iter_mut().zip(&self.pods.pods) {
            let now = pod.world.now();
            entry.deletion.get_or_insert_with(|| {
                let grace = answer::own_grace(pod.engine.pod());
                ((now + Duration::from_secs(grace)).rfc3339(), grace)
            });
        }
    }

    /// Nothing stays, not even the directory.
    fn tidy_up(&self) {
        let _ = fs::remove_file(self.state.join(SOCKET));
        let _ = fs::remove_file(self.state.join(SAID));
        let _ = fs::remove_dir_all(self.state.join(LOGS));
        let id = |about: fs::Metadata| (about.dev(), about.ino());
        if self.dir.metadata().ok().map(id) == self.place.symlink_metadata().ok().map(id) {
            let _ = fs::remove_dir(&self.place);
        }
    }
}
