//! `cargo xtask next`: the first task not passed, and what to do for it.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use crate::grade::{self, Request};
use crate::stage::Subject;
use crate::verdict::{Verdict, passed_tasks};
use crate::workbook::{Selection, Workbook};

#[derive(clap::Args)]
pub struct Args {}

pub fn run(_args: &Args, root: &Path) -> Result<ExitCode> {
    let workbook = Workbook::load(root)?;
    let Some(id) = first_open(&workbook)? else {
        println!("Every task has passed.");
        return Ok(ExitCode::SUCCESS);
    };
    let Some((chapter, task)) = workbook.task(&id) else {
        return Ok(ExitCode::FAILURE);
    };
    println!("Task {}: {}", task.id, task.title);
    println!("  read   book/src/{}#{}", chapter.page, task.section);
    println!("  edit   exercises/{}/{}", chapter.dir, task.file);
    println!("  try    cargo xtask grade {}", task.id);
    println!("  stuck  cargo xtask hint {}", task.id);
    Ok(ExitCode::SUCCESS)
}

/// The first task that has not passed, chapter by chapter.
pub fn first_open(workbook: &Workbook) -> Result<Option<String>> {
    grade::notice_signals();
    for (index, chapter) in workbook.chapters.iter().enumerate() {
        let mut request = Request::new(Subject::Exercises);
        request.asked = vec![Selection { chapter: index, task: None }];
        let grading = grade::grade(workbook, request)?;
        // A chapter that does not compile is where to go on, at its first task.
        let broken = grading.broken.iter().any(|(dir, _)| *dir == chapter.dir);
        let passed = passed_tasks(&grading.results);
        let open = chapter.tasks.iter().find(|task| broken || passed.get(&task.id) == Some(&false));
        if let Some(task) = open {
            let blocked = grading
                .results
                .iter()
                .filter(|it| it.task == task.id && it.verdict == Verdict::Blocked)
                .find_map(|it| it.blocked_by.clone());
            let by_task = blocked.filter(|by| workbook.task(by).is_some());
            return Ok(Some(by_task.unwrap_or_else(|| task.id.clone())));
        }
    }
    Ok(None)
}
