//! HTTP/1.1, as far as one GET needs it.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};

use super::{connect, tls};

/// A status line or a header is no longer than this.
const LINE: u64 = 8 << 10;
/// An answer has no more headers than this.
const HEADERS: usize = 200;
/// This much of a body is read; nobody looks at it.
const BODY: u64 = 10 << 10;

/// Where a GET goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    pub scheme: Scheme,
    pub host: String,
    pub port: u16,
    /// With the query; begins with a slash.
    pub path: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Http,
    Https,
}

// ANCHOR: response
/// What came back, as far as a probe cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// The header Location: where a redirect leads to.
    pub location: Option<String>,
}
// ANCHOR_END: response

impl Url {
    /// `path` may lack its slash, and may hold what no request line can.
    pub fn new(scheme: Scheme, host: &str, port: u16, path: &str) -> Url {
        let slash = if path.starts_with('/') { "" } else { "/" };
        let mut encoded = slash.to_owned();
        for byte in path.bytes() {
            match byte {
                0x21..0x7f => encoded.push(byte.into()),
                _ => encoded += &format!("%{byte:02X}"),
            }
        }
        Url { scheme, host: host.trim_matches(['[', ']']).to_owned(), port, path: encoded }
    }

    /// Host and port, as the header Host has them.
    pub fn authority(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }

    /// A Location, seen from this page; `None` if it is none of the web.
    pub fn follow(&self, location: &str) -> Option<Url> {
        let location = location.split('#').next().unwrap_or(location);
        let (scheme, rest) = match location.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (Scheme::Http, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (Scheme::Https, rest),
            Some((scheme, _)) if scheme.chars().all(|c| c.is_ascii_alphanumeric()) => return None,
            _ => match location.strip_prefix("//") {
                Some(rest) => (self.scheme, rest),
                None => return Some(Url { path: self.beside(location), ..self.clone() }),
            },
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let authority = authority.rsplit('@').next().unwrap_or(authority);
        let usual = if scheme == Scheme::Http { 80 } else { 443 };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
            _ => (authority, usual),
        };
        Some(Url::new(scheme, host, port, path))
    }

    fn beside(&self, location: &str) -> String {
        let page = self.path.split('?').next().unwrap_or("/");
        let directory = page.rsplit_once('/').map_or("", |(directory, _)| directory);
        let path = match location.as_bytes().first() {
            None => page.to_owned(),
            Some(b'/') => location.to_owned(),
            Some(b'?') => format!("{page}{location}"),
            Some(_) => format!("{directory}/{location}"),
        };
        Url::new(self.scheme, &self.host, self.port, &path).path
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.scheme == Scheme::Http { "http" } else { "https" };
        write!(f, "{scheme}://{}{}", self.authority(), self.path)
    }
}

/// Sends the lines of a request, with the empty one that ends it, and reads the answer: its head, and
/// as much of its body as is worth reading.
///
/// # Errors
/// No connection, no HTTP, or an answer that is cut off.
pub fn exchange(url: &Url, request: &[String]) -> io::Result<Response> {
    if let Some(line) = request.iter().find(|line| line.contains(['\r', '\n', '\0'])) {
        return Err(io::Error::other(format!("{line:?} is no line of a request")));
    }
    let stream = connect(&url.host, url.port)?;
    let mut stream: Box<dyn tls::Stream> = match url.scheme {
        Scheme::Http => Box::new(stream),
        Scheme::Https => tls::client(&url.host, stream)?,
    };
    let text: String = request.iter().map(|line| format!("{line}\r\n")).collect();
    stream.write_all(format!("{text}\r\n").as_bytes())?;
    read(&mut BufReader::new(stream))
}

fn read(reader: &mut impl BufRead) -> io::Result<Response> {
    loop {
        let (response, body) = head(reader)?;
        // 100 to 199 only announce the answer.
        if response.status >= 200 {
            skip(reader, body)?;
            return Ok(response);
        }
    }
}

/// Where a body ends.
enum Body {
    /// After so many bytes.
    Length(u64),
    Chunks,
    /// Where the connection does.
    Close,
}

fn head(reader: &mut impl BufRead) -> io::Result<(Response, Body)> {
    let wrong = |line: &str| io::Error::other(format!("malformed HTTP response {line:?}"));
    let first = line(reader)?;
    let mut words = first.splitn(3, ' ');
    let status = match (words.next(), words.next().and_then(|word| word.parse().ok())) {
        (Some(version), Some(status @ 100..=999)) if version.starts_with("HTTP/1.") => status,
        _ => return Err(wrong(&first)),
    };
    let mut location = None;
    let mut body = if matches!(status, 204 | 304) { Body::Length(0) } else { Body::Close };
    for _ in 0..HEADERS {
        let header = line(reader)?;
        if header.is_empty() {
            return Ok((Response { status, location }, body));
        }
        let (name, value) = header.split_once(':').ok_or_else(|| wrong(&header))?;
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "location" => drop(location.get_or_insert(value.to_owned())),
            "transfer-encoding" => body = Body::Chunks,
            "content-length" if matches!(body, Body::Close) => {
                body = Body::Length(value.parse().map_err(|_| wrong(&header))?);
            }
            _ => {}
        }
    }
    Err(io::Error::other("the answer has too many headers"))
}

fn skip(reader: &mut impl BufRead, body: Body) -> io::Result<()> {
    match body {
        Body::Length(length) => exactly(reader, length.min(BODY)),
        Body::Close => io::copy(&mut reader.take(BODY), &mut io::sink()).map(drop),
        Body::Chunks => {
            let mut read = 0;
            while read < BODY {
                let size = line(reader)?;
                let size = size.split(';').next().unwrap_or_default();
                let size = u64::from_str_radix(size.trim(), 16)
                    .map_err(|_| io::Error::other(format!("{size:?} is no length of a chunk")))?;
                exactly(reader, size.min(BODY))?;
                if size == 0 || size > BODY {
                    break;
                }
                line(reader)?;
                read += size;
            }
            Ok(())
        }
    }
}

fn exactly(reader: &mut impl BufRead, length: u64) -> io::Result<()> {
    let read = io::copy(&mut reader.take(length), &mut io::sink())?;
    if read < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

fn line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut bytes = Vec::new();
    reader.take(LINE).read_until(b'\n', &mut bytes)?;
    match bytes.last() {
        Some(b'\n') => Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned()),
        _ if bytes.is_empty() => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "EOF")),
        _ => Err(io::Error::other("a line of the answer has no end")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::new(Scheme::Http, "a", 8080, "/dir/page?q").follow(text).unwrap()
    }

    #[test]
    fn a_location_is_seen_from_its_page() {
        assert_eq!(url("/x").to_string(), "http://a:8080/x");
        assert_eq!(url("x").to_string(), "http://a:8080/dir/x");
        assert_eq!(url("?z").to_string(), "http://a:8080/dir/page?z");
        assert_eq!(url("//b/x").to_string(), "http://b:80/x");
        assert_eq!(url("https://b:1/x#part").to_string(), "https://b:1/x");
        assert_eq!(url("http://[::1]:9?q").to_string(), "http://[::1]:9/?q");
        assert_eq!(Url::new(Scheme::Http, "a", 1, "/").follow("ftp://a/"), None);
    }

    #[test]
    fn a_path_cannot_end_its_line() {
        assert_eq!(Url::new(Scheme::Http, "a", 1, "x y\r\nz").path, "/x%20y%0D%0Az");
    }

    fn answer(text: &str) -> io::Result<u16> {
        read(&mut BufReader::new(text.as_bytes())).map(|response| response.status)
    }

    #[test]
    fn bodies_end_as_they_say() {
        assert_eq!(answer("HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap(), 200);
        assert!(answer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok").is_err());
        assert_eq!(answer("HTTP/1.0 200 OK\r\n\r\nok").unwrap(), 200);
        assert_eq!(answer("HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n").unwrap(), 500);
        assert!(answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n").is_err());
        assert!(answer("SSH-2.0\r\n\r\n").is_err());
        assert!(answer("").is_err());
    }
}
