//! `cargo xtask show`: the reference answer, once you have your own.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::grade::{self, Request};
use crate::stage::Subject;
use crate::verdict::Verdict;
use crate::workbook::{Chapter, Selection, Task, Workbook};
use crate::{next, regions, starters};

#[derive(clap::Args)]
pub struct Args {
    /// A chapter (3) or a task (3.3).
    what: String,
    /// Show it although the task is not passed.
    #[arg(long)]
    anyway: bool,
    /// Take the chapters before it from the solutions
    #[arg(long, conflicts_with = "anyway")]
    skip_ahead: bool,
}

pub fn run(args: &Args, root: &Path) -> Result<ExitCode> {
    let workbook = Workbook::load(root)?;
    let selection = workbook.select(&args.what)?;
    let chapter = &workbook.chapters[selection.chapter];
    let tasks: Vec<&Task> =
        chapter.tasks.iter().filter(|task| selection.task.as_ref().is_none_or(|id| *id == task.id)).collect();
    if !args.anyway {
        let open = not_passed(&workbook, &selection, args.skip_ahead)?;
        if !open.is_empty() {
            println!("Not passed yet: {}.", open.join(", "));
            if !args.skip_ahead && next::is_ahead(&workbook, selection.chapter) {
                println!("With the chapters before it from the solutions: cargo xtask show {} --skip-ahead", args.what);
            }
            println!("The next hint: cargo xtask hint {}", open[0]);
            println!("The answer all the same: cargo xtask show {} --anyway", args.what);
            return Ok(ExitCode::FAILURE);
        }
    }
    for task in tasks {
        show(root, chapter, task)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Grades what was asked for; gives the tasks that do not pass.
fn not_passed(workbook: &Workbook, selection: &Selection, skip_ahead: bool) -> Result<Vec<String>> {
    let request = Request { asked: vec![selection.clone()], skip_ahead, ..Request::new(Subject::Exercises) };
    let grading = grade::grade(workbook, request)?;
    let mut open: Vec<String> = Vec::new();
    for result in &grading.results {
        let fails = matches!(result.verdict, Verdict::Fail | Verdict::Blocked);
        if fails && open.last() != Some(&result.task) {
            open.push(result.task.clone());
        }
    }
    Ok(open)
}

/// Every region of a task, under the name of its file.
fn show(root: &Path, chapter: &Chapter, task: &Task) -> Result<()> {
    println!("// Task {}: {}", task.id, task.title);
    let src = chapter.solution(root).join("src");
    for file in starters::files(&src)? {
        let name = format!("solutions/{chapter}/src/{}", file.display());
        let text = std::fs::read_to_string(src.join(&file)).with_context(|| name.clone())?;
        for region in regions::find(&name, &text).unwrap_or_default() {
            if region.task == task.id
                && let Ok(answer) = regions::excerpt(&text, &region.name)
            {
                println!("// {name}:{}\n\n{}", region.start + 1, answer.trim_end());
                println!();
            }
        }
    }
    Ok(())
}
