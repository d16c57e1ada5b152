//! The machine's network.

use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};

use crate::common::User;
use crate::kit::{in_pod, on_machine, reached, refused};

#[test]
fn no_server_of_the_machine_is_reached() {
    let user = User::new();
    let name = format!("hostile-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("a name");
    let _abstract = UnixListener::bind_addr(&address).expect("an abstract socket");
    let file = user.path("socket");
    let _file = UnixListener::bind(&file).expect("a socket");
    let tcp = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = tcp.local_addr().expect("an address").port();
    let facts = [("SOCKET", name), ("SOCKET_FILE", file.display().to_string()), ("PORT", port.to_string())];
    let attacks = ["abstract-socket", "socket-file", "loopback", "devices"];
    reached(&["abstract-socket", "socket-file", "loopback"], &on_machine(&attacks, &facts));
    refused(&attacks, &in_pod(&user, "net", &attacks, &facts));
}
