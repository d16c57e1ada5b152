//! Whether what lies at a path of the machine is what the pod expects.

use std::fs::{self, DirBuilder, File, Metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, OpenOptionsExt};
use std::path::Path;

/// Looks at the path, and makes what the type says is to be made. Runs where `/` is the machine's.
///
/// | type | |
/// |---|---|
/// | empty | anything will do |
/// | `Directory`, `File`, `Socket`, `CharDevice`, `BlockDevice` | must be there, and be one |
/// | `DirectoryOrCreate` | as `Directory`; but if nothing is there, [`make_directory`] makes one |
/// | `FileOrCreate` | as `File`; but if nothing is there, [`make_file`] makes one |
///
/// Where what is there is something else, the error is that of [`is_no`]. A link is what it leads to.
pub fn check(kind: &str, path: &Path) -> Result<(), String> {
    // ANCHOR: task_10_2
    todo!("task 10.2: A path of the machine")
    // ANCHOR_END: task_10_2
}

/// `what` is `directory`, `file`, `socket file`, `character device` or `block device`. Given.
pub fn is_no(path: &Path, what: &str) -> String {
    format!("hostPath type check failed: {} is not a {what}", path.display())
}

/// Makes a directory, and what it lies in. Given.
pub fn make_directory(path: &Path) -> Result<(), String> {
    DirBuilder::new().recursive(true).mode(0o755).create(path).map_err(|error| cannot_make(path, &error))
}

/// Makes an empty file. Given.
pub fn make_file(path: &Path) -> Result<(), String> {
    let made = File::options().write(true).create_new(true).mode(0o644).open(path);
    made.map(drop).map_err(|error| cannot_make(path, &error))
}

fn cannot_make(path: &Path, error: &io::Error) -> String {
    format!("making {}: {error}", path.display())
}
