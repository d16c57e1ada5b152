//! SHA-256 of what passes by.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

/// A reader that counts and hashes what is read through it.
pub struct Hashed<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> Hashed<R> {
    pub fn new(inner: R) -> Hashed<R> {
        Hashed { inner, hash: Sha256::new() }
    }

    /// Reads what is left, and gives `sha256:...` of all.
    pub fn finish(mut self) -> io::Result<String> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(text(&self.hash.finalize()))
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(&buffer[..count]);
        Ok(count)
    }
}

/// `sha256:...` of some bytes.
pub fn of(bytes: &[u8]) -> String {
    text(&Sha256::digest(bytes))
}

fn text(hash: &[u8]) -> String {
    let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_read_counts_too() {
        const ABC: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(of(b"abc"), ABC);
        let mut hashed = Hashed::new(&b"abc"[..]);
        hashed.read_exact(&mut [0]).unwrap();
        assert_eq!(hashed.finish().unwrap(), ABC);
    }
}
