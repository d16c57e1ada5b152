//! Task 10.7: an ambassador to a server outside, which here is the check itself.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use podcheck::{Cli, Failure, Process, Result, Running, expect, wait_until};

use crate::helpers::{A_WHILE, Room, connect, end, free_port, helper, own, timed};
use crate::kit::{SOON, text};

/// An ambassador, and the server that it stands for.
struct Embassy {
    running: Running,
    port: u16,
    server: UnixListener,
    socket: PathBuf,
    _room: Room,
}

impl Embassy {
    fn new() -> Result<Embassy> {
        let room = Room::new()?;
        let socket = room.path("server.sock");
        let server = own("listen", UnixListener::bind(&socket))?;
        own("listen", server.set_nonblocking(true))?;
        let port = free_port()?;
        let mut running = helper("ambassador", &[&port.to_string(), &room.text("server.sock")])?;
        // It says so when it listens. A connection to find out would be one for the server, too.
        running.wait_for_line("the line that says that it listens", SOON, |line| line.contains("passing on"))?;
        Ok(Embassy { running, port, server, socket, _room: room })
    }

    fn client(&mut self) -> Result<TcpStream> {
        connect(&mut self.running, self.port)
    }

    /// The server's end of the next connection.
    fn accept(&mut self) -> Result<UnixStream> {
        let mut accepted = None;
        wait_until(SOON, || {
            accepted = self.server.accept().ok();
            accepted.is_some() || self.running.try_wait().is_some()
        });
        let Some((stream, _)) = accepted else {
            self.running.expect_started()?;
            let observed = self.running.tail("none comes");
            return Err(self.running.failure("connections that the server gets", "one for each client", observed));
        };
        own("set up a connection", stream.set_nonblocking(false))?;
        own("set a timeout", stream.set_read_timeout(Some(SOON)))?;
        own("set a timeout", stream.set_write_timeout(Some(SOON)))?;
        Ok(stream)
    }

    fn pair(&mut self) -> Result<(TcpStream, UnixStream)> {
        let client = self.client()?;
        Ok((client, self.accept()?))
    }

    fn failure(&self, what: &str, expected: &str, observed: impl std::fmt::Display) -> Failure {
        self.running.failure(what, expected, observed)
    }

    fn says(&self, what: &str, expected: &str, stream: &mut impl Read) -> Result {
        let mut observed = vec![0; expected.len()];
        match stream.read_exact(&mut observed) {
            Ok(()) if observed == expected.as_bytes() => Ok(()),
            Ok(()) => Err(self.failure(what, expected, String::from_utf8_lossy(&observed))),
            Err(error) => Err(self.failure(what, expected, error)),
        }
    }

    /// A side that cannot speak is the ambassador's doing.
    fn send(&self, what: &str, text: &str, stream: &mut impl Write) -> Result {
        stream.write_all(text.as_bytes()).map_err(|error| self.failure(what, text, error))
    }

    /// Everything up to the end.
    fn ends(&self, what: &str, expected: &str, stream: &mut impl Read) -> Result {
        let mut observed = String::new();
        match stream.read_to_string(&mut observed) {
            Ok(_) if observed == expected => Ok(()),
            Ok(_) => Err(self.failure(what, &format!("{expected:?} and the end"), format!("{observed:?} and the end"))),
            Err(error) => {
                let observed = format!("{observed:?}, and then no end within 5 s ({error})");
                Err(self.failure(what, &format!("{expected:?} and the end"), observed))
            }
        }
    }
}

/// A conversation, and then two megabytes in each direction at the same time, byte for byte.
pub fn bytes_pass_both_ways() -> Result {
    let mut embassy = Embassy::new()?;
    let (mut client, mut server) = embassy.pair()?;
    embassy.send("what a client sends", "hello\n", &mut client)?;
    embassy.says("what the server hears", "hello\n", &mut server)?;
    embassy.send("what the server sends", "who is there?\n", &mut server)?;
    embassy.says("what the client hears", "who is there?\n", &mut client)?;
    embassy.send("what a client sends", "me", &mut client)?;
    embassy.says("what the server hears then", "me", &mut server)?;

    let bytes = |seed: usize| -> Vec<u8> { (0..2 << 20).map(|n| (n * 31 + n / 251 + seed) as u8).collect() };
    let (up, down) = (bytes(1), bytes(2));
    let pass = |name: &str, from: &mut dyn Write, bytes: &[u8]| match from.write_all(bytes) {
        Ok(()) => String::new(),
        Err(error) => format!("the {name} cannot write: {error}"),
    };
    let take = |name: &str, to: &mut dyn Read, expected: &[u8]| {
        let mut observed = vec![0; expected.len()];
        match to.read_exact(&mut observed) {
            Ok(()) if observed == expected => String::new(),
            Ok(()) => format!("the {name} gets other bytes than were sent"),
            Err(error) => format!("the {name} does not get all: {error}"),
        }
    };
    let (mut client_reads, mut server_reads) = (own("clone", client.try_clone())?, own("clone", server.try_clone())?);
    let observed: Vec<String> = thread::scope(|all| {
        let work = [
            all.spawn(|| pass("client", &mut client, &up)),
            all.spawn(|| pass("server", &mut server, &down)),
            all.spawn(|| take("client", &mut client_reads, &down)),
            all.spawn(|| take("server", &mut server_reads, &up)),
        ];
        work.into_iter().filter_map(|it| it.join().ok()).filter(|it| !it.is_empty()).collect()
    });
    let what = "two megabytes in each direction at once";
    if !observed.is_empty() {
        return Err(embassy.failure(what, "they arrive as they were sent", observed.join("; ")));
    }
    end(embassy.running).map(drop)
}

/// "That is all I ask" is no reason to stop answering, in either direction.
pub fn half_a_connection_may_end() -> Result {
    let mut embassy = Embassy::new()?;
    let (mut client, mut server) = embassy.pair()?;
    embassy.send("what a client sends", "question", &mut client)?;
    let _ = client.shutdown(Shutdown::Write);
    embassy.ends("what the server hears of a client that asks and has no more to say", "question", &mut server)?;
    embassy.send("what the server sends", "answer", &mut server)?;
    drop(server);
    embassy.ends("what that client hears", "answer", &mut client)?;

    let (mut client, mut server) = embassy.pair()?;
    embassy.send("what the server sends", "welcome", &mut server)?;
    let _ = server.shutdown(Shutdown::Write);
    embassy.ends("what a client hears of a server that has no more to say", "welcome", &mut client)?;
    embassy.send("what a client sends", "thanks", &mut client)?;
    drop(client);
    embassy.ends("what that server still hears", "thanks", &mut server)?;
    end(embassy.running).map(drop)
}

/// Nobody waits for anybody else.
pub fn many_at_once() -> Result {
    let mut embassy = Embassy::new()?;
    let mut clients = Vec::new();
    for _ in 0..20 {
        clients.push(embassy.client()?);
    }
    let mut servers = Vec::new();
    for _ in 0..clients.len() {
        servers.push(embassy.accept()?);
    }
    // They are connected in any order: each server says what it has heard, and each client must hear itself.
    for (n, client) in clients.iter_mut().enumerate().rev() {
        embassy.send("what a client of 20 sends", &format!("{n:02}"), client)?;
    }
    for server in &mut servers {
        let mut heard = [0; 2];
        own("read", server.read_exact(&mut heard))
            .map_err(|_| embassy.failure("what one of 20 servers hears", "two bytes", "nothing"))?;
        embassy.send("what one of 20 servers sends", &String::from_utf8_lossy(&heard), server)?;
    }
    for (n, client) in clients.iter_mut().enumerate() {
        embassy.says("what a client of 20 hears", &format!("{n:02}"), client)?;
    }
    end(embassy.running).map(drop)
}

/// Then the client is told by a closed connection, and the log by a line. The next one may be luckier.
pub fn a_server_that_is_away() -> Result {
    let mut embassy = Embassy::new()?;
    own("remove the socket", fs::remove_file(&embassy.socket))?;
    for _ in 0..2 {
        let mut client = embassy.client()?;
        let (ended, took) = timed(|| embassy.ends("what a client hears where no server is", "", &mut client));
        ended?;
        expect("how long it takes", "less than 3 s", took < Duration::from_secs(3), format!("{took:?}"))?;
        let line = embassy.socket.display().to_string();
        embassy.running.wait_for_line("a line about it, with the name of the socket", SOON, |it| it.contains(&line))?;
    }
    embassy.server = own("listen", UnixListener::bind(&embassy.socket))?;
    own("listen", embassy.server.set_nonblocking(true))?;
    let (mut client, mut server) = embassy.pair()?;
    embassy.send("what a client sends", "back?", &mut client)?;
    embassy.says("what the server hears when it is back", "back?", &mut server)?;
    end(embassy.running).map(drop)
}

/// Descriptors and threads of connections that are over are given back, as the kernel sees it.
pub fn what_is_over_is_given_back() -> Result {
    let mut embassy = Embassy::new()?;
    let process = Process(embassy.running.id());
    let held = || -> Result<[usize; 2]> {
        let descriptors = own("look at descriptors", fs::read_dir(process.path("fd")))?.count();
        Ok([descriptors, process.status("Threads")?.parse().unwrap_or(usize::MAX)])
    };
    // It has begun for good when it has passed on something.
    drop(embassy.pair()?);
    thread::sleep(A_WHILE);
    let before = held()?;
    let mut open = Vec::new();
    for _ in 0..10 {
        open.push(embassy.pair()?);
    }
    let [during, _] = held()?;
    let most = before[0] + 20;
    expect("descriptors with 10 connections", format!("{most} or more"), during >= most, during)?;
    drop(open);
    let mut after = held()?;
    wait_until(SOON, || {
        after = held().unwrap_or([usize::MAX; 2]);
        after[0] <= before[0] && after[1] <= before[1]
    });
    for (n, what) in ["descriptors", "threads"].into_iter().enumerate() {
        let at_most = format!("{} at most", before[n]);
        expect(format!("{what} when all connections are over"), at_most, after[n] <= before[n], after[n])?;
    }
    end(embassy.running).map(drop)
}

/// The whole of it: the application knows nothing but `localhost`, and the server is outside of the pod.
pub fn an_ambassador_passes_on() -> Result {
    let (path, text) = text!("ambassador.yaml");
    let room = Room::new()?;
    let socket = room.path("server.sock");
    let server = own("listen", UnixListener::bind(&socket))?;
    let prices = "apples 3\npears 4\n";
    let answer = thread::spawn(move || {
        let (mut stream, _) = server.accept().ok()?;
        stream.set_read_timeout(Some(SOON)).ok()?;
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).ok()?;
            request.push(byte[0]);
        }
        let length = prices.len();
        let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{prices}").as_bytes());
        Some(String::from_utf8_lossy(&request).into_owned())
    });
    let text = text.replace("/dev/shm/outside.sock", &socket.display().to_string());
    let ran = Cli::new("run").manifest(path, &text).run()?;
    // It need not have come to the server at all: then this ends its waiting.
    let _ = UnixStream::connect(&socket);
    let heard = answer.join().ok().flatten().unwrap_or_default();
    ran.expect_code(0)?;
    let lines: Vec<String> = ran.stdout_lines().into_iter().filter(|line| line.starts_with("[app] ")).collect();
    let expected = ["[app] apples 3", "[app] pears 4"];
    ran.expect("what the application hears", expected.join("\n"), lines == expected, lines.join("\n"))?;
    let is = heard.starts_with("GET /prices.txt ");
    ran.expect("what the server outside is asked", "GET /prices.txt", is, heard).map(drop)
}
