//! At servers of the machine.

use std::fs;
use std::net::TcpStream;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};

use super::{Attack, Outcome, fact};

pub const ALL: &[Attack] =
    &[("abstract-socket", abstract_socket), ("socket-file", socket_file), ("loopback", loopback), ("devices", devices)];

/// A Unix socket without a file: it is anybody's who is in the same network namespace.
fn abstract_socket() -> Outcome {
    let address = SocketAddr::from_abstract_name(fact("SOCKET")).map_err(|error| error.to_string())?;
    UnixStream::connect_addr(&address).map(|_| fact("SOCKET")).map_err(|error| error.to_string())
}

fn socket_file() -> Outcome {
    let path = fact("SOCKET_FILE");
    let tries =
        [path.clone(), format!("/host{path}"), format!("/proc/1/root{path}"), format!("/proc/1/root/host{path}")];
    super::any(tries.map(|path| UnixStream::connect(&path).map(|_| path).map_err(|error| error.to_string())))
}

fn loopback() -> Outcome {
    let port: u16 = fact("PORT").parse().unwrap_or(0);
    TcpStream::connect(("127.0.0.1", port)).map(|_| format!("port {port}")).map_err(|error| error.to_string())
}

/// Devices of the machine's network: any but the loopback.
fn devices() -> Outcome {
    let text = fs::read_to_string("/proc/net/dev").map_err(|error| error.to_string())?;
    let names: Vec<&str> = text.lines().skip(2).filter_map(|line| Some(line.split_once(':')?.0.trim())).collect();
    let others: Vec<&str> = names.into_iter().filter(|name| *name != "lo").collect();
    if others.is_empty() { Err("only lo".to_owned()) } else { Ok(others.join(" ")) }
}
