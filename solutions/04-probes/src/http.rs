//! The httpGet probe: one GET, and what its status says.

use std::io::{self, BufRead, BufReader, Read, Write};

use podkit::engine::Answer;
use podkit::pod::HttpGetAction;
use podkit::runner::Question;

use crate::ask::{connect, host_or_pod, port};

/// A redirect is followed this often.
const REDIRECTS: usize = 10;
/// A status line and a header are no longer than this.
const LINE: u64 = 8 << 10;
/// An answer has no more headers than this.
const HEADERS: usize = 200;

/// Where a GET goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    pub host: String,
    pub port: u16,
    /// With the query; begins with a slash.
    pub path: String,
}

/// What came back, as far as a probe cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub location: Option<String>,
}

/// GETs the path, follows redirects that stay on the host ([`next`]), and says what the last
/// answer means ([`judge`]). What goes wrong on the way (no connection, no HTTP) is a failure.
pub fn get(question: &Question, action: &HttpGetAction) -> Answer {
    // ANCHOR: task_4_7
    let port = match port(question.container, &action.port) {
        Ok(port) => port,
        Err(message) => return Answer::Error(message),
    };
    let host = host_or_pod(action.host.as_deref(), question).to_owned();
    let path = action.path.as_deref().filter(|path| !path.is_empty()).unwrap_or("/");
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let mut url = Url { host, port, path };
    for _ in 0..=REDIRECTS {
        let response = match exchange(&url, action) {
            Ok(response) => response,
            Err(error) => return Answer::Failure(format!("Get \"{}\": {error}", shown(&url))),
        };
        match next(&url, &response) {
            Some(to) => url = to,
            None => return judge(&response),
        }
    }
    Answer::Failure(format!("Get \"{}\": stopped after {REDIRECTS} redirects", shown(&url)))
    // ANCHOR_END: task_4_7
}

/// 200 to 299 is a success, 300 to 399 one with a warning (a redirect nobody follows), any other
/// a failure: `HTTP probe failed with statuscode: 503`.
pub fn judge(response: &Response) -> Answer {
    // ANCHOR: task_4_7_b
    match response.status {
        200..300 => Answer::Success,
        300..400 => Answer::Warning("Probe terminated redirects".into()),
        status => Answer::Failure(format!("HTTP probe failed with statuscode: {status}")),
    }
    // ANCHOR_END: task_4_7_b
}

/// The request, line by line.
///
/// `GET PATH HTTP/1.1`, then Host (`host:port`), User-Agent (`kube-probe/1.36`), Accept (`*/*`) and
/// `Connection: close`, and an empty line; lines end in `\r\n`. A header of the manifest takes the place of
/// the usual one of its name, whatever its case; an Accept of the manifest without a value
/// leaves it out.
pub fn request(url: &Url, action: &HttpGetAction) -> String {
    // ANCHOR: task_4_7_c
    let own = |name: &str| action.http_headers.iter().any(|header| header.name.eq_ignore_ascii_case(name));
    let mut lines = vec![format!("GET {} HTTP/1.1", url.path)];
    let host = format!("{}:{}", url.host, url.port);
    for (name, value) in [("Host", host.as_str()), ("User-Agent", "kube-probe/1.36"), ("Accept", "*/*")] {
        if !own(name) {
            lines.push(format!("{name}: {value}"));
        }
    }
    lines.push("Connection: close".into());
    for header in &action.http_headers {
        if !(header.name.eq_ignore_ascii_case("Accept") && header.value.is_empty()) {
            lines.push(format!("{}: {}", header.name, header.value));
        }
    }
    lines.join("\r\n") + "\r\n\r\n"
    // ANCHOR_END: task_4_7_c
}

/// Where to go on: a redirect (301, 302, 303, 307, 308) with a Location on the same host.
/// `None`: this was the last answer. Given.
fn next(url: &Url, response: &Response) -> Option<Url> {
    if !matches!(response.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let to = resolve(url, response.location.as_deref()?)?;
    to.host.eq_ignore_ascii_case(&url.host).then_some(to)
}

/// A Location, seen from the page that gave it. Given.
fn resolve(from: &Url, location: &str) -> Option<Url> {
    let absolute = location.strip_prefix("http:").unwrap_or(location);
    if let Some(rest) = absolute.strip_prefix("//") {
        let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (host, port) = match host.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
            _ => (host, 80),
        };
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        return Some(Url { host: host.trim_matches(['[', ']']).to_owned(), port, path });
    }
    if location.contains("://") {
        return None;
    }
    let directory = from.path.split('?').next()?.rsplit_once('/').map_or("", |(directory, _)| directory);
    let path = if location.starts_with('/') { location.to_owned() } else { format!("{directory}/{location}") };
    Some(Url { path, ..from.clone() })
}

/// One request and its answer; the body is of no interest. Given.
fn exchange(url: &Url, action: &HttpGetAction) -> io::Result<Response> {
    let mut stream = connect(&url.host, url.port)?;
    stream.write_all(request(url, action).as_bytes())?;
    let mut reader = BufReader::new(stream);
    loop {
        let response = head(&mut reader)?;
        // 100 to 199 only announce the answer.
        if response.status >= 200 {
            return Ok(response);
        }
    }
}

/// Status line and headers. Given.
fn head(reader: &mut impl BufRead) -> io::Result<Response> {
    let wrong = |line: &str| io::Error::other(format!("malformed HTTP response {line:?}"));
    let first = line(reader)?;
    let mut words = first.splitn(3, ' ');
    let status = match (words.next(), words.next().and_then(|word| word.parse().ok())) {
        (Some(version), Some(status)) if version.starts_with("HTTP/1.") => status,
        _ => return Err(wrong(&first)),
    };
    let mut location = None;
    for _ in 0..HEADERS {
        let header = line(reader)?;
        if header.is_empty() {
            return Ok(Response { status, location });
        }
        let (name, value) = header.split_once(':').ok_or_else(|| wrong(&header))?;
        if name.eq_ignore_ascii_case("location") {
            location.get_or_insert(value.trim().to_owned());
        }
    }
    Err(io::Error::other("the answer has too many headers"))
}

fn line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut bytes = Vec::new();
    reader.take(LINE).read_until(b'\n', &mut bytes)?;
    match bytes.last() {
        Some(b'\n') => Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned()),
        _ if bytes.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Err(io::Error::other("a line of the answer has no end")),
    }
}

fn shown(url: &Url) -> String {
    format!("http://{}:{}{}", url.host, url.port, url.path)
}
