//! The files with a container's output, read in their order while the node goes on writing and rotating them.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use podkit::control::{LOGS, OLDER, Shown, log_directory, log_file, older};

use super::out::Out;
use crate::state;

/// The files of one run, and how far they have been read.
pub struct Source {
    pub dir: PathBuf,
    attempt: u32,
    file: Option<File>,
    /// The end of what was read: a line without its end.
    rest: Vec<u8>,
}

impl Source {
    pub fn new(shown: &Shown, container: &str, attempt: u32) -> Source {
        let dir = state::path().join(LOGS).join(log_directory(&shown.pod)).join(container);
        Source { dir, attempt, file: None, rest: Vec::new() }
    }

    /// Everything that is new: older files first, if nothing has been read yet.
    pub fn read_all(&mut self, out: &mut Out) -> Result<(), String> {
        let newest = self.dir.join(log_file(self.attempt));
        if self.file.is_none() {
            for n in (1..=OLDER).rev() {
                if let Some(mut file) = open(&self.dir.join(older(self.attempt, n)))? {
                    self.read(&mut file, out)?;
                }
            }
            self.file = open(&newest)?;
        }
        while let Some(mut file) = self.file.take() {
            self.read(&mut file, out)?;
            // It may have become an older one meanwhile: then there is a newer one, and no more comes here.
            if is_same(&file, &newest) {
                self.file = Some(file);
                return Ok(());
            }
            self.read(&mut file, out)?;
            self.file = open(&newest)?;
            if self.file.is_none() {
                // Not made yet: the next look finds it.
                self.file = Some(file);
                return Ok(());
            }
        }
        Ok(())
    }

    fn read(&mut self, file: &mut File, out: &mut Out) -> Result<(), String> {
        let mut buffer = vec![0; 256 << 10];
        loop {
            let length = match file.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(format!("reading logs in {}: {error}", self.dir.display())),
            };
            for piece in buffer[..length].split_inclusive(|&byte| byte == b'\n') {
                self.rest.extend_from_slice(piece);
                if self.rest.ends_with(b"\n") {
                    out.line(&self.rest);
                    self.rest.clear();
                }
            }
        }
    }
}

fn open(path: &Path) -> Result<Option<File>, String> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("reading {}: {error}", path.display())),
    }
}

fn is_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |about: std::fs::Metadata| (about.dev(), about.ino());
    file.metadata().ok().map(id) == path.metadata().ok().map(id)
}
