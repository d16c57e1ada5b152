//! The files of a volume as they lie in a directory. Given to those who write volumes: filling a new directory, and
//! comparing an old one.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::Path;

use super::{Files, VolumeFile};

/// What a group gets on top of a file's own mode, and of a directory's (the kubelet's masks of a volume that
/// is read-only).
const FILE_OF_GROUP: u32 = 0o440;
const DIRECTORY_OF_GROUP: u32 = 0o2550;

/// What a volume's directory is to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload {
    pub files: Files,
    /// The pod's fsGroup: whose the files are, too.
    pub group: Option<u32>,
}

impl Payload {
    /// Are exactly these files in that directory? Modes do not count: nobody can change them in a running pod.
    pub fn is_in(&self, dir: &Path) -> bool {
        let mut there = Vec::new();
        let is = |path: &String, file: &VolumeFile| fs::read(dir.join(path)).is_ok_and(|bytes| bytes == file.bytes);
        paths(dir, "", &mut there).is_ok()
            && there.len() == self.files.len()
            && self.files.iter().all(|(path, file)| is(path, file))
    }

    /// The names that the files have at the top of the volume: `a` for a file `a/b`.
    pub fn names(&self) -> Vec<String> {
        let first = |path: &String| path.split('/').next().unwrap_or_default().to_owned();
        let mut names: Vec<String> = self.files.keys().map(first).collect();
        names.dedup();
        names
    }

    /// Writes all files into an empty directory.
    ///
    /// # Errors
    /// The disk is full, or a file would have to be a directory, too.
    pub fn fill(&self, dir: &Path) -> io::Result<()> {
        for (path, file) in &self.files {
            let place = dir.join(path);
            if let Some(parent) = place.parent() {
                fs::DirBuilder::new().recursive(true).mode(0o755).create(parent)?;
            }
            let mut new = fs::File::options().write(true).create_new(true).mode(0o600).open(&place)?;
            new.write_all(&file.bytes)?;
            // Whatever the umask of this process may be.
            new.set_permissions(Permissions::from_mode(file.mode))?;
        }
        match self.group {
            Some(group) => give(dir, group),
            None => Ok(()),
        }
    }
}

/// A directory and all that is in it belong to the group, too.
fn give(path: &Path, group: u32) -> io::Result<()> {
    let about = path.symlink_metadata()?;
    let more = if about.is_dir() { DIRECTORY_OF_GROUP } else { FILE_OF_GROUP };
    chown(path, None, Some(group))?;
    fs::set_permissions(path, Permissions::from_mode(about.permissions().mode() | more))?;
    if about.is_dir() {
        for entry in fs::read_dir(path)? {
            give(&entry?.path(), group)?;
        }
    }
    Ok(())
}

/// The files in a directory, as paths from it.
fn paths(dir: &Path, at: &str, found: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(dir.join(at))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if at.is_empty() { name } else { format!("{at}/{name}") };
        match entry.file_type()?.is_dir() {
            true => paths(dir, &path, found)?,
            false => found.push(path),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_filled_in_is_there() {
        let dir = std::env::temp_dir().join(format!("payload-{}", std::process::id()));
        fs::create_dir(&dir).unwrap();
        let file = |text: &str| VolumeFile { bytes: text.into(), mode: 0o640 };
        let files = Files::from([("a/b".into(), file("1")), ("a/c".into(), file("2")), ("d".into(), file("3"))]);
        let payload = Payload { files, group: None };
        payload.fill(&dir).unwrap();
        assert!(payload.is_in(&dir));
        assert_eq!(payload.names(), ["a", "d"]);
        let mode = fs::metadata(dir.join("a/b")).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o640);
        let mut other = payload.clone();
        other.files.insert("d".into(), file("4"));
        assert!(!other.is_in(&dir), "another text");
        other.files.remove("d");
        assert!(!other.is_in(&dir), "one file less");
        other.files.insert("e".into(), file("3"));
        assert!(!other.is_in(&dir), "another name");
        fs::remove_dir_all(&dir).unwrap();
    }
}
