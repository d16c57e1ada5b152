//! What a pod in the background has said: its output in files, its events in memory.
//!
//! The files are as the kubelet has them: one for each run of a container, each line with the time, the stream,
//! and `F` for a full line or `P` for a part of one. A file that has grown large becomes the first of four
//! older ones; of a container's runs the two newest are kept.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::super::logs::Stream;
use super::super::tell::{Piece, say};
use crate::control::{OLDER, Told, log_file, older};
use crate::engine::Event;
use crate::time::Time;

/// A larger file is rotated (the kubelet's containerLogMaxSize).
const LARGE: u64 = 10 << 20;
/// Older events are forgotten.
const EVENTS: usize = 200;

/// What one pod has said.
pub struct Keep {
    /// The pod's directory of logs, seen from the node.
    dir: PathBuf,
    logs: BTreeMap<String, Log>,
    pub events: Vec<Told>,
    /// The files cannot be written: said once.
    is_told: bool,
}

/// The output of a container.
struct Log {
    dir: PathBuf,
    attempt: u32,
    file: Option<File>,
    size: u64,
    /// Not written yet.
    lines: Vec<u8>,
}

impl Keep {
    pub fn new(dir: PathBuf) -> Keep {
        Keep { dir, logs: BTreeMap::new(), events: Vec::new(), is_told: false }
    }

    /// Makes the directory: a disk that is full is told now.
    pub fn begin(&self) -> io::Result<()> {
        fs::create_dir_all(&self.dir)
    }

    pub fn line(&mut self, container: &str, stream: Stream, line: &[u8], piece: Piece) {
        let dir = &self.dir;
        let new = || Log::new(dir.join(container), piece.attempt);
        let log = self.logs.entry(container.to_owned()).or_insert_with(new);
        let mut done = Ok(());
        if log.attempt != piece.attempt {
            done = log.write();
            *log = Log::new(dir.join(container), piece.attempt);
        }
        log.add(stream, line, piece.whole);
        self.tell(done);
    }

    pub fn flush(&mut self) {
        let done = self.logs.values_mut().map(Log::write).find(Result::is_err).unwrap_or(Ok(()));
        self.tell(done);
    }

    /// Files that cannot be written do not keep the pod from running.
    fn tell(&mut self, done: io::Result<()>) {
        let Err(error) = done else { return };
        if !std::mem::replace(&mut self.is_told, true) {
            say(&format!("writing logs: {error}"));
            let now = Time::default() + SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            let message = format!("writing logs: {error}; what cannot be written is lost");
            self.event(now, &Event { reason: "FailedLog".into(), container: None, message, warning: true });
        }
    }

    pub fn event(&mut self, now: Time, event: &Event) {
        let Event { reason, container, message, warning } = event.clone();
        let last = now.rfc3339();
        let same = |it: &Told| it.reason == reason && it.container == container && it.message == message;
        if let Some(at) = self.events.iter().position(same) {
            // The newest stands last.
            let told = self.events.remove(at);
            self.events.push(Told { count: told.count + 1, last, ..told });
            return;
        }
        if self.events.len() == EVENTS {
            self.events.remove(0);
        }
        self.events.push(Told { reason, container, message, warning, count: 1, first: last.clone(), last });
    }

    /// The pod is gone, and so is what it has said.
    pub fn remove(&self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

impl Log {
    fn new(dir: PathBuf, attempt: u32) -> Log {
        Log { dir, attempt, file: None, size: 0, lines: Vec::new() }
    }

    fn add(&mut self, stream: Stream, line: &[u8], whole: bool) {
        let time = humantime::format_rfc3339_nanos(SystemTime::now());
        let stream = match stream {
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
        };
        let tag = if whole { 'F' } else { 'P' };
        // Into memory: that cannot fail.
        let _ = write!(self.lines, "{time} {stream} {tag} ");
        self.lines.extend_from_slice(line);
        self.lines.push(b'\n');
    }

    fn write(&mut self) -> io::Result<()> {
        if self.lines.is_empty() {
            return Ok(());
        }
        let lines = std::mem::take(&mut self.lines);
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                fs::create_dir_all(&self.dir)?;
                self.forget_old_runs();
                self.file.insert(open(&self.dir.join(log_file(self.attempt)))?)
            }
        };
        file.write_all(&lines)?;
        self.size += lines.len() as u64;
        if self.size >= LARGE { self.rotate() } else { Ok(()) }
    }

    fn rotate(&mut self) -> io::Result<()> {
        self.file = None;
        self.size = 0;
        let path = |n: usize| match n {
            0 => self.dir.join(log_file(self.attempt)),
            n => self.dir.join(older(self.attempt, n)),
        };
        for n in (0..OLDER).rev() {
            match fs::rename(path(n), path(n + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn forget_old_runs(&self) {
        let Some(old) = self.attempt.checked_sub(2) else { return };
        let _ = fs::remove_file(self.dir.join(log_file(old)));
        for n in 1..=OLDER {
            let _ = fs::remove_file(self.dir.join(older(old, n)));
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    File::options().append(true).create(true).mode(0o600).open(path)
}
