//! The health question of gRPC: `grpc.health.v1.Health/Check`, over HTTP/2 without TLS.
//!
//! One question on one connection needs little of HTTP/2: the preface, the settings of both sides,
//! a HEADERS and a DATA frame out, and DATA frames in until the stream ends. The headers that come
//! back are not decoded: an answer without a message is a refusal, whatever its words.

use std::fmt;
use std::io::{self, Read, Write};

use super::connect;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// No frame is longer, unless both sides have agreed on more.
const FRAME: usize = 16 << 10;
/// A health answer is some bytes long.
const MESSAGE: usize = 4 << 10;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GO_AWAY: u8 = 7;
/// The flag of a SETTINGS or PING that answers one; of a HEADERS or DATA, that the stream ends.
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;

// ANCHOR: health
/// What a server says of a service of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    Unknown,
    Serving,
    NotServing,
    ServiceUnknown,
}
// ANCHOR_END: health

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Health::Unknown => "UNKNOWN",
            Health::Serving => "SERVING",
            Health::NotServing => "NOT_SERVING",
            Health::ServiceUnknown => "SERVICE_UNKNOWN",
        })
    }
}

/// Asks for the health of a service; an empty name asks for that of the server as a whole.
///
/// # Errors
/// No connection, no HTTP/2, or no answer (the server does not implement the health service).
pub fn check(host: &str, port: u16, service: &str) -> io::Result<Health> {
    let mut stream = connect(host, port)?;
    let mut out = PREFACE.to_vec();
    frame(&mut out, SETTINGS, 0, 0, &[]);
    frame(&mut out, HEADERS, END_HEADERS, 1, &request(&format!("{host}:{port}")));
    frame(&mut out, DATA, END_STREAM, 1, &message(service));
    stream.write_all(&out)?;
    let mut answer = Vec::new();
    loop {
        let Frame { kind, flags, id, payload } = Frame::read(&mut stream)?;
        let mut reply = Vec::new();
        match (kind, id) {
            (SETTINGS, _) if flags & ACK == 0 => frame(&mut reply, SETTINGS, ACK, 0, &[]),
            (PING, _) if flags & ACK == 0 => frame(&mut reply, PING, ACK, 0, &payload),
            (RST_STREAM, 1) => return Err(io::Error::other("the server has reset the stream")),
            (GO_AWAY, _) => return Err(io::Error::other("the server goes away")),
            (DATA, 1) => answer.extend(unpadded(flags, &payload)),
            _ => {}
        }
        stream.write_all(&reply)?;
        if answer.len() > MESSAGE {
            return Err(io::Error::other("the answer is too long for one about health"));
        }
        if id == 1 && matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0 {
            return health(&answer);
        }
    }
}

struct Frame {
    kind: u8,
    flags: u8,
    id: u32,
    payload: Vec<u8>,
}

impl Frame {
    fn read(stream: &mut impl Read) -> io::Result<Frame> {
        let mut head = [0; 9];
        stream.read_exact(&mut head)?;
        let [a, b, c, kind, flags, id @ ..] = head;
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        if length > FRAME {
            return Err(io::Error::other("the server does not speak HTTP/2"));
        }
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload)?;
        Ok(Frame { kind, flags, id: u32::from_be_bytes(id) & 0x7fff_ffff, payload })
    }
}

fn frame(out: &mut Vec<u8>, kind: u8, flags: u8, id: u32, payload: &[u8]) {
    out.extend(&(payload.len() as u32).to_be_bytes()[1..]);
    out.extend([kind, flags]);
    out.extend(id.to_be_bytes());
    out.extend(payload);
}

fn unpadded(flags: u8, payload: &[u8]) -> &[u8] {
    if flags & PADDED == 0 {
        return payload;
    }
    let Some((padding, rest)) = payload.split_first() else { return &[] };
    &rest[..rest.len().saturating_sub(usize::from(*padding))]
}

/// The headers in HPACK (RFC 7541), none of them to be remembered, none of them packed.
fn request(authority: &str) -> Vec<u8> {
    // Entries of the static table: 3 is `:method: POST`, 6 is `:scheme: http`.
    let mut out = vec![0x80 | 3, 0x80 | 6];
    // The table's names: 1 is `:authority`, 4 `:path`, 31 `content-type`, 58 `user-agent`.
    for (name, value) in
        [(1, authority), (4, "/grpc.health.v1.Health/Check"), (31, "application/grpc"), (58, "kube-probe/1.36")]
    {
        integer(&mut out, 4, name);
        string(&mut out, value);
    }
    out.push(0);
    string(&mut out, "te");
    string(&mut out, "trailers");
    out
}

fn string(out: &mut Vec<u8>, text: &str) {
    integer(out, 7, text.len());
    out.extend(text.as_bytes());
}

/// A number in the lower bits of a byte, and in more bytes if it does not fit.
fn integer(out: &mut Vec<u8>, bits: u32, number: usize) {
    let most = (1 << bits) - 1;
    if number < most {
        return out.push(number as u8);
    }
    out.push(most as u8);
    varint(out, number - most);
}

fn varint(out: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// `HealthCheckRequest { service }`: in protobuf, after gRPC's mark (not compressed) and length.
fn message(service: &str) -> Vec<u8> {
    let mut body = Vec::new();
    if !service.is_empty() {
        body.push(1 << 3 | 2);
        varint(&mut body, service.len());
        body.extend(service.as_bytes());
    }
    let mut out = vec![0];
    out.extend((body.len() as u32).to_be_bytes());
    out.extend(body);
    out
}

/// `HealthCheckResponse { status }`; a status that is left out is 0.
fn health(answer: &[u8]) -> io::Result<Health> {
    let none = || io::Error::other("this server does not implement the grpc health protocol (grpc.health.v1.Health)");
    let (0, rest) = answer.split_first().ok_or_else(none)? else {
        return Err(io::Error::other("the answer is compressed, and nobody has asked for that"));
    };
    let body = rest.get(4..).ok_or_else(none)?;
    Ok(match body {
        [] => Health::Unknown,
        [0x08, 1, ..] => Health::Serving,
        [0x08, 2, ..] => Health::NotServing,
        [0x08, 3, ..] => Health::ServiceUnknown,
        _ => Health::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_spill_over() {
        let mut out = Vec::new();
        integer(&mut out, 4, 31);
        integer(&mut out, 7, 28);
        integer(&mut out, 7, 300);
        assert_eq!(out, [15, 16, 28, 127, 0xad, 1]);
    }

    #[test]
    fn only_a_message_is_an_answer() {
        assert_eq!(health(&[0, 0, 0, 0, 2, 8, 1]).unwrap(), Health::Serving);
        assert_eq!(health(&[0, 0, 0, 0, 2, 8, 2]).unwrap(), Health::NotServing);
        assert_eq!(health(&[0, 0, 0, 0, 0]).unwrap(), Health::Unknown);
        assert!(health(&[]).is_err());
    }
}
