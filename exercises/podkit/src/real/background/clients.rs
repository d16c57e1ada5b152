//! The commands that have come to the node, and what they are still to be told.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::{ControlMessage, MsgFlags, getsockopt, sendmsg, sockopt::PeerCredentials};
use nix::unistd::{Pid, getuid};

use crate::control::{Reply, Request};

/// A request is one line, and no line is longer. A manifest may have 10 MiB, and every character may need an escape.
const LONGEST: usize = 64 << 20;
/// Who does not read what is answered is not answered any more.
const UNREAD: usize = 64 << 20;

/// A command that has come.
pub struct Client {
    stream: UnixStream,
    input: Vec<u8>,
    output: VecDeque<u8>,
    pub wants: Wants,
    /// It will be told nothing more.
    pub is_done: bool,
    /// It has gone away.
    pub is_gone: bool,
}

/// What a command waits for.
pub enum Wants {
    /// It has asked nothing yet.
    ToAsk,
    /// Nothing more.
    Nothing,
    /// To be told when the pod with this uid is gone.
    TheEnd(String),
    /// To be told of changes: of these pods, and what it was told of each, by uid.
    Changes { namespace: Option<String>, name: Option<String>, told: BTreeMap<String, String> },
    /// To be told of the end of this process.
    Exit(Pid),
}

impl Client {
    /// `None`: it is none of this user's commands.
    pub fn new(stream: UnixStream) -> Option<Client> {
        let peer = getsockopt(&stream, PeerCredentials).ok()?;
        // Seen from here, this user is who the node is: root. A process without a pid is none of the node's own:
        // a container that came by the socket must not rule its node.
        if peer.uid() != getuid().as_raw() || peer.pid() != 0 {
            return None;
        }
        stream.set_nonblocking(true).ok()?;
        let (input, output) = (Vec::new(), VecDeque::new());
        Some(Client { stream, input, output, wants: Wants::ToAsk, is_done: false, is_gone: false })
    }

    pub fn poll_fd(&self) -> PollFd<'_> {
        let mut flags = PollFlags::POLLIN;
        flags.set(PollFlags::POLLOUT, !self.output.is_empty());
        PollFd::new(self.fd(), flags)
    }

    fn fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }

    /// Reads what has come. Returns the question, once it is complete.
    pub fn read(&mut self) -> Option<Result<Request, String>> {
        let mut buffer = [0; 64 << 10];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => {
                    self.is_gone = true;
                    return None;
                }
                // There is one question; what comes after it means nothing.
                Ok(_) if !matches!(self.wants, Wants::ToAsk) => {}
                Ok(length) => {
                    self.input.extend_from_slice(&buffer[..length]);
                    if buffer[..length].contains(&b'\n') {
                        self.wants = Wants::Nothing;
                        let input = std::mem::take(&mut self.input);
                        let line = input.split(|&byte| byte == b'\n').next().unwrap_or_default();
                        return Some(serde_json::from_slice(line).map_err(|error| error.to_string()));
                    }
                    if self.input.len() > LONGEST {
                        self.is_gone = true;
                        return None;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return None,
                Err(_) => {
                    self.is_gone = true;
                    return None;
                }
            }
        }
    }

    pub fn tell(&mut self, reply: &Reply) {
        self.output.extend(line(reply));
        self.is_gone |= self.output.len() > UNREAD;
        self.write();
    }

    /// The same, and that was all.
    pub fn tell_last(&mut self, reply: &Reply) {
        self.is_done = true;
        self.tell(reply);
    }

    /// The first answer, and descriptors with it.
    pub fn hand_over(&mut self, reply: &Reply, fds: &[OwnedFd]) -> nix::Result<()> {
        let raw: Vec<RawFd> = fds.iter().map(AsRawFd::as_raw_fd).collect();
        let line = line(reply);
        let parts = [io::IoSlice::new(&line)];
        // Short, and the first that is written: it always fits.
        sendmsg::<()>(self.stream.as_raw_fd(), &parts, &[ControlMessage::ScmRights(&raw)], MsgFlags::MSG_NOSIGNAL, None)
            .map(drop)
    }

    /// Writes what can be written now.
    pub fn write(&mut self) {
        while !self.output.is_empty() {
            let (front, _) = self.output.as_slices();
            match self.stream.write(front) {
                Ok(length) => drop(self.output.drain(..length)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => {
                    self.is_gone = true;
                    return;
                }
            }
        }
    }

    /// Not all has been read that was said.
    pub fn has_more(&self) -> bool {
        !self.output.is_empty()
    }

    /// There is no more to be said, and all has been said.
    pub fn is_over(&self) -> bool {
        self.is_gone || (self.is_done && self.output.is_empty())
    }
}

fn line(reply: &Reply) -> Vec<u8> {
    // Maps have strings for keys: that cannot fail.
    let mut line = serde_json::to_vec(reply).unwrap_or_default();
    line.push(b'\n');
    line
}
