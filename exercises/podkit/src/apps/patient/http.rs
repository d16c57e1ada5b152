//! The patient's HTTP. What a path gives:
//!
//! | path | answer |
//! |---|---|
//! | `/healthz` | 200 |
//! | `/status/503` | that status |
//! | `/first/3` | 200 three times, then 500 |
//! | `/after/3` | 500 three times, then 200 |
//! | `/headers` | 200; prints what it was sent |
//! | `/hops/3` | three redirects, then 200; `/circle`: redirects to itself without end |
//! | `/to?URL` | a redirect to that URL |
//! | `/hang` | nothing, for ever |
//! | `/drip`, `/drip-body` | 200, a byte each 100 ms; the second one only for its body |
//! | `/flood` | 200 and a body of a gigabyte; `/long-head`: a header without end |
//! | `/chunks` | 200 in chunks |
//! | `/close` | closes at once; `/cut`: in the middle of a body |
//! | `/noise` | no HTTP at all |

use std::io::{self, BufRead, BufReader};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::apps::say;
use crate::wire::tls::Stream;

static FIRST: AtomicU64 = AtomicU64::new(0);
static AFTER: AtomicU64 = AtomicU64::new(0);

pub fn answer(stream: Box<dyn Stream>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        // Somebody who only connects, or leaves, says nothing.
        if stream.read_line(&mut line)? == 0 {
            return Ok(());
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let Some(request) = lines.first() else { return Ok(()) };
    let target = request.split(' ').nth(1).unwrap_or("/");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let shown = if path == "/headers" { lines.len() } else { 1 };
    lines.iter().take(shown).for_each(say);
    give(stream.get_mut(), path, query)
}

fn give(out: &mut dyn Stream, path: &str, query: &str) -> io::Result<()> {
    let mut words = path.split('/').skip(1);
    let (kind, number) = (words.next().unwrap_or(""), words.next().and_then(|word| word.parse::<u64>().ok()));
    match (kind, number) {
        ("" | "healthz" | "headers", _) => reply(out, 200),
        ("status", Some(status)) => reply(out, status),
        ("first", Some(most)) => {
            let status = if FIRST.fetch_add(1, Ordering::Relaxed) < most { 200 } else { 500 };
            reply(out, status)
        }
        ("after", Some(most)) => {
            let status = if AFTER.fetch_add(1, Ordering::Relaxed) < most { 500 } else { 200 };
            reply(out, status)
        }
        ("hops", None | Some(0)) => reply(out, 200),
        ("hops", Some(left)) => redirect(out, &format!("/hops/{}", left - 1)),
        ("circle", _) => redirect(out, "/circle"),
        ("to", _) => redirect(out, query),
        // Until the other side gives up.
        ("hang", _) => io::copy(out, &mut io::sink()).map(drop),
        ("drip", _) => drip(out, "HTTP/1.1 200 OK\r\nX-Slow: a header that takes its time\r\n\r\n"),
        ("drip-body", _) => {
            out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")?;
            drip(out, &"z".repeat(1000))
        }
        ("flood", _) => {
            write!(out, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 1 << 30)?;
            (0..1 << 14).try_for_each(|_| out.write_all(&[b'x'; 1 << 16]))
        }
        ("long-head", _) => {
            out.write_all(b"HTTP/1.1 200 OK\r\nX-Long: ")?;
            loop {
                out.write_all(&[b'x'; 1 << 16])?;
            }
        }
        ("chunks", _) => out.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
        ("close", _) => Ok(()),
        ("cut", _) => out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"),
        ("noise", _) => out.write_all(b"220 this is a mail server\r\n\r\n"),
        _ => reply(out, 404),
    }?;
    out.flush()
}

fn reply(out: &mut dyn Stream, status: u64) -> io::Result<()> {
    write!(out, "HTTP/1.1 {status} Said\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n")
}

fn redirect(out: &mut dyn Stream, to: &str) -> io::Result<()> {
    write!(out, "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

fn drip(out: &mut dyn Stream, text: &str) -> io::Result<()> {
    for byte in text.bytes() {
        out.write_all(&[byte])?;
        out.flush()?;
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}
