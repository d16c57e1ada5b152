//! A hook's output: the first 10 KiB, for the message of its failure.

use std::os::fd::OwnedFd;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::unistd::{pipe2, read};

const LIMIT: usize = 10 << 10;
/// Read at one time: as much as a pipe holds. A program that writes without end must not keep the
/// loop from everything else.
const AT_ONCE: usize = 64 << 10;

/// The reading end of a program's output. Never waited for: what does not fit
/// the pipe blocks the program, as its writes would with a slow reader, until
/// [`Capture::read`] makes room.
pub struct Capture {
    fd: OwnedFd,
    text: Vec<u8>,
    open: bool,
}

impl Capture {
    pub fn create() -> Result<(Capture, OwnedFd), Errno> {
        let (ours, theirs) = pipe2(OFlag::O_CLOEXEC)?;
        fcntl(&ours, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        Ok((Capture { fd: ours, text: Vec::new(), open: true }, theirs))
    }

    pub fn fd(&self) -> &OwnedFd {
        &self.fd
    }

    /// False once every writer is gone.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Reads what is there, within reason.
    pub fn read(&mut self) {
        let mut buffer = [0; 4096];
        for _ in 0..AT_ONCE / buffer.len() {
            match read(&self.fd, &mut buffer) {
                Ok(0) => return self.open = false,
                Ok(length) => {
                    let room = LIMIT.saturating_sub(self.text.len()).min(length);
                    self.text.extend_from_slice(&buffer[..room]);
                }
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return,
                Err(_) => return self.open = false,
            }
        }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.text).trim().to_owned()
    }
}
