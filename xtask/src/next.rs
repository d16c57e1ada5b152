//! `cargo xtask next`: the first task not passed, and what to do for it.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use crate::grade::{self, Request};
use crate::stage::{self, Subject};
use crate::verdict::{CheckResult, Verdict, passed_tasks};
use crate::workbook::{Chapter, Selection, Workbook};

#[derive(clap::Args)]
pub struct Args {
    /// Only this chapter: 3, 03, lifecycle, 03-lifecycle (default: the first that is not done)
    chapter: Option<String>,
    /// Take the chapters before it from the solutions
    #[arg(long, requires = "chapter")]
    skip_ahead: bool,
}

pub fn run(args: &Args, root: &Path) -> Result<ExitCode> {
    let workbook = Workbook::load(root)?;
    let asked = args.chapter.as_ref().map(|name| workbook.select(name)).transpose()?.map(|it| it.chapter);
    let open = match asked {
        Some(index) => first_open_in(&workbook, index, args.skip_ahead)?,
        None => first_open(&workbook)?,
    };
    let Some(id) = open else {
        match asked {
            Some(index) => println!("Every task of {} has passed.", workbook.chapters[index]),
            None => println!("Every task has passed."),
        }
        return Ok(ExitCode::SUCCESS);
    };
    let Some((chapter, task)) = workbook.task(&id) else {
        return Ok(ExitCode::FAILURE);
    };
    let ahead = if args.skip_ahead { " --skip-ahead" } else { "" };
    println!("Task {}: {}", task.id, task.title);
    println!("  read   book/src/{}#{}", chapter.page, task.section);
    println!("  edit   exercises/{}/{}", chapter.dir, task.file);
    println!("  try    cargo xtask grade {}{ahead}", task.id);
    println!("  stuck  cargo xtask hint {}", task.id);
    if let Some(index) = asked.filter(|index| !args.skip_ahead && is_ahead(&workbook, *index)) {
        match first_open_in(&workbook, index, true)? {
            Some(ahead) if ahead == id => {}
            Some(ahead) => println!("(with --skip-ahead: {ahead})"),
            None => println!("(with --skip-ahead every task of it has passed)"),
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Is there a task before this chapter that was never begun? Then `--skip-ahead` may make a
/// difference.
pub fn is_ahead(workbook: &Workbook, index: usize) -> bool {
    workbook.chapters[..index].iter().any(|chapter| {
        let sources = stage::read_sources(&Subject::Exercises.dir(&workbook.root).join(&chapter.dir));
        !grade::unstarted_in(workbook, chapter, &sources).is_empty()
    })
}

/// The first task that has not passed, chapter by chapter.
pub fn first_open(workbook: &Workbook) -> Result<Option<String>> {
    for index in 0..workbook.chapters.len() {
        let open = first_open_in(workbook, index, false)?;
        if open.is_some() {
            return Ok(open);
        }
    }
    Ok(None)
}

/// The first task of a chapter that has not passed, or the earlier one of that chapter it
/// waits for.
fn first_open_in(workbook: &Workbook, index: usize, skip_ahead: bool) -> Result<Option<String>> {
    let chapter = &workbook.chapters[index];
    if let Some(id) = untouched(workbook, chapter) {
        return Ok(Some(id));
    }
    grade::notice_signals();
    let mut request = Request::new(Subject::Exercises);
    request.asked = vec![Selection { chapter: index, task: None }];
    request.skip_ahead = skip_ahead;
    let grading = grade::grade(workbook, request)?;
    let broken = grading.broken.iter().any(|(dir, _)| *dir == chapter.dir);
    Ok(open_task(chapter, broken, &grading.results))
}

/// Where to go on in a chapter, from the results of its checks. One that does not compile is
/// where to go on, at its first task.
pub fn open_task(chapter: &Chapter, broken: bool, results: &[CheckResult]) -> Option<String> {
    let passed = passed_tasks(results);
    let open = chapter.tasks.iter().find(|task| broken || passed.get(&task.id) == Some(&false))?;
    let blocked = results.iter().filter(|it| it.task == open.id && it.verdict == Verdict::Blocked);
    let by = blocked.filter_map(|it| it.blocked_by.clone()).find(|by| chapter.task(by).is_some());
    Some(by.unwrap_or_else(|| open.id.clone()))
}

/// The chapter's first task, if it is as the starter has it: no need to build anything to
/// know that it has not passed.
fn untouched(workbook: &Workbook, chapter: &Chapter) -> Option<String> {
    let first = chapter.tasks.first()?;
    let staged = stage::read_sources(&Subject::Exercises.dir(&workbook.root).join(&chapter.dir));
    grade::unstarted_in(workbook, chapter, &staged).contains(&first.id).then(|| first.id.clone())
}
