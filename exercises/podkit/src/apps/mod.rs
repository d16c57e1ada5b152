//! The programs the catalogue's images hold. They are part of the runner's own
//! binary, which is bound into the container under the program's name: so there
//! is nothing to download and nothing to install.
//!
//! Some are given; the [`Helper`]s of chapter 10 are the reader's.

mod ask;
pub mod fields;
mod http;
mod ipc;
mod patient;
mod proxy;
mod puller;
pub mod serve;
mod web;

use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

/// A program that a chapter brings along: a part of [`Runner`](crate::Runner).
#[derive(Clone, Copy)]
pub struct Helper {
    /// Its file name. Its image is `peapod/NAME`.
    pub name: &'static str,
    /// Gets the arguments; an error is one line about what went wrong.
    pub main: fn(&[String]) -> Result<(), String>,
}

static HELPERS: OnceLock<&'static [Helper]> = OnceLock::new();

/// The helpers of this program. There are none before it has begun ([`crate::cli::begin`]).
pub fn helpers() -> &'static [Helper] {
    HELPERS.get().copied().unwrap_or_default()
}

/// One of the programs that are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum App {
    /// Asks a server one thing, and prints what it says.
    Ask,
    /// A web server on port 8080.
    Http,
    /// Talks to another of its kind over a System V message queue or shared memory.
    Ipc,
    /// A server that is ill on demand, for probes.
    Patient,
    /// Passes TCP connections on.
    Proxy,
    /// Fetches a file, again and again.
    Puller,
    /// Serves the files of a directory.
    Web,
}

const APPS: [App; 7] = [App::Ask, App::Http, App::Ipc, App::Patient, App::Proxy, App::Puller, App::Web];

impl App {
    /// Its file name: how the binary knows what it is to be.
    pub fn name(self) -> &'static str {
        match self {
            App::Ask => "ask",
            App::Http => "simple-container-app",
            App::Ipc => "ipc",
            App::Patient => "patient",
            App::Proxy => "proxy",
            App::Puller => "puller",
            App::Web => "web",
        }
    }

    fn main(self, args: &[String]) -> Result<(), String> {
        match self {
            App::Ask => ask::main(args),
            App::Http => http::main(args),
            App::Ipc => ipc::main(args),
            App::Patient => patient::main(args),
            App::Proxy => proxy::main(args),
            App::Puller => puller::main(args),
            App::Web => web::main(args),
        }
    }
}

/// If this process was started as one of the programs, runs it and says how it ended.
pub fn dispatch(helpers: &'static [Helper]) -> Option<ExitCode> {
    let _ = HELPERS.set(helpers);
    let mut args = std::env::args_os();
    let called = args.next()?;
    let name = Path::new(&called).file_name()?.to_str()?;
    let args: Vec<String> = args.map(|arg| arg.to_string_lossy().into_owned()).collect();
    run(name, &args)
}

/// Runs the program of this name to its end; `None`: there is none.
pub fn run(name: &str, args: &[String]) -> Option<ExitCode> {
    let helper = helpers().iter().find(|it| it.name == name);
    let app = APPS.into_iter().find(|app| app.name() == name);
    let done = match (helper, app) {
        (Some(helper), _) => (helper.main)(args),
        (None, Some(app)) => app.main(args),
        (None, None) => return None,
    };
    match done {
        Ok(()) => Some(ExitCode::SUCCESS),
        Err(message) => {
            eprintln!("{name}: {message}");
            Some(ExitCode::FAILURE)
        }
    }
}

/// The names of all programs.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = APPS.iter().map(|app| app.name()).chain(helpers().iter().map(|it| it.name)).collect();
    names.sort_unstable();
    names
}

/// Prints a line; whoever reads may have gone away.
pub fn say(line: impl std::fmt::Display) {
    use std::io::Write;
    let _ = writeln!(io::stdout(), "{line}");
}

/// A port number.
///
/// # Errors
/// It is none, or 0.
pub fn port(text: &str) -> Result<u16, String> {
    text.parse().ok().filter(|port| *port != 0).ok_or_else(|| format!("{text:?} is no port number"))
}

/// Waits for SIGTERM or SIGINT. As PID 1 a program has no default actions: it
/// must ask for the signals that shall end it. Call before the first thread.
///
/// # Errors
/// Those of `before`.
pub fn until_asked_to_end(before: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    let ending = Ending::begin()?;
    before()?;
    let signal = ending.signals.wait().map_err(|errno| format!("wait for a signal: {errno}"))?;
    say(format_args!("{signal}: the end"));
    Ok(())
}

/// The signals that ask a program to end. For programs that have something to do meanwhile.
pub struct Ending {
    signals: SigSet,
    /// Readable when one of them has come.
    arrived: SignalFd,
}

impl Ending {
    /// Call before the first thread.
    ///
    /// # Errors
    /// The kernel's.
    pub fn begin() -> Result<Ending, String> {
        let mut ending = SigSet::empty();
        ending.add(Signal::SIGTERM);
        ending.add(Signal::SIGINT);
        ending.thread_block().map_err(|errno| format!("block signals: {errno}"))?;
        let arrived = SignalFd::with_flags(&ending, SfdFlags::SFD_CLOEXEC);
        let arrived = arrived.map_err(|errno| format!("a descriptor for signals: {errno}"))?;
        Ok(Ending { signals: ending, arrived })
    }

    /// Waits this long; whether the program has been asked to end.
    pub fn within(&self, time: Duration) -> bool {
        let milliseconds = u16::try_from(time.as_millis()).unwrap_or(u16::MAX);
        let mut descriptors = [PollFd::new(self.arrived.as_fd(), PollFlags::POLLIN)];
        poll(&mut descriptors, PollTimeout::from(milliseconds)).is_ok_and(|ready| ready > 0)
    }
}
