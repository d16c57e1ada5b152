//! Passes TCP connections on: `proxy [LISTEN [TARGET]]`, by default from port
//! 8000 to port 8080 of the same pod. A target is `PORT` or `HOST:PORT`.

use std::io;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::thread;

pub fn main(args: &[String]) -> Result<(), String> {
    let (listen, target) = match args {
        [] => ("8000", "8080"),
        [listen] => (listen.as_str(), "8080"),
        [listen, target] => (listen.as_str(), target.as_str()),
        _ => return Err("usage: proxy [LISTEN [TARGET]]".into()),
    };
    let port = super::port(listen)?;
    let target = if target.contains(':') { target.to_owned() } else { format!("127.0.0.1:{}", super::port(target)?) };
    super::until_asked_to_end(|| {
        let address = (Ipv4Addr::UNSPECIFIED, port);
        let listener = TcpListener::bind(address).map_err(|error| format!("listen on port {port}: {error}"))?;
        super::say(format_args!("passing on port {port} to {target}"));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let target = target.clone();
                thread::spawn(move || {
                    if let Err(error) = pass_on(&client, &target) {
                        super::say(format_args!("{target}: {error}"));
                    }
                });
            }
        });
        Ok(())
    })
}

fn pass_on(client: &TcpStream, target: &str) -> io::Result<()> {
    let server = TcpStream::connect(target)?;
    thread::scope(|scope| {
        scope.spawn(|| copy(client, &server));
        copy(&server, client)
    })
}

/// One direction, to its end; then the other side hears that it is the end.
fn copy(mut from: &TcpStream, mut to: &TcpStream) -> io::Result<()> {
    let copied = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
    copied.map(drop)
}
