//! Fetches a page into a file: `puller URL FILE [SECONDS]`, once, or every so many seconds.
//!
//! Whoever reads FILE meanwhile sees the old page or the new one, and never a part of one: the
//! new one is written beside it and then takes its name, which the kernel does in one step.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Ending, ask, say};

pub fn main(args: &[String]) -> Result<(), String> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (url, file, seconds) = match args[..] {
        [url, file] => (url, file, None),
        [url, file, seconds] => (url, file, Some(seconds)),
        _ => return Err("usage: puller URL FILE [SECONDS]".into()),
    };
    let every = seconds.map(|text| match text.parse() {
        Ok(seconds @ 1..=3600) => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("{text:?} must be a number of seconds from 1 to 3600")),
    });
    let every = every.transpose()?;
    let ending = Ending::begin()?;
    let file = Path::new(file);
    loop {
        let pulled = pull(url, file);
        let Some(every) = every else { return pulled.map(drop) };
        match pulled {
            Ok(true) => say(format_args!("{} is new", file.display())),
            Ok(false) => {}
            // The next time may be better.
            Err(message) => say(message),
        }
        if ending.within(every) {
            return Ok(());
        }
    }
}

/// Whether the page is another one than before.
fn pull(url: &str, file: &Path) -> Result<bool, String> {
    let (status, body) = ask::page(url, Duration::from_secs(1)).map_err(|error| format!("{url}: {error}"))?;
    if status != 200 {
        return Err(format!("{url}: status {status}"));
    }
    if fs::read(file).is_ok_and(|old| old == body) {
        return Ok(false);
    }
    replace(file, &body).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(true)
}

/// On the disk first, and then under its name: so also after a power cut it is one or the other.
fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let mut new = File::create(&beside)?;
    new.write_all(bytes)?;
    new.sync_all()?;
    fs::rename(&beside, file)
}
