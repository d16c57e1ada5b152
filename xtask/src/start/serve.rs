//! Serves the built book to this machine.
//!
//! The pages are held in memory: a request is looked up among them, so no path can lead out
//! of the book, and a rebuild (which empties the directory first) is never seen half done.
//! The `Host` header must be this machine's, or any web page could have its own name resolve
//! to 127.0.0.1 and read from here; only GET and HEAD are answered.

use std::collections::HashMap;
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header};
use tokio::sync::watch;

use crate::starters;

/// Where a page asks whether there is a newer one.
const RELOAD: &str = "/.reload";

/// Asks again and again, each time for as long as it takes; loads the page anew on an answer
/// that it did not start with.
const SCRIPT: &str = "<script>(async () => {
    let first;
    for (;;) {
        try {
            const answer = await (await fetch('/.reload' + (first ? '?' + first : ''))).text();
            first ??= answer;
            if (answer !== first) return location.reload();
        } catch { await new Promise(after => setTimeout(after, 1000)); }
    }
})();</script></body>";

/// The files of the book by their path, `/01-grouping/index.html`.
type Files = HashMap<String, (Bytes, &'static str)>;

/// The book as it is served now.
#[derive(Clone)]
pub struct Site {
    files: Arc<RwLock<Arc<Files>>>,
    /// Counts the builds, and wakes who waits for one.
    generation: watch::Sender<u64>,
    started: u32,
}

impl Site {
    pub fn new(built: &Path) -> Result<Site> {
        let files = load(built)?;
        Ok(Site {
            files: Arc::new(RwLock::new(Arc::new(files))),
            generation: watch::Sender::new(1),
            started: std::process::id(),
        })
    }

    pub fn replace(&self, built: &Path) -> Result<()> {
        let files = Arc::new(load(built)?);
        *self.files.write().unwrap_or_else(PoisonError::into_inner) = files;
        self.generation.send_modify(|generation| *generation += 1);
        Ok(())
    }

    fn files(&self) -> Arc<Files> {
        self.files.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Differs after each build, and from one `start` to the next.
    fn stamp(&self) -> String {
        format!("{}-{}", self.started, *self.generation.borrow())
    }
}

fn load(built: &Path) -> Result<Files> {
    let mut files = Files::new();
    for file in starters::files(built)? {
        let mut bytes =
            std::fs::read(built.join(&file)).with_context(|| format!("failed to read {}", file.display()))?;
        let kind = kind(&file);
        if kind.starts_with("text/html") {
            let text = String::from_utf8_lossy(&bytes);
            bytes = match text.rfind("</body>") {
                Some(at) => format!("{}{SCRIPT}{}", &text[..at], &text[at + 7..]).into_bytes(),
                None => bytes,
            };
        }
        files.insert(format!("/{}", file.display()), (bytes.into(), kind));
    }
    Ok(files)
}

fn kind(file: &Path) -> &'static str {
    match file.extension().and_then(|it| it.to_str()).unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" => "application/json",
        _ => "text/plain; charset=utf-8",
    }
}

/// Serves from a thread of its own until the process ends.
pub fn spawn(listener: TcpListener, site: Site) -> Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    std::thread::spawn(move || {
        let served = runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            axum::serve(listener, Router::new().fallback(answer).with_state(site)).await
        });
        if let Err(error) = served {
            eprintln!("error: the book is no longer served: {error}");
        }
    });
    Ok(())
}

async fn answer(State(site): State<Site>, method: Method, uri: Uri, headers: HeaderMap) -> Response<Body> {
    if !is_here(&headers) {
        return plain(StatusCode::MISDIRECTED_REQUEST, "This book is served to its own machine only.\n");
    }
    if method != Method::GET && method != Method::HEAD {
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "A book is only read.\n");
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    if uri.path() == RELOAD {
        return plain(StatusCode::OK, news(&site, uri.query()).await);
    }
    let mut path = crate::book::decode(uri.path());
    if path.ends_with('/') {
        path.push_str("index.html");
    }
    let files = site.files();
    if let Some((bytes, kind)) = files.get(&path) {
        return respond(StatusCode::OK, kind, bytes.clone());
    }
    // `/01-grouping` is meant to be a directory; its links are relative to it.
    if files.contains_key(&format!("{path}/index.html")) {
        let mut response = plain(StatusCode::PERMANENT_REDIRECT, "");
        if let Ok(to) = HeaderValue::from_str(&format!("{}/", uri.path())) {
            response.headers_mut().insert(header::LOCATION, to);
            return response;
        }
    }
    match files.get("/404.html") {
        Some((bytes, kind)) => respond(StatusCode::NOT_FOUND, kind, bytes.clone()),
        None => plain(StatusCode::NOT_FOUND, "There is no such page.\n"),
    }
}

/// Answers at once if the page is not the newest, else when there is a newer one; in any case
/// before a browser gives up.
async fn news(site: &Site, has: Option<&str>) -> String {
    let mut changes = site.generation.subscribe();
    if has.is_some_and(|has| has == site.stamp()) {
        let _ = tokio::time::timeout(Duration::from_secs(25), changes.changed()).await;
    }
    site.stamp()
}

/// Is the request for this machine, by a name that nobody else can give out?
fn is_here(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "127.0.0.1" | "localhost")
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
    response
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;
