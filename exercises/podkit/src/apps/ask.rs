//! Asks a server of this pod one thing, and prints what it says: `ask URL` gets a page,
//! `ask PORT TEXT` sends a line, says that this is all, and prints everything that comes back.
//!
//! A server that is not there yet is waited for, at most ten seconds: the containers of a pod
//! start at the same time.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(10);
/// More than this nobody wants to keep in memory.
const MOST: u64 = 64 << 20;

pub fn main(args: &[String]) -> Result<(), String> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (status, said) = match args[..] {
        [url] if url.starts_with("http://") => page(url, PATIENCE).map_err(|error| format!("{url}: {error}"))?,
        [port, text] => {
            let port = super::port(port)?;
            (200, talk(port, text).map_err(|error| format!("port {port}: {error}"))?)
        }
        _ => return Err("usage: ask http://HOST:PORT/PATH | PORT TEXT".into()),
    };
    let printed = io::stdout().write_all(&said).and_then(|()| io::stdout().flush());
    match (status, printed) {
        (200..=299, Ok(())) => Ok(()),
        (200..=299, Err(error)) => Err(error.to_string()),
        _ => Err(format!("status {status}")),
    }
}

fn talk(port: u16, text: &str) -> io::Result<Vec<u8>> {
    let mut stream = connect((Ipv4Addr::LOCALHOST, port).into(), PATIENCE)?;
    stream.write_all(format!("{text}\n").as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    let mut said = Vec::new();
    stream.take(MOST).read_to_end(&mut said)?;
    match said.is_empty() {
        true => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "closed without an answer")),
        false => Ok(said),
    }
}

/// Status and body of a page.
///
/// # Errors
/// No server within this time, no HTTP, or a body that is shorter than it was said to be.
pub fn page(url: &str, patience: Duration) -> io::Result<(u16, Vec<u8>)> {
    let wrong = |what: &str| io::Error::other(what.to_owned());
    let rest = url.strip_prefix("http://").ok_or_else(|| wrong("no URL that begins with http://"))?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
    let port = super::port(port).map_err(io::Error::other)?;
    if host != "localhost" && host != "127.0.0.1" {
        return Err(wrong("a pod has no way but to localhost yet"));
    }
    let path = if path.is_empty() { "/" } else { path };
    let mut stream = connect((Ipv4Addr::LOCALHOST, port).into(), patience)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    // In version 1.0 an answer ends where the connection does.
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: {authority}\r\n\r\n").as_bytes())?;
    let mut reader = BufReader::new(stream.take(MOST));
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(wrong("closed without an answer"));
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let status = lines[..1].iter().find_map(|line| line.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok());
    let status = status.ok_or_else(|| wrong("the answer is no HTTP"))?;
    let mut body = Vec::new();
    reader.read_to_end(&mut body)?;
    let length = lines.iter().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    match length {
        Some(length) if length != body.len() => Err(wrong("the body is cut off")),
        _ => Ok((status, body)),
    }
}

fn connect(address: std::net::SocketAddr, patience: Duration) -> io::Result<TcpStream> {
    let until = Instant::now() + patience;
    loop {
        match TcpStream::connect(address) {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused && Instant::now() < until => {
                sleep(Duration::from_millis(20));
            }
            result => return result,
        }
    }
}
