//! The files of the manifest directory, and the pods they stand for.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::machine::on_the_machine;
use super::tell::say;
use crate::cli::{self, Source};
use crate::engine::{News, Store};
use crate::pod::Pod;
use crate::runner::{Listing, Runner, StaticPods};

/// A pod's name with the node's at its end must not be longer than any other.
const LONGEST_NAME: usize = 253;

/// From this size on a file is large.
const LARGE: u64 = 1 << 20;

/// What tells one content of a file from another without reading it: device, inode, size, and the last change of
/// content and of anything else.
#[derive(PartialEq)]
struct Stamp([u64; 3], [(i64, i64); 2]);

impl Stamp {
    fn of_large(path: &Path) -> Option<Stamp> {
        let about = path.metadata().ok().filter(|about| about.len() >= LARGE)?;
        let times = [(about.mtime(), about.mtime_nsec()), (about.ctime(), about.ctime_nsec())];
        Some(Stamp([about.dev(), about.ino(), about.len()], times))
    }
}

/// What the directory wants.
pub struct Files {
    runner: Runner,
    parts: StaticPods,
    dir: PathBuf,
    /// The node's name.
    node: String,
    /// What each file holds, as of its newest good reading.
    pods: Store,
    /// The same as a list, sorted by file.
    wanted: Vec<Pod>,
    /// What large files held, as of the listing that read them.
    large: BTreeMap<PathBuf, (Stamp, Option<Pod>)>,
    /// What has been complained about, so that it is not said again and again.
    said: BTreeMap<PathBuf, String>,
    /// The same of pods that are in two files.
    doubles: BTreeSet<String>,
}

impl Files {
    pub fn new(runner: Runner, parts: StaticPods, dir: PathBuf, node: String) -> Files {
        let (pods, wanted, said, doubles) = (BTreeMap::new(), Vec::new(), BTreeMap::new(), BTreeSet::new());
        Files { runner, parts, dir, node, pods, wanted, large: BTreeMap::new(), said, doubles }
    }

    /// The pods, in the order of their files' names.
    pub fn wanted(&self) -> &[Pod] {
        &self.wanted
    }

    /// Reads the whole directory. What cannot be read is not there any more.
    pub fn list(&mut self) {
        let read = self.with_listing(|files, listing| {
            listing.manifests.iter().filter_map(|path| Some((path.clone(), files.read_again(path)?))).collect()
        });
        if let Some(pods) = read {
            (self.parts.update)(&mut self.pods, News::Listing(pods));
        }
        self.put_in_order();
    }

    /// Reads the files of these names again, and keeps what a broken one held before.
    pub fn look(&mut self, names: &[OsString]) {
        self.with_listing(|files, listing| {
            for name in names {
                let path = files.dir.join(name);
                files.large.remove(&path);
                let news = match listing.manifests.contains(&path) {
                    true => files.read(&path).map_or(News::Broken(path.clone()), |pod| News::Good(path, Box::new(pod))),
                    false => News::Gone(path),
                };
                (files.parts.update)(&mut files.pods, news);
            }
        });
        self.put_in_order();
    }

    /// Does `work` with what is in the directory, where the machine's paths lead to the machine's files.
    fn with_listing<T>(&mut self, work: impl FnOnce(&mut Files, &Listing) -> T) -> Option<T> {
        let done = on_the_machine(|| {
            let listing = match (self.parts.listing)(&self.dir) {
                // No directory, no pods: so says the kubelet, too.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.complain(&self.dir.clone(), format!("{}: not there any more", self.dir.display()));
                    Listing::default()
                }
                listing => {
                    self.said.remove(&self.dir);
                    listing?
                }
            };
            let is_there = |path: &PathBuf| {
                listing.manifests.contains(path) || listing.passed_over.iter().any(|(other, _)| other == path)
            };
            // A file that comes back broken is worth another word.
            self.said.retain(|path, _| is_there(path) || *path == self.dir);
            self.large.retain(|path, _| is_there(path));
            for (path, why) in &listing.passed_over {
                self.complain(path, format!("{}: passed over: {why}", path.display()));
            }
            Ok(work(self, &listing))
        });
        match done.and_then(|done: io::Result<T>| done) {
            Ok(done) => Some(done),
            Err(error) => {
                let dir = self.dir.clone();
                self.complain(&dir, format!("listing {}: {error}", dir.display()));
                None
            }
        }
    }

    /// The same for a listing: a large file takes long to read, so it is read once for each time it changes.
    fn read_again(&mut self, path: &Path) -> Option<Pod> {
        let Some(stamp) = Stamp::of_large(path) else { return self.read(path) };
        match self.large.get(path) {
            Some((old, pod)) if *old == stamp => pod.clone(),
            _ => {
                let pod = self.read(path);
                give_back();
                self.large.insert(path.to_owned(), (stamp, pod.clone()));
                pod
            }
        }
    }

    /// A file's pod. A broken file is complained about, once for each way in which it is broken.
    fn read(&mut self, path: &Path) -> Option<Pod> {
        match cli::pod_of_file(&self.runner, path, Source::Directory) {
            Ok(pod) => {
                let pod = (self.parts.identity)(pod, path, &self.node);
                if pod.metadata.name.len() > LONGEST_NAME {
                    let name = &pod.metadata.name;
                    self.complain(path, format!("{}: {name:?} is longer than {LONGEST_NAME}", path.display()));
                    return None;
                }
                self.said.remove(path);
                Some(pod)
            }
            Err(messages) => {
                let say = |message: &String| match message.contains(&*path.to_string_lossy()) {
                    true => message.clone(),
                    false => format!("{}: {message}", path.display()),
                };
                self.complain(path, messages.iter().map(say).collect::<Vec<String>>().join("\n"));
                None
            }
        }
    }

    fn put_in_order(&mut self) {
        self.wanted = self.pods.values().cloned().collect();
        let mut files: BTreeMap<String, &PathBuf> = BTreeMap::new();
        let mut doubles = BTreeSet::new();
        for (path, pod) in &self.pods {
            if let Some(first) = files.get(&pod.full_name()) {
                doubles.insert(format!("{}: pod {} is in {}, too", path.display(), pod.full_name(), first.display()));
            } else {
                files.insert(pod.full_name(), path);
            }
        }
        doubles.difference(&self.doubles).for_each(|message| say(message));
        self.doubles = doubles;
    }

    fn complain(&mut self, path: &Path, message: String) {
        if self.said.get(path) != Some(&message) {
            say(&message);
            self.said.insert(path.to_owned(), message);
        }
    }
}

/// Gives the memory that is free again back to the system: what a large file has taken to be read may be two hundred
/// times its size, and the kubelet goes on for long.
fn give_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: malloc_trim only touches what is free.
    unsafe {
        libc::malloc_trim(0);
    }
}
