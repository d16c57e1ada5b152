//! What the pages are told of the reader's work: each chapter's results, and what is next.
//!
//! The board hears from the watch ([`crate::watch::Audience`]) and tells the [`Hub`]:
//!
//! | event | data |
//! |---|---|
//! | `book` | the stamp of each page, by its path |
//! | `grading` | `{"chapter": "03-lifecycle"}`: a grading of it has begun |
//! | `results` | what `cargo xtask grade 3 --format json` prints, and `dir`, `page`, `before`, `live`; or `dir`, `page` and `error` |
//! | `next` | `{"task", "title", "file", "href"}`, as `cargo xtask next` has it; `{"done": true}` at the end |
//!
//! `before` has the tasks' states (in words) of the last time that the chapter compiled.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::mpsc::SyncSender;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::hub::Hub;
use crate::grade::{self, Grading, Request};
use crate::next;
use crate::report;
use crate::stage::{self, Subject};
use crate::verdict::{CheckResult, Score, Verdict};
use crate::watch::Audience;
use crate::workbook::{Chapter, Workbook};

pub struct Board {
    hub: Hub,
    /// Asks for the book to be built again.
    build: SyncSender<()>,
    known: Mutex<Known>,
}

/// What is known of the chapters, by directory.
struct Known {
    workbook: Workbook,
    results: BTreeMap<String, Chapterwise>,
    before: BTreeMap<String, Value>,
}

/// What [`next::open_task`] asks for.
struct Chapterwise {
    broken: bool,
    checks: Vec<CheckResult>,
}

impl Board {
    pub fn new(hub: Hub, workbook: Workbook, build: SyncSender<()>) -> Board {
        let known = Known { workbook, results: BTreeMap::new(), before: BTreeMap::new() };
        Board { hub, build, known: Mutex::new(known) }
    }

    /// What can be said before anything is built: chapters nobody has begun.
    pub fn first_look(&self) {
        let workbook = self.known().workbook.clone();
        let untouched: Vec<_> = workbook.chapters.iter().filter(|chapter| is_untouched(&workbook, chapter)).collect();
        if untouched.is_empty() {
            return self.tell_next();
        }
        let grading = not_started(&untouched);
        let report = report::json::value(&workbook, &grading);
        for chapter in untouched {
            self.tell(chapter, &report, None);
        }
        self.tell_next();
    }

    fn tell(&self, chapter: &Chapter, report: &Value, saved: Option<SystemTime>) {
        let mut known = self.known();
        let mut data = of_chapter(report, chapter);
        let checks: Vec<CheckResult> = serde_json::from_value(data["results"].clone()).unwrap_or_default();
        let broken = data["chapters"][0]["compiles"] == false;
        data["score"] = json!(Score::of(&checks));
        data["live"] = timing(report, saved);
        if broken {
            data["before"] = known.before.get(&chapter.dir).cloned().unwrap_or_default();
        } else {
            let states = data["tasks"].as_array().into_iter().flatten();
            let states = states.filter_map(|it| Some((it["task"].as_str()?.to_string(), it["text"].clone())));
            known.before.insert(chapter.dir.clone(), Value::Object(states.collect()));
        }
        known.results.insert(chapter.dir.clone(), Chapterwise { broken, checks });
        drop(known);
        self.say_results(&chapter.dir, &data);
    }

    /// Why there are no results of a chapter.
    fn tell_error(&self, chapter: &Chapter, error: &str) {
        self.known().results.remove(&chapter.dir);
        self.say_results(&chapter.dir, &json!({ "dir": chapter.dir, "page": page(chapter), "error": error }));
    }

    fn say_results(&self, dir: &str, data: &Value) {
        self.hub.forget("grading", dir);
        self.hub.say("results", dir, data);
    }

    fn tell_next(&self) {
        let known = self.known();
        let Some(open) = known.next() else {
            return;
        };
        let data = match open.and_then(|id| known.workbook.task(&id).map(|(chapter, task)| (chapter, task.clone()))) {
            Some((chapter, task)) => json!({
                "task": task.id,
                "title": task.title,
                "file": format!("exercises/{}/{}", chapter.dir, task.file),
                "href": format!("{}#{}", page(chapter), task.section),
            }),
            None => json!({ "done": true }),
        };
        drop(known);
        self.hub.say("next", "", &data);
    }

    /// The chapters of these names (or tasks).
    fn chapters(&self, names: &BTreeSet<String>) -> Vec<Chapter> {
        let mut known = self.known();
        // checks.yaml may have changed too (for those who write chapters). While a chapter is
        // gone, the others are still what they were.
        if let Ok(now) = Workbook::load(&known.workbook.root)
            && known.workbook.chapters.iter().all(|it| now.chapters.iter().any(|other| other.dir == it.dir))
        {
            known.workbook = now;
        }
        let workbook = &known.workbook;
        let indices: BTreeSet<_> = names.iter().filter_map(|name| Some(workbook.select(name).ok()?.chapter)).collect();
        indices.into_iter().map(|index| workbook.chapters[index].clone()).collect()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Audience for Board {
    fn begins(&self, names: &BTreeSet<String>) {
        for chapter in self.chapters(names) {
            self.hub.say("grading", &chapter.dir, &json!({ "chapter": chapter.dir }));
        }
    }

    fn graded(&self, names: &BTreeSet<String>, report: Value, saved: Option<SystemTime>) {
        for chapter in self.chapters(names) {
            match report["error"].as_str() {
                Some(error) => self.tell_error(&chapter, error),
                None => self.tell(&chapter, &report, saved),
            }
        }
        self.tell_next();
    }

    fn gone(&self, dir: &str) {
        let chapter = self.known().workbook.chapters.iter().find(|it| it.dir == dir).cloned();
        if let Some(chapter) = chapter {
            let error = format!("exercises/{dir} is not there. It is graded again when it returns.");
            self.tell_error(&chapter, &error);
        }
        self.tell_next();
    }

    fn book_touched(&self) {
        // One request that waits is enough.
        let _ = self.build.try_send(());
    }
}

impl Known {
    /// The task `cargo xtask next` would name, `Some(None)` when all have passed; None while
    /// that is not known.
    fn next(&self) -> Option<Option<String>> {
        for chapter in &self.workbook.chapters {
            let known = self.results.get(&chapter.dir)?;
            if let Some(task) = next::open_task(chapter, known.broken, &known.checks) {
                return Some(Some(task));
            }
        }
        Some(None)
    }
}

/// Where a chapter's page is in the built book.
fn page(chapter: &Chapter) -> String {
    Path::new(&chapter.page).with_extension("html").display().to_string()
}

/// The part of a report that is about one chapter.
fn of_chapter(report: &Value, chapter: &Chapter) -> Value {
    let mut data = report.clone();
    for list in ["chapters", "tasks", "results"] {
        if let Some(items) = data[list].as_array_mut() {
            items.retain(|it| it["chapter"] == chapter.number);
        }
    }
    let passed = data["results"].as_array().is_some_and(|it| it.iter().all(|it| it["verdict"] == "pass"));
    data["all_passed"] = json!(passed);
    data["dir"] = json!(chapter.dir);
    data["page"] = json!(page(chapter));
    data
}

/// From the save to now, and how much of it was neither build nor checks.
fn timing(report: &Value, saved: Option<SystemTime>) -> Value {
    let Some(since) = saved.and_then(|saved| saved.elapsed().ok()) else {
        return Value::Null;
    };
    let graded = Duration::from_secs_f64(report["provenance"]["seconds"].as_f64().unwrap_or(0.0).max(0.0));
    json!({
        "since_save_seconds": since.as_secs_f64(),
        "of_it_build_and_checks": graded.as_secs_f64(),
        "overhead_seconds": since.saturating_sub(graded).as_secs_f64(),
    })
}

fn is_untouched(workbook: &Workbook, chapter: &Chapter) -> bool {
    let staged = stage::read_sources(&chapter.exercise(&workbook.root));
    staged.refused.is_empty() && grade::unstarted_in(workbook, chapter, &staged).len() == chapter.tasks.len()
}

/// The results of chapters that nobody has begun: what a grading would say of them.
fn not_started(chapters: &[&Chapter]) -> Grading {
    let checks = chapters.iter().flat_map(|chapter| chapter.checks().map(move |it| (chapter.number, it)));
    let results = checks.map(|(chapter, (task, check))| CheckResult {
        verdict: Verdict::Fail,
        not_started: true,
        what: format!("task {} is not started: {}", task.id, task.title),
        ..CheckResult::new(chapter, &task.id, &check.name, check.points)
    });
    Grading {
        request: Request::new(Subject::Exercises),
        results: results.collect(),
        broken: Vec::new(),
        ignored: Vec::new(),
        programs_ahead: Vec::new(),
        modified: Vec::new(),
        checks: BTreeMap::new(),
        factor: 1.0,
        build_seconds: 0.0,
        seconds: 0.0,
    }
}

#[cfg(test)]
#[path = "board_tests.rs"]
mod tests;
