//! A server that is ill on demand, for those who examine it: `patient [PORT]`, by default 8080.
//!
//! The path of a request says what to suffer from ([`http`]). The same port answers the health
//! question of gRPC ([`grpc`]) and TLS. What is asked is printed, line by line.

mod grpc;
mod http;

use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;

use crate::wire::tls;

/// Made for this program, and good for nothing else: everybody may know the key.
const CERTIFICATE: &[u8] = include_bytes!("cert.pem");
const KEY: &[u8] = include_bytes!("key.pem");

pub fn main(args: &[String]) -> Result<(), String> {
    let port = match args {
        [] => 8080,
        [port] => super::port(port)?,
        _ => return Err("usage: patient [PORT]".into()),
    };
    super::until_asked_to_end(|| {
        let address = (Ipv4Addr::UNSPECIFIED, port);
        let listener = TcpListener::bind(address).map_err(|error| format!("listen on port {port}: {error}"))?;
        super::say(format_args!("listening on port {port}"));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || answer(stream));
            }
        });
        Ok(())
    })
}

/// The first byte tells the three protocols apart: TLS begins with a 22, HTTP/2 with PRI.
fn answer(stream: TcpStream) -> io::Result<()> {
    let mut first = [0; 3];
    stream.peek(&mut first)?;
    match &first {
        [22, ..] => {
            super::say("TLS");
            http::answer(tls::server(CERTIFICATE, KEY, stream)?)
        }
        b"PRI" => grpc::answer(stream),
        _ => http::answer(Box::new(stream)),
    }
}
