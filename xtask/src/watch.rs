//! Grade again whenever a source changes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, SystemTime};

use anyhow::Result;
use notify::{RecursiveMode, Watcher};

use crate::grade::{self, Request, cancelled};
use crate::report::{self, Format};
use crate::workbook::{Selection, Workbook};

/// Editors save in several steps: wait until they are done.
const SETTLE: Duration = Duration::from_millis(150);

/// Grades what is asked once, then each chapter when its sources change. Returns on Ctrl-C.
/// The caller has called [`grade::notice_signals`], or ends the process itself.
pub fn watch(root: &Path, request: &Request) -> Result<()> {
    let changes = Changes::begin(root)?;
    let workbook = Workbook::load(root)?;
    once(&workbook, request.clone());
    while !cancelled() {
        println!("watching exercises/ for changes; Ctrl-C ends");
        let touched = changes.next(&workbook);
        if cancelled() {
            break;
        }
        // checks.yaml may have changed too (for those who write chapters).
        let workbook = match Workbook::load(root) {
            Ok(workbook) => workbook,
            Err(error) => {
                println!("error: {error:#}");
                continue;
            }
        };
        let mut request = request.clone();
        request.asked = touched
            .into_iter()
            .filter(|chapter| *chapter < workbook.chapters.len())
            .map(|chapter| Selection { chapter, task: None })
            .collect();
        once(&workbook, request);
    }
    Ok(())
}

fn once(workbook: &Workbook, request: Request) {
    println!();
    let done = grade::grade(workbook, request).and_then(|grading| {
        if cancelled() {
            return Ok(());
        }
        report::print(workbook, &grading, Format::Human)
    });
    if let Err(error) = done {
        println!("error: {error:#}");
    }
}

/// Changes below exercises/: told by the kernel, else looked for.
enum Changes {
    Told { events: Receiver<Vec<PathBuf>>, _watcher: notify::RecommendedWatcher },
    Polled { exercises: PathBuf },
}

impl Changes {
    fn begin(root: &Path) -> Result<Changes> {
        let exercises = root.join("exercises");
        let (sender, events) = channel();
        let told = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if let Ok(event) = event
                && !event.kind.is_access()
            {
                let _ = sender.send(event.paths);
            }
        });
        let watched = told.and_then(|mut watcher| {
            // Directory by directory: exercises/target/ would drown it.
            for entry in std::fs::read_dir(&exercises).into_iter().flatten().flatten() {
                let src = entry.path().join("src");
                if src.is_dir() {
                    watcher.watch(&src, RecursiveMode::Recursive)?;
                }
            }
            Ok(watcher)
        });
        Ok(match watched {
            Ok(watcher) => Changes::Told { events, _watcher: watcher },
            Err(error) => {
                println!("the kernel cannot tell of changes ({error}); looking every second");
                Changes::Polled { exercises }
            }
        })
    }

    /// Waits for the next change of some chapter's sources.
    fn next(&self, workbook: &Workbook) -> BTreeSet<usize> {
        match self {
            Changes::Told { events, .. } => told(events, workbook),
            Changes::Polled { exercises } => polled(exercises, workbook),
        }
    }
}

fn told(events: &Receiver<Vec<PathBuf>>, workbook: &Workbook) -> BTreeSet<usize> {
    let mut touched = BTreeSet::new();
    while !cancelled() {
        let patience = if touched.is_empty() { Duration::from_millis(200) } else { SETTLE };
        match events.recv_timeout(patience) {
            Ok(paths) => {
                for path in paths.iter().filter(|it| it.extension().is_some_and(|it| it == "rs")) {
                    touched.extend(chapter_of(path, workbook));
                }
            }
            Err(RecvTimeoutError::Timeout) if touched.is_empty() => {}
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => {
                grade::nap(Duration::from_secs(1));
            }
        }
    }
    touched
}

fn chapter_of(path: &Path, workbook: &Workbook) -> Option<usize> {
    let names: Vec<_> = path.iter().collect();
    workbook.chapters.iter().position(|chapter| names.iter().any(|name| *name == chapter.dir.as_str()))
}

fn polled(exercises: &Path, workbook: &Workbook) -> BTreeSet<usize> {
    let newest = |chapter: &crate::workbook::Chapter| -> Vec<(PathBuf, Option<SystemTime>)> {
        let src = exercises.join(&chapter.dir).join("src");
        let files = crate::dirs::files(&src, |_| false).unwrap_or_default();
        let time = |path: &PathBuf| src.join(path).metadata().and_then(|it| it.modified()).ok();
        files.into_iter().map(|path| (path.clone(), time(&path))).collect()
    };
    let before: Vec<_> = workbook.chapters.iter().map(newest).collect();
    loop {
        grade::nap(Duration::from_secs(1));
        let now: Vec<_> = workbook.chapters.iter().map(newest).collect();
        let changed = |index: &usize| before[*index] != now[*index];
        let touched: BTreeSet<usize> = (0..before.len()).filter(changed).collect();
        if !touched.is_empty() || cancelled() {
            return touched;
        }
    }
}
