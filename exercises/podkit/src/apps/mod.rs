//! The programs the catalogue's images hold. They are part of the runner's own
//! binary, which is bound into the container under the program's name: so there
//! is nothing to download and nothing to install.

mod http;
mod ipc;
mod patient;
mod proxy;

use std::path::Path;
use std::process::ExitCode;

/// One of the programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum App {
    /// A web server on port 8080.
    Http,
    /// Talks to another of its kind over a System V message queue or shared memory.
    Ipc,
    /// A server that is ill on demand, for probes.
    Patient,
    /// Passes TCP connections on.
    Proxy,
}

impl App {
    /// Its file name: how the binary knows what it is to be.
    pub fn name(self) -> &'static str {
        match self {
            App::Http => "simple-container-app",
            App::Ipc => "ipc",
            App::Patient => "patient",
            App::Proxy => "proxy",
        }
    }

    fn main(self, args: &[String]) -> Result<(), String> {
        match self {
            App::Http => http::main(args),
            App::Ipc => ipc::main(args),
            App::Patient => patient::main(args),
            App::Proxy => proxy::main(args),
        }
    }
}

/// If this process was started as one of the programs, runs it and says how it ended.
pub fn dispatch() -> Option<ExitCode> {
    let mut args = std::env::args();
    let called = args.next()?;
    let name = Path::new(&called).file_name()?.to_str()?;
    let app = [App::Http, App::Ipc, App::Patient, App::Proxy].into_iter().find(|app| app.name() == name)?;
    let args: Vec<String> = args.collect();
    match app.main(&args) {
        Ok(()) => Some(ExitCode::SUCCESS),
        Err(message) => {
            eprintln!("{name}: {message}");
            Some(ExitCode::FAILURE)
        }
    }
}

/// Prints a line; whoever reads may have gone away.
fn say(line: impl std::fmt::Display) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A port number.
fn port(text: &str) -> Result<u16, String> {
    text.parse().ok().filter(|port| *port != 0).ok_or_else(|| format!("{text:?} is no port number"))
}

/// Waits for SIGTERM or SIGINT. As PID 1 a program has no default actions: it
/// must ask for the signals that shall end it. Call before the first thread.
fn until_asked_to_end(before: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    use nix::sys::signal::{SigSet, Signal};
    let mut ending = SigSet::empty();
    ending.add(Signal::SIGTERM);
    ending.add(Signal::SIGINT);
    ending.thread_block().map_err(|errno| format!("block signals: {errno}"))?;
    before()?;
    let signal = ending.wait().map_err(|errno| format!("wait for a signal: {errno}"))?;
    say(format_args!("{signal}: the end"));
    Ok(())
}
