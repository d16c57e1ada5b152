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
    for client in listener.incoming().flatten() {
        let socket = socket.to_owned();
        let pass = move || {
            if let Err(error) = pass_on(&client, &socket) {
                say(format_args!("{}: {error}", socket.display()));
            }
        };
        // Where there is no room for one more thread, this one connection is closed.
        let _ = thread::Builder::new().spawn(pass);
    }
    // ANCHOR_END: task_10_7
}

/// One connection, to its end in both directions.
fn pass_on(client: &TcpStream, socket: &Path) -> io::Result<()> {
    // ANCHOR: task_10_7_b
    let server = UnixStream::connect(socket)?;
    thread::scope(|both| {
        both.spawn(|| {
            let _ = io::copy(&mut &*client, &mut &server);
            let _ = server.shutdown(Shutdown::Write);
        });
        let _ = io::copy(&mut &server, &mut &*client);
        let _ = client.shutdown(Shutdown::Write);
    });
    Ok(())
    // ANCHOR_END: task_10_7_b
}
