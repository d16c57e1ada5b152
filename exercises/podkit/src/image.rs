//! What image names mean here, without a download.
//!
//! [`HOST`] is the machine's own programs, read-only, with everything else
//! fresh. The catalogue maps the names that manifests of the notes and the book
//! use to it, and adds programs of this project's own ([`crate::apps`]).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::apps::App;
use crate::runtime::{self, FileMount, Root};

/// The images of a pod's containers, by container name; or why there is none.
pub type Images = BTreeMap<String, Result<Image, String>>;

/// The name of the image that every machine has.
pub const HOST: &str = "host";

const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

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

/// An entry of the catalogue: `host` and perhaps a program.
struct Entry {
    names: &'static [&'static str],
    app: Option<App>,
    entrypoint: &'static [&'static str],
    cmd: &'static [&'static str],
}

/// Names without registry and tag. What stands for a distribution is the
/// machine's own shell and tools.
const CATALOGUE: [Entry; 7] = [
    Entry { names: &[HOST], app: None, entrypoint: &[], cmd: &[] },
    Entry { names: &["alpine", "busybox", "debian", "fedora", "ubuntu"], app: None, entrypoint: &[], cmd: &["sh"] },
    Entry {
        names: &["arisu1000/simple-container-app", "peapod/http"],
        app: Some(App::Http),
        entrypoint: &[],
        cmd: &["/simple-container-app"],
    },
    Entry { names: &["allingeek/ch6_ipc", "peapod/ipc"], app: Some(App::Ipc), entrypoint: &[], cmd: &["./ipc"] },
    Entry { names: &["peapod/echo"], app: None, entrypoint: &["echo"], cmd: &["nothing", "to", "say"] },
    Entry { names: &["peapod/patient"], app: Some(App::Patient), entrypoint: &["/patient"], cmd: &[] },
    Entry { names: &["peapod/proxy"], app: Some(App::Proxy), entrypoint: &["/proxy"], cmd: &[] },
];

/// The image of that name; `directories` maps names to root file systems outside the node.
///
/// # Errors
/// One line that names the ways to get an image.
pub fn resolve(name: &str, directories: &[(String, PathBuf)]) -> Result<Image, String> {
    if let Some((_, directory)) = directories.iter().rev().find(|(given, _)| given == name) {
        return Ok(Image::new(name, Root::Dir(in_node(directory))));
    }
    let short = shorten(name);
    let Some(entry) = CATALOGUE.iter().find(|entry| entry.names.contains(&short)) else {
        return Err(format!(
            "image {name:?} is not known, and nothing is downloaded: use image {HOST:?} (this machine's own programs), \
             one of the catalogue ({}), or give a root file system with `--image {name}=DIRECTORY`",
            catalogue()
        ));
    };
    let strings = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
    let mut image = Image::new(name, Root::Host);
    image.entrypoint = strings(entry.entrypoint);
    image.cmd = strings(entry.cmd);
    if let Some(app) = entry.app {
        let me = std::env::current_exe().map_err(|error| format!("image {name:?}: where is this program? {error}"))?;
        let target = Path::new("/").join(app.name());
        image.files = vec![FileMount { source: in_node(&me), target, read_only: true }];
    }
    Ok(image)
}

impl Image {
    /// Its variables by name. A pair without `=` is none.
    pub fn variables(&self) -> BTreeMap<String, String> {
        let pairs = self.env.iter().filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn new(name: &str, root: Root) -> Image {
        Image {
            name: name.to_owned(),
            root,
            entrypoint: Vec::new(),
            cmd: Vec::new(),
            env: vec![PATH.to_owned()],
            workdir: PathBuf::from("/"),
            files: Vec::new(),
        }
    }
}

/// `docker.io/library/busybox:1.36@sha256:...` is `busybox`.
fn shorten(name: &str) -> &str {
    let name = name.split('@').next().unwrap_or(name);
    // A colon after the last slash starts a tag; one before it, a registry's port.
    let name = match name.rfind(':') {
        Some(colon) if !name[colon..].contains('/') => &name[..colon],
        _ => name,
    };
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    name.strip_prefix("library/").unwrap_or(name)
}

fn catalogue() -> String {
    let names: Vec<&str> = CATALOGUE.iter().flat_map(|entry| entry.names).copied().filter(|it| *it != HOST).collect();
    names.join(", ")
}

/// A path of the machine, as the node sees it.
pub(crate) fn in_node(path: &Path) -> PathBuf {
    Path::new(runtime::HOST).join(path.strip_prefix("/").unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_carry_registry_tag_and_digest() {
        assert_eq!(shorten("docker.io/library/busybox:1.36"), "busybox");
        assert_eq!(shorten("arisu1000/simple-container-app:latest"), "arisu1000/simple-container-app");
        assert_eq!(shorten("localhost:5000/x"), "localhost:5000/x");
        assert_eq!(shorten("host@sha256:00"), "host");
    }

    #[test]
    fn an_unknown_name_gets_ways_out() {
        let message = resolve("nobody/nothing", &[]).unwrap_err();
        assert!(message.contains("--image nobody/nothing=DIRECTORY") && message.contains("\"host\""), "{message}");
    }

    #[test]
    fn a_directory_given_wins_over_the_catalogue() {
        let image = resolve("host", &[("host".into(), "/srv/root".into())]).unwrap();
        assert_eq!(image.root, Root::Dir("/host/srv/root".into()));
    }

    #[test]
    fn a_program_is_this_one_under_another_name() {
        let image = resolve("allingeek/ch6_ipc", &[]).unwrap();
        assert_eq!(image.cmd, ["./ipc"]);
        assert_eq!(image.files[0].target, Path::new("/ipc"));
        assert!(image.files[0].source.starts_with("/host"));
    }
}
