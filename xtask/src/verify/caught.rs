//! The traps: each wrong solution is caught, by the check and with the words it names.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use super::graded::{scratch, stop_if_cancelled, told};
use super::{Scope, none_of};
use crate::grade::{self, Grading, Request};
use crate::lanes;
use crate::stage::Subject;
use crate::traps::{self, Trap};
use crate::verdict::Verdict;
use crate::workbook::{Chapter, Selection};

/// Each trap compiles, its check fails, and the feedback holds the words that help.
///
/// One trap after the other uses one core: the chapters are shared out to several processes (a
/// grading counts all children of its process as its own).
pub fn traps(scope: &Scope) -> Result<String> {
    if let Some(lane) = scope.lane {
        return in_this_process(scope, lane);
    }
    let lanes = shares(scope, lanes::number());
    if lanes.len() < 2 {
        return in_this_process(scope, 0);
    }
    let mut seen = Vec::new();
    let mut problems = Vec::new();
    lanes::each(
        lanes.len(),
        &lanes,
        |(lane, chapters)| in_a_process(scope, *lane, chapters),
        |_, outcome| match outcome {
            Ok(words) => seen.push(words),
            Err(error) => problems.push(format!("{error:#}")),
        },
    );
    stop_if_cancelled()?;
    none_of(&problems)?;
    Ok(seen.join(" and "))
}

/// The chapters for each process: the one with the most traps goes to who has the fewest so far.
fn shares(scope: &Scope, lanes: usize) -> Vec<(usize, Vec<String>)> {
    let count = |chapter: &Chapter| traps::load(&scope.workbook.root, chapter).map_or(0, |traps| traps.len());
    let mut chapters: Vec<_> = scope.chapters().map(|(_, chapter)| (count(chapter), chapter.dir.clone())).collect();
    chapters.sort_by(|a, b| b.cmp(a));
    let mut shares = vec![(0, Vec::new()); lanes];
    for (traps, chapter) in chapters {
        if let Some((sum, share)) = shares.iter_mut().min_by_key(|(sum, _)| *sum) {
            *sum += traps.max(1);
            share.push(chapter);
        }
    }
    let shares = shares.into_iter().map(|(_, share)| share).filter(|share| !share.is_empty());
    shares.enumerate().collect()
}

/// `cargo xtask verify CHAPTER.. --part trap`, and what it says.
fn in_a_process(scope: &Scope, lane: usize, chapters: &[String]) -> Result<String> {
    let output = Command::new("/proc/self/exe")
        .arg("--root")
        .arg(&scope.workbook.root)
        .args(["verify", "--part", "every trap is caught", "--lane", &lane.to_string()])
        .args(chapters)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("failed to start another process of the harness")?;
    let said = String::from_utf8_lossy(&output.stdout);
    let (first, rest) = said.trim().split_once('\n').unwrap_or((said.trim(), ""));
    if !output.status.success() {
        ensure!(!rest.is_empty(), "the process for {} ended with {}: {said}", chapters.join(", "), output.status);
        // The last line counts parts, and there is only one.
        bail!("{}", rest.rsplit_once("\n\n").map_or(rest, |(problems, _)| problems).trim());
    }
    let words = first.split_once(": ").map_or(first, |(_, words)| words);
    Ok(words.rsplit_once(" (").map_or(words, |(words, _)| words).to_owned())
}

fn in_this_process(scope: &Scope, lane: usize) -> Result<String> {
    let workbook = &scope.workbook;
    // One directory for all of them: the next differs in a few lines, so little is compiled.
    // It is no other subject's, so nothing of a trap can end up in a real grading.
    let dir = scratch(workbook, &format!("traps-{lane}"))?;
    let mut problems = Vec::new();
    let mut caught = 0;
    let mut not_here = 0;
    for (index, chapter) in scope.chapters() {
        let traps = match traps::load(&workbook.root, chapter) {
            Ok(traps) => traps,
            Err(error) => {
                problems.push(format!("{error:#}"));
                continue;
            }
        };
        for trap in traps {
            if let Err(error) = traps::write(&workbook.root, chapter, &trap, &dir.join(&chapter.dir)) {
                problems.push(format!("exercises/{chapter}/traps/{}.yaml: {error:#}", trap.name));
                continue;
            }
            let request = Request {
                asked: vec![Selection { chapter: index, task: None }],
                only: Some(vec![trap.caught_by.clone()]),
                skip_ahead: true,
                ..Request::new(Subject::From(dir.clone()))
            };
            let grading = grade::grade(workbook, request)?;
            stop_if_cancelled()?;
            match survived(chapter, &trap, &grading) {
                Some(problem) => problems.push(problem),
                None if grading.results.iter().any(|it| it.verdict == Verdict::NotHere) => not_here += 1,
                None => caught += 1,
            }
        }
    }
    none_of(&problems)?;
    Ok(match not_here {
        0 => format!("{caught} traps"),
        n => format!("{caught} traps; {n} cannot be tried here"),
    })
}

/// Why a trap is not caught as it should be.
fn survived(chapter: &Chapter, trap: &Trap, grading: &Grading) -> Option<String> {
    let at = format!("exercises/{chapter}/traps/{}.yaml", trap.name);
    if let Some((_, words)) = grading.broken.first() {
        return Some(format!("{at}: it does not compile:\n{words}"));
    }
    let Some(result) = grading.results.first() else {
        return Some(format!("{at}: no check `{}` was run", trap.caught_by));
    };
    match result.verdict {
        Verdict::NotHere => None,
        Verdict::Fail => {
            let said = format!("{}\nexpected {}\nobserved {}", result.what, result.expected, result.observed);
            let silent: Vec<_> = trap.says.iter().filter(|word| !said.contains(*word)).collect();
            (!silent.is_empty()).then(|| {
                format!("{at}: `{}` catches it, but does not say {silent:?}. It says:\n{said}", trap.caught_by)
            })
        }
        _ => Some(format!(
            "{at}: `{}` does not catch who believes: {}\n       {}",
            trap.caught_by,
            trap.believes.trim(),
            told(result)
        )),
    }
}
