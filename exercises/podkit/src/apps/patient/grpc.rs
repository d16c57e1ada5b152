//! The patient's health, as gRPC asks for it. The service asked for says what to suffer from:
//! `""` and `fine` are SERVING, `down` is NOT_SERVING, `hang` gets no answer, `cut` half of one, and
//! any other UNIMPLEMENTED.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use crate::apps::say;

const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
const HEADERS: u8 = 1;
const END_HEADERS: u8 = 4;
const END_STREAM: u8 = 1;

pub fn answer(mut stream: TcpStream) -> io::Result<()> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface)?;
    stream.write_all(SETTINGS)?;
    let payload = loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head)?;
        let length = usize::from(u16::from_be_bytes([head[1], head[2]]));
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload)?;
        // The question is the first DATA frame; nothing else matters here.
        if head[3] == 0 {
            break payload;
        }
    };
    // Mark, length, then in protobuf the field 1 with its length.
    let service = payload.get(7..).map(|name| String::from_utf8_lossy(name).into_owned()).unwrap_or_default();
    say(format_args!("grpc health of {service:?}"));
    let health = match service.as_str() {
        "" | "fine" => 1,
        "down" => 2,
        // Until the other side gives up.
        "hang" => return io::copy(&mut stream, &mut io::sink()).map(drop),
        "cut" => {
            stream.write_all(&headers(&[], END_HEADERS))?;
            return stream.write_all(&[0, 0, 7, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 8, 1]);
        }
        _ => return stream.write_all(&headers(b"12", END_HEADERS | END_STREAM)),
    };
    stream.write_all(&headers(&[], END_HEADERS))?;
    stream.write_all(&[0, 0, 7, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 8, health])?;
    stream.write_all(&headers(b"0", END_HEADERS | END_STREAM))?;
    // Whoever asked closes.
    stream.read(&mut preface).map(drop)
}

/// A HEADERS frame of stream 1: the usual ones, or with a grpc-status the last ones.
fn headers(status: &[u8], flags: u8) -> Vec<u8> {
    let mut block = Vec::new();
    // Without the usual headers before it, the status comes with them in one block.
    if status != b"0" {
        block.extend([0x88, 0x0f, 0x10, 16]);
        block.extend(b"application/grpc");
    }
    if !status.is_empty() {
        block.extend([0, 11]);
        block.extend(b"grpc-status");
        block.push(status.len() as u8);
        block.extend(status);
    }
    let mut out = vec![0, 0, block.len() as u8, HEADERS, flags, 0, 0, 0, 1];
    out.extend(block);
    out
}
