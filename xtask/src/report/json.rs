//! The report as one JSON object.
//!
//! ```text
//! { "schema": 1,
//!   "subject": "exercises" | "solutions" | DIRECTORY,
//!   "skip_ahead": bool,
//!   "score": { "points": n, "out_of": n, "percent": n },
//!   "all_passed": bool,                 exit status 0
//!   "chapters": [ { "chapter": 3, "dir": "03-lifecycle", "crate": "lifecycle", "title": ..,
//!                   "score": { "points": n, "out_of": n },
//!                   "compiles": bool, "compiler": TEXT or null } ],
//!   "tasks": [ { "chapter": 3, "task": "3.1", "title": .., "section": ID, "file": PATH,
//!                "score": { "points": n, "out_of": n },
//!                "state": "passed" | "failed" | "not-started" | "blocked" | "broken" |
//!                         "not-here" | "grader-error", "text": the state in words } ],
//!   "results": [ { "chapter": 3, "task": "3.1", "check": NAME, "points": n,
//!                  "verdict": "pass" | "fail" | "blocked" | "not_here" | "grader_error",
//!                  "not_started": bool, "what": .., "expected": .., "observed": ..,
//!                  "try": COMMAND or null, "leaks": [TEXT], "blocked_by": ID or null,
//!                  "seconds": n } ],
//!   "ignored": [PATH], "modified": [PATH],
//!   "provenance": { "checks": { "03-lifecycle": SHA256 }, "grader": VERSION,
//!                   "kernel": .., "user": "root" | "ordinary", "machine_factor": n,
//!                   "build_seconds": n, "seconds": n, "time": UNIX SECONDS } }
//! ```
//!
//! Results stand in the order of chapters, tasks and checks. Fields may be added; `schema`
//! changes when one changes its meaning or goes.

use anyhow::Result;
use serde_json::{Value, json};

use super::state::State;
use crate::grade::Grading;
use crate::verdict::Score;
use crate::workbook::Workbook;

pub fn report(workbook: &Workbook, grading: &Grading) -> Result<String> {
    Ok(format!("{}\n", serde_json::to_string_pretty(&value(workbook, grading))?))
}

pub fn value(workbook: &Workbook, grading: &Grading) -> Value {
    let score = Score::of(&grading.results);
    let chapters: Vec<Value> = workbook
        .chapters
        .iter()
        .filter(|chapter| grading.results.iter().any(|it| it.chapter == chapter.number))
        .map(|chapter| {
            let of_chapter = grading.results.iter().filter(|it| it.chapter == chapter.number);
            let words = grading.broken.iter().find(|(dir, _)| *dir == chapter.dir);
            json!({
                "chapter": chapter.number,
                "dir": chapter.dir,
                "crate": chapter.krate,
                "title": chapter.title,
                "score": Score::of(of_chapter),
                "compiles": words.is_none(),
                "compiler": words.map(|(_, words)| words),
            })
        })
        .collect();
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let root = nix::unistd::geteuid().is_root();
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |it| it.as_secs());
    json!({
        "schema": 1,
        "subject": grading.request.subject.shown(&workbook.root),
        "skip_ahead": grading.request.skip_ahead,
        "score": {
            "points": score.points,
            "out_of": score.out_of,
            "percent": score.percent(),
        },
        "all_passed": grading.all_passed(),
        "chapters": chapters,
        "tasks": tasks(workbook, grading),
        "results": grading.results,
        "ignored": grading.ignored,
        "modified": grading.modified,
        "provenance": {
            "checks": grading.checks,
            "grader": env!("CARGO_PKG_VERSION"),
            "kernel": kernel.trim(),
            "user": if root { "root" } else { "ordinary" },
            "machine_factor": grading.factor,
            "build_seconds": grading.build_seconds,
            "seconds": grading.seconds,
            "time": time,
        },
    })
}

fn tasks(workbook: &Workbook, grading: &Grading) -> Vec<Value> {
    let mut tasks = Vec::new();
    for chapter in &workbook.chapters {
        let broken = grading.broken.iter().any(|(dir, _)| *dir == chapter.dir);
        for task in &chapter.tasks {
            let results: Vec<_> = grading.results.iter().filter(|it| it.task == task.id).collect();
            if results.is_empty() {
                continue;
            }
            let state = State::of(results.iter().copied(), broken);
            tasks.push(json!({
                "chapter": chapter.number,
                "task": task.id,
                "title": task.title,
                "section": task.section,
                "file": task.file,
                "score": Score::of(results.iter().copied()),
                "state": state.name(),
                "text": state.text(),
            }));
        }
    }
    tasks
}
