//! What an archive may unpack to. A few kilobytes can say "a terabyte of zeros".

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// How much there may be of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all layers of the archive, unpacked.
    pub bytes: u64,
    /// Files, directories and links.
    pub entries: u64,
    /// How many times as large as in the archive a layer may become; `None`: any.
    pub ratio: Option<u64>,
}

/// Below this many bytes nobody asks how well a layer was compressed: an empty tar of 10 KiB is.
const NO_QUESTION: u64 = 64 << 20;

/// Of the paths of all entries together.
const NAMES: u64 = 512 << 20;

/// What is left of the limits.
#[derive(Debug)]
pub struct Left {
    limits: Limits,
    bytes: Cell<u64>,
    entries: Cell<u64>,
    names: Cell<u64>,
}

impl Left {
    pub fn new(limits: Limits) -> Left {
        Left { limits, bytes: Cell::new(limits.bytes), entries: Cell::new(limits.entries), names: Cell::new(NAMES) }
    }

    /// One more entry, and the length of its path. Paths are kept in memory while a layer is read.
    pub fn entry(&self, length: usize) -> Result<(), String> {
        let most = self.limits.entries;
        let left = self.entries.get().checked_sub(1);
        self.entries.set(left.ok_or_else(|| format!("more than {most} entries: `--max-entries` allows more"))?);
        let left = self.names.get().checked_sub(length as u64);
        self.names.set(left.ok_or_else(|| format!("the names of all entries are longer than {NAMES} bytes"))?);
        Ok(())
    }

    fn take(&self, count: usize) -> Result<(), String> {
        let most = self.limits.bytes;
        let left = self.bytes.get().checked_sub(count as u64);
        self.bytes.set(left.ok_or_else(|| format!("unpacks to more than {most} bytes: `--max-size` allows more"))?);
        Ok(())
    }
}

/// What comes out of a decompressor, as long as the limits allow it.
pub struct Limited<R> {
    inner: R,
    left: Rc<Left>,
    /// As many bytes went in.
    packed: u64,
    unpacked: u64,
}

impl<R> Limited<R> {
    pub fn new(inner: R, packed: u64, left: Rc<Left>) -> Limited<R> {
        Limited { inner, left, packed, unpacked: 0 }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.unpacked += count as u64;
        self.left.take(count).map_err(io::Error::other)?;
        if let Some(ratio) = self.left.limits.ratio
            && self.unpacked > NO_QUESTION
            && self.unpacked / ratio > self.packed
        {
            let why = format!("unpacks to more than {ratio} times its size: `--max-size`, if given, is the only limit");
            return Err(io::Error::other(why));
        }
        Ok(count)
    }
}

/// `8Gi`, `500M` or a number of bytes.
///
/// # Errors
/// It is no size.
pub fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit: u64 = match &text[digits.len()..] {
        "" => 1,
        "k" | "K" => 1000,
        "M" => 1000_u64.pow(2),
        "G" => 1000_u64.pow(3),
        "T" => 1000_u64.pow(4),
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        "Ti" => 1 << 40,
        _ => return Err("must be a number of bytes, perhaps with Ki, Mi, Gi or Ti behind it".to_owned()),
    };
    let number: u64 = digits.parse().map_err(|_| "must begin with a whole number".to_owned())?;
    number.checked_mul(unit).ok_or_else(|| "is too large".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(limits: Limits, packed: u64, length: u64) -> Result<u64, String> {
        let left = Rc::new(Left::new(limits));
        let mut limited = Limited::new(io::repeat(0).take(length), packed, left);
        io::copy(&mut limited, &mut io::sink()).map_err(|error| error.to_string())
    }

    #[test]
    fn bytes_and_ratio() {
        let limits = Limits { bytes: 200 << 20, entries: 1, ratio: Some(100) };
        assert_eq!(read(limits, 1, 64 << 20), Ok(64 << 20));
        assert!(read(limits, 1, 65 << 20).unwrap_err().contains("100 times"));
        assert_eq!(read(limits, 1 << 20, 99 << 20), Ok(99 << 20));
        assert_eq!(read(Limits { ratio: None, ..limits }, 1, 200 << 20), Ok(200 << 20));
        assert!(read(Limits { ratio: None, ..limits }, 1, (200 << 20) + 1).unwrap_err().contains("--max-size"));
    }

    #[test]
    fn entries() {
        let left = Left::new(Limits { bytes: 0, entries: 1, ratio: None });
        assert_eq!(left.entry(1), Ok(()));
        assert!(left.entry(1).unwrap_err().contains("--max-entries"));
        let left = Left::new(Limits { bytes: 0, entries: 2, ratio: None });
        assert_eq!(left.entry(512 << 20), Ok(()));
        assert!(left.entry(1).unwrap_err().contains("names"));
    }

    #[test]
    fn sizes() {
        assert_eq!(size("12"), Ok(12));
        assert_eq!(size("8Gi"), Ok(8 << 30));
        assert_eq!(size("5M"), Ok(5_000_000));
        for wrong in ["", "Gi", "-1", "1.5Gi", "1Gx", "99999999999999Ti"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
