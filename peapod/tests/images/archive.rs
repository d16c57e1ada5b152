//! Archives of images, made here: good ones, and those that nobody should trust.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

/// A tar that is being written. Names go in as they are, whatever they are.
pub struct Tar(Builder<Vec<u8>>);

/// Who an entry belongs to, and its mode.
#[derive(Clone, Copy)]
pub struct About(pub u32, pub u64, pub u64);

pub const ROOT: About = About(0o644, 0, 0);

/// When everything here was changed last.
pub const WHEN: u64 = 1_700_000_000;

impl Tar {
    pub fn new() -> Tar {
        Tar(Builder::new(Vec::new()))
    }

    pub fn entry(mut self, kind: EntryType, name: &str, to: &str, about: About, content: &[u8]) -> Tar {
        let mut header = Header::new_ustar();
        header.set_entry_type(kind);
        let old = header.as_old_mut();
        old.name[..name.len()].copy_from_slice(name.as_bytes());
        old.linkname[..to.len()].copy_from_slice(to.as_bytes());
        header.set_mode(about.0);
        header.set_uid(about.1);
        header.set_gid(about.2);
        header.set_mtime(WHEN);
        header.set_size(content.len() as u64);
        header.set_cksum();
        self.0.append(&header, content).expect("an entry");
        self
    }

    pub fn file(self, name: &str, content: &str) -> Tar {
        self.entry(EntryType::Regular, name, "", ROOT, content.as_bytes())
    }

    pub fn dir(self, name: &str) -> Tar {
        self.entry(EntryType::Directory, name, "", About(0o755, 0, 0), b"")
    }

    pub fn link(self, name: &str, to: &str) -> Tar {
        self.entry(EntryType::Symlink, name, to, About(0o777, 0, 0), b"")
    }

    pub fn hard(self, name: &str, to: &str) -> Tar {
        self.entry(EntryType::Link, name, to, ROOT, b"")
    }

    /// A record (PAX) about the next entry.
    pub fn record(self, key: &str, value: &str) -> Tar {
        let rest = format!(" {key}={value}\n");
        let mut length = rest.len() + 1;
        while length != rest.len() + length.to_string().len() {
            length = rest.len() + length.to_string().len();
        }
        self.entry(EntryType::XHeader, "record", "", ROOT, format!("{length}{rest}").as_bytes())
    }

    pub fn bytes(self) -> Vec<u8> {
        self.0.into_inner().expect("a tar")
    }
}

/// The layer that programs come from: a shell and all it knows, from the machine's own static busybox.
pub fn programs() -> Vec<u8> {
    let places = ["/bin/busybox", "/usr/bin/busybox", "/sbin/busybox", "/usr/sbin/busybox"];
    let file = places.into_iter().find(|file| Path::new(file).exists());
    let file = file.unwrap_or_else(|| panic!("there is no busybox in {places:?}: install busybox-static"));
    let busybox = fs::read(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    // The segment that names a loader is in the first page.
    let is_static = !busybox[..4096].windows(8).any(|it| it == b"/ld-linu" || it == b"/lib64/l");
    assert!(is_static, "{file} is not static: install busybox-static");
    let mut tar = Tar::new().dir("bin/").entry(EntryType::Regular, "bin/busybox", "", About(0o755, 0, 0), &busybox);
    for name in ["sh", "cat", "ls", "stat", "id", "env", "pwd", "sleep", "find", "sort", "touch", "echo", "true"] {
        tar = tar.hard(&format!("bin/{name}"), "bin/busybox");
    }
    tar.bytes()
}

pub fn digest(bytes: &[u8]) -> String {
    let digits: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

/// An image to be written in one form or the other.
#[derive(Clone)]
pub struct Image {
    pub name: String,
    /// What the configuration says of how to run it.
    pub run: Value,
    /// Not packed.
    pub layers: Vec<Vec<u8>>,
    pub architecture: &'static str,
}

/// This machine's.
pub const OURS: &str = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };

impl Image {
    pub fn new(name: &str, run: Value, layers: &[Vec<u8>]) -> Image {
        Image { name: name.to_owned(), run, layers: layers.to_vec(), architecture: OURS }
    }

    /// One with nothing to run.
    pub fn of(layer: Tar) -> Image {
        Image::new("hostile:1", json!({}), &[layer.bytes()])
    }

    pub fn config(&self) -> Vec<u8> {
        let ids: Vec<String> = self.layers.iter().map(|layer| digest(layer)).collect();
        let rootfs = json!({ "type": "layers", "diff_ids": ids });
        let all = json!({ "architecture": self.architecture, "os": "linux", "config": self.run, "rootfs": rootfs });
        all.to_string().into_bytes()
    }
}

/// As `docker save` writes it; `pack` is done to each layer.
pub fn docker(images: &[Image], pack: fn(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut all = Vec::new();
    for image in images {
        let config = image.config();
        let name = format!("{}.json", digest(&config).trim_start_matches("sha256:"));
        let mut layers = Vec::new();
        for layer in &image.layers {
            let name = format!("{}.tar", digest(layer).trim_start_matches("sha256:"));
            files.insert(name.clone(), pack(layer.clone()));
            layers.push(name);
        }
        all.push(json!({ "Config": name, "RepoTags": [image.name], "Layers": layers }));
        files.insert(name, config);
    }
    files.insert("manifest.json".to_owned(), json!(all).to_string().into_bytes());
    of_files(&files)
}

/// A tar of these.
pub fn of_files(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let write = |tar: Tar, (name, bytes): (&String, &Vec<u8>)| tar.entry(EntryType::Regular, name, "", ROOT, bytes);
    files.iter().fold(Tar::new(), write).bytes()
}

/// An OCI layout of these images: its files.
pub fn oci(images: &[Image], pack: fn(Vec<u8>) -> Vec<u8>) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut list = Vec::new();
    for image in images {
        let mut one = manifest(&mut files, image, pack);
        one["annotations"] = json!({ "org.opencontainers.image.ref.name": image.name });
        list.push(one);
    }
    files.insert("oci-layout".to_owned(), br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec());
    files.insert("index.json".to_owned(), json!({ "schemaVersion": 2, "manifests": list }).to_string().into_bytes());
    files
}

/// Adds an image's manifest and all it names; returns the descriptor.
pub fn manifest(files: &mut BTreeMap<String, Vec<u8>>, image: &Image, pack: fn(Vec<u8>) -> Vec<u8>) -> Value {
    let config = blob(files, image.config());
    let layers: Vec<Value> = image.layers.iter().map(|layer| blob(files, pack(layer.clone()))).collect();
    blob(files, json!({ "schemaVersion": 2, "config": config, "layers": layers }).to_string().into_bytes())
}

/// Adds a blob; returns the descriptor.
pub fn blob(files: &mut BTreeMap<String, Vec<u8>>, bytes: Vec<u8>) -> Value {
    let digest = digest(&bytes);
    let size = bytes.len();
    files.insert(format!("blobs/sha256/{}", digest.trim_start_matches("sha256:")), bytes);
    json!({ "digest": digest, "size": size })
}

/// Writes a layout into a directory.
pub fn write_into(dir: &Path, files: &BTreeMap<String, Vec<u8>>) {
    for (name, bytes) in files {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, bytes).expect("a file");
    }
}

pub fn plain(layer: Vec<u8>) -> Vec<u8> {
    layer
}

pub fn gzip(layer: Vec<u8>) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&layer).expect("gzip");
    encoder.finish().expect("gzip")
}

pub fn zstd(layer: Vec<u8>) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(&layer[..], ruzstd::encoding::CompressionLevel::Fastest)
}
