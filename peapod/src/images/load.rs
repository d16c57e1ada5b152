//! `image load`: the images of an archive, each whole or not at all.

use std::env::set_current_dir;
use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use nix::sys::stat::{Mode, umask};
use nix::unistd::{chroot, fchdir};
use podkit::real::as_root;
use podkit::runtime::Runtime;

use super::archive::Archive;
use super::layer::{Unpacked, make_directory};
use super::limits::{Left, Limits, size};
use super::locked::{Locked, remove};
use super::manifest::{self, Config, Found};
use super::names::Name;
use super::store::{About, NEW, Named, ROOTFS, Store};
use crate::cli::print;

#[derive(clap::Args)]
pub struct Load {
    /// The archive, as `docker save` or `podman save` write it, or an OCI layout as a tar or a directory; gzip and zstd are
    /// understood; `-` reads standard input
    archive: PathBuf,
    /// Give the image this name, whatever the archive calls it
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The most that the archive may unpack to. Given, it is the only limit of size; else no layer may become more than 200
    /// times as large as it is packed, either
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_size: Option<u64>,
    /// The most files, directories and links that it may hold
    #[arg(long, value_name = "N", default_value = "1000000")]
    max_entries: u64,
}

/// Unless somebody says otherwise: larger than nearly all images there are.
const MOST_BYTES: u64 = 32 << 30;
const RATIO: u64 = 200;

/// An image and the names that it is to have.
struct Wanted {
    found: Found,
    names: Vec<Name>,
}

/// Returns the exit status of the program.
pub fn load(runtime: Runtime, args: &Load) -> Result<u8, String> {
    let shown = match args.archive.as_os_str() == "-" {
        true => "standard input".to_owned(),
        false => args.archive.display().to_string(),
    };
    let limits = Limits {
        bytes: args.max_size.unwrap_or(MOST_BYTES),
        entries: args.max_entries,
        ratio: if args.max_size.is_some() { None } else { Some(RATIO) },
    };
    let store = Store::of_this_user()?;
    store.make()?;
    let read = || {
        let archive = Archive::open(&args.archive, &store.path, limits.bytes)?;
        named(manifest::images(&archive)?, args)
    };
    let wanted = read().map_err(|why| format!("{shown}: {why}"))?;
    let new = store.path.join(NEW);
    let work = |node: podkit::runtime::Node| {
        let loaded = store.lock().and_then(|locked| {
            locked.sweep()?;
            let left = Rc::new(Left::new(limits));
            wanted.iter().try_for_each(|one| unpack(&locked, one, node.ids, &left))
        });
        match loaded {
            Ok(()) => 0,
            Err(why) => {
                eprintln!("{shown}: {why}");
                remove(&new);
                1
            }
        }
    };
    // Ctrl-C ends the work at once; what it has left goes here. Another load, if there is one, sees to it itself.
    let after = || {
        if let Some(locked) = store.try_lock() {
            let _ = locked.sweep();
        }
    };
    Ok(as_root(runtime, work, after))
}

/// Who is called what. No name may be given twice.
fn named(all: Vec<Found>, args: &Load) -> Result<Vec<Wanted>, String> {
    let given = args.name.as_deref();
    if given.is_some() && all.len() != 1 {
        return Err(format!("--name: names one image, and there are {}", all.len()));
    }
    let mut wanted: Vec<Wanted> = Vec::new();
    for found in all {
        let texts = given.map_or_else(|| found.names.clone(), |name| vec![name.to_owned()]);
        let names = texts.iter().map(|text| complete(text, &args.archive)).collect::<Result<Vec<Name>, String>>()?;
        if names.is_empty() {
            return Err(format!("gives the image {} no name: give it one with `--name NAME`", found.id));
        }
        if let Some(name) = names.iter().find(|name| name.tag.is_none()) {
            return Err(format!("calls an image {name}: a name to load has a tag, and no digest"));
        }
        let is_other = |it: &&Wanted| it.found.id != found.id && it.names.iter().any(|name| names.contains(name));
        if let Some(twice) = wanted.iter().find(is_other) {
            return Err(format!("gives one name to two images, {} and {}", twice.found.id, found.id));
        }
        wanted.push(Wanted { found, names });
    }
    Ok(wanted)
}

/// In an OCI layout the name may be a tag alone, as `buildah push app oci:app:1.0` writes it. The layout is the image then.
fn complete(text: &str, archive: &Path) -> Result<Name, String> {
    let digits = text.strip_prefix('v').unwrap_or(text);
    let is_tag = text == "latest" || digits.starts_with(|c: char| c.is_ascii_digit());
    if !is_tag || text.contains([':', '/']) {
        return Name::read(text);
    }
    let file = archive.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let name = format!("{}:{text}", file.split('.').next().unwrap_or_default());
    Name::read(&name).map_err(|_| format!("gives the image a tag ({text}) and no name: give it one with `--name NAME`"))
}

/// Puts an image together, beside all others, and then into its place.
fn unpack(locked: &Locked, wanted: &Wanted, ids: u32, left: &Rc<Left>) -> Result<(), String> {
    let store = locked.store;
    let Wanted { found, names } = wanted;
    let mut all = store.names()?;
    let there = all.iter().find(|it| it.id == found.id).cloned();
    let size = match there {
        Some(there) => there.size,
        None => {
            let mut unpacked = Unpacked::new(ids, Rc::clone(left));
            let new = store.path.join(NEW);
            remove(&new);
            let rootfs = new.join(ROOTFS);
            let made = DirBuilder::new().recursive(true).mode(0o755).create(&rootfs);
            made.map_err(|error| format!("making {}: {error}", rootfs.display()))?;
            within(&rootfs, || fill(found, &mut unpacked))??;
            let about = about(&found.config);
            // One that lost its last name while a pod had it.
            if store.dir(&found.id).exists() {
                remove(&new);
            } else {
                locked.keep(&found.id, &about)?;
            }
            unpacked.notes.lines(ids).iter().for_each(|line| eprintln!("warning: {line}"));
            unpacked.size
        }
    };
    for name in names {
        let name = name.to_string();
        all.retain(|it| it.name != name);
        let created = found.config.created.clone();
        all.push(Named { name, id: found.id.clone(), digest: found.digest.clone(), created, size });
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    locked.write_names(&all)?;
    names.iter().for_each(|name| print(format_args!("Loaded image: {}", name.familiar())));
    // Images whose names have gone to this one.
    locked.sweep()
}

/// Runs with the image's root file system as the root directory.
fn fill(found: &Found, unpacked: &mut Unpacked) -> Result<(), String> {
    for (at, layer) in found.layers.iter().enumerate() {
        let (at, count) = (at + 1, found.layers.len());
        unpacked.add(layer).map_err(|why| format!("layer {at} of {count} ({}): {why}", layer.blob.name))?;
    }
    let workdir = about(&found.config).workdir;
    make_directory(Path::new(&workdir), &unpacked.left)
        .map_err(|why| format!("the working directory {workdir:?}: {why}"))?;
    unpacked.finish()
}

fn about(config: &Config) -> About {
    let config = config.config.clone().unwrap_or_default();
    About {
        entrypoint: config.entrypoint.unwrap_or_default(),
        cmd: config.cmd.unwrap_or_default(),
        env: config.env.unwrap_or_default(),
        workdir: config.working_dir.unwrap_or_default(),
        user: config.user.unwrap_or_default(),
        stop_signal: config.stop_signal.unwrap_or_default(),
    }
}

/// Does `work` with this directory as `/`, and comes back.
fn within<T>(dir: &Path, work: impl FnOnce() -> T) -> Result<T, String> {
    let failed = |error: &dyn std::fmt::Display| format!("changing the root directory to {}: {error}", dir.display());
    let own = File::open("/").map_err(|error| failed(&error))?;
    chroot(dir).map_err(|errno| failed(&errno))?;
    let before = umask(Mode::empty());
    let done = set_current_dir("/").map(|()| work());
    umask(before);
    // The way back: a directory that is open lies outside the new root, and stays within reach.
    fchdir(&own).and_then(|()| chroot(".")).map_err(|errno| failed(&errno))?;
    done.map_err(|error| failed(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_alone_is_of_the_layout() {
        let complete = |text: &str, file: &str| complete(text, Path::new(file)).map(|name| name.familiar());
        assert_eq!(complete("1.0", "/tmp/app"), Ok("app:1.0".to_owned()));
        assert_eq!(complete("latest", "app.tar.gz"), Ok("app:latest".to_owned()));
        assert_eq!(complete("web", "app.tar"), Ok("web:latest".to_owned()));
        assert_eq!(complete("7zip:v1", "app.tar"), Ok("7zip:v1".to_owned()));
        assert!(complete("v2", "-").unwrap_err().contains("--name"));
    }
}
