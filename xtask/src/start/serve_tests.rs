//! Unit tests of the server, over a real socket.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use super::*;

fn server() -> (SocketAddr, Site, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let built = dir.path().join("built");
    std::fs::create_dir_all(built.join("01-a")).unwrap();
    std::fs::write(dir.path().join("secret"), "secret").unwrap();
    std::fs::write(built.join("index.html"), "<body>first</body>").unwrap();
    std::fs::write(built.join("01-a/index.html"), "<body>chapter</body>").unwrap();
    let site = Site::new(&built).unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    spawn(listener, site.clone()).unwrap();
    (address, site, dir)
}

fn ask(address: SocketAddr, method: &str, path: &str, host: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn the_book_is_served_with_a_script_that_waits_for_a_newer_one() {
    let (address, _site, _dir) = server();
    let got = ask(address, "GET", "/", "localhost:4000");
    assert!(got.starts_with("HTTP/1.1 200"), "{got}");
    assert!(got.contains("<body>first<script>"), "{got}");
    assert!(ask(address, "GET", "/01-a", "127.0.0.1").contains("location: /01-a/"));
    let head = ask(address, "HEAD", "/01-a/", "127.0.0.1");
    assert!(head.starts_with("HTTP/1.1 200") && !head.contains("chapter"), "{head}");
}

#[test]
fn nothing_outside_of_the_book_is_served() {
    let (address, _site, _dir) = server();
    for path in ["/../secret", "/%2e%2e/secret", "/..%2fsecret", "//etc/passwd", "/nope"] {
        let got = ask(address, "GET", path, "localhost");
        assert!(got.starts_with("HTTP/1.1 404") && !got.contains("secret"), "{path}: {got}");
    }
}

#[test]
fn only_this_machine_may_only_read() {
    let (address, _site, _dir) = server();
    for host in ["evil.example", "localhost.evil.example:4000", "", "127.0.0.1.evil"] {
        let got = ask(address, "GET", "/", host);
        assert!(got.starts_with("HTTP/1.1 421"), "{host}: {got}");
    }
    for method in ["POST", "PUT", "DELETE"] {
        assert!(ask(address, method, "/", "localhost").starts_with("HTTP/1.1 405"));
    }
}

#[test]
fn a_newer_book_wakes_who_waits_for_it() {
    let (address, site, dir) = server();
    let stamp = ask(address, "GET", RELOAD, "localhost").lines().last().unwrap().to_owned();
    let path = format!("{RELOAD}?{stamp}");
    let waiting = std::thread::spawn(move || ask(address, "GET", &path, "localhost"));
    std::thread::sleep(Duration::from_millis(100));
    let built = dir.path().join("built");
    std::fs::write(built.join("index.html"), "<body>second</body>").unwrap();
    site.replace(&built).unwrap();
    assert_ne!(waiting.join().unwrap().lines().last().unwrap(), stamp);
    assert!(ask(address, "GET", "/", "localhost").contains("second"));
}
