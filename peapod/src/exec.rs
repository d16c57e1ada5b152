//! `exec`: a command in a container, and what passes between it and who has typed it.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process::ExitCode;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use podkit::control::{Reply, Request};
use podkit::sys::terminal as ends;

use crate::cli::Around;
use crate::get;
use crate::talk::{self, Talk};
use crate::terminal::{self, Raw};
use crate::wanted;

#[derive(clap::Args)]
pub struct Exec {
    /// The pod: `web`, or `pod/web`
    pod: String,
    /// The container, if the pod has more than one
    #[arg(short, long, value_name = "NAME")]
    container: Option<String>,
    /// Pass standard input on
    #[arg(short = 'i', long)]
    stdin: bool,
    /// Give the command a terminal
    #[arg(short, long)]
    tty: bool,
    /// The command and its arguments
    #[arg(required = true, last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// Exit status: the command's; 126 or 127 where it could not be started, as a shell says it.
pub fn exec(around: &Around, args: Exec) -> ExitCode {
    match start(around, args).and_then(Relay::run) {
        Ok(code) => {
            if code != 0 {
                eprintln!("command terminated with exit code {code}");
            }
            ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX))
        }
        Err(message) => {
            let code = match &message {
                it if it.contains("(ENOENT)") => 127,
                it if it.contains("(EACCES)") || it.contains("(ENOEXEC)") => 126,
                _ => 1,
            };
            eprintln!("{message}");
            ExitCode::from(code)
        }
    }
}

fn start(around: &Around, args: Exec) -> Result<Relay, String> {
    let name = wanted::pod(&args.pod)?;
    let not_found = || get::missing(around, &name);
    let pods = get::pods(around, Some(&name), false).map_err(|_| not_found())?;
    let shown = pods.first().ok_or_else(not_found)?;
    let container = wanted::container(&shown.pod, args.container.as_deref())?;
    if args.tty && args.stdin && !io::stdin().is_terminal() {
        eprintln!("warning: standard input is no terminal: keys are not passed on one by one");
    }
    // From here on signals wait in line: a window that changes its size now is no less changed.
    let mut mask = SigSet::empty();
    [Signal::SIGWINCH, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT].into_iter().for_each(|it| mask.add(it));
    mask.thread_block().map_err(|errno| format!("blocking signals: {errno}"))?;
    let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
    let signals = SignalFd::with_flags(&mask, flags).map_err(|errno| format!("waiting for signals: {errno}"))?;
    let request = Request::Exec {
        namespace: around.namespace.clone(),
        name: name.clone(),
        container,
        command: args.command,
        stdin: args.stdin,
        terminal: args.tty.then(terminal::window),
    };
    let mut talk = talk::ask(&request)?.ok_or_else(not_found)?;
    let (reply, ends) = talk.first_with_descriptors()?;
    match reply {
        Some(Reply::Started) => {}
        Some(Reply::Refused { message } | Reply::NotFound { message }) => return Err(message),
        _ => return Err(not_found()),
    }
    let mut ends = ends.into_iter();
    let mut next = || ends.next().ok_or_else(|| "the node has sent no descriptor".to_owned());
    let mut relay = Relay { talk, signals, input: None, terminal: None, outputs: Vec::new(), waiting: Vec::new() };
    if args.tty {
        let end = next()?;
        let copy = || end.try_clone().map_err(|error| format!("copying a descriptor: {error}"));
        relay.input = args.stdin.then(copy).transpose()?.map(quick).transpose()?;
        relay.terminal = Some(copy()?);
        relay.outputs.push((quick(end)?, To::Stdout));
    } else {
        if args.stdin {
            relay.input = Some(quick(next()?)?);
        }
        relay.outputs.push((quick(next()?)?, To::Stdout));
        relay.outputs.push((quick(next()?)?, To::Stderr));
    }
    Ok(relay)
}

/// Not waiting: neither for what is to be read, nor for room to write.
fn quick(end: OwnedFd) -> Result<File, String> {
    fcntl(&end, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).map_err(|errno| format!("setting up a pipe: {errno}"))?;
    Ok(end.into())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum To {
    Stdout,
    Stderr,
}

/// All that passes between the command and who has typed it.
struct Relay {
    talk: Talk,
    signals: SignalFd,
    /// Where standard input goes, as long as there is more of it.
    input: Option<File>,
    /// The command's terminal, if it has one.
    terminal: Option<OwnedFd>,
    outputs: Vec<(File, To)>,
    /// Of the input, what the command has not taken yet.
    waiting: Vec<u8>,
}

impl Relay {
    /// Until the command has ended. Returns its exit status.
    fn run(mut self) -> Result<i32, String> {
        let raw = if self.terminal.is_some() && self.input.is_some() { Raw::begin() } else { None };
        let done = self.pass_on();
        drop(raw);
        done
    }

    fn pass_on(&mut self) -> Result<i32, String> {
        loop {
            let stdin = io::stdin();
            let reads_input = self.input.is_some() && self.waiting.is_empty();
            let mut fds = vec![(self.talk.as_fd(), PollFlags::POLLIN), (self.signals.as_fd(), PollFlags::POLLIN)];
            fds.extend(self.outputs.iter().map(|(end, _)| (end.as_fd(), PollFlags::POLLIN)));
            let input_at = fds.len();
            if reads_input {
                fds.push((stdin.as_fd(), PollFlags::POLLIN));
            } else if let Some(input) = &self.input {
                fds.push((input.as_fd(), PollFlags::POLLOUT));
            }
            let mut fds: Vec<PollFd> =
                fds.into_iter().map(|(fd, flags): (BorrowedFd, _)| PollFd::new(fd, flags)).collect();
            let _ = poll(&mut fds, PollTimeout::NONE);
            let ready: Vec<bool> = fds.iter().map(|fd| fd.any() == Some(true)).collect();
            drop(fds);

            while let Some(info) = self.signals.read_signal().ok().flatten() {
                match Signal::try_from(info.ssi_signo.cast_signed()) {
                    Ok(Signal::SIGWINCH) => self.resize(),
                    // The node ends the command when this side is gone.
                    Ok(signal) => return Ok(128 + signal as i32),
                    Err(_) => {}
                }
            }
            self.read_outputs()?;
            if ready.get(input_at) == Some(&true) {
                if reads_input { self.read_input() } else { self.write_input() }
            }
            if ready[0] {
                let is_open = self.talk.read()?;
                if let Some(Reply::Exited { code }) = self.talk.told()? {
                    // What it has written before its end is in the pipes already.
                    self.read_outputs()?;
                    return Ok(code);
                }
                if !is_open {
                    return Err("the node in the background is gone, and the command with it".to_owned());
                }
            }
        }
    }

    fn resize(&self) {
        if let (Some(terminal), Some((rows, columns))) = (&self.terminal, terminal::size()) {
            let _ = ends::resize(terminal, rows, columns);
        }
    }

    /// Reads what there is. An end that is closed is not looked at any more.
    fn read_outputs(&mut self) -> Result<(), String> {
        let mut buffer = [0; 64 << 10];
        let mut failed = None;
        self.outputs.retain_mut(|(end, to)| {
            loop {
                match end.read(&mut buffer) {
                    Ok(0) => return false,
                    Ok(length) => {
                        let written = match to {
                            To::Stdout => write_to(&mut io::stdout(), &buffer[..length]),
                            To::Stderr => write_to(&mut io::stderr(), &buffer[..length]),
                        };
                        if let Err(error) = written {
                            failed = Some(format!("passing on the output: {error}"));
                            return false;
                        }
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => return true,
                    // A terminal whose other end is closed says EIO.
                    Err(_) => return false,
                }
            }
        });
        failed.map_or(Ok(()), Err)
    }

    fn read_input(&mut self) {
        let mut buffer = [0; 16 << 10];
        match nix::unistd::read(io::stdin(), &mut buffer) {
            Ok(length) if length > 0 => {
                self.waiting.extend_from_slice(&buffer[..length]);
                self.write_input();
            }
            Err(Errno::EINTR | Errno::EAGAIN) => {}
            // A terminal has no end of its own: it is a key that says so.
            _ if self.terminal.is_some() => {
                if let Some(mut input) = self.input.take() {
                    let _ = input.write_all(&[4]);
                }
            }
            _ => self.input = None,
        }
    }

    fn write_input(&mut self) {
        let Some(input) = &mut self.input else { return };
        while !self.waiting.is_empty() {
            match input.write(&self.waiting) {
                Ok(length) => drop(self.waiting.drain(..length)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // The command reads no more.
                Err(_) => {
                    self.waiting.clear();
                    self.input = None;
                    return;
                }
            }
        }
    }
}

/// All of it, also where the terminal that it goes to does not wait.
fn write_to(to: &mut impl Write, mut text: &[u8]) -> io::Result<()> {
    while !text.is_empty() {
        match to.write(text) {
            Ok(length) => text = &text[length..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            Err(error) => return Err(error),
        }
    }
    to.flush()
}
