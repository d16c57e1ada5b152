//! What is proven by grading: the solutions and the starters. The traps: [`super::caught`].

use std::collections::BTreeSet;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::{Scope, none_of, trace};
use crate::grade::{self, Grading, Request};
use crate::stage::Subject;
use crate::traps;
use crate::verdict::{CheckResult, Score, Verdict};
use crate::workbook::Workbook;
use crate::{programs, starters as derive};

/// Every check in checks.yaml is a function of tests/checks.rs, and the other way round.
pub fn names(scope: &Scope) -> Result<String> {
    let workbook = &scope.workbook;
    let programs = programs::load(workbook, &scope.asked)?;
    let mut problems = Vec::new();
    let mut count = 0;
    for (chapter, program) in workbook.chapters.iter().zip(&programs.of) {
        match program {
            None => {}
            Some(Err(error)) => problems.push(format!("exercises/{chapter}/tests/checks.rs: {error}")),
            Some(Ok(program)) => {
                let listed = listed(program).with_context(|| format!("the check program of {chapter}"))?;
                count += listed.len();
                problems.extend(trace::names(chapter, &listed));
            }
        }
    }
    none_of(&problems)?;
    Ok(format!("{count} checks"))
}

/// What a check program says with `--list`: one name a line, as libtest does, `name: test`.
fn listed(program: &programs::Program) -> Result<BTreeSet<String>> {
    let output = Command::new(format!("/proc/self/fd/{}", program.file.as_raw_fd()))
        .arg("--list")
        .stdin(Stdio::null())
        .output()
        .context("failed to start it")?;
    ensure!(output.status.success(), "--list ended with {}", output.status);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let name = |line: &str| {
        let name = line.trim().trim_end_matches(": test");
        let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        is_name.then(|| name.to_owned())
    };
    Ok(text.lines().filter_map(name).collect())
}

/// Each solution passes every check, as often as it is asked. What this machine does not
/// allow is said, and is no failure.
pub fn solutions(scope: &Scope) -> Result<String> {
    let workbook = &scope.workbook;
    let mut problems = Vec::new();
    let mut seen = String::new();
    let repeat = scope.repeat;
    for round in 1..=repeat {
        let request = Request { asked: scope.selection(), ..Request::new(Subject::Solutions) };
        let grading = grade::grade(workbook, request)?;
        stop_if_cancelled()?;
        problems.extend(broken(&grading));
        for result in &grading.results {
            if !matches!(result.verdict, Verdict::Pass | Verdict::NotHere) {
                problems.push(format!("{} (round {round} of {repeat})", told(result)));
            }
        }
        let score = Score::of(&grading.results);
        let not_here = grading.results.iter().filter(|it| it.verdict == Verdict::NotHere).count();
        seen = format!("{} of {} points, {repeat} times", score.points, score.out_of);
        if not_here > 0 {
            seen.push_str(&format!("; {not_here} checks cannot be graded here"));
        }
        if score.out_of == 0 {
            problems.push("nothing could be graded here".to_owned());
        }
        if !problems.is_empty() {
            break;
        }
    }
    none_of(&problems)?;
    Ok(seen)
}

/// The untouched exercises compile, and each of their checks fails because its task is not
/// started, for no other reason. Derived afresh: the reader's own may hold answers.
pub fn starters(scope: &Scope) -> Result<String> {
    let workbook = &scope.workbook;
    let dir = scratch(workbook, "starters")?;
    for chapter in &workbook.chapters {
        for file in derive::exercise(workbook, chapter)? {
            // exercises/NN-topic/src/x.rs → DIR/NN-topic/src/x.rs
            let inner = file.path.strip_prefix("exercises").unwrap_or(&file.path);
            if inner.extension().is_some_and(|it| it == "rs") {
                traps::put(&dir.join(inner), &file.text)?;
            }
        }
        let src = dir.join(&chapter.dir).join("src");
        let known = derive::files(&chapter.solution(&workbook.root).join("src"))?;
        for file in derive::files(&src)?.iter().filter(|file| !known.contains(file)) {
            std::fs::remove_file(src.join(file))?;
        }
    }
    let request = Request { asked: scope.selection(), unstarted_too: true, ..Request::new(Subject::From(dir)) };
    let grading = grade::grade(workbook, request)?;
    stop_if_cancelled()?;
    let mut problems = broken(&grading);
    for result in &grading.results {
        let as_it_should = match result.verdict {
            Verdict::NotHere => true,
            Verdict::Fail => result.not_started,
            _ => false,
        };
        if !as_it_should {
            problems.push(format!("{}; it should fail as not started", told(result)));
        }
    }
    none_of(&problems)?;
    Ok(format!("{} checks, each not started", grading.results.len()))
}

/// A directory for made-up submissions, kept from one time to the next so that little is
/// compiled again.
pub(super) fn scratch(workbook: &Workbook, name: &str) -> Result<PathBuf> {
    let dir = workbook.root.join("target/verify").join(name);
    std::fs::create_dir_all(&dir).with_context(|| format!("failed to make {}", dir.display()))?;
    Ok(dir.canonicalize()?)
}

pub(super) fn broken(grading: &Grading) -> Vec<String> {
    let told = |(chapter, words): &(String, String)| format!("{chapter} does not compile:\n{words}");
    grading.broken.iter().map(told).collect()
}

/// A result in a line or three.
pub(super) fn told(result: &CheckResult) -> String {
    let mut text = format!("{} of task {}: {:?}: {}", result.check, result.task, result.verdict, result.what);
    for (name, value) in [("expected", &result.expected), ("observed", &result.observed)] {
        if !value.is_empty() {
            text.push_str(&format!("\n         {name}: {value}"));
        }
    }
    text
}

pub(super) fn stop_if_cancelled() -> Result<()> {
    ensure!(!grade::cancelled(), "stopped");
    Ok(())
}
