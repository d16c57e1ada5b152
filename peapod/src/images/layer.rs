//! One layer over those below it (OCI image specification, layer.md): a tar with what is new, and whiteouts for what is
//! gone.
//!
//! Must run with the image's root file system as the root directory.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use nix::fcntl::{AT_FDCWD, AtFlags};
use nix::sys::stat::{Mode, UtimensatFlags, utimensat};
use nix::sys::time::TimeSpec;
use nix::unistd::{linkat, mkfifo};
use tar::EntryType;

use super::digest::Hashed;
use super::entries::{self, Head};
use super::limits::{Left, Limited};
use super::manifest::Layer;
use super::tree::{self, Missing, Place};
use super::{notes::Notes, packed};

/// Before a name: what lower layers have of this name is gone.
const WHITEOUT: &[u8] = b".wh.";
/// A name: what lower layers have in this directory is gone.
const OPAQUE: &[u8] = b".wh..wh..opq";
/// Names of aufs's own beginning with this are no files of anybody's.
const AUFS: &[u8] = b".wh..wh.";

/// An image that is being put together.
pub struct Unpacked {
    /// How many user and group ids there are.
    pub ids: u32,
    pub left: Rc<Left>,
    pub notes: Notes,
    /// The bytes of all its files.
    pub size: u64,
    /// When directories were changed; set at the end, since each entry changes its directory.
    changed: BTreeMap<PathBuf, (i64, i64)>,
}

impl Unpacked {
    pub fn new(ids: u32, left: Rc<Left>) -> Unpacked {
        Unpacked { ids, left, notes: Notes::default(), size: 0, changed: BTreeMap::new() }
    }

    /// Puts a layer over what is there.
    ///
    /// # Errors
    /// What is wrong with it. What is there then is of no use.
    pub fn add(&mut self, layer: &Layer) -> Result<(), String> {
        let cannot = |error: io::Error| error.to_string();
        let unpacked = packed::unpacked(layer.blob.reading()).map_err(cannot)?;
        let mut hashed = Hashed::new(Limited::new(unpacked, layer.blob.length, Rc::clone(&self.left)));
        // What this layer has brought: no whiteout of it applies to that.
        let mut own = HashSet::new();
        // An empty layer is allowed, and of no entries.
        let mut tar = tar::Archive::new(&mut hashed);
        entries::each(tar.entries().map_err(cannot)?, |head, content| {
            let name = head.name.clone();
            self.entry(head, content, &mut own).map_err(|why| format!("entry {name:?}: {why}"))
        })?;
        let found = hashed.finish().map_err(cannot)?;
        match found == layer.unpacked {
            true => Ok(()),
            false => Err(format!("its digest must be {}, and is {found}", layer.unpacked)),
        }
    }

    /// The end: times of directories, which are as the layers say from now on.
    pub fn finish(&mut self) -> Result<(), String> {
        for (path, at) in &self.changed {
            if fs::symlink_metadata(path).is_ok_and(|about| about.is_dir()) {
                set_time(path, *at).map_err(|why| format!("{path:?}: {why}"))?;
            }
        }
        Ok(())
    }

    fn entry(&mut self, head: Head, content: &mut dyn Read, own: &mut HashSet<PathBuf>) -> Result<(), String> {
        let place = tree::place(&head.name, Missing::Make(&self.left))?;
        let path = tree::path(&place);
        self.left.entry(path.as_os_str().len())?;
        if let Some((dir, name)) = &place
            && let Some(hidden) = name.as_bytes().strip_prefix(WHITEOUT)
        {
            return whiteout(dir, name, hidden, own);
        }
        let is_dir = head.kind == EntryType::Directory;
        if place.is_none() && !is_dir {
            return Err("is no directory, and has the name of the root directory".to_owned());
        }
        if !own.insert(path.clone()) && !is_dir {
            // The specification forbids it: readers could differ in which of them counts.
            return Err("is there twice in one layer".to_owned());
        }
        let done = match head.kind {
            EntryType::Directory => directory(&path),
            EntryType::Regular | EntryType::Continuous => self.file(&path, &head, content),
            EntryType::Symlink => tree::remove(&path).and_then(|()| symlink(&head.link, &path)),
            EntryType::Link => return self.hard_link(&path, &head.link),
            EntryType::Fifo => tree::remove(&path).and_then(|()| Ok(mkfifo(&path, Mode::S_IRUSR)?)),
            EntryType::Char | EntryType::Block => {
                self.notes.device(&head.name);
                return Ok(());
            }
            kind => return Err(format!("is of a kind that is not known ({:?})", char::from(kind.as_byte()))),
        };
        done.map_err(|error| error.to_string())?;
        self.notes.attributes(&head);
        self.about(&path, &head)
    }

    fn file(&mut self, path: &Path, head: &Head, content: &mut dyn Read) -> io::Result<()> {
        tree::remove(path)?;
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
        let written = io::copy(content, &mut file)?;
        self.size += written;
        match written == head.size {
            true => Ok(()),
            false => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the layer ends too early")),
        }
    }

    fn hard_link(&mut self, path: &Path, to: &Path) -> Result<(), String> {
        let place = tree::place(to, Missing::Refuse).map_err(|why| format!("is a hard link to {to:?}, which {why}"))?;
        let target = tree::path(&place);
        match fs::symlink_metadata(&target) {
            Ok(about) if !about.is_dir() && target != path => {}
            Ok(_) => return Err(format!("is a hard link to {to:?}, which is a directory or itself")),
            Err(_) => return Err(format!("is a hard link to {to:?}, which is not in the image")),
        }
        tree::remove(path).map_err(|error| error.to_string())?;
        // Of a symbolic link itself, not of what it leads to.
        linkat(AT_FDCWD, &target, AT_FDCWD, path, AtFlags::empty())
            .map_err(|errno| format!("linking to {to:?}: {errno}"))
    }

    /// Owner, mode and time.
    fn about(&mut self, path: &Path, head: &Head) -> Result<(), String> {
        let id = |id: u64| u32::try_from(id).ok().filter(|id| *id < self.ids);
        let (uid, gid) = (id(head.uid), id(head.gid));
        if uid.is_none() || gid.is_none() {
            self.notes.owner(&head.name);
        }
        lchown(path, Some(uid.unwrap_or(0)), Some(gid.unwrap_or(0))).map_err(|error| format!("its owner: {error}"))?;
        if head.kind != EntryType::Symlink {
            // After its owner: with that the kernel takes set-user-ID away.
            fs::set_permissions(path, Permissions::from_mode(head.mode))
                .map_err(|error| format!("its mode: {error}"))?;
        }
        if head.kind == EntryType::Directory {
            self.changed.insert(path.to_owned(), head.changed);
            return Ok(());
        }
        set_time(path, head.changed)
    }
}

fn set_time(path: &Path, (seconds, nanos): (i64, i64)) -> Result<(), String> {
    let time = TimeSpec::new(seconds, nanos);
    utimensat(AT_FDCWD, path, &time, &time, UtimensatFlags::NoFollowSymlink)
        .map_err(|errno| format!("its time: {errno}"))
}

/// One that is there stays, with what is in it.
fn directory(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path).is_ok_and(|about| about.is_dir()) {
        return Ok(());
    }
    tree::remove(path)?;
    DirBuilder::new().mode(0o755).create(path)
}

fn whiteout(dir: &Path, name: &OsStr, hidden: &[u8], own: &HashSet<PathBuf>) -> Result<(), String> {
    let done = match name.as_bytes() {
        OPAQUE => tree::remove_children(dir, own),
        aufs if aufs.starts_with(AUFS) => Ok(()),
        _ if [&b""[..], b".", b".."].contains(&hidden) => return Err("is a whiteout of no file's name".to_owned()),
        _ => tree::remove_lower(&dir.join(OsStr::from_bytes(hidden)), own),
    };
    done.map_err(|error| error.to_string())
}

/// The directory that an image's program begins in. It need not be in a layer.
pub fn make_directory(name: &Path, left: &Left) -> Result<(), String> {
    let relative = name.strip_prefix("/").unwrap_or(name);
    if relative.as_os_str().is_empty() {
        return Ok(());
    }
    let place: Place = tree::place(relative, Missing::Make(left))?;
    match DirBuilder::new().mode(0o755).create(tree::path(&place)) {
        // A link, a file: what it is, is seen when the program starts.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        done => done.map_err(|error| error.to_string()),
    }
}
