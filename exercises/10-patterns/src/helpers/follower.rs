//! Follows a file that somebody else writes: each whole line once.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::PathBuf;

/// O_NONBLOCK: to open a pipe that nobody writes into would wait for that.
const NONBLOCK: i32 = 0o4000;

/// One file, by its name. It may not be there yet, and it may be another one tomorrow.
pub struct Follower {
    path: PathBuf,
    /// The file that was found under that name. Reading goes on where it stopped.
    file: Option<File>,
    /// What was read, and is no whole line yet.
    rest: Vec<u8>,
}

impl Follower {
    pub fn new(path: impl Into<PathBuf>) -> Follower {
        Follower { path: path.into(), file: None, rest: Vec::new() }
    }

    /// Gives every whole line that has come since the last look to `line`, without its newline.
    pub fn look(&mut self, line: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        // ANCHOR: task_10_6
        todo!("task 10.6: A sidecar that ships a log")
        // ANCHOR_END: task_10_6
    }

    /// What is left: a line whose end will not come.
    pub fn end_line(&mut self, line: &mut dyn FnMut(&[u8])) {
        if !self.rest.is_empty() {
            line(&self.rest);
            self.rest.clear();
        }
    }

    /// Reads on in the open file, to its end.
    fn read(&mut self, line: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        // ANCHOR: task_10_6_b
        todo!("task 10.6: A sidecar that ships a log")
        // ANCHOR_END: task_10_6_b
    }

    /// The file that has the name now, newly opened; `None`: there is none.
    fn named(&self) -> io::Result<Option<File>> {
        match OpenOptions::new().read(true).custom_flags(NONBLOCK).open(&self.path) {
            Ok(file) if file.metadata()?.is_file() => Ok(Some(file)),
            Ok(_) => Err(io::Error::other("is no file")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// One and the same file, whatever its name is.
fn is_same(a: &File, b: &File) -> io::Result<bool> {
    let (a, b) = (a.metadata()?, b.metadata()?);
    Ok((a.dev(), a.ino()) == (b.dev(), b.ino()))
}
