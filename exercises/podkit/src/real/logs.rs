//! Container output: bytes from a pipe to lines.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::unistd::{pipe2, read};

use super::poddir::TAIL;

/// A line longer than this is told in pieces, so that a container that never
/// ends its line cannot fill the runner's memory (the runtimes: 16 KiB).
const LONGEST_LINE: usize = 16 << 10;

/// Which of a container's two outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Stdout,
    Stderr,
}

/// The runner's end of a container's output.
pub struct LogPipe {
    pub container: String,
    pub stream: Stream,
    fd: OwnedFd,
    /// A line whose end has not come yet.
    partial: Vec<u8>,
    open: bool,
}

impl LogPipe {
    /// A pipe: the reading end, and the writing end for the container.
    pub fn create(container: &str, stream: Stream) -> Result<(LogPipe, OwnedFd), Errno> {
        let (ours, theirs) = pipe2(OFlag::O_CLOEXEC)?;
        // Only our end: the program may not be ready for EAGAIN.
        fcntl(&ours, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        let pipe = LogPipe { container: container.into(), stream, fd: ours, partial: Vec::new(), open: true };
        Ok((pipe, theirs))
    }

    pub fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// False once every writer is gone.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Reads once, and gives each line to `line`, without its end, and whether it has one: the
    /// last may break off, and a very long one comes in pieces.
    /// Returns whether there may be more to read at once.
    pub fn read(&mut self, mut line: impl FnMut(&[u8], bool)) -> bool {
        let mut buffer = [0; 16 << 10];
        match read(&self.fd, &mut buffer) {
            Ok(0) => {
                if !self.partial.is_empty() {
                    line(&self.partial, false);
                }
                self.partial.clear();
                self.open = false;
                false
            }
            Ok(length) => {
                for piece in buffer[..length].split_inclusive(|byte| *byte == b'\n') {
                    self.partial.extend_from_slice(piece);
                    let whole = self.partial.ends_with(b"\n");
                    if whole || self.partial.len() >= LONGEST_LINE {
                        line(&self.partial[..self.partial.len() - usize::from(whole)], whole);
                        self.partial.clear();
                    }
                }
                true
            }
            Err(Errno::EINTR) => true,
            Err(_) => false,
        }
    }
}

/// The end of a container's output, for its termination message.
#[derive(Default)]
pub struct LogTail(Vec<u8>);

impl LogTail {
    pub fn add(&mut self, line: &[u8], whole: bool) {
        self.0.extend_from_slice(line);
        if whole {
            self.0.push(b'\n');
        }
        let limit = TAIL as usize;
        if self.0.len() > 2 * limit {
            self.0.drain(..self.0.len() - limit);
        }
    }

    pub fn take(self) -> Vec<u8> {
        let start = self.0.len().saturating_sub(TAIL as usize);
        self.0[start..].to_vec()
    }
}
