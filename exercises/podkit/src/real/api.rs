//! What others are shown of the pods: a file for each, in a directory of this user's.
//!
//! It stands where a cluster has its API server. `get` reads the files; `delete` takes one
//! away, and the kubelet writes it again: a mirror is not the pod. A lock says whether a kubelet
//! is there at all, so that files of one that was killed mean nothing.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};

use crate::pod::Pod;

const LOCK: &str = ".lock";

/// The kubelet's side.
pub struct Mirrors {
    dir: PathBuf,
    shown: BTreeMap<String, String>,
    /// Held as long as the kubelet lives, however it dies.
    _lock: Flock<File>,
}

impl Mirrors {
    /// # Errors
    /// Another kubelet holds the directory, or it cannot be written to.
    pub fn begin(dir: &Path) -> io::Result<Mirrors> {
        fs::create_dir_all(dir)?;
        let file = File::create(dir.join(LOCK))?;
        let lock = Flock::lock(file, FlockArg::LockExclusiveNonblock)
            .map_err(|_| io::Error::other("another kubelet has it: end that one, or give --state DIR"))?;
        for path in files(dir)? {
            fs::remove_file(path)?;
        }
        Ok(Mirrors { dir: dir.to_owned(), shown: BTreeMap::new(), _lock: lock })
    }

    /// Writes the mirror, if it is another one than last time or has been taken away.
    pub fn show(&mut self, full_name: &str, mirror: &Pod) {
        let text = serde_json::to_string(mirror).unwrap_or_default();
        let path = self.path(full_name);
        if self.shown.get(full_name) == Some(&text) && path.exists() {
            return;
        }
        // Whole or not at all: readers come at any time.
        let new = self.dir.join(".new");
        if fs::write(&new, &text).and_then(|()| fs::rename(&new, &path)).is_ok() {
            self.shown.insert(full_name.to_owned(), text);
        }
    }

    pub fn take_away(&mut self, full_name: &str) {
        self.shown.remove(full_name);
        let _ = fs::remove_file(self.path(full_name));
    }

    fn path(&self, full_name: &str) -> PathBuf {
        self.dir.join(format!("{}.json", full_name.replace('/', "_")))
    }
}

/// The mirrors of the kubelet that keeps its state in `dir`, by file. `None`: no kubelet runs.
///
/// # Errors
/// The directory cannot be read.
pub fn mirrors(dir: &Path) -> io::Result<Option<Vec<(PathBuf, Pod)>>> {
    let Ok(lock) = File::open(dir.join(LOCK)) else { return Ok(None) };
    if Flock::lock(lock, FlockArg::LockExclusiveNonblock).is_ok() {
        return Ok(None);
    }
    let mut pods = Vec::new();
    for path in files(dir)? {
        // One that is taken away just now is no error.
        let pod = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        pods.extend(pod.map(|pod| (path, pod)));
    }
    Ok(Some(pods))
}

fn files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|it| it == "json"));
    files.sort();
    Ok(files)
}
