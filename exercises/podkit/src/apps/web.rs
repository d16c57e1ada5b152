//! A web server for the files of a directory: `web DIRECTORY [PORT|SOCKET [LOG]]`.
//!
//! A path with a slash in it is a Unix socket to listen on. Each request is a line of LOG:
//!
//! ```text
//! method=GET path="/index.html" status=200 us=152
//! ```
//!
//! The log is opened again for each line, so it may be moved away at any time.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::serve::{Answer, listen, serve};

pub fn main(args: &[String]) -> Result<(), String> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (directory, place, log) = match args[..] {
        [directory] => (directory, "8080", None),
        [directory, place] => (directory, place, None),
        [directory, place, log] => (directory, place, Some(PathBuf::from(log))),
        _ => return Err("usage: web DIRECTORY [PORT|SOCKET [LOG]]".into()),
    };
    let directory = PathBuf::from(directory);
    super::until_asked_to_end(|| {
        let listener = listen(place)?;
        super::say(format_args!("serving {} at {place}", directory.display()));
        let answer = move |request: &str, path: &str| {
            let started = Instant::now();
            let answer = file(&directory, path);
            if let Some(log) = &log {
                let method = request.split(' ').next().unwrap_or_default();
                let status = answer.status.split(' ').next().unwrap_or_default();
                let us = started.elapsed().as_micros();
                let path = path.replace('\\', "\\\\").replace('"', "\\\"");
                let line = format!("method={} path=\"{path}\" status={status} us={us}\n", word(method));
                if let Err(error) = append(log, &line) {
                    super::say(format_args!("{}: {error}", log.display()));
                }
            }
            answer
        };
        serve(listener, Arc::new(answer));
        Ok(())
    })?;
    if place.contains('/') {
        let _ = fs::remove_file(place);
    }
    Ok(())
}

/// A file below the directory; `/` is `/index.html`.
fn file(directory: &Path, path: &str) -> Answer {
    let path = Path::new(path.trim_start_matches('/'));
    let path = if path.as_os_str().is_empty() { Path::new("index.html") } else { path };
    if path.components().any(|part| !matches!(part, Component::Normal(_))) {
        return Answer::text("404 Not Found", "not found\n");
    }
    match fs::read(directory.join(path)) {
        Ok(body) => Answer::text("200 OK", body),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Answer::text("404 Not Found", "not found\n"),
        Err(_) => Answer::text("403 Forbidden", "forbidden\n"),
    }
}

fn append(log: &Path, line: &str) -> io::Result<()> {
    let mut file: File = OpenOptions::new().append(true).create(true).open(log)?;
    // One write: lines of requests that come at once do not mix.
    file.write_all(line.as_bytes())
}

/// What a client calls its method could hold anything.
fn word(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).take(16).collect()
}
