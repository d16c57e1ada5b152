//! Which checks are asked for, and which of them can be run.

use std::collections::BTreeMap;
use std::thread::JoinHandle;

use super::Request;
use crate::build::Built;
use crate::doctor;
use crate::programs::Programs;
use crate::run::{Held, Job};
use crate::verdict::{CheckResult, Verdict};
use crate::workbook::{Check, Task, Workbook};

/// A check, with its task and the index of its chapter.
pub type Chosen<'a> = (usize, (&'a Task, &'a Check));

/// The checks asked for, in order, with their chapters.
pub fn chosen<'a>(workbook: &'a Workbook, request: &Request) -> Vec<Chosen<'a>> {
    let mut chosen = Vec::new();
    for (index, chapter) in workbook.chapters.iter().enumerate() {
        for (task, check) in chapter.checks() {
            let asked = request.asked.is_empty()
                || request
                    .asked
                    .iter()
                    .any(|it| it.chapter == index && it.task.as_ref().is_none_or(|id| *id == task.id));
            let only = &request.only;
            let named = only.as_ref().is_none_or(|names| names.contains(&check.name));
            if asked && named {
                chosen.push((index, (task, check)));
            }
        }
    }
    chosen
}

/// What the machine allows, by feature (see [`doctor::features`]).
type Features = BTreeMap<String, Result<(), String>>;

/// Finds out what the machine allows, if one of these checks asks: beside the build, since it
/// means to try things out.
pub fn machine(chosen: &[Chosen]) -> Option<JoinHandle<Features>> {
    let asks = chosen.iter().any(|(_, check)| !check.1.requires.is_empty());
    asks.then(|| std::thread::spawn(doctor::features))
}

/// A result for each check, and a job for each that can be run, if its task `is_run`: a check of a
/// task that is not begun fails, and may first wait long for what nobody has written. What is built
/// and held stands in the order of the chapters.
pub fn of<'p>(
    workbook: &Workbook,
    chosen: &[Chosen],
    machine: Option<JoinHandle<Features>>,
    built: &[Built],
    programs: &'p Programs,
    binaries: &[Option<Held>],
    is_run: impl Fn(&str) -> bool,
) -> (Vec<CheckResult>, Vec<Job<'p>>) {
    // What it could not find out is taken to be there.
    let features = machine.and_then(|it| it.join().ok()).unwrap_or_default();
    let mut results = Vec::new();
    let mut jobs = Vec::new();
    for (index, (task, check)) in chosen {
        let chapter = &workbook.chapters[*index];
        let mut result = CheckResult::new(chapter.number, &task.id, &check.name, check.points);
        let lacks = check.requires.iter().find_map(|name| {
            let why = features.get(name)?.as_ref().err()?;
            Some(format!("this machine has no {name}: {why}"))
        });
        match (&built[*index], &programs.of[*index], lacks) {
            (Built::Broken(_), ..) => {
                let text = format!("exercise {} does not compile", chapter.dir);
                result.set(Verdict::Fail, &text, "", "");
            }
            (Built::Behind(by), ..) => {
                result.blocked(format!("chapter {}", workbook.chapters[*by].number));
            }
            (_, _, Some(why)) => result.set(Verdict::NotHere, &why, "", ""),
            (_, Some(Err(error)), _) => result.set(Verdict::GraderError, error, "", ""),
            (_, Some(Ok(_)), None) if !is_run(&task.id) => result.set(Verdict::Fail, "", "", ""),
            (_, Some(Ok(program)), None) => {
                if let Some(binary) = binaries[*index].clone() {
                    jobs.push(Job { result: results.len(), program, binary, timeout: check.timeout });
                }
            }
            (_, None, _) => {}
        }
        results.push(result);
    }
    (results, jobs)
}
