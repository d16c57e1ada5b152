//! A web server that says who it is: `simple-container-app [PORT]`.
//!
//! `GET /` names the host, `GET /env` lists the environment, `GET /healthz`
//! says ok; anything else is not found.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

pub fn main(args: &[String]) -> Result<(), String> {
    let port = match args {
        [] => 8080,
        [port] => super::port(port)?,
        _ => return Err("usage: simple-container-app [PORT]".into()),
    };
    super::until_asked_to_end(|| {
        let address = (Ipv4Addr::UNSPECIFIED, port);
        let listener = TcpListener::bind(address).map_err(|error| format!("listen on port {port}: {error}"))?;
        super::say(format_args!("listening on port {port}"));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || answer(&stream));
            }
        });
        Ok(())
    })
}

fn answer(stream: &TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut lines = BufReader::new(stream).lines();
    // Somebody who only connects, as a tcpSocket probe does, asks for nothing.
    let Some(request) = lines.next().transpose()? else { return Ok(()) };
    // The headers, up to the empty line: closing with unread input would be an error to the client.
    for line in lines.by_ref() {
        if line?.is_empty() {
            break;
        }
    }
    super::say(&request);
    let path = request.split(' ').nth(1).unwrap_or("/");
    let (status, body) = match path.split('?').next().unwrap_or(path) {
        "/" => ("200 OK", format!("Hello from {}\n", hostname())),
        "/env" => ("200 OK", environment()),
        "/healthz" => ("200 OK", "ok\n".to_owned()),
        _ => ("404 Not Found", "not found\n".to_owned()),
    };
    let length = body.len();
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

fn hostname() -> String {
    nix::unistd::gethostname().map_or_else(|_| "nowhere".into(), |name| name.to_string_lossy().into_owned())
}

fn environment() -> String {
    let mut lines: Vec<String> =
        std::env::vars_os().map(|(k, v)| format!("{}={}\n", k.to_string_lossy(), v.to_string_lossy())).collect();
    lines.sort();
    lines.concat()
}
