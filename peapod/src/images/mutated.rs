//! Archives with bytes changed at random: an answer each time, and no panic.

use std::fs;

use serde_json::json;
use tar::{Builder, EntryType, Header};

use super::archive::Archive;
use super::limits::{Left, Limited, Limits};
use super::{digest, entries, manifest, packed};

/// Numbers that look like chance, and are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

fn tar(files: &[(&str, EntryType, Vec<u8>)]) -> Vec<u8> {
    let mut tar = Builder::new(Vec::new());
    for (name, kind, bytes) in files {
        let mut header = Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_size(bytes.len() as u64);
        header.set_path(name).unwrap();
        header.set_mode(0o644);
        header.set_cksum();
        tar.append(&header, &bytes[..]).unwrap();
    }
    tar.into_inner().unwrap()
}

/// Changes some bytes. Of a tar's header the sum is made to fit again: else nothing but the sum would be tried.
fn change(bytes: &mut [u8], chance: &mut Chance) {
    for _ in 0..=chance.below(4) {
        let at = chance.below(bytes.len());
        bytes[at] = [0, 0xff, b'/', b'.', b'7', b'8'][chance.below(6)] ^ (chance.below(2) as u8 * bytes[at]);
        let start = at / 512 * 512;
        if bytes[start + 257..].starts_with(b"ustar") {
            bytes[start + 148..start + 156].fill(b' ');
            let sum: u32 = bytes[start..start + 512].iter().map(|&byte| u32::from(byte)).sum();
            bytes[start + 148..start + 156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
    }
}

#[test]
fn whatever_is_changed_there_is_an_answer() {
    let records = b"20 path=longer/name\n20 mtime=1700000000\n".to_vec();
    let layer = tar(&[
        ("record", EntryType::XHeader, records),
        ("file", EntryType::Regular, b"text".to_vec()),
        ("././@LongLink", EntryType::GNULongName, vec![b'x'; 300]),
        ("other", EntryType::Regular, vec![b'y'; 700]),
        ("link", EntryType::Symlink, Vec::new()),
    ]);
    let config = json!({ "rootfs": { "diff_ids": [digest::of(&layer)] }, "config": { "Cmd": ["x"] } }).to_string();
    let list = json!([{ "Config": "config.json", "RepoTags": ["a:1"], "Layers": ["layer.tar"] }]).to_string();
    let archive = tar(&[
        ("manifest.json", EntryType::Regular, list.into_bytes()),
        ("config.json", EntryType::Regular, config.into_bytes()),
        ("layer.tar", EntryType::Regular, layer.clone()),
    ]);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("archive.tar");
    let (mut chance, mut good) = (Chance(0x5eed), 0);
    for turn in 0..3000 {
        let mut bytes = archive.clone();
        if turn > 0 {
            change(&mut bytes, &mut chance);
        }
        if turn % 7 == 6 {
            bytes.truncate(chance.below(bytes.len()));
        }
        fs::write(&file, &bytes).unwrap();
        let found = Archive::open(&file, dir.path(), 1 << 20).and_then(|archive| manifest::images(&archive));
        for layer in found.iter().flatten().flat_map(|image| &image.layers) {
            let left = std::rc::Rc::new(Left::new(Limits { bytes: 1 << 20, entries: 100, ratio: Some(10) }));
            let unpacked = packed::unpacked(layer.blob.reading()).unwrap();
            let mut tar = tar::Archive::new(Limited::new(unpacked, layer.blob.length, left));
            let read = entries::each(tar.entries().unwrap(), |_, content| {
                content.read_to_end(&mut Vec::new()).map(drop).map_err(|error| error.to_string())
            });
            good += usize::from(read.is_ok());
        }
    }
    // Most changes hit nothing that counts, and some hit something.
    assert!((100..3000).contains(&good), "{good}");
}
