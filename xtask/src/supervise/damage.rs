//! What was taken away from under a check: its directories, or the binary it judges.
//!
//! A check that cannot go on for that reason reports a mistake of its own, and points that a
//! mistake of the workbook has cost do not count. But only the program it judges does such a
//! thing (the reader's code runs as the same user), so this tells the two apart.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::unistd::{AccessFlags, access};
use serde::{Deserialize, Serialize};

use super::leaks;

/// Which file it is, and when it was last changed: a time that nobody can set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    inode: (u64, u64),
    changed: (i64, i64),
}

impl Stamp {
    pub fn of(file: &Path) -> std::io::Result<Stamp> {
        let meta = file.metadata()?;
        Ok(Stamp { inode: (meta.dev(), meta.ino()), changed: (meta.ctime(), meta.ctime_nsec()) })
    }
}

/// Looks at the check's directories, and at the binary.
pub fn look(dir: &Path, binary: &Path, stamp: &Stamp) -> Vec<String> {
    let mut found = Vec::new();
    for name in leaks::DIRS.iter().map(|(_, name)| *name).chain(["work"]) {
        let usable = AccessFlags::R_OK | AccessFlags::W_OK | AccessFlags::X_OK;
        let path = dir.join(name);
        if !path.is_dir() || access(&path, usable).is_err() {
            found.push(format!("the check's directory {name} was taken away"));
        }
    }
    if Stamp::of(binary).ok().as_ref() != Some(stamp) {
        found.push("the program that is judged was changed".to_string());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_away_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        leaks::make_dirs(dir.path()).unwrap();
        let binary = dir.path().join("one");
        std::fs::write(&binary, "x").unwrap();
        let stamp = Stamp::of(&binary).unwrap();
        assert_eq!(look(dir.path(), &binary, &stamp), [""; 0]);
        std::fs::remove_dir(dir.path().join("tmp")).unwrap();
        std::fs::rename(&binary, dir.path().join("two")).unwrap();
        std::fs::write(&binary, "x").unwrap();
        let found = look(dir.path(), &binary, &stamp);
        assert!(found.len() == 2 && found[0].contains("tmp") && found[1].contains("program"), "{found:?}");
    }
}
