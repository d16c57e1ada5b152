//! Unit tests of the server, over a real socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use super::super::site::Stamps;
use super::*;

fn built(dir: &Path) {
    std::fs::create_dir_all(dir.join("01-a")).unwrap();
    std::fs::write(dir.join("index.html"), "<head></head><body>first</body>").unwrap();
    std::fs::write(dir.join("01-a/index.html"), "<head></head><body>chapter</body>").unwrap();
}

fn server(most: usize) -> (SocketAddr, Server, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    built(&dir.path().join("built"));
    std::fs::write(dir.path().join("secret"), "secret").unwrap();
    let server = Server { site: Site::new(&dir.path().join("built")).unwrap(), hub: Hub::new(most) };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    spawn(listener, server.clone()).unwrap();
    (address, server, dir)
}

fn ask(address: SocketAddr, method: &str, path: &str, host: &str, more: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// An open stream of events, and a way to wait for a line of it.
struct Stream(BufReader<TcpStream>);

impl Stream {
    fn open(address: SocketAddr) -> Stream {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        write!(stream, "GET {EVENTS} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        Stream(BufReader::new(stream))
    }

    /// The lines up to the first that holds this.
    fn until(&mut self, text: &str) -> String {
        let mut seen = String::new();
        while !seen.contains(text) {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "{text} never came: {seen}");
            seen += &line;
        }
        seen
    }
}

#[test]
fn a_page_knows_that_it_comes_from_this_server() {
    let (address, server, _dir) = server(8);
    let got = ask(address, "GET", "/", "localhost:4000", "");
    assert!(got.starts_with("HTTP/1.1 200"), "{got}");
    let stamp = server.site.book().stamps["/index.html"].clone();
    let mark = format!("<meta name=\"workbook-live\" content=\"{stamp}\" data-page=\"/index.html\">");
    assert!(got.contains(&mark) && got.contains("first"), "{got}");
    assert!(ask(address, "GET", "/01-a", "127.0.0.1", "").contains("location: /01-a/"));
    let head = ask(address, "HEAD", "/01-a/", "127.0.0.1", "");
    assert!(head.starts_with("HTTP/1.1 200") && !head.contains("chapter"), "{head}");
}

#[test]
fn nothing_outside_of_the_book_is_served() {
    let (address, _server, _dir) = server(8);
    for path in ["/../secret", "/%2e%2e/secret", "/..%2fsecret", "//etc/passwd", "/nope", "/.live/../../secret"] {
        let got = ask(address, "GET", path, "localhost", "");
        assert!(got.starts_with("HTTP/1.1 404") && !got.contains("secret"), "{path}: {got}");
    }
}

#[test]
fn only_this_machine_may_only_read() {
    let (address, _server, _dir) = server(8);
    for path in ["/", EVENTS] {
        for host in ["evil.example", "localhost.evil.example:4000", "", "127.0.0.1.evil"] {
            let got = ask(address, "GET", path, host, "");
            assert!(got.starts_with("HTTP/1.1 421"), "{host}: {got}");
        }
        for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
            assert!(ask(address, method, path, "localhost", "").starts_with("HTTP/1.1 405"));
        }
    }
}

#[test]
fn a_page_of_another_server_is_refused() {
    let (address, _server, _dir) = server(8);
    for path in ["/", EVENTS] {
        for origin in ["https://evil.example", "null", "http://localhost:1", "http://localhost.evil", "localhost", ""] {
            let got = ask(address, "GET", path, "localhost", &format!("Origin: {origin}\r\n"));
            assert!(got.starts_with("HTTP/1.1 403"), "{origin}: {got}");
        }
    }
    let own = ask(address, "GET", "/", "localhost:4000", "Origin: http://localhost:4000\r\n");
    assert!(own.starts_with("HTTP/1.1 200"), "{own}");
}

#[test]
fn who_connects_is_told_how_things_stand_and_then_what_is_new() {
    let (address, server, _dir) = server(8);
    server.hub.say("results", "01-a", &json!({ "n": 1 }));
    server.hub.say("results", "01-a", &json!({ "n": 2, "text": "two\nlines" }));
    server.hub.say("book", "", &json!("stamp"));
    let mut streams: Vec<_> = (0..3).map(|_| Stream::open(address)).collect();
    for stream in &mut streams {
        let seen = stream.until("\"stamp\"");
        assert!(seen.contains("text/event-stream") && seen.contains("retry: "), "{seen}");
        assert!(seen.contains(r#""n":2,"text":"two\nlines""#) && !seen.contains(r#""n":1"#), "{seen}");
    }
    server.hub.say("results", "02-b", &json!({ "n": 3 }));
    for stream in &mut streams {
        let seen = stream.until(r#"{"n":3}"#);
        assert!(seen.contains("event: results") && !seen.contains(r#""n":2"#), "{seen}");
    }
}

#[test]
fn too_many_pages_are_told_so_and_there_is_room_again_when_one_goes() {
    let (address, server, _dir) = server(2);
    server.hub.say("book", "", &json!("stamp"));
    let mut streams: Vec<_> = (0..2).map(|_| Stream::open(address)).collect();
    streams.iter_mut().for_each(|stream| assert!(stream.until("stamp").contains("200 OK")));
    let third = ask(address, "GET", EVENTS, "localhost", "");
    assert!(third.starts_with("HTTP/1.1 503"), "{third}");
    assert!(ask(address, "GET", "/", "localhost", "").starts_with("HTTP/1.1 200"));
    streams.pop();
    let until = Instant::now() + Duration::from_secs(10);
    while !Stream::open(address).until("\r\n").contains("200") {
        assert!(Instant::now() < until, "the room is never given back");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_thousand_pages_may_be_open() {
    let threads = || std::fs::read_dir("/proc/self/task").unwrap().count();
    // Both ends are in this process.
    let most = most_streams().min((getrlimit(Resource::RLIMIT_NOFILE).unwrap().0 as usize).saturating_sub(300) / 2);
    let (address, server, _dir) = server(most);
    let before = threads();
    let mut streams: Vec<_> = (0..most.min(1000)).map(|_| Stream::open(address)).collect();
    server.hub.say("results", "01-a", &json!({ "n": 1 }));
    for stream in &mut streams {
        stream.until(r#"{"n":1}"#);
    }
    // Other tests run beside this one, with a few threads each.
    assert!(threads() < before + 200, "{} threads", threads());
    assert!(ask(address, "GET", "/", "localhost", "").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_stamp_is_of_what_the_page_shows_and_not_of_the_server() {
    let dir = tempfile::tempdir().unwrap();
    built(dir.path());
    let write = |file: &str, text: &str| std::fs::write(dir.path().join(file), text).unwrap();
    write("search.js", "1");
    write("searchindex.js", "1");
    let site = Site::new(dir.path()).unwrap();
    let first = site.book().stamps.clone();
    assert_eq!(Site::new(dir.path()).unwrap().book().stamps, first, "another server, the same book");

    let differ = |now: &Stamps| -> Vec<String> {
        now.iter().filter(|(page, stamp)| first.get(*page) != Some(*stamp)).map(|(page, _)| page.clone()).collect()
    };
    let text = "<head></head><body>changed</body>";
    write("01-a/index.html", text);
    write("searchindex.js", "2");
    site.replace(dir.path()).unwrap();
    let changed = site.book().stamps.clone();
    assert_eq!(differ(&changed), ["/01-a/index.html"]);

    // The page alone comes to the same, so that it is not shown twice.
    let alone = Site::new(dir.path()).unwrap();
    alone.replace_pages(vec![("01-a/index.html".into(), b"<head></head>".to_vec())]);
    assert_ne!(alone.book().stamps, changed);
    alone.replace_pages(vec![("01-a/index.html".into(), text.into())]);
    assert_eq!(alone.book().stamps, changed);

    write("search.js", "2");
    site.replace(dir.path()).unwrap();
    assert_eq!(differ(&site.book().stamps).len(), first.len(), "a script is a part of every page");
    std::fs::rename(dir.path().join("01-a"), dir.path().join("02-a")).unwrap();
    site.replace(dir.path()).unwrap();
    assert!(site.book().stamps.contains_key("/02-a/index.html"));
    assert!(!site.book().stamps.contains_key("/01-a/index.html"));
}
