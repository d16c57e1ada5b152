//! `cargo xtask hint [TASK]`: the next rung of a task's ladder each time it is asked.
//!
//! How many rungs were asked for is remembered in the state directory (`hints.json`).

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

use crate::dirs;
use crate::workbook::{Chapter, Task, Workbook};

#[derive(clap::Args)]
pub struct Args {
    /// The task, as in 3.3 (default: the first one not passed)
    task: Option<String>,
    /// All the hints at once
    #[arg(long)]
    all: bool,
    /// Forget which hints were given
    #[arg(long, conflicts_with = "all")]
    again: bool,
}

pub fn run(args: &Args, root: &Path) -> Result<ExitCode> {
    let workbook = Workbook::load(root)?;
    let id = match &args.task {
        Some(id) => id.clone(),
        None => match crate::next::first_open(&workbook)? {
            Some(id) => id,
            None => {
                println!("every task has passed; there is nothing to hint at");
                return Ok(ExitCode::SUCCESS);
            }
        },
    };
    let selection = workbook.select(&id)?;
    ensure!(selection.task.is_some(), "`{id}` is a chapter; a hint is for a task, as in `cargo xtask hint 3.3`");
    let (chapter, task) = workbook.task(&id).context("no such task")?;
    let file = dirs::state(root)?.join("hints.json");
    let mut given: BTreeMap<String, usize> =
        std::fs::read_to_string(&file).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    if args.again {
        given.remove(&id);
    }
    let before = given.get(&id).copied().unwrap_or(0).min(task.hints.len());
    let now = if args.all { task.hints.len() } else { (before + 1).min(task.hints.len()) };
    show(chapter, task, before, now, args.all);
    given.insert(id, now);
    std::fs::write(&file, serde_json::to_string_pretty(&given)?)
        .with_context(|| format!("failed to write {}", file.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn show(chapter: &Chapter, task: &Task, before: usize, now: usize, all: bool) {
    let rungs = ["a nudge", "a pointer", "nearly there"];
    println!("Task {}: {}", task.id, task.title);
    println!("exercises/{}/{}", chapter.dir, task.file);
    // Past the last rung, all of them are shown once more.
    let from = if all || before >= task.hints.len() { 0 } else { before };
    for (hint, rung) in task.hints.iter().zip(rungs).take(now).skip(from) {
        println!("\n{rung}:");
        for line in hint.trim().lines() {
            println!("  {line}");
        }
    }
    println!();
    if now < task.hints.len() {
        println!("for more: cargo xtask hint {}", task.id);
    } else {
        println!("these are all; the section is book/src/{}#{}", chapter.page, task.section);
    }
}
