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
    let about = fs::metadata(path).ok();
    let is = |test: fn(&Metadata) -> bool| about.as_ref().is_some_and(test);
    let (is_one, what) = match kind {
        "DirectoryOrCreate" if about.is_none() => return make_directory(path),
        "FileOrCreate" if about.is_none() => return make_file(path),
        "Directory" | "DirectoryOrCreate" => (is(Metadata::is_dir), "directory"),
        "File" | "FileOrCreate" => (is(Metadata::is_file), "file"),
        "Socket" => (is(|about| about.file_type().is_socket()), "socket file"),
        "CharDevice" => (is(|about| about.file_type().is_char_device()), "character device"),
        "BlockDevice" => (is(|about| about.file_type().is_block_device()), "block device"),
        _ => return Ok(()),
    };
    if is_one { Ok(()) } else { Err(is_no(path, what)) }
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
