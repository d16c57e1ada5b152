//! What only one may do at a time: keep images, rename them, clear what is nobody's.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::fcntl::{Flock, FlockArg, OFlag};

use super::store::{ABOUT, About, IN_USE, LOCK, NAMES, NEW, Named, Store};

/// Nobody else loads or removes as long as this is there.
pub struct Locked<'a> {
    pub store: &'a Store,
    _lock: Flock<File>,
}

impl Store {
    /// Waits until nobody else loads or removes.
    pub fn lock(&self) -> Result<Locked<'_>, String> {
        let path = self.path.join(LOCK);
        let failed = |error: &dyn std::fmt::Display| format!("locking {}: {error}", path.display());
        let file = File::options().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = file.map_err(|error| failed(&error))?;
        let lock = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => lock,
            Err((file, nix::errno::Errno::EWOULDBLOCK)) => {
                eprintln!("another peapod loads or removes images: waiting for it");
                Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, errno)| failed(&errno))?
            }
            Err((_, errno)) => return Err(failed(&errno)),
        };
        Ok(Locked { store: self, _lock: lock })
    }

    /// The same, if that is so just now.
    pub fn try_lock(&self) -> Option<Locked<'_>> {
        let file = File::options().write(true).open(self.path.join(LOCK)).ok()?;
        Some(Locked { store: self, _lock: Flock::lock(file, FlockArg::LockExclusiveNonblock).ok()? })
    }
}

impl Locked<'_> {
    /// Writes all names, whole or not at all.
    pub fn write_names(&self, names: &[Named]) -> Result<(), String> {
        let (path, new) = (self.store.path.join(NAMES), self.store.path.join(".images.json"));
        let mut text = serde_json::to_vec_pretty(names).unwrap_or_default();
        text.push(b'\n');
        let write = || {
            let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&new, &path)
        };
        write().map_err(|error| format!("writing {}: {error}", path.display()))
    }

    /// Is a pod there that has it? If not, there is none until the answer is dropped.
    pub fn take(&self, id: &str) -> Option<Flock<File>> {
        let flags = OFlag::O_NOFOLLOW;
        let file = File::options().read(true).custom_flags(flags.bits()).open(self.store.dir(id).join(IN_USE)).ok()?;
        Flock::lock(file, FlockArg::LockExclusiveNonblock).ok()
    }

    /// What nobody names and nobody uses.
    pub fn sweep(&self) -> Result<(), String> {
        let names = self.store.names()?;
        let entries = fs::read_dir(&self.store.path)
            .map_err(|error| format!("reading {}: {error}", self.store.path.display()))?;
        for entry in entries.filter_map(Result::ok) {
            let Ok(name) = entry.file_name().into_string() else { continue };
            let is_image = name.len() == 64 && name.bytes().all(|c| c.is_ascii_hexdigit());
            let is_named = names.iter().any(|it| self.store.dir(&it.id) == entry.path());
            if name == NEW || name.starts_with(".gone-") {
                remove(&entry.path());
            } else if is_image && !is_named {
                let _taken = match self.take(&name) {
                    Some(taken) => Some(taken),
                    // Without a lock to take it is none that a pod could have.
                    None if entry.path().join(IN_USE).exists() => continue,
                    None => None,
                };
                remove(&entry.path());
            }
        }
        Ok(())
    }

    /// What is in `.new` becomes the image.
    pub fn keep(&self, id: &str, about: &About) -> Result<(), String> {
        let (new, dir) = (self.store.path.join(NEW), self.store.dir(id));
        let text = serde_json::to_vec_pretty(about).unwrap_or_default();
        let done = fs::write(new.join(ABOUT), text)
            .and_then(|()| fs::write(new.join(IN_USE), ""))
            .and_then(|()| fs::rename(&new, &dir));
        done.map_err(|error| format!("keeping it in {}: {error}", dir.display()))
    }
}

/// Files may belong to any user of the node, so this must run in it. What cannot be removed is tried again the next time.
pub fn remove(dir: &Path) {
    if let Err(error) = fs::remove_dir_all(dir)
        && error.kind() != io::ErrorKind::NotFound
    {
        eprintln!("warning: removing {}: {error}", dir.display());
    }
}
