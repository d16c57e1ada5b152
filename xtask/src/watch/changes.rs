//! What was saved: which chapters' sources, and whether anything the book is built from.
//!
//! The kernel tells of each change (inotify); where it cannot, the files are looked at every
//! second. A watch holds on to a directory, not to its name, so once a second (and after each
//! change) it is made sure that what is watched is what is there: a chapter that was deleted
//! is seen to go, and seen to come back.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant, SystemTime};

use anyhow::Result;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::dirs;

/// Editors save in several steps. Who reads in between is overtaken by the next step.
const SETTLE: Duration = Duration::from_millis(12);

/// Someone who writes without pause is not waited for longer than this.
const AT_MOST: Duration = Duration::from_millis(150);

/// How often it is made sure that the right directories are watched.
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

/// What a path means to the watch.
#[derive(Debug, Default, PartialEq)]
struct Meaning {
    chapter: Option<String>,
    book: bool,
}

pub struct Changes {
    root: PathBuf,
    /// None: files are looked at instead.
    watcher: Option<RecommendedWatcher>,
    events: Receiver<Vec<PathBuf>>,
    /// The watched directories, and which one each name stood for.
    watched: BTreeMap<PathBuf, (u64, u64)>,
    /// The chapters that are there.
    present: BTreeSet<String>,
    /// For looking: the files, and their dates and sizes.
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
            Ok(watcher) => {
                changes.watcher = Some(watcher);
                changes.follow();
            }
            Err(error) => changes.look_instead(&error),
        }
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
        paths.extend(self.follow());
        self.looked = Instant::now();
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

    /// Watches the directories that are there now. Returns those that are new or gone.
    fn follow(&mut self) -> Vec<PathBuf> {
        let wanted = wanted(&self.root);
        let Some(watcher) = &mut self.watcher else {
            return self.look(&wanted);
        };
        let mut differ = Vec::new();
        for path in self.watched.keys().filter(|path| !wanted.contains_key(*path)) {
            // The kernel has ended that watch already, if the directory was deleted.
            let _ = watcher.unwatch(path);
            differ.push(path.clone());
        }
        self.watched.retain(|path, _| wanted.contains_key(path));
        let mut trouble = None;
        for (path, (mode, id)) in &wanted {
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
            self.look_instead(&error);
        }
        differ
    }

    fn look_instead(&mut self, why: &notify::Error) {
        eprintln!("the kernel cannot tell of changes ({why}); looking every second");
        self.watcher = None;
        self.look(&wanted(&self.root));
    }

    /// The files that are not as they were the last time.
    fn look(&mut self, wanted: &BTreeMap<PathBuf, (RecursiveMode, (u64, u64))>) -> Vec<PathBuf> {
        let mut files = BTreeMap::new();
        for (dir, (mode, _)) in wanted {
            let below = |path: &Path| *mode == RecursiveMode::NonRecursive && dir.join(path).is_dir();
            for file in dirs::files(dir, below).unwrap_or_default() {
                let path = dir.join(file);
                if let Ok(meta) = path.metadata()
                    && matters(&self.root, &path)
                {
                    files.insert(path, (meta.modified().ok(), meta.len()));
                }
            }
        }
        let changed = files.iter().filter(|(path, now)| self.files.get(*path) != Some(now));
        let gone = self.files.keys().filter(|path| !files.contains_key(*path));
        let differ = changed.map(|(path, _)| path.clone()).chain(gone.cloned()).collect();
        self.files = files;
        differ
    }
}

/// The directories to watch, and which one each is now.
fn wanted(root: &Path) -> BTreeMap<PathBuf, (RecursiveMode, (u64, u64))> {
    let mut wanted = BTreeMap::new();
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

fn is_chapter(name: &str) -> bool {
    name.as_bytes().first().is_some_and(u8::is_ascii_digit)
}

/// Whether a change there is to be looked at, if only to see what is there now.
fn matters(root: &Path, path: &Path) -> bool {
    let is_directory_of_chapters = path.parent().is_some_and(|parent| parent == root.join("exercises"));
    is_directory_of_chapters || meaning(root, path) != Meaning::default()
}

/// What a change of a path means.
fn meaning(root: &Path, path: &Path) -> Meaning {
    let nothing = Meaning::default();
    let book = Meaning { chapter: None, book: true };
    let Ok(relative) = path.strip_prefix(root) else {
        return nothing;
    };
    let names: Vec<_> = relative.iter().map(|name| name.to_string_lossy()).collect();
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    if names.last().is_some_and(|name| is_an_editors(name)) {
        return nothing;
    }
    match names.as_slice() {
        // The built book is not what it is built from.
        ["book", "book", ..] => nothing,
        ["book" | "solutions", _, ..] => book,
        // The reader's own: the book shows the starter. A directory may have come whole.
        ["exercises", chapter, "src", rest @ ..] if is_chapter(chapter) => {
            let counts = rest.last().is_none_or(|name| name.ends_with(".rs") || !name.contains('.'));
            Meaning { chapter: counts.then(|| chapter.to_string()), book: false }
        }
        ["exercises", chapter, "tests", ..] | ["exercises", chapter, "checks.yaml"] if is_chapter(chapter) => {
            Meaning { chapter: Some(chapter.to_string()), book: true }
        }
        ["exercises", "target", ..] => nothing,
        ["exercises", _, _, ..] => book,
        _ => nothing,
    }
}

/// What editors write beside the file that is edited.
fn is_an_editors(name: &str) -> bool {
    name.starts_with('.')
        || name == "4913"
        || name.starts_with('#')
        || [".swp", ".swx", "~", ".tmp", ".bak"].iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
#[path = "changes_tests.rs"]
mod tests;
