//! What image names mean here, without a download.

use std::path::PathBuf;

use crate::runtime::{FileMount, Root};

/// An image: a root file system, and how to start its program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    pub name: String,
    pub root: Root,
    pub entrypoint: Vec<String>,
    pub cmd: Vec<String>,
    /// `NAME=value`.
    pub env: Vec<String>,
    pub workdir: PathBuf,
    /// Programs of this project's own, bound into the root; sources are paths in the node.
    pub files: Vec<FileMount>,
}

/// The image of that name; `directories` maps names to root file systems outside the node.
///
/// # Errors
/// One line that names the ways to get an image.
pub fn resolve(name: &str, directories: &[(String, PathBuf)]) -> Result<Image, String> {
    let _ = directories;
    Err(format!("image {name:?} is not known"))
}
