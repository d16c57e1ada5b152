//! What is said on the wire by those who ask a container something over the network.
//!
//! Given. A process that uses this is killed when its time is over, so nothing here needs a
//! clock; and it is alone, so nothing here needs a thread.
//!
//! - [`connect`]: a TCP connection
//! - [`http`]: one request and its answer
//! - [`tls`]: the same in private
//! - [`grpc`]: the health question of gRPC, over HTTP/2

pub mod grpc;
pub mod http;
pub mod tls;

use std::io;
use std::net::{TcpStream, ToSocketAddrs};

/// A TCP connection to one of the host's addresses.
///
/// # Errors
/// There is no such host, or nobody listens.
pub fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut last = io::Error::other(format!("{host} has no address"));
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect(address) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = io::Error::new(error.kind(), format!("dial tcp {address}: {error}")),
        }
    }
    Err(last)
}
