//! Serves the built book, and the events, to this machine.
//!
//! The `Host` header must be this machine's, or any web page could have its own name resolve
//! to 127.0.0.1 and read from here; an `Origin`, where there is one, must be this server's
//! own. Only GET and HEAD are answered, and neither runs anything: what is graded is decided
//! by what is saved.

use std::net::TcpListener;
use std::os::fd::AsRawFd;

use anyhow::Result;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri, header};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use super::hub::Hub;
use super::site::Site;

/// Where a page listens.
pub const EVENTS: &str = "/.live";

/// More open pages than anyone has. Each is a connection.
const MOST_STREAMS: usize = 4096;

/// Room for connections that are no streams, and for everything else.
const OTHER_FILES: u64 = 512;

#[derive(Clone)]
pub struct Server {
    pub site: Site,
    pub hub: Hub,
}

/// How many streams there may be, with as many open files as this process can have.
pub fn most_streams() -> usize {
    let wanted = MOST_STREAMS as u64 + OTHER_FILES;
    let (mut soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or((1024, 1024));
    // Not all that is allowed: what is graded is started from here, and inherits it.
    let better = wanted.min(hard);
    if soft < better && setrlimit(Resource::RLIMIT_NOFILE, better, hard).is_ok() {
        soft = better;
    }
    usize::try_from(soft.saturating_sub(OTHER_FILES)).unwrap_or(MOST_STREAMS).clamp(64, MOST_STREAMS)
}

/// Serves from a thread of its own until the process ends.
pub fn spawn(listener: TcpListener, server: Server) -> Result<()> {
    listener.set_nonblocking(true)?;
    // Many may connect at once: those not yet accepted wait here instead of a second.
    // SAFETY: listen only changes how long the line is; the socket listens already.
    let _ = unsafe { libc::listen(listener.as_raw_fd(), 4096) };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    std::thread::spawn(move || {
        let served = runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            axum::serve(listener, Router::new().fallback(answer).with_state(server)).await
        });
        if let Err(error) = served {
            eprintln!("error: the book is no longer served: {error}");
        }
    });
    Ok(())
}

async fn answer(State(server): State<Server>, method: Method, uri: Uri, headers: HeaderMap) -> Response<Body> {
    if !is_here(&headers) {
        return plain(StatusCode::MISDIRECTED_REQUEST, "This book is served to its own machine only.\n");
    }
    if !is_from_here(&headers) {
        return plain(StatusCode::FORBIDDEN, "This book is served to its own pages only.\n");
    }
    if method != Method::GET && method != Method::HEAD {
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "A book is only read.\n");
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    if uri.path() == EVENTS {
        return events(&server.hub);
    }
    page(&server.site, &uri)
}

fn events(hub: &Hub) -> Response<Body> {
    match hub.stream() {
        Some(stream) => {
            let mut response = plain(StatusCode::OK, "");
            *response.body_mut() = Body::from_stream(stream);
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
            response
        }
        None => {
            let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, "Too many pages are open.\n");
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            response
        }
    }
}

fn page(site: &Site, uri: &Uri) -> Response<Body> {
    let mut path = crate::book::decode(uri.path());
    if path.ends_with('/') {
        path.push_str("index.html");
    }
    let book = site.book();
    if let Some((bytes, kind)) = book.files.get(&path) {
        return respond(StatusCode::OK, kind, bytes.clone());
    }
    // `/01-grouping` is meant to be a directory; its links are relative to it.
    if book.files.contains_key(&format!("{path}/index.html")) {
        let mut response = plain(StatusCode::PERMANENT_REDIRECT, "");
        if let Ok(to) = HeaderValue::from_str(&format!("{}/", uri.path())) {
            response.headers_mut().insert(header::LOCATION, to);
            return response;
        }
    }
    match book.files.get("/404.html") {
        Some((bytes, kind)) => respond(StatusCode::NOT_FOUND, kind, bytes.clone()),
        None => plain(StatusCode::NOT_FOUND, "There is no such page.\n"),
    }
}

/// Is the request for this machine, by a name that nobody else can give out?
fn is_here(headers: &HeaderMap) -> bool {
    let host = text(headers, header::HOST);
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "127.0.0.1" | "localhost")
}

/// Is the one who asks, if it is a page, one of this server's own? A page says so by itself
/// when it asks another server (it has no choice); without an `Origin` it is none, or ours.
fn is_from_here(headers: &HeaderMap) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    origins.all(|it| it.to_str().is_ok_and(|it| it.strip_prefix("http://") == Some(text(headers, header::HOST))))
}

fn text(headers: &HeaderMap, name: HeaderName) -> &str {
    headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or("")
}

fn plain(status: StatusCode, text: impl Into<Bytes>) -> Response<Body> {
    respond(status, "text/plain; charset=utf-8", text.into())
}

fn respond(status: StatusCode, kind: &'static str, bytes: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    // The next build may change any of it.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // No other site may show the book as a part of itself.
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("frame-ancestors 'self'"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    response
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;
