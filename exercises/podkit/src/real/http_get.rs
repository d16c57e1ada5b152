//! An httpGet hook: a GET from the node into the pod's network.

use std::fmt;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};

use nix::sched::{CloneFlags, setns};
use nix::unistd::Pid;

use super::capture::Capture;
use crate::pod::{Container, HttpGetAction};
use crate::sys;
use crate::wire::{connect, tls};

/// The kubelet's words for it.
const FALLBACK: &str = "request to HTTPS lifecycle hook got HTTP response, retry with HTTP succeeded";

/// Starts a child of the node that enters the pod's network namespace and sends
/// the request from there: no tool inside the image is needed. It exits 0 when an
/// answer came, whatever its status: a hook, unlike a probe, does not look at it. What it prints then
/// is a warning.
pub fn start(sandbox: BorrowedFd<'_>, container: &Container, get: &HttpGetAction) -> Result<(Pid, Capture), String> {
    let target = Target::of(container, get)?;
    let (output, writer) = Capture::create().map_err(|errno| errno.to_string())?;
    match sys::clone(CloneFlags::empty()) {
        Err(errno) => Err(format!("clone: {errno}")),
        Ok(Some(pid)) => Ok((pid, output)),
        Ok(None) => {
            let result = setns(sandbox, CloneFlags::CLONE_NEWNET)
                .map_err(|errno| format!("setns into the pod's network: {errno}"))
                .and_then(|()| target.get().map_err(|error| format!("Get {target}: {error}")));
            let failed = result.is_err();
            if let Ok(Some(message)) | Err(message) = result.map(|plainly| plainly.then(|| FALLBACK.to_owned())) {
                let _ = nix::unistd::write(writer.as_fd(), message.as_bytes());
            }
            sys::exit_now(i32::from(failed))
        }
    }
}

/// Where a GET goes.
struct Target {
    is_https: bool,
    host: String,
    port: u16,
    path: String,
    headers: Vec<(String, String)>,
}

impl Target {
    fn of(container: &Container, get: &HttpGetAction) -> Result<Target, String> {
        let port = container.port(&get.port).and_then(|port| u16::try_from(port).ok()).filter(|port| *port != 0);
        let port =
            port.ok_or_else(|| format!("port {:?} is no port of container {}", get.port.to_string(), container.name))?;
        let is_https = get.scheme.as_deref().is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
        let path = get.path.clone().filter(|path| !path.is_empty()).unwrap_or_else(|| "/".into());
        // The default host is the pod's own address: in the pod's network, the loopback.
        let host = get.host.clone().filter(|host| !host.is_empty()).unwrap_or_else(|| "127.0.0.1".into());
        let headers = get.http_headers.iter().map(|header| (header.name.clone(), header.value.clone())).collect();
        Ok(Target { is_https, host, port, path, headers })
    }

    /// As the kubelet: a server that speaks no TLS is asked again without. True if it was.
    fn get(&self) -> io::Result<bool> {
        match self.send(self.is_https) {
            Err(_) if self.is_https => self.send(false).map(|()| true),
            sent => sent.map(|()| false),
        }
    }

    fn send(&self, is_https: bool) -> io::Result<()> {
        let stream = connect(&self.host, self.port)?;
        let mut stream: Box<dyn tls::Stream> =
            if is_https { tls::client(&self.host, stream)? } else { Box::new(stream) };
        let has_host = self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host"));
        let mut request = format!("GET {} HTTP/1.1\r\n", self.path);
        if !has_host {
            request += &format!("Host: {}:{}\r\n", self.host, self.port);
        }
        for (name, value) in &self.headers {
            request += &format!("{name}: {value}\r\n");
        }
        request += "Connection: close\r\nUser-Agent: kube-lifecycle/1\r\n\r\n";
        stream.write_all(request.as_bytes())?;
        let mut start = [0; 5];
        stream.read_exact(&mut start)?;
        match &start == b"HTTP/" {
            true => Ok(()),
            false => Err(io::Error::other("the answer is not HTTP")),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https { "https" } else { "http" };
        write!(f, "{scheme}://{}:{}{}", self.host, self.port, self.path)
    }
}
