//! An adapter: `adapter PORT DIRECTORY`. Each application of the pod writes what it has answered into a file
//! `NAME.log` of that directory, in its own way. `GET /metrics` shows all of them in one.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use podkit::apps::fields::fields;
use podkit::apps::serve::{Answer, listen, serve};
use podkit::apps::{self, Ending, say};

use super::follower::Follower;
use super::metrics::{Metrics, request};

const EVERY: Duration = Duration::from_millis(200);
/// The version of the format.
const KIND: &str = "text/plain; version=0.0.4; charset=utf-8";

pub fn main(args: &[String]) -> Result<(), String> {
    let [port, directory] = args else { return Err("usage: adapter PORT DIRECTORY".into()) };
    apps::port(port)?;
    let ending = Ending::begin()?;
    let adapter = Arc::new(Mutex::new(Adapter::new(directory)));
    let listener = listen(port)?;
    say(format_args!("serving /metrics at port {port}"));
    let asked = adapter.clone();
    serve(
        listener,
        Arc::new(move |_, path| match path {
            "/metrics" => {
                let mut adapter = asked.lock().unwrap_or_else(PoisonError::into_inner);
                adapter.look();
                Answer { status: "200 OK", kind: KIND, body: adapter.metrics.text().into_bytes() }
            }
            _ => Answer::text("404 Not Found", "not found\n"),
        }),
    );
    // Also when nobody asks: a file may be moved away, and another one take its name.
    while !ending.within(EVERY) {
        adapter.lock().unwrap_or_else(PoisonError::into_inner).look();
    }
    Ok(())
}

/// All files of the directory, and what was read in them.
struct Adapter {
    directory: PathBuf,
    files: BTreeMap<String, Follower>,
    metrics: Metrics,
}

impl Adapter {
    fn new(directory: &str) -> Adapter {
        Adapter { directory: directory.into(), files: BTreeMap::new(), metrics: Metrics::default() }
    }

    /// Reads on in each file. What cannot be read now is tried again at the next look.
    fn look(&mut self) {
        for (app, path) in logs(&self.directory).unwrap_or_default() {
            self.files.entry(app).or_insert_with(|| Follower::new(path));
        }
        for (app, follower) in &mut self.files {
            let metrics = &mut self.metrics;
            let _ = follower.look(&mut |line| {
                let line = String::from_utf8_lossy(line);
                metrics.count(app, fields(&line).as_ref().and_then(request));
            });
        }
    }
}

/// The files `NAME.log`, by name.
fn logs(directory: &Path) -> io::Result<BTreeMap<String, PathBuf>> {
    let mut logs = BTreeMap::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if let Some(app) = entry.file_name().to_str().and_then(|name| name.strip_suffix(".log")) {
            logs.insert(app.to_owned(), entry.path());
        }
    }
    Ok(logs)
}
