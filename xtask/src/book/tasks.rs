//! A chapter's tasks as the page shows them: a list of links to their sections, with checks and
//! hints folded. `theme/live.js` fills in the states; without it the list is complete.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;

use super::directives::Page;
use super::expand::escape;
use super::front;
use super::quiz::markdown;
use crate::workbook::{Chapter, Task};

/// What each rung of the ladder of hints is.
const RUNGS: [&str; 3] = ["a nudge", "a pointer", "nearly there"];

/// `{{#tasks 03-lifecycle}}`
pub fn tasks(page: &Page, name: &str) -> Result<String> {
    let workbook = page.workbook()?;
    let chapter = &workbook.chapters[workbook.select(name)?.chapter];
    let link = if page.path == Path::new(&chapter.page) {
        String::new()
    } else {
        // From wherever this page is to the chapter's own.
        format!("{}{}", "../".repeat(page.path.components().count().saturating_sub(1)), chapter.page)
    };
    let number = chapter.number;
    let mut out = format!(
        "<section class=\"tasks\" data-chapter=\"{}\" aria-label=\"Tasks of chapter {number}\">\n<ol class=\"task-list\">\n",
        escape(&chapter.dir)
    );
    // The chapter's page says how long its tasks take; what is wrong with it is told there.
    let text = std::fs::read_to_string(page.root.join("book/src").join(&chapter.page)).unwrap_or_default();
    let minutes = front::of(&text).map_or(Vec::new(), |(front, _)| front.tasks);
    for (index, task) in chapter.tasks.iter().enumerate() {
        out.push_str(&item(task, &link, minutes.get(index).copied())?);
    }
    out.push_str("</ol>\n\n");
    out.push_str(&how_to_grade(chapter));
    out.push_str("\n</section>\n");
    Ok(out)
}

/// One task. The empty `state` is for the grader's word, when the page is read with it.
fn item(task: &Task, link: &str, minutes: Option<u32>) -> Result<String> {
    let minutes =
        minutes.map_or(String::new(), |it| format!("<span class=\"minutes\">about {}</span> ", front::time(it)));
    let mut out = format!(
        "<li class=\"task\" data-task=\"{}\">\n<p class=\"task-line\"><a href=\"{link}#{}\">{}: {}</a> <code>{}</code> \
         <span class=\"points\">{}</span> {minutes}<span class=\"state\"></span></p>\n",
        task.id,
        escape(&task.section),
        task.id,
        escape(&task.title),
        escape(&task.file),
        points(task.points()),
    );
    let count = task.checks.len();
    let checks = if count == 1 { "check" } else { "checks" };
    writeln!(out, "<details class=\"checks\"><summary>{count} {checks}</summary>\n<ul>")?;
    for check in &task.checks {
        writeln!(
            out,
            "<li class=\"check\" data-check=\"{}\"><span class=\"check-title\">{}</span> \
             <span class=\"points\">{}</span> <span class=\"state\"></span></li>",
            escape(&check.name),
            escape(&check.name.replace('_', " ")),
            points(check.points)
        )?;
    }
    out.push_str("</ul>\n</details>\n");
    let all = task.hints.len();
    for (index, hint) in task.hints.iter().enumerate() {
        let rung = RUNGS.get(index).map_or(String::new(), |rung| format!(": {rung}"));
        writeln!(
            out,
            "<details class=\"hint\" data-hint=\"{n}\"><summary>Hint {n} of {all}{rung}</summary>\n{}",
            markdown(hint),
            n = index + 1
        )?;
    }
    out.push_str(&"</details>".repeat(all));
    out.push_str("\n</li>\n");
    Ok(out)
}

/// What to type; it stays true when nothing listens to the page.
fn how_to_grade(chapter: &Chapter) -> String {
    let total: u32 = chapter.tasks.iter().map(Task::points).sum();
    format!(
        "The files are in `exercises/{}`; all tasks together are worth {}. To grade what you have:\n\n\
         ```console\n$ cargo xtask grade {}\n```\n",
        chapter.dir,
        points(total),
        chapter.number
    )
}

fn points(count: u32) -> String {
    if count == 1 { "1 point".to_owned() } else { format!("{count} points") }
}
