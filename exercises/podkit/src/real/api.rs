//! What others are shown of the pods: a file for each, in a directory of this user's.
//!
//! It stands where a cluster has its API server. `get` reads the files; `delete` takes one away, and
//! the kubelet makes it again: a mirror is not the pod. A lock says whether a kubelet is there at
//! all, so that files of one that was killed mean nothing.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};

use super::tell::say;
use crate::pod::Pod;
use crate::time::Time;

const LOCK: &str = ".lock";
/// With `.json` it is what a file's name may have.
const LONGEST: usize = 250;

/// The kubelet's side.
pub struct Mirrors {
    dir: PathBuf,
    /// By full name.
    shown: BTreeMap<String, Shown>,
    /// Held as long as the kubelet lives, however it dies.
    _lock: Flock<File>,
}

struct Shown {
    text: String,
    made_at: String,
    /// Somebody has deleted it.
    is_missing: bool,
}

impl Mirrors {
    /// Takes the directory. What a kubelet that was killed has left there is removed.
    ///
    /// # Errors
    /// Another kubelet holds the directory, it holds somebody else's files, or it cannot be written to.
    pub fn begin(dir: &Path) -> io::Result<Mirrors> {
        let left = files(dir)?;
        if let Some(path) = left.first().filter(|_| !dir.join(LOCK).exists()) {
            let name = path.file_name().unwrap_or_default().display();
            return Err(io::Error::other(format!("{name} is no kubelet's: give --state a directory of its own")));
        }
        let lock = lock(&dir.join(LOCK))?;
        for path in left {
            fs::remove_file(path)?;
        }
        Ok(Mirrors { dir: dir.to_owned(), shown: BTreeMap::new(), _lock: lock })
    }

    /// Looks whether any has been deleted.
    pub fn look(&mut self) {
        for (full_name, shown) in &mut self.shown {
            if !shown.is_missing && !path(&self.dir, full_name).exists() {
                say(&format!("{full_name}: its mirror was deleted, and is made again; the pod goes on"));
                shown.is_missing = true;
            }
        }
    }

    pub fn is_missing(&self, full_name: &str) -> bool {
        self.shown.get(full_name).is_some_and(|shown| shown.is_missing)
    }

    /// Writes the mirror if it is another one than last time, or has been deleted.
    pub fn show(&mut self, now: Time, full_name: &str, mut mirror: Pod) {
        let old = self.shown.get(full_name).filter(|shown| !shown.is_missing);
        let made_at = old.map_or_else(|| now.rfc3339(), |shown| shown.made_at.clone());
        mirror.metadata.creation_timestamp = Some(made_at.clone());
        let text = serde_json::to_string(&mirror).unwrap_or_default();
        if old.is_some_and(|shown| shown.text == text) {
            return;
        }
        // Whole or not at all: readers come at any time.
        let new = self.dir.join(".new");
        match fs::write(&new, &text).and_then(|()| fs::rename(&new, path(&self.dir, full_name))) {
            Ok(()) => {
                self.shown.insert(full_name.to_owned(), Shown { text, made_at, is_missing: false });
            }
            Err(error) => say(&format!("{full_name}: writing its mirror: {error}")),
        }
    }

    pub fn take_away(&mut self, full_name: &str) {
        self.shown.remove(full_name);
        let _ = fs::remove_file(path(&self.dir, full_name));
    }
}

impl Drop for Mirrors {
    /// Nothing stays, not even the directory, unless somebody else has put something into it.
    fn drop(&mut self) {
        for full_name in self.shown.keys() {
            let _ = fs::remove_file(path(&self.dir, full_name));
        }
        let _ = fs::remove_file(self.dir.join(".new"));
        let _ = fs::remove_file(self.dir.join(LOCK));
        let _ = fs::remove_dir(&self.dir);
    }
}

/// Who only looks whether the lock is held has it for a moment: so more than one try.
fn lock(path: &Path) -> io::Result<Flock<File>> {
    for _ in 0..20 {
        if let Ok(lock) = Flock::lock(File::create(path)?, FlockArg::LockExclusiveNonblock) {
            return Ok(lock);
        }
        sleep(Duration::from_millis(10));
    }
    Err(io::Error::other("another kubelet runs there: end that one, or give --state DIR"))
}

/// The mirrors of the kubelet that keeps its state in `dir`, by file. `None`: no kubelet runs.
///
/// # Errors
/// The directory cannot be read.
pub fn mirrors(dir: &Path) -> io::Result<Option<Vec<(PathBuf, Pod)>>> {
    let Ok(lock) = File::open(dir.join(LOCK)) else { return Ok(None) };
    if Flock::lock(lock, FlockArg::LockSharedNonblock).is_ok() {
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

/// `NAMESPACE_NAME.json`: neither may hold an underscore.
fn path(dir: &Path, full_name: &str) -> PathBuf {
    let mut name = full_name.replace('/', "_");
    // Both together may be longer than a file's name can be.
    if name.len() > LONGEST {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        name = format!("_{:016x}", hasher.finish());
    }
    dir.join(format!("{name}.json"))
}

fn files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|it| it == "json"));
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_kubelet_has_left_is_removed() {
        let dir = std::env::temp_dir().join(format!("podkit-api-{}", std::process::id()));
        fs::create_dir(&dir).unwrap();
        let file = dir.join("package.json");
        fs::write(&file, "{}").unwrap();
        let error = Mirrors::begin(&dir).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("package.json is no kubelet's"), "{error}");
        assert!(file.exists());
        fs::write(dir.join(LOCK), "").unwrap();
        drop(Mirrors::begin(&dir).unwrap());
        assert!(!dir.exists());
    }
}
