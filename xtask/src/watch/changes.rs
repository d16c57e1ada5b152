//! What was saved: which chapters' sources, and whether anything the book is built from.
//!
//! The kernel tells of each change (inotify). It does not on every file system (network
//! shares, the Windows side of WSL), so once a second the files are looked at, too. A watch
//! holds on to a directory, not to its name: at each look it is made sure that what is watched
//! is what is there. A chapter that was deleted is seen to go, and seen to come back.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant, SystemTime};

use anyhow::Result;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::meaning::{is_chapter, matters, meaning};
use crate::dirs;

/// Editors save in several steps. Who reads in between is overtaken by the next step.
const SETTLE: Duration = Duration::from_millis(12);

/// Someone who writes without pause is not waited for longer than this.
const AT_MOST: Duration = Duration::from_millis(150);

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// What has changed since the last time.
pub struct Touched {
    /// By directory name, `03-lifecycle`.
    pub chapters: BTreeSet<String>,
    pub gone: BTreeSet<String>,
    pub book: bool,
    /// The newest change, as the file system dates it.
    pub saved: SystemTime,
}

pub struct Changes {
    root: PathBuf,
    /// None: the kernel cannot tell, and looking is all there is.
    watcher: Option<RecommendedWatcher>,
    events: Receiver<Vec<PathBuf>>,
    /// The watched directories, and which one each name stood for.
    watched: BTreeMap<PathBuf, (u64, u64)>,
    /// The chapters that are there.
    present: BTreeSet<String>,
    /// The files, and their dates and sizes when they were last looked at.
    files: BTreeMap<PathBuf, (Option<SystemTime>, u64)>,
    looked: Instant,
}

impl Changes {
    pub fn begin(root: &Path) -> Result<Changes> {
        let (sender, events) = channel();
        let own = root.to_path_buf();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| match event {
            // Reading is no change, and the grader reads all of it.
            Ok(event) if matches!(event.kind, EventKind::Access(_)) => {}
            Ok(event) if event.need_rescan() => {
                let _ = sender.send(vec![own.clone()]);
            }
            Ok(event) => {
                let paths: Vec<_> = event.paths.into_iter().filter(|path| matters(&own, path)).collect();
                if !paths.is_empty() {
                    let _ = sender.send(paths);
                }
            }
            Err(_) => {}
        });
        let mut changes = Changes {
            root: root.to_path_buf(),
            watcher: None,
            events,
            watched: BTreeMap::new(),
            present: chapters(root),
            files: BTreeMap::new(),
            looked: Instant::now(),
        };
        match watcher {
            Ok(watcher) => changes.watcher = Some(watcher),
            Err(error) => changes.only_look(&error),
        }
        changes.look();
        Ok(changes)
    }

    /// Waits a moment for changes; returns with none now and then.
    pub fn next(&mut self) -> Touched {
        let mut paths = match self.events.recv_timeout(Duration::from_millis(100)) {
            Ok(paths) => paths,
            Err(RecvTimeoutError::Timeout) => Vec::new(),
            // No watcher: looking is all that is left.
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(Duration::from_millis(100));
                Vec::new()
            }
        };
        if paths.is_empty() && self.looked.elapsed() < LOOK {
            return self.touched(&[]);
        }
        let until = Instant::now() + AT_MOST;
        while !paths.is_empty() && Instant::now() < until {
            match self.events.recv_timeout(SETTLE) {
                Ok(more) => paths.extend(more),
                Err(_) => break,
            }
        }
        paths.extend(self.look());
        self.touched(&paths)
    }

    fn touched(&mut self, paths: &[PathBuf]) -> Touched {
        let now = SystemTime::now();
        let mut touched =
            Touched { chapters: BTreeSet::new(), gone: BTreeSet::new(), book: false, saved: SystemTime::UNIX_EPOCH };
        for path in paths {
            let meaning = meaning(&self.root, path);
            touched.book |= meaning.book;
            if meaning.book || meaning.chapter.is_some() {
                let dated = path.metadata().and_then(|it| it.modified()).unwrap_or(now);
                touched.saved = touched.saved.max(dated.min(now));
            }
            touched.chapters.extend(meaning.chapter);
        }
        if paths.is_empty() {
            return touched;
        }
        let present = chapters(&self.root);
        if paths.contains(&self.root) {
            // The kernel had more to tell than it could keep.
            touched.chapters.extend(present.iter().cloned());
            touched.book = true;
            touched.saved = now;
        }
        touched.gone.extend(self.present.difference(&present).cloned());
        for back in present.difference(&self.present) {
            touched.chapters.insert(back.clone());
            touched.saved = now;
        }
        touched.chapters.retain(|chapter| present.contains(chapter));
        self.present = present;
        touched
    }

    /// Makes sure that the right directories are watched. Returns what is not as it was the
    /// last time, directories and files.
    fn look(&mut self) -> Vec<PathBuf> {
        self.looked = Instant::now();
        let wanted = wanted(&self.root);
        let mut differ = self.follow(&wanted);
        let files = files(&self.root, &wanted);
        let changed = files.iter().filter(|(path, now)| self.files.get(*path) != Some(now));
        let gone = self.files.keys().filter(|path| !files.contains_key(*path));
        differ.extend(changed.map(|(path, _)| path.clone()).chain(gone.cloned()));
        self.files = files;
        differ
    }

    /// Watches these directories, and no others. Returns those that are new or gone.
    fn follow(&mut self, wanted: &Wanted) -> Vec<PathBuf> {
        let Some(watcher) = &mut self.watcher else {
            return Vec::new();
        };
        let mut differ = Vec::new();
        for path in self.watched.keys().filter(|path| !wanted.contains_key(*path)) {
            // The kernel has ended that watch already, if the directory was deleted.
            let _ = watcher.unwatch(path);
            differ.push(path.clone());
        }
        self.watched.retain(|path, _| wanted.contains_key(path));
        let mut trouble = None;
        for (path, (mode, id)) in wanted {
            if self.watched.get(path) == Some(id) {
                continue;
            }
            if self.watched.contains_key(path) {
                let _ = watcher.unwatch(path);
            }
            match watcher.watch(path, *mode) {
                Ok(()) => {
                    self.watched.insert(path.clone(), *id);
                    differ.push(path.clone());
                }
                // Gone again already: the next look will tell.
                Err(_) if !path.is_dir() => {}
                Err(error) => trouble = Some(error),
            }
        }
        if let Some(error) = trouble {
            self.only_look(&error);
        }
        differ
    }

    fn only_look(&mut self, why: &notify::Error) {
        eprintln!("the kernel cannot tell of changes ({why}); looking every second");
        self.watcher = None;
    }
}

/// Directories, how deep to watch them, and which one each name stands for.
type Wanted = BTreeMap<PathBuf, (RecursiveMode, (u64, u64))>;

/// The files that matter in these directories.
fn files(root: &Path, wanted: &Wanted) -> BTreeMap<PathBuf, (Option<SystemTime>, u64)> {
    let mut files = BTreeMap::new();
    for (dir, (mode, _)) in wanted {
        let deeper = |path: &Path| *mode == RecursiveMode::NonRecursive && dir.join(path).is_dir();
        for file in dirs::files(dir, deeper).unwrap_or_default() {
            let path = dir.join(file);
            if let Ok(meta) = path.metadata()
                && matters(root, &path)
            {
                files.insert(path, (meta.modified().ok(), meta.len()));
            }
        }
    }
    files
}

/// The directories to watch, and which one each is now.
fn wanted(root: &Path) -> Wanted {
    let mut wanted = Wanted::new();
    let mut want = |path: PathBuf, mode| {
        if let Ok(meta) = path.metadata()
            && meta.is_dir()
        {
            wanted.insert(path, (mode, (meta.dev(), meta.ino())));
        }
    };
    let exercises = root.join("exercises");
    for entry in std::fs::read_dir(&exercises).into_iter().flatten().flatten() {
        // Not target/: what the compiler writes there would drown it.
        let name = entry.file_name();
        if name != "target" && !name.to_string_lossy().starts_with('.') {
            want(entry.path(), RecursiveMode::Recursive);
        }
    }
    want(exercises, RecursiveMode::NonRecursive);
    want(root.join("book"), RecursiveMode::NonRecursive);
    for dir in ["book/src", "book/theme", "solutions"] {
        want(root.join(dir), RecursiveMode::Recursive);
    }
    wanted
}

/// The chapters whose directory is there, and is one.
fn chapters(root: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(root.join("exercises")).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| is_chapter(name) && root.join("exercises").join(name).join("checks.yaml").is_file()).collect()
}

#[cfg(test)]
#[path = "changes_tests.rs"]
mod tests;
