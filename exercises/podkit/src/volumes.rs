//! What chapter 10 builds, as a part of the [`Runner`](crate::Runner): what is in a pod's volumes, and what its
//! containers see of them.

mod payload;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::environment::{Around, Missing, NodeFacts};
use crate::objects::Objects;
use crate::pod::{EmptyDir, Pod, Volume};

pub use payload::Payload;

/// Five questions. Only `host_path` and `write` touch a file system.
#[derive(Clone, Copy)]
pub struct Volumes {
    /// What a container sees of which volume, in the order in which it is mounted.
    pub mounts: fn(&Around) -> Result<Vec<Mount>, Missing>,
    /// Is it a hostPath of this type that lies there? Makes it, where the type says so. `/` is the machine's own.
    pub host_path: fn(&str, &Path) -> Result<(), String>,
    /// The files of a volume that consists of such.
    pub files: fn(&Contents, &Volume) -> Result<Files, Missing>,
    /// Makes a directory hold these files, and says whether it had to do anything for it.
    pub write: fn(&Path, &Payload) -> io::Result<bool>,
    /// How many bytes an emptyDir may hold; `None`: as many as there is room for.
    pub size: fn(&Contents, &EmptyDir) -> Result<Option<u64>, Missing>,
}

// ANCHOR: contents
/// All that files of volumes are made from.
#[derive(Clone, Copy, Debug)]
pub struct Contents<'a> {
    pub pod: &'a Pod,
    pub node: &'a NodeFacts,
    /// ConfigMaps and Secrets.
    pub objects: &'a Objects,
}
// ANCHOR_END: contents

// ANCHOR: mount
/// A volume, or a part of it, and where a container sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The volume's name.
    pub volume: String,
    /// Which part of it; empty: all.
    pub sub_path: String,
    pub target: PathBuf,
    pub read_only: bool,
}
// ANCHOR_END: mount

// ANCHOR: files
/// The files of a volume, by their paths in it.
pub type Files = BTreeMap<String, VolumeFile>;

/// What is in one of them, and who may do what with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VolumeFile {
    pub bytes: Vec<u8>,
    /// Permission bits.
    pub mode: u32,
}
// ANCHOR_END: files
