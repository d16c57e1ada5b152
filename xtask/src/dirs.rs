//! Where the harness keeps things, and how it writes them.
//!
//! Cache (stages, compiled checks): `$XDG_CACHE_HOME/peas-in-a-pod/`, else `~/.cache/...`,
//! else below the temporary directory. State (hints given): `$XDG_STATE_HOME`, likewise.
//! Each workbook has a directory of its own in both.

use std::ffi::OsStr;
use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

const NAME: &str = "peas-in-a-pod";

/// The cache directory of the workbook at `root`.
pub fn cache(root: &Path) -> Result<PathBuf> {
    let dir = base("XDG_CACHE_HOME", ".cache", root)?;
    let mark = dir.join(OF);
    if !mark.exists() {
        std::fs::write(&mark, root.as_os_str().as_encoded_bytes())
            .with_context(|| format!("failed to write {}", mark.display()))?;
        dir.parent().into_iter().for_each(forget_the_gone);
    }
    Ok(dir)
}

/// In a cache: which workbook it is of.
const OF: &str = "workbook";

/// Removes the caches of workbooks that are no longer there: each takes a gigabyte or more.
fn forget_the_gone(caches: &Path) {
    for cache in std::fs::read_dir(caches).into_iter().flatten().flatten() {
        // One without a mark may be anybody's.
        let Ok(of) = std::fs::read(cache.path().join(OF)) else { continue };
        let root = Path::new(OsStr::from_bytes(&of));
        if root.is_absolute() && matches!(root.try_exists(), Ok(false)) {
            let _ = std::fs::remove_dir_all(cache.path());
        }
    }
}

/// The state directory of the workbook at `root`.
pub fn state(root: &Path) -> Result<PathBuf> {
    base("XDG_STATE_HOME", ".local/state", root)
}

fn base(variable: &str, in_home: &str, root: &Path) -> Result<PathBuf> {
    let key = short_hash(root.as_os_str().as_encoded_bytes());
    let asked = std::env::var_os(variable).map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(in_home));
    let user = nix::unistd::geteuid();
    let temp = std::env::temp_dir().join(format!("{NAME}-{user}"));
    let places = [asked.filter(|it| it.is_absolute()), home];
    for place in places.into_iter().flatten() {
        let dir = place.join(NAME).join(&key);
        if std::fs::create_dir_all(&dir).is_ok() && writable(&dir) {
            return Ok(dir);
        }
    }
    let dir = temp.join(&key);
    std::fs::create_dir_all(&dir).with_context(|| format!("failed to make {}", dir.display()))?;
    Ok(dir)
}

fn writable(dir: &Path) -> bool {
    nix::unistd::access(dir, nix::unistd::AccessFlags::W_OK).is_ok()
}

/// Twelve hex digits: enough to tell apart what one machine holds.
pub fn short_hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))[..12].to_string()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a file only if that changes it, so that cargo's idea of what is fresh holds.
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<bool> {
    if std::fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(false);
    }
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir)?;
    }
    // Anything else of this name (a directory, a link) makes way.
    match std::fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => std::fs::remove_dir_all(path)?,
        Ok(meta) if !meta.is_file() => std::fs::remove_file(path)?,
        _ => {}
    }
    std::fs::write(path, bytes).with_context(|| format!("failed to write {}", path.display()))?;
    Ok(true)
}

/// Takes a lock that another grading of the same thing waits for. Dropped with the file.
pub fn lock(path: &Path) -> Result<File> {
    taken(path, File::try_lock, File::lock)
}

/// As [`lock`], but held together with others who lock it so.
pub fn lock_shared(path: &Path) -> Result<File> {
    taken(path, File::try_lock_shared, File::lock_shared)
}

/// As [`lock_shared`], or nothing if that would mean to wait.
pub fn try_lock_shared(path: &Path) -> Option<File> {
    let file = lock_file(path).ok()?;
    file.try_lock_shared().ok().map(|()| file)
}

fn taken(
    path: &Path,
    at_once: fn(&File) -> Result<(), TryLockError>,
    wait: fn(&File) -> io::Result<()>,
) -> Result<File> {
    let file = lock_file(path)?;
    if at_once(&file).is_err() {
        eprintln!("waiting for another grading to finish building ...");
        wait(&file).with_context(|| format!("failed to lock {}", path.display()))?;
    }
    Ok(file)
}

/// Opened as it is: emptying it would give it a new date, and look like a change.
fn lock_file(path: &Path) -> Result<File> {
    let opened = File::options().create(true).truncate(false).write(true).open(path);
    opened.with_context(|| format!("failed to make {}", path.display()))
}

/// All regular files below `dir` (which may be missing), as paths relative to it, in order.
/// Links are not followed.
pub fn files(dir: &Path, skip: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(relative) = open.pop() {
        let entries = match std::fs::read_dir(dir.join(&relative)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => {
                let path = dir.join(&relative);
                return Err(error).with_context(|| format!("failed to read {}", path.display()));
            }
        };
        for entry in entries {
            let entry = entry?;
            let path = relative.join(entry.file_name());
            if skip(&path) {
                continue;
            }
            let kind = entry.file_type()?;
            if kind.is_dir() {
                open.push(path);
            } else if kind.is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Makes `to` hold the same files as `from`, and nothing else.
pub fn mirror(from: &Path, to: &Path, skip: impl Fn(&Path) -> bool + Copy) -> Result<()> {
    let wanted = files(from, skip)?;
    for path in &wanted {
        let bytes =
            std::fs::read(from.join(path)).with_context(|| format!("failed to read {}", from.join(path).display()))?;
        write_if_changed(&to.join(path), &bytes)?;
    }
    remove_others(to, &wanted)
}

/// Removes every file below `dir` that is not in `wanted`.
pub fn remove_others(dir: &Path, wanted: &[PathBuf]) -> Result<()> {
    for path in files(dir, |_| false)? {
        if wanted.binary_search(&path).is_err() {
            std::fs::remove_file(dir.join(&path))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_cache_of_a_workbook_that_is_gone_goes() {
        let dir = tempfile::tempdir().unwrap();
        let caches = dir.path().join("caches");
        let cache = |name: &str, of: Option<&Path>| {
            std::fs::create_dir_all(caches.join(name).join("solutions")).unwrap();
            if let Some(of) = of {
                std::fs::write(caches.join(name).join(OF), of.as_os_str().as_bytes()).unwrap();
            }
        };
        cache("there", Some(dir.path()));
        cache("gone", Some(&dir.path().join("deleted")));
        cache("nobody's", None);
        cache("odd", Some(Path::new("not/a/place")));
        forget_the_gone(&caches);
        let there = |name: &str| caches.join(name).exists();
        assert!(there("there") && there("nobody's") && there("odd"));
        assert!(!there("gone"));
    }
}
