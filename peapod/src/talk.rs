//! A question to the node, and its answers.

use std::io::{self, IoSliceMut, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg};
use podkit::control::{Reply, Request};
use podkit::resources::asks;

use crate::state;

/// A question that was put.
pub struct Talk {
    stream: UnixStream,
    said: Vec<u8>,
}

impl Talk {
    fn put(mut stream: UnixStream, request: &Request) -> io::Result<Talk> {
        let mut line = serde_json::to_vec(request)?;
        line.push(b'\n');
        stream.write_all(&line)?;
        Ok(Talk { stream, said: Vec::new() })
    }

    /// The next answer; `None`: the node is gone, or has said all.
    pub fn next(&mut self) -> Result<Option<Reply>, String> {
        loop {
            if let Some(reply) = self.told()? {
                return Ok(Some(reply));
            }
            if !self.read()? {
                return Ok(None);
            }
        }
    }

    /// The same without waiting: what has been read already.
    pub fn told(&mut self) -> Result<Option<Reply>, String> {
        let Some(end) = self.said.iter().position(|&byte| byte == b'\n') else { return Ok(None) };
        let line: Vec<u8> = self.said.drain(..=end).collect();
        serde_json::from_slice(&line).map(Some).map_err(|error| format!("the node's answer is none: {error}"))
    }

    /// Reads once. False: that was all.
    pub fn read(&mut self) -> Result<bool, String> {
        let mut buffer = [0; 64 << 10];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(length) => {
                    self.said.extend_from_slice(&buffer[..length]);
                    return Ok(length > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(false),
                Err(error) => return Err(format!("listening to the node: {error}")),
            }
        }
    }

    /// The first answer, and the descriptors that come with it.
    pub fn first_with_descriptors(&mut self) -> Result<(Option<Reply>, Vec<OwnedFd>), String> {
        let mut buffer = [0; 4096];
        let mut space = nix::cmsg_space!([RawFd; 3]);
        let mut parts = [IoSliceMut::new(&mut buffer)];
        let flags = MsgFlags::MSG_CMSG_CLOEXEC;
        let message = recvmsg::<()>(self.stream.as_raw_fd(), &mut parts, Some(&mut space), flags);
        let message = message.map_err(|errno| format!("listening to the node: {errno}"))?;
        let mut fds = Vec::new();
        for control in message.cmsgs().map_err(|errno| format!("listening to the node: {errno}"))? {
            if let ControlMessageOwned::ScmRights(raw) = control {
                // SAFETY: the kernel has just made these descriptors, for this process alone.
                fds.extend(raw.into_iter().map(|fd| unsafe { OwnedFd::from_raw_fd(fd) }));
            }
        }
        let length = message.bytes;
        self.said.extend_from_slice(&buffer[..length]);
        Ok((self.next()?, fds))
    }
}

impl AsFd for Talk {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

/// Asks the node; `None` if there is none.
pub fn ask(request: &Request) -> Result<Option<Talk>, String> {
    // A node that ends just now may still take a connection, and never answers.
    let Some(stream) = state::connect()? else { return Ok(None) };
    match Talk::put(stream, request) {
        Ok(talk) => Ok(Some(talk)),
        Err(error) if matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) => Ok(None),
        Err(error) => Err(format!("asking the node: {error}")),
    }
}

/// Asks the node, which is started if there is none. Returns the first answer.
pub fn ask_or_start(runner: &podkit::Runner, request: &Request) -> Result<Reply, String> {
    let wants_limits = matches!(request, Request::Apply { pod, .. } if asks(pod));
    for _ in 0..5 {
        let stream = state::connect_or_start(runner, wants_limits)?;
        // One that was about to end has not taken the question up: the next one will.
        let Ok(mut talk) = Talk::put(stream, request) else { continue };
        if let Some(reply) = talk.next()? {
            return Ok(reply);
        }
    }
    Err("the node in the background ends again and again before it answers".to_owned())
}
