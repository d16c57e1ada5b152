//! Where the parts of an image are: an archive (a tar, perhaps packed) or a directory.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use nix::fcntl::OFlag;
use tar::EntryType;

use super::{digest, entries, packed};

/// More entries than this an archive of images has not.
const MOST_ENTRIES: usize = 100_000;
/// A text (a manifest, a configuration) is no longer than this.
const LONGEST_TEXT: u64 = 8 << 20;

/// A part of an archive. Reading it does not move anything.
#[derive(Clone, Debug)]
pub struct Blob {
    pub name: String,
    file: Rc<File>,
    start: u64,
    pub length: u64,
}

/// Reads a blob from its beginning to its end.
pub struct Reading {
    blob: Blob,
    at: u64,
}

impl Blob {
    pub fn reading(&self) -> Reading {
        Reading { blob: self.clone(), at: 0 }
    }

    /// All of it, which must be short.
    pub fn text(&self) -> Result<Vec<u8>, String> {
        if self.length > LONGEST_TEXT {
            return Err(format!("{}: larger than {LONGEST_TEXT} bytes", self.name));
        }
        let mut bytes = Vec::new();
        self.reading().read_to_end(&mut bytes).map_err(|error| format!("reading {}: {error}", self.name))?;
        Ok(bytes)
    }

    /// Is it what its digest says?
    pub fn verify(&self, expected: &str) -> Result<(), String> {
        let found = digest::Hashed::new(self.reading()).finish();
        match found.map_err(|error| format!("reading {}: {error}", self.name))? {
            found if found == expected => Ok(()),
            found => Err(format!("{}: its digest must be {expected}, and is {found}", self.name)),
        }
    }
}

impl Read for Reading {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.blob.length - self.at).unwrap_or(usize::MAX);
        let count = left.min(buffer.len());
        if count == 0 {
            return Ok(0);
        }
        let count = self.blob.file.read_at(&mut buffer[..count], self.blob.start + self.at)?;
        if count == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file ends too early"));
        }
        self.at += count as u64;
        Ok(count)
    }
}

/// Where blobs are found by name.
pub enum Archive {
    Tar { file: Rc<File>, entries: BTreeMap<String, Part> },
    Directory(PathBuf),
}

/// What an archive says of a name.
pub enum Part {
    File {
        start: u64,
        length: u64,
    },
    /// It is the same as another one. Old versions of docker write layers that several images have like that.
    Link(String),
}

impl Archive {
    /// Opens an archive, `-` for standard input, or a directory. What is packed or cannot be read twice is first copied to
    /// `beside`, into a file that has no name.
    ///
    /// # Errors
    /// It cannot be read, or is neither.
    pub fn open(path: &Path, beside: &Path, most: u64) -> Result<Archive, String> {
        let cannot = |error: io::Error| error.to_string();
        if path.as_os_str() != "-" && path.is_dir() {
            return Ok(Archive::Directory(std::path::absolute(path).map_err(cannot)?));
        }
        let file = match path.as_os_str() == "-" {
            true => File::from(io::stdin().as_fd().try_clone_to_owned().map_err(cannot)?),
            false => File::open(path).map_err(cannot)?,
        };
        let about = file.metadata().map_err(cannot)?;
        let mut first = [0; 4];
        if about.is_file() && file.read_at(&mut first, 0).map_err(cannot)? == 4 && !packed::is_packed(&first) {
            return index(file);
        }
        let mut copy = nameless(beside).map_err(|error| format!("making a file in {}: {error}", beside.display()))?;
        let mut from = packed::unpacked(file).map_err(cannot)?.take(most.saturating_add(1));
        if io::copy(&mut from, &mut copy).map_err(cannot)? > most {
            return Err(format!("holds more than {most} bytes: `--max-size` allows more"));
        }
        index(copy)
    }

    /// # Errors
    /// There is no such part.
    pub fn blob(&self, name: &str) -> Result<Blob, String> {
        let missing = || format!("{name}: is not in it");
        match self {
            Archive::Tar { file, entries } => {
                let mut at = clean(Path::new(name)).ok_or_else(missing)?;
                for _ in 0..10 {
                    match entries.get(&at).ok_or_else(missing)? {
                        Part::Link(to) => at.clone_from(to),
                        &Part::File { start, length } => {
                            return Ok(Blob { name: name.to_owned(), file: Rc::clone(file), start, length });
                        }
                    }
                }
                Err(format!("{name}: is a link to a link to a link"))
            }
            Archive::Directory(dir) => {
                let path = dir.join(clean(Path::new(name)).ok_or_else(missing)?);
                let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
                let file = match File::options().read(true).custom_flags(flags.bits()).open(path) {
                    Ok(file) => file,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing()),
                    Err(error) => return Err(format!("{name}: {error}")),
                };
                let about = file.metadata().map_err(|error| format!("{name}: {error}"))?;
                if !about.is_file() {
                    return Err(format!("{name}: is no regular file"));
                }
                Ok(Blob { name: name.to_owned(), file: Rc::new(file), start: 0, length: about.len() })
            }
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.blob(name).is_ok()
    }
}

/// A file without a name: nothing is left of it, however the program ends.
fn nameless(dir: &Path) -> io::Result<File> {
    let options = |flags: OFlag| {
        let mut options = File::options();
        options.read(true).write(true).mode(0o600).custom_flags(flags.bits());
        options
    };
    if let Ok(file) = options(OFlag::O_TMPFILE).open(dir) {
        return Ok(file);
    }
    // Not every file system can do that.
    let path = dir.join(format!(".archive-{}", std::process::id()));
    let file = options(OFlag::O_NOFOLLOW).create_new(true).open(&path)?;
    fs::remove_file(path)?;
    Ok(file)
}

/// What is where in a tar.
fn index(mut file: File) -> Result<Archive, String> {
    let wrong = |error: io::Error| format!("is no archive that can be read: {error}");
    let whole = file.metadata().map_err(wrong)?.len();
    file.seek(SeekFrom::Start(0)).map_err(wrong)?;
    let mut parts = BTreeMap::new();
    let mut archive = tar::Archive::new(BufReader::new(&file));
    entries::each(archive.entries_with_seek().map_err(wrong)?, |head, _| {
        if parts.len() >= MOST_ENTRIES {
            return Err(format!("holds more than {MOST_ENTRIES} entries"));
        }
        let (path, is_symlink) = (&head.name, head.kind == EntryType::Symlink);
        let name = clean(path).ok_or_else(|| format!("entry {path:?}: leads out of the archive"))?;
        let part = match head.kind {
            EntryType::Regular | EntryType::Continuous => {
                if head.start.checked_add(head.size).is_none_or(|end| end > whole) {
                    return Err(format!("entry {name:?}: the archive ends too early"));
                }
                Part::File { start: head.start, length: head.size }
            }
            EntryType::Symlink | EntryType::Link => {
                let parent = Path::new(&name).parent().filter(|_| is_symlink).unwrap_or(Path::new(""));
                let outside = || format!("entry {name:?}: is a link to {:?}, out of the archive", head.link);
                Part::Link(within(parent, &head.link).ok_or_else(outside)?)
            }
            EntryType::Directory => return Ok(()),
            _ => return Err(format!("entry {name:?}: is neither a file nor a directory")),
        };
        match parts.insert(name.clone(), part) {
            None => Ok(()),
            Some(_) => Err(format!("entry {name:?}: is there twice")),
        }
    })?;
    drop(archive);
    if parts.is_empty() {
        return Err("is no archive: it holds nothing".to_owned());
    }
    Ok(Archive::Tar { file: Rc::new(file), entries: parts })
}

/// A path without `.`; `None` if it is absolute or has `..` in it.
fn clean(path: &Path) -> Option<String> {
    within(Path::new(""), path).filter(|_| !path.components().any(|it| it == Component::ParentDir))
}

/// Where a path leads from a directory of the archive; `None`: out of it.
fn within(dir: &Path, path: &Path) -> Option<String> {
    let mut whole = dir.to_owned();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::Normal(part) => whole.push(part),
            Component::ParentDir if whole.pop() => {}
            _ => return None,
        }
    }
    whole.into_os_string().into_string().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_within() {
        assert_eq!(clean(Path::new("./a/./b")).as_deref(), Some("a/b"));
        for path in ["/a", "../a", "a/../b"] {
            assert_eq!(clean(Path::new(path)), None, "{path}");
        }
        assert_eq!(within(Path::new("a"), Path::new("../b/c")).as_deref(), Some("b/c"));
        assert_eq!(within(Path::new("a"), Path::new("../../b")), None);
    }
}
