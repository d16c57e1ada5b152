//! `cargo xtask reset`: start a chapter over. What was there is kept beside it.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use crate::starters;
use crate::workbook::Workbook;

#[derive(clap::Args)]
pub struct Args {
    /// The chapter: 3, 03, lifecycle or 03-lifecycle.
    chapter: String,
}

pub fn run(args: &Args, root: &Path) -> Result<ExitCode> {
    let workbook = Workbook::load(root)?;
    let selection = workbook.select(&args.chapter)?;
    let chapter = &workbook.chapters[selection.chapter];
    if let Some(task) = selection.task {
        println!("A chapter is started over as a whole; this does so for the chapter of task {task}.");
    }
    let home = chapter.exercise(root);
    if home.join("src").is_dir() {
        let kept = starters::back_up(root, chapter)?;
        println!("Your work is kept in {}", kept.display());
        // So that files of the reader's own do not stay behind in the fresh start.
        std::fs::remove_dir_all(home.join("src"))?;
    }
    starters::overwrite(&workbook, chapter)?;
    println!("{chapter} is as it was at the start.");
    Ok(ExitCode::SUCCESS)
}
