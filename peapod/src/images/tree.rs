//! A root file system that is being put together.
//!
//! The process has it as its root directory meanwhile (chroot), so nothing outside has a name. What an archive writes
//! through symbolic links is followed here all the same, step by step: what would lead out is refused and named, and not
//! put into some other place within.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Component, Path, PathBuf};

use super::limits::Left;

/// As many symbolic links as the kernel follows.
const MOST_LINKS: usize = 40;

/// Who removes a tree has one file open for each directory on the way down.
const DEEPEST: usize = 250;

/// Where an entry goes: a directory that is there, and a name in it. `None`: the root directory itself.
pub type Place = Option<(PathBuf, OsString)>;

/// The path of a place.
pub fn path(place: &Place) -> PathBuf {
    match place {
        Some((dir, name)) => dir.join(name),
        None => PathBuf::from("/"),
    }
}

/// Where the entry of this name goes. Directories on the way are made.
///
/// # Errors
/// The name is absolute, has `..` in it, or leads out through a link.
pub fn place(name: &Path, missing: Missing<'_>) -> Result<Place, String> {
    let text = name.as_os_str();
    if text == "/" {
        return Ok(None);
    }
    if text.is_empty() {
        return Err("has no name".to_owned());
    }
    if name.is_absolute() {
        return Err("is an absolute path".to_owned());
    }
    if text.as_encoded_bytes().contains(&0) {
        return Err("has a zero byte in its name".to_owned());
    }
    let mut parts = Vec::new();
    for part in name.components() {
        match part {
            Component::Normal(part) => parts.push(part),
            Component::CurDir => {}
            _ => return Err("has `..` in its path".to_owned()),
        }
    }
    let Some(last) = parts.pop() else { return Ok(None) };
    let dir = directory(&parts, missing)?;
    not_too_deep(&dir)?;
    Ok(Some((dir, last.to_owned())))
}

/// What to do about a directory that is not there.
#[derive(Clone, Copy)]
pub enum Missing<'a> {
    /// It is made, and counts as an entry.
    Make(&'a Left),
    Refuse,
}

/// Follows these names from the root directory on.
fn directory(parts: &[&OsStr], missing: Missing<'_>) -> Result<PathBuf, String> {
    let mut dir = PathBuf::from("/");
    // What is still to come, the next one last. Below `own` it comes from a link.
    let mut rest: Vec<OsString> = parts.iter().rev().map(|&part| part.to_owned()).collect();
    let (mut links, mut own) = (0, rest.len());
    let mut link = String::new();
    while let Some(part) = rest.pop() {
        // All names of a link have been followed when less is left than there was behind it.
        let is_of_link = rest.len() >= own;
        if part == ".." {
            // Only links have it. At the root it would stay there; the one who wrote it wanted to get out.
            if !dir.pop() {
                return Err(format!("leads out of the image, through {link}"));
            }
            continue;
        }
        let next = dir.join(&part);
        match fs::symlink_metadata(&next) {
            Ok(about) if about.is_dir() => dir = next,
            Ok(about) if about.is_symlink() => {
                links += 1;
                own = own.min(rest.len());
                if links > MOST_LINKS {
                    return Err(format!("goes through more than {MOST_LINKS} links"));
                }
                let to = fs::read_link(&next).map_err(|error| format!("reading the link {next:?}: {error}"))?;
                link = format!("the link {next:?} to {to:?}");
                if to.is_absolute() {
                    dir = PathBuf::from("/");
                }
                let names = to.components().rev().filter_map(|it| match it {
                    Component::Normal(part) => Some(part.to_owned()),
                    Component::ParentDir => Some("..".into()),
                    _ => None,
                });
                rest.extend(names);
            }
            Ok(_) => return Err(format!("goes through {next:?}, which is no directory")),
            Err(error) if error.kind() == ErrorKind::NotFound && is_of_link => {
                return Err(format!("leads out of the image, through {link}: there is no such directory in it"));
            }
            Err(error) => match missing {
                Missing::Make(left) if error.kind() == ErrorKind::NotFound => {
                    left.entry(next.as_os_str().len())?;
                    not_too_deep(&dir)?;
                    let made = DirBuilder::new().mode(0o755).create(&next);
                    made.map_err(|error| format!("making {next:?}: {error}"))?;
                    dir = next;
                }
                _ => return Err(format!("looking at {next:?}: {error}")),
            },
        }
    }
    Ok(dir)
}

fn not_too_deep(dir: &Path) -> Result<(), String> {
    match dir.components().count() > DEEPEST {
        true => Err(format!("lies deeper than {DEEPEST} directories")),
        false => Ok(()),
    }
}

/// Removes what is there, whatever it is.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(about) if about.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    }
}

/// Removes what comes from lower layers. What the layer that is being read has brought itself stays.
pub fn remove_lower(path: &Path, own: &HashSet<PathBuf>) -> io::Result<()> {
    let about = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        about => about?,
    };
    if !about.is_dir() {
        return if own.contains(path) { Ok(()) } else { fs::remove_file(path) };
    }
    remove_children(path, own)?;
    if own.contains(path) {
        return Ok(());
    }
    match fs::remove_dir(path) {
        // Something of this layer is in it.
        Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => Ok(()),
        done => done,
    }
}

/// The same for all that is in a directory.
pub fn remove_children(path: &Path, own: &HashSet<PathBuf>) -> io::Result<()> {
    match fs::read_dir(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(()),
        Err(error) => Err(error),
        Ok(entries) => entries.into_iter().try_for_each(|entry| remove_lower(&entry?.path(), own)),
    }
}
