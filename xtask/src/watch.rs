//! Grade again whenever a source changes: `cargo xtask grade --watch`, and the watch behind
//! the open page of `cargo xtask start`.
//!
//! [`changes`] says which chapters were saved, [`queue`] which of them to grade next, and
//! [`child`] grades them in a process of its own, which a newer save can end at any time. So
//! there is never more than one run, and the last one is of what was saved last.

mod changes;
mod child;
mod meaning;
mod queue;

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::Result;
use serde_json::Value;

use crate::grade::{Request, cancelled};
use crate::workbook::Workbook;
use changes::Changes;
use queue::Queue;

/// Who wants to know what the watch sees. The report in the terminal is printed in any case.
pub trait Audience: Sync {
    /// A grading of these chapters (or tasks) begins.
    fn begins(&self, _names: &BTreeSet<String>) {}
    /// It has ended, with the report as `--format json` has it; `error` in it if there is none.
    fn graded(&self, _names: &BTreeSet<String>, _report: Value, _saved: Option<SystemTime>) {}
    /// A chapter's directory is no longer there.
    fn gone(&self, _chapter: &str) {}
    /// Something the book is built from has changed.
    fn book_touched(&self) {}
}

/// Nobody but the one before the terminal.
struct Terminal;

impl Audience for Terminal {}

/// `cargo xtask grade --watch`.
pub fn watch(workbook: &Workbook, request: &Request) -> Result<ExitCode> {
    run(workbook, request, &Terminal)?;
    Ok(ExitCode::SUCCESS)
}

/// Grades what is asked once, then each chapter when its sources change. Returns on Ctrl-C.
/// The caller has called [`crate::grade::notice_signals`].
pub fn run(workbook: &Workbook, request: &Request, audience: &dyn Audience) -> Result<()> {
    // Before the first grading: what is saved while it runs counts.
    let mut changes = Changes::begin(&workbook.root)?;
    let queue = Queue::default();
    queue.want(asked(workbook, request), None);
    std::thread::scope(|scope| {
        scope.spawn(|| grade_what_waits(workbook, request, audience, &queue));
        while !cancelled() {
            let touched = changes.next();
            for chapter in &touched.gone {
                eprintln!("exercises/{chapter} is not there any more; it is graded again when it returns");
                queue.forget(chapter);
                audience.gone(chapter);
            }
            if !touched.chapters.is_empty() {
                queue.want(touched.chapters, Some(touched.saved));
            }
            if touched.book {
                audience.book_touched();
            }
        }
        queue.close();
    });
    Ok(())
}

/// What the first grading is of, in the words of the command line.
fn asked(workbook: &Workbook, request: &Request) -> BTreeSet<String> {
    if request.asked.is_empty() {
        return workbook.chapters.iter().map(|chapter| chapter.dir.clone()).collect();
    }
    let name = |it: &crate::workbook::Selection| it.task.clone().unwrap_or(workbook.chapters[it.chapter].dir.clone());
    request.asked.iter().map(name).collect()
}

fn grade_what_waits(workbook: &Workbook, request: &Request, audience: &dyn Audience, queue: &Queue) {
    while let Some(turn) = queue.next() {
        audience.begins(&turn.names);
        let report = child::grade(&workbook.root, request, &turn.names, || queue.is_overtaken() || cancelled());
        if !queue.finish() || cancelled() {
            continue;
        }
        match report {
            Ok(report) => audience.graded(&turn.names, report, turn.saved),
            Err(error) => {
                println!("error: {error:#}");
                audience.graded(&turn.names, serde_json::json!({ "error": format!("{error:#}") }), turn.saved);
            }
        }
        println!("watching exercises/ for changes; Ctrl-C ends");
    }
}
