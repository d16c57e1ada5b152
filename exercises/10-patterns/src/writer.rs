//! All files of a volume at once: a reader sees the old ones or the new ones, never some of each.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use podkit::volumes::Payload;

/// The link that is turned.
const DATA: &str = "..data";
/// Its successor, until it has its name.
const NEW_DATA: &str = "..data_tmp";

/// Makes `dir` hold exactly the payload's files. Returns whether there was anything to do.
///
/// ```text
/// colour -> ..data/colour            what programs open
/// ..data -> ..2026_11_21_20_15.1     the only thing that changes: a rename turns it
/// ..2026_11_21_20_15.1/colour        the file itself
/// ```
///
/// 1. Where does `..data` lead? If [`Payload::is_in`] says that all is there already, that is all.
/// 2. [`new_directory`] makes a directory, [`Payload::fill`] writes the files into it.
/// 3. A link to it (its name alone is enough) gets the name `..data_tmp`, and is renamed to `..data`. A
///    rename puts it in the place of the old link in one step; to remove and make one are two.
/// 4. Each of [`Payload::names`] that is no link yet becomes one, to `..data/NAME`. The links of names that the old
///    directory had ([`names_in`]) and the payload has not are removed.
/// 5. The old directory is removed, last of all: until the rename everybody read from it.
pub fn write(dir: &Path, payload: &Payload) -> io::Result<bool> {
    // ANCHOR: task_10_5
    todo!("task 10.5: All files at once")
    // ANCHOR_END: task_10_5
}

/// A directory of a name that is not taken: two dots, the time, a number. Given.
pub fn new_directory(dir: &Path) -> io::Result<PathBuf> {
    // What a writer has left that was killed at its work is in the way.
    match fs::remove_file(dir.join(NEW_DATA)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let time = podkit::time::Time::default() + now;
    let stamp = time.rfc3339().replace(['-', 'T', ':'], "_").replace('Z', "");
    let mut number = 0;
    loop {
        number += 1;
        let new = dir.join(format!("..{stamp}.{number}"));
        match fs::create_dir(&new) {
            Ok(()) => return Ok(new),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// What is in a directory. Given.
pub fn names_in(dir: &Path) -> io::Result<Vec<String>> {
    fs::read_dir(dir)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}
