//! What image names mean here, without a download.
//!
//! [`HOST`] is the machine's own programs, read-only, with everything else
//! fresh. The catalogue maps the names that manifests of the notes and the book
//! use to it, and adds programs of this project's own ([`crate::apps`]).

mod accounts;

pub use accounts::{Account, Accounts};

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix::sys::signal::Signal;

use crate::apps::{self, App};
use crate::runtime::{self, FileMount, Root};

/// The images of a pod's containers, by container name; or why there is none.
pub type Images = BTreeMap<String, Result<Image, String>>;

/// A place with more images: the one of that name, if it is there.
///
/// # Errors
/// It is there and cannot be used, or the place cannot be read.
pub type ImageStore = fn(&str) -> Result<Option<Image>, String>;

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
    /// Who its program runs as, as the image has it: a name or a number, perhaps `:` and a group. Empty: root.
    pub user: String,
    /// Programs of this project's own, bound into the root; sources are paths in the node.
    pub files: Vec<FileMount>,
    /// What asks its program to end; `None`: SIGTERM.
    pub stop_signal: Option<Signal>,
    pub hold: Option<Hold>,
}

/// A file that is open for as long as any copy of this is there: with a lock on it an image says that it is in use.
#[derive(Clone, Debug)]
pub struct Hold(Arc<File>);

impl Hold {
    pub fn new(file: File) -> Hold {
        Hold(Arc::new(file))
    }
}

impl PartialEq for Hold {
    fn eq(&self, other: &Hold) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Hold {}

/// An entry of the catalogue: `host` and perhaps a program.
struct Entry {
    names: &'static [&'static str],
    app: Option<App>,
    entrypoint: &'static [&'static str],
    cmd: &'static [&'static str],
}

/// Names without registry and tag. What stands for a distribution is the
/// machine's own shell and tools.
const CATALOGUE: [Entry; 10] = [
    Entry { names: &[HOST], app: None, entrypoint: &[], cmd: &[] },
    Entry { names: &["alpine", "busybox", "debian", "fedora", "ubuntu"], app: None, entrypoint: &[], cmd: &["sh"] },
    Entry {
        names: &["arisu1000/simple-container-app", "peapod/http"],
        app: Some(App::Http),
        entrypoint: &[],
        cmd: &["/simple-container-app"],
    },
    Entry { names: &["allingeek/ch6_ipc", "peapod/ipc"], app: Some(App::Ipc), entrypoint: &[], cmd: &["./ipc"] },
    Entry { names: &["peapod/ask"], app: Some(App::Ask), entrypoint: &["/ask"], cmd: &[] },
    Entry { names: &["peapod/echo"], app: None, entrypoint: &["echo"], cmd: &["nothing", "to", "say"] },
    Entry { names: &["peapod/patient"], app: Some(App::Patient), entrypoint: &["/patient"], cmd: &[] },
    Entry { names: &["peapod/proxy"], app: Some(App::Proxy), entrypoint: &["/proxy"], cmd: &[] },
    Entry { names: &["peapod/puller"], app: Some(App::Puller), entrypoint: &["/puller"], cmd: &[] },
    Entry { names: &["peapod/web"], app: Some(App::Web), entrypoint: &["/web"], cmd: &["/"] },
];

/// The image of that name; `directories` maps names to root file systems outside the node. What is in the store comes
/// before the catalogue.
///
/// # Errors
/// One line that names the ways to get an image.
pub fn resolve(name: &str, directories: &[(String, PathBuf)], store: Option<ImageStore>) -> Result<Image, String> {
    if let Some((_, directory)) = directories.iter().rev().find(|(given, _)| given == name) {
        return Ok(Image::of_directory(name, directory));
    }
    let short = shorten(name);
    if let (false, Some(store)) = (short == HOST, store)
        && let Some(image) = store(name)?
    {
        return Ok(image);
    }
    if let Some(helper) = apps::helpers().iter().find(|it| short.strip_prefix("peapod/") == Some(it.name)) {
        let mut image = Image::new(name, Root::Host);
        image.entrypoint = vec![format!("/{}", helper.name)];
        image.files = vec![this_program(name, helper.name)?, this_program(name, App::Ask.name())?];
        return Ok(image);
    }
    let Some(entry) = CATALOGUE.iter().find(|entry| entry.names.contains(&short)) else {
        return Err(format!(
            "image {name:?} is not known, and nothing is downloaded: use image {HOST:?} (this machine's own programs), \
             one of the catalogue ({}), {}or give a root file system with `--image {name}=DIRECTORY`",
            catalogue(),
            if store.is_some() { "load an archive of it with `image load`, " } else { "" },
        ));
    };
    let strings = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
    let mut image = Image::new(name, Root::Host);
    image.entrypoint = strings(entry.entrypoint);
    image.cmd = strings(entry.cmd);
    if let Some(app) = entry.app {
        image.files = vec![this_program(name, app.name())?];
        if app == App::Web {
            // To look from within, with `exec`.
            image.files.push(this_program(name, App::Ask.name())?);
        }
    }
    Ok(image)
}

/// This program's own file under the name of one of those it can be.
fn this_program(image: &str, name: &str) -> Result<FileMount, String> {
    let me = std::env::current_exe().map_err(|error| format!("image {image:?}: where is this program? {error}"))?;
    Ok(FileMount { source: in_node(&me), target: Path::new("/").join(name), read_only: true })
}

impl Image {
    /// Its variables by name. A pair without `=` is none.
    pub fn variables(&self) -> BTreeMap<String, String> {
        let pairs = self.env.iter().filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// A root file system of the machine, and nothing else known of it.
    pub fn of_directory(name: &str, directory: &Path) -> Image {
        Image::new(name, Root::Dir(in_node(directory)))
    }

    /// The machine's own programs.
    pub fn host() -> Image {
        Image::new(HOST, Root::Host)
    }

    fn new(name: &str, root: Root) -> Image {
        Image {
            name: name.to_owned(),
            root,
            entrypoint: Vec::new(),
            cmd: Vec::new(),
            env: vec![PATH.to_owned()],
            workdir: PathBuf::from("/"),
            user: String::new(),
            files: Vec::new(),
            stop_signal: None,
            hold: None,
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
    let names = CATALOGUE.iter().flat_map(|entry| entry.names).filter(|it| **it != HOST).map(|it| it.to_string());
    let helpers = apps::helpers().iter().map(|helper| format!("peapod/{}", helper.name));
    names.chain(helpers).collect::<Vec<String>>().join(", ")
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
        let message = resolve("nobody/nothing", &[], None).unwrap_err();
        assert!(message.contains("--image nobody/nothing=DIRECTORY") && message.contains("\"host\""), "{message}");
        assert!(!message.contains("image load"), "{message}");
        let message = resolve("nobody/nothing", &[], Some(|_| Ok(None))).unwrap_err();
        assert!(message.contains("image load"), "{message}");
    }

    #[test]
    fn what_was_loaded_comes_before_the_catalogue_and_host_is_always_the_machine() {
        let store: ImageStore = |name| Ok(Some(Image::of_directory(name, Path::new("/loaded"))));
        assert_eq!(resolve("busybox", &[], Some(store)).unwrap().root, Root::Dir("/host/loaded".into()));
        assert_eq!(resolve("host:latest", &[], Some(store)).unwrap().root, Root::Host);
        assert!(resolve("busybox", &[], Some(|_| Err("broken".into()))).is_err());
    }

    #[test]
    fn a_directory_given_wins_over_the_catalogue() {
        let image = resolve("host", &[("host".into(), "/srv/root".into())], None).unwrap();
        assert_eq!(image.root, Root::Dir("/host/srv/root".into()));
    }

    #[test]
    fn a_program_is_this_one_under_another_name() {
        let image = resolve("allingeek/ch6_ipc", &[], None).unwrap();
        assert_eq!(image.cmd, ["./ipc"]);
        assert_eq!(image.files[0].target, Path::new("/ipc"));
        assert!(image.files[0].source.starts_with("/host"));
    }
}
