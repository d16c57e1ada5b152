//! Waits for the end of a check, one way or another, and catches its report meanwhile.

use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;
use nix::sys::signalfd::SignalFd;
use nix::sys::wait::WaitStatus;
use nix::unistd::Pid;

use super::count::{self, Count};
use super::{Answer, End, Spec, leaks, tree};

/// A report is a few thousand bytes.
const MOST_REPORT: usize = 1 << 20;

/// `child` is the check program, `reader` the pipe of its report.
pub fn watch(
    spec: &Spec,
    signals: &SignalFd,
    reader: &mut File,
    child: Pid,
    answer: &mut Answer,
    count: &mut Count,
) -> Result<End> {
    let until = Instant::now() + spec.timeout;
    let mut report = Vec::new();
    let mut open = true;
    let mut measured = Instant::now();
    let end = loop {
        let left = until.saturating_duration_since(Instant::now());
        let nap = PollTimeout::try_from(count::OFTEN.min(left).as_millis() + 1).unwrap_or(PollTimeout::ZERO);
        let mut wanted = vec![PollFd::new(signals.as_fd(), PollFlags::POLLIN)];
        if open {
            wanted.push(PollFd::new(reader.as_fd(), PollFlags::POLLIN));
        }
        match poll(&mut wanted, nap) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => bail!("poll: {errno}"),
        }
        open &= catch(reader, &mut report);
        let mut told_to_stop = false;
        while let Ok(Some(info)) = signals.read_signal() {
            told_to_stop |= info.ssi_signo != Signal::SIGCHLD as u32;
        }
        let ended = reap(child);
        if told_to_stop && ended.is_none() {
            bail!("told to stop");
        }
        // Whatever it has to say: what it saw beside so many is not to be believed.
        if count.too_many() {
            break End::TooMany;
        }
        if let Some(end) = ended {
            catch(reader, &mut report);
            break end;
        }
        if left.is_zero() {
            break End::Timeout;
        }
        if measured.elapsed() > Duration::from_millis(200) {
            if leaks::too_full(&spec.dir) {
                break End::Full;
            }
            measured = Instant::now();
        }
    };
    answer.report = String::from_utf8_lossy(&report).into_owned();
    Ok(end)
}

/// Takes what is in the pipe. False when it is closed.
fn catch(reader: &mut File, report: &mut Vec<u8>) -> bool {
    let mut buffer = [0; 16 << 10];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return false,
            Ok(n) if report.len() < MOST_REPORT => report.extend_from_slice(&buffer[..n]),
            Ok(_) => {}
            Err(error) => return error.kind() == std::io::ErrorKind::WouldBlock,
        }
    }
}

/// Reaps what has ended. Says how `child` ended, once it has.
fn reap(child: Pid) -> Option<End> {
    let mut end = None;
    while let Ok(status) = tree::reap_one() {
        match status {
            WaitStatus::Exited(pid, code) if pid == child => end = Some(End::Exit(code)),
            WaitStatus::Signaled(pid, signal, _) if pid == child => {
                end = Some(End::Signal(signal as i32));
            }
            WaitStatus::StillAlive => break,
            _ => {}
        }
    }
    end
}
