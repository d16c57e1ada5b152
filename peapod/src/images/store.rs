//! Where loaded images are kept.
//!
//! ```text
//! images.json          which names there are, and which image each one means
//! ID/rootfs            the files of an image: its layers put over each other
//! ID/image.json        how to run it
//! ID/lock              locked (shared) by each pod that has the image, for as long as the pod is there
//! .lock                locked by who loads or removes
//! .new                 what is being loaded
//! ```
//!
//! What images.json does not name is nobody's: a load that was killed has left it, or an image has lost its last name
//! while a pod had it. The next load or removal clears it.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;
use nix::unistd::geteuid;
use podkit::image::{Hold, Image};
use serde::{Deserialize, Serialize};

use super::names::Name;

/// Names another directory.
pub const VARIABLE: &str = "PEAPOD_IMAGES";
pub(super) const NAMES: &str = "images.json";
pub(super) const LOCK: &str = ".lock";
/// The directory of what is being loaded.
pub const NEW: &str = ".new";
/// In an image's directory.
pub const ROOTFS: &str = "rootfs";
pub(super) const ABOUT: &str = "image.json";
pub(super) const IN_USE: &str = "lock";

/// A name, and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Complete: `docker.io/library/busybox:latest`.
    pub name: String,
    /// `sha256:...`
    pub id: String,
    /// Of the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// RFC 3339, by the image's own word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// The bytes of its files.
    pub size: u64,
}

/// How to run an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct About {
    pub entrypoint: Vec<String>,
    pub cmd: Vec<String>,
    pub env: Vec<String>,
    pub workdir: String,
    pub user: String,
    pub stop_signal: String,
}

/// This user's images.
pub struct Store {
    pub path: PathBuf,
}

impl Store {
    /// Where it is; it may not be there.
    ///
    /// # Errors
    /// Nobody says where.
    pub fn of_this_user() -> Result<Store, String> {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let data = || set("XDG_DATA_HOME").or_else(|| Some(set("HOME")?.join(".local/share")));
        let path = set(VARIABLE).or_else(|| Some(data()?.join("peapod/images")));
        let path = path.ok_or_else(|| format!("where are images kept? Neither ${VARIABLE} nor $HOME says it"))?;
        let path = std::path::absolute(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Store { path })
    }

    /// Makes sure that it is there, and this user's alone: images may hold set-user-ID programs.
    pub fn make(&self) -> Result<(), String> {
        let path = self.path.display();
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.path);
        made.map_err(|error| format!("making the directory of images {path} (${VARIABLE}): {error}"))?;
        let about = fs::metadata(&self.path).map_err(|error| format!("looking at {path}: {error}"))?;
        if about.uid() != geteuid().as_raw() {
            return Err(format!(
                "the directory of images {path} belongs to another user: name another one in ${VARIABLE}"
            ));
        }
        match about.mode() & 0o077 {
            0 => Ok(()),
            _ => Err(format!("the directory of images {path} must not be open to other users: chmod 700 {path}")),
        }
    }

    /// All names.
    pub fn names(&self) -> Result<Vec<Named>, String> {
        let path = self.path.join(NAMES);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(format!("reading {}: {error}", path.display())),
        };
        serde_json::from_slice(&text).map_err(|error| format!("reading {}: {error}", path.display()))
    }

    pub fn dir(&self, id: &str) -> PathBuf {
        self.path.join(id.strip_prefix("sha256:").unwrap_or(id))
    }

    /// What a name in a manifest means.
    pub fn find(&self, wanted: &str) -> Result<Option<Named>, String> {
        let names = self.names()?;
        let by = |wanted: &Name| {
            let is_it = |it: &&Named| match &wanted.digest {
                // With a digest the tag says nothing.
                Some(digest) => {
                    let of = Name::read(&it.name).is_ok_and(|name| name.repository == wanted.repository);
                    of && (it.digest.as_ref() == Some(digest) || it.id == *digest)
                }
                None => it.name == wanted.to_string(),
            };
            names.iter().find(is_it).cloned()
        };
        if let Some(named) = names.iter().find(|it| it.id == wanted) {
            return Ok(Some(named.clone()));
        }
        let Ok(name) = Name::read(wanted) else { return Ok(None) };
        Ok(by(&name).or_else(|| by(&Name::on_localhost(wanted)?)))
    }

    /// The image of that name, in use from now on.
    pub fn image(&self, wanted: &str) -> Result<Option<Image>, String> {
        let Some(named) = self.find(wanted)? else { return Ok(None) };
        let dir = self.dir(&named.id);
        let failed = |error: &dyn std::fmt::Display| format!("image {wanted:?}, in {}: {error}", dir.display());
        let file = File::open(dir.join(IN_USE)).map_err(|error| failed(&error))?;
        // The lock is the open file's: it lasts until the last process has closed it.
        file.try_lock_shared().map_err(|_| failed(&"it is just being removed"))?;
        let text = fs::read(dir.join(ABOUT)).map_err(|error| failed(&error))?;
        let about: About = serde_json::from_slice(&text).map_err(|error| failed(&error))?;
        let mut image = Image::of_directory(wanted, &dir.join(ROOTFS));
        if about.env.iter().any(|pair| pair.starts_with("PATH=")) {
            image.env = about.env;
        } else {
            image.env.extend(about.env);
        }
        image.entrypoint = about.entrypoint;
        image.cmd = about.cmd;
        image.workdir = Path::new("/").join(about.workdir);
        image.user = about.user;
        image.stop_signal = signal(&about.stop_signal);
        image.hold = Some(Hold::new(file));
        Ok(Some(image))
    }
}

/// `SIGQUIT`, `QUIT` or `3`. One that is not known here is passed over.
fn signal(text: &str) -> Option<Signal> {
    match text.parse::<i32>() {
        Ok(number) => Signal::try_from(number).ok(),
        Err(_) if text.starts_with("SIG") => text.parse().ok(),
        Err(_) => format!("SIG{text}").parse().ok(),
    }
}

/// For the runner: see [`podkit::Runner::images`].
pub fn image(name: &str) -> Result<Option<Image>, String> {
    // Who says nowhere where images are has none.
    let Ok(store) = Store::of_this_user() else { return Ok(None) };
    store.image(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_names_and_numbers() {
        assert_eq!([signal("SIGQUIT"), signal("QUIT"), signal("3")], [Some(Signal::SIGQUIT); 3]);
        assert_eq!([signal(""), signal("SIGRTMIN+3"), signal("99")], [None; 3]);
    }
}
