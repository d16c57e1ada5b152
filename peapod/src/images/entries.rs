//! The entries of a tar, with what stands before them: long names (GNU) and records (PAX).
//!
//! The tar crate would do that too, but it reads a name of any length into memory.

use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use tar::{Entries, EntryType, Header, PaxExtensions};

/// The longest path that the kernel takes, and more than that.
const LONGEST_NAME: u64 = 16 << 10;
/// Of all records before one entry.
const LONGEST_RECORDS: u64 = 1 << 20;

/// What is said of an entry.
#[derive(Clone, Debug)]
pub struct Head {
    pub name: PathBuf,
    /// What a link leads to.
    pub link: PathBuf,
    pub kind: EntryType,
    pub mode: u32,
    pub uid: u64,
    pub gid: u64,
    /// Seconds since 1970, and nanoseconds.
    pub changed: (i64, i64),
    pub size: u64,
    /// Names of extended attributes.
    pub attributes: Vec<String>,
    /// Where in the tar the content begins.
    pub start: u64,
}

/// What stands before an entry and is about it.
#[derive(Default)]
struct Before {
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    uid: Option<u64>,
    gid: Option<u64>,
    changed: Option<(i64, i64)>,
    size: Option<u64>,
    attributes: Vec<String>,
}

/// Hands each entry and its content to `take`.
///
/// # Errors
/// That of `take`, or what is wrong with the tar.
pub fn each<R: Read>(
    entries: Entries<R>,
    mut take: impl FnMut(Head, &mut dyn Read) -> Result<(), String>,
) -> Result<(), String> {
    let mut before = Before::default();
    let mut last = PathBuf::new();
    for entry in entries.raw(true) {
        let mut entry = entry.map_err(|error| match last.as_os_str().is_empty() {
            true => format!("is no tar that can be read: {error}"),
            false => format!("after entry {last:?}: {error}"),
        })?;
        let (size, start) = (entry.size(), entry.raw_file_position());
        let header = entry.header().clone();
        let failed = |why: &str| format!("entry {:?}: {why}", path(&header.path_bytes()));
        match header.entry_type() {
            EntryType::GNULongName | EntryType::GNULongLink => {
                let mut name = short(&mut entry, size, LONGEST_NAME).map_err(|why| failed(&why))?;
                while name.last() == Some(&0) {
                    name.pop();
                }
                match header.entry_type() {
                    EntryType::GNULongName => before.name = Some(name),
                    _ => before.link = Some(name),
                }
            }
            EntryType::XHeader => {
                let records = short(&mut entry, size, LONGEST_RECORDS).map_err(|why| failed(&why))?;
                before.read(&records).map_err(|why| failed(&why))?;
            }
            EntryType::XGlobalHeader => {}
            _ => {
                let head = before.head(&header, size, start).map_err(|why| failed(&why))?;
                before = Before::default();
                last.clone_from(&head.name);
                take(head, &mut entry)?;
            }
        }
    }
    Ok(())
}

fn short(content: &mut impl Read, size: u64, most: u64) -> Result<Vec<u8>, String> {
    if size > most {
        return Err(format!("what is said about it is longer than {most} bytes"));
    }
    let mut bytes = Vec::new();
    content.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    match bytes.len() as u64 == size {
        true => Ok(bytes),
        false => Err("the tar ends too early".to_owned()),
    }
}

fn path(bytes: &[u8]) -> PathBuf {
    Path::new(OsStr::from_bytes(bytes)).to_owned()
}

impl Before {
    fn read(&mut self, records: &[u8]) -> Result<(), String> {
        for record in PaxExtensions::new(records) {
            let record = record.map_err(|error| format!("a record before it: {error}"))?;
            let Ok(key) = record.key() else { continue };
            let value = record.value_bytes();
            let number = || {
                let text = std::str::from_utf8(value).ok();
                text.and_then(|text| text.parse().ok()).ok_or(format!("the record {key} before it is no number"))
            };
            match key {
                "path" => self.name = Some(value.to_owned()),
                "linkpath" => self.link = Some(value.to_owned()),
                "uid" => self.uid = Some(number()?),
                "gid" => self.gid = Some(number()?),
                "size" => self.size = Some(number()?),
                "mtime" => self.changed = std::str::from_utf8(value).ok().and_then(time),
                _ if key.starts_with("GNU.sparse.") => return Err("is sparse, in a way that is not known".to_owned()),
                _ => {
                    let name = key.strip_prefix("SCHILY.xattr.").or_else(|| key.strip_prefix("LIBARCHIVE.xattr."));
                    self.attributes.extend(name.map(str::to_owned));
                }
            }
        }
        Ok(())
    }

    fn head(&self, header: &Header, size: u64, start: u64) -> Result<Head, String> {
        if self.size.is_some_and(|said| said != size) {
            return Err("is larger than 8 GiB, or of two sizes".to_owned());
        }
        let fields = header.as_old();
        // A field that nobody has filled in is zero.
        let is_empty = |field: &[u8]| field.iter().all(|&byte| byte == 0 || byte == b' ');
        let number = |said: Option<u64>, field: &[u8], read: std::io::Result<u64>| match said {
            Some(said) => Ok(said),
            None if is_empty(field) => Ok(0),
            None => read.map_err(|error| error.to_string()),
        };
        let link = match &self.link {
            Some(link) => path(link),
            None => path(&header.link_name_bytes().unwrap_or_default()),
        };
        Ok(Head {
            name: self.name.as_ref().map_or_else(|| path(&header.path_bytes()), |name| path(name)),
            link,
            kind: header.entry_type(),
            mode: (number(None, &fields.mode, header.mode().map(u64::from))? & 0o7777) as u32,
            uid: number(self.uid, &fields.uid, header.uid())?,
            gid: number(self.gid, &fields.gid, header.gid())?,
            changed: self.changed.unwrap_or_else(|| (header.mtime().unwrap_or_default().cast_signed(), 0)),
            size,
            attributes: self.attributes.clone(),
            start,
        })
    }
}

/// `1700000000.25`
fn time(text: &str) -> Option<(i64, i64)> {
    let (seconds, part) = text.split_once('.').unwrap_or((text, ""));
    let nanos = format!("{part:0<9}").get(..9)?.parse().ok()?;
    Some((seconds.parse().ok()?, nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(time("12"), Some((12, 0)));
        assert_eq!(time("12.25"), Some((12, 250_000_000)));
        assert_eq!(time("12.1234567891"), Some((12, 123_456_789)));
        assert_eq!(time("x"), None);
    }
}
