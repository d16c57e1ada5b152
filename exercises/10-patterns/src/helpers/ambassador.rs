//! An ambassador: `ambassador PORT SOCKET`. The application talks to `localhost:PORT`; each connection is passed on
//! to the server outside, whose Unix socket the pod has in a volume.

use std::io;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread;

use podkit::apps::{self, say};

pub fn main(args: &[String]) -> Result<(), String> {
    let [port, socket] = args else { return Err("usage: ambassador PORT SOCKET".into()) };
    let (port, socket) = (apps::port(port)?, PathBuf::from(socket));
    apps::until_asked_to_end(|| {
        // Of the pod's own containers only: nobody else is to go out as this pod.
        let address = (Ipv4Addr::LOCALHOST, port);
        let listener = TcpListener::bind(address).map_err(|error| format!("listen on port {port}: {error}"))?;
        say(format_args!("passing on port {port} to {}", socket.display()));
        thread::spawn(move || serve(&listener, &socket));
        Ok(())
    })
}

/// Takes connections as long as the program lives.
fn serve(listener: &TcpListener, socket: &Path) {
    // ANCHOR: task_10_7
    todo!("task 10.7: An ambassador to a server outside")
    // ANCHOR_END: task_10_7
}

/// One connection, to its end in both directions.
fn pass_on(client: &TcpStream, socket: &Path) -> io::Result<()> {
    // ANCHOR: task_10_7_b
    todo!("task 10.7: An ambassador to a server outside")
    // ANCHOR_END: task_10_7_b
}
