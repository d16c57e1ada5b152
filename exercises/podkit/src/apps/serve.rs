//! A small HTTP server: one request a connection, and each connection a thread.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// What a server says.
pub struct Answer {
    /// As `200 OK`.
    pub status: &'static str,
    /// As `text/plain`.
    pub kind: &'static str,
    pub body: Vec<u8>,
}

impl Answer {
    /// Plain text.
    pub fn text(status: &'static str, body: impl Into<Vec<u8>>) -> Answer {
        Answer { status, kind: "text/plain", body: body.into() }
    }
}

/// Who is asked: gets the first line of a request and the path in it, without what follows a `?`.
pub type Answers = Arc<dyn Fn(&str, &str) -> Answer + Send + Sync>;

/// Where a server listens.
pub enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// At a port of all addresses; or, if `place` has a slash, at a Unix socket of that name.
///
/// # Errors
/// One line that names the place.
pub fn listen(place: &str) -> Result<Listener, String> {
    if !place.contains('/') {
        let address = (Ipv4Addr::UNSPECIFIED, super::port(place)?);
        let listener = TcpListener::bind(address).map_err(|error| format!("listen on port {place}: {error}"))?;
        return Ok(Listener::Tcp(listener));
    }
    // A socket that nobody listens to is what a server that was killed has left.
    if UnixStream::connect(place).is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused) {
        let _ = std::fs::remove_file(place);
    }
    UnixListener::bind(Path::new(place)).map(Listener::Unix).map_err(|error| format!("listen on {place}: {error}"))
}

/// Answers for as long as the program lives.
pub fn serve(listener: Listener, answers: Answers) {
    thread::spawn(move || match listener {
        Listener::Tcp(listener) => each(listener.incoming(), &answers),
        Listener::Unix(listener) => each(listener.incoming(), &answers),
    });
}

fn each<S: Connection>(incoming: impl Iterator<Item = io::Result<S>>, answers: &Answers) {
    for stream in incoming.flatten() {
        let answers = answers.clone();
        // Where there is no room for one more thread, this one connection is closed.
        let _ = thread::Builder::new().spawn(move || answer(stream, &answers));
    }
}

trait Connection: Read + Write + Send + 'static {
    fn patience(&self, time: Duration) -> io::Result<()>;
}

impl Connection for TcpStream {
    fn patience(&self, time: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(time))
    }
}

impl Connection for UnixStream {
    fn patience(&self, time: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(time))
    }
}

fn answer(stream: impl Connection, answers: &Answers) -> io::Result<()> {
    stream.patience(Duration::from_secs(10))?;
    let mut stream = BufReader::new(stream);
    // Somebody who only connects, as a tcpSocket probe does, asks for nothing.
    let request = line(&mut stream)?;
    if request.is_empty() {
        return Ok(());
    }
    // The headers, up to the empty line: closing with unread input would be an error to the client.
    while !line(&mut stream)?.is_empty() {}
    let path = request.split(' ').nth(1).unwrap_or("/");
    let Answer { status, kind, body } = answers(&request, path.split('?').next().unwrap_or(path));
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    let out = stream.get_mut();
    out.write_all(head.as_bytes())?;
    out.write_all(&body)
}

/// Without its end; empty at the end of input. No line of a request is as long as 64 KiB.
fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut bytes = Vec::new();
    stream.take(64 << 10).read_until(b'\n', &mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
}
