//! The manifest directory: which of its entries are manifests.

use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

/// The files that are read, sorted by name, and a line for each entry that is passed over.
///
/// Names that begin with a dot are passed over in silence: editors keep their own files there.
/// Directories are not entered. Only regular files are read (a symbolic link counts as what it
/// leads to): a FIFO would never end.
pub fn manifests(dir: &Path) -> io::Result<(Vec<PathBuf>, Vec<String>)> {
    // ANCHOR: task_7_4
    let mut entries: Vec<PathBuf> = fs::read_dir(dir)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.retain(|path| !path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")));
    entries.sort();
    let (mut files, mut passed_over) = (Vec::new(), Vec::new());
    for path in entries {
        match fs::metadata(&path).map(|about| about.file_type()) {
            Ok(kind) if kind.is_file() => files.push(path),
            Ok(kind) => passed_over.push(format!("{}: {}, not a manifest", path.display(), what(kind))),
            Err(error) => passed_over.push(format!("{}: {error}", path.display())),
        }
    }
    Ok((files, passed_over))
    // ANCHOR_END: task_7_4
}

fn what(kind: FileType) -> &'static str {
    if kind.is_dir() { "a directory" } else { "no regular file" }
}
