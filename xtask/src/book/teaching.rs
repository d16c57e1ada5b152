//! Plans for classes, made of the minutes of the pages. `book/src/teaching.md` is written by hand
//! but for the parts below its marks, which [`current`] fills in:
//!
//! ```text
//! <!-- pages -->                          a table of all pages
//! <!-- end -->
//!
//! <!-- plan
//! days: [{ from: "09:00", to: "12:30" }]
//! pages: [introduction.md, 01-grouping/index.md]
//! until: "2.5"                            of the last page only the tasks up to this one
//! -->
//! <!-- end -->
//! ```

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::front::{self, Front};
use super::schedule::{self, Day, Item};
use crate::workbook::{Chapter, Workbook};

/// The page that has them, in the repository.
pub const PAGE: &str = "book/src/teaching.md";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    days: Vec<Hours>,
    pages: Vec<String>,
    until: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hours {
    from: String,
    to: String,
}

/// A page of the book and what its front matter says.
struct Source<'w> {
    path: String,
    title: String,
    front: Front,
    chapter: Option<&'w Chapter>,
}

/// The page as it should be now.
pub fn current(root: &Path) -> Result<String> {
    let workbook = Workbook::load(root)?;
    let text = std::fs::read_to_string(root.join(PAGE)).with_context(|| format!("failed to read {PAGE}"))?;
    filled(&text, |mark| {
        if mark.trim() == "pages" {
            return table(&pages(root, &workbook)?);
        }
        let yaml = mark.strip_prefix("plan\n").context("a mark is `pages` or `plan`")?;
        let plan: Plan = serde_yaml::from_str(yaml)?;
        let source = |path: &String| source(root, &workbook, path);
        render(&plan, &plan.pages.iter().map(source).collect::<Result<Vec<_>>>()?)
    })
}

/// Fails if the page is not what [`current`] gives.
pub fn check(root: &Path) -> Result<()> {
    let now = std::fs::read_to_string(root.join(PAGE)).with_context(|| format!("failed to read {PAGE}"))?;
    ensure!(now == current(root)?, "{PAGE} does not follow from the minutes of the pages: run `cargo xtask outputs`");
    Ok(())
}

/// Fills in what lies between a mark (`<!-- pages -->` or `<!-- plan ... -->`) and its end.
fn filled(text: &str, fill: impl Fn(&str) -> Result<String>) -> Result<String> {
    const END: &str = "<!-- end -->";
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = ["\n<!-- pages", "\n<!-- plan\n"].iter().filter_map(|mark| rest.find(mark)).min() {
        let line = text.len() - rest.len() + at;
        let at_line = text[..line].lines().count() + 2;
        let mark_end = at + rest[at..].find("-->").with_context(|| format!("{PAGE}:{at_line}: never closed"))? + 3;
        let end = rest[mark_end..].find(END).with_context(|| format!("{PAGE}:{at_line}: no {END} follows"))?;
        let mark = rest[at + 5..mark_end - 3].trim_start();
        let new = fill(mark).with_context(|| format!("{PAGE}:{at_line}"))?;
        write!(out, "{}\n\n{}\n\n{END}", &rest[..mark_end], new.trim_end())?;
        rest = &rest[mark_end + end + END.len()..];
    }
    out.push_str(rest);
    Ok(out)
}

/// All pages of SUMMARY.md in their order.
fn pages<'w>(root: &Path, workbook: &'w Workbook) -> Result<Vec<Source<'w>>> {
    let summary = std::fs::read_to_string(root.join("book/src/SUMMARY.md")).context("failed to read SUMMARY.md")?;
    let links = summary.lines().filter_map(|line| line.split_once("](")?.1.strip_suffix(')'));
    links.map(|path| source(root, workbook, path)).collect()
}

fn source<'w>(root: &Path, workbook: &'w Workbook, path: &str) -> Result<Source<'w>> {
    let text = std::fs::read_to_string(root.join("book/src").join(path)).with_context(|| format!("no page {path}"))?;
    let (front, _) = front::of_page(workbook, path, &text).with_context(|| path.to_owned())?;
    let title = text.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or(path).to_owned();
    Ok(Source { path: path.to_owned(), title, front, chapter: front::chapter(workbook, path) })
}

fn table(pages: &[Source]) -> Result<String> {
    let mut out = String::from("| Page | Minutes | of these reading | Afterwards one can |\n|---|--:|--:|---|\n");
    let mut sum = 0;
    for page in pages {
        let Source { path, title, front, .. } = page;
        let reading = if front.tasks.is_empty() { front.minutes } else { front.reading };
        sum += front.minutes;
        writeln!(out, "| [{title}]({path}) | {} | {reading} | {} |", front.minutes, front.goals.join("; "))?;
    }
    writeln!(out, "| all of it | {sum} | | |")?;
    Ok(out)
}

/// The parts of the pages, in the order in which they are done.
fn items(plan: &Plan, pages: &[Source]) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for page in pages {
        let Source { path, title, front, chapter } = page;
        let Some(chapter) = chapter else {
            items.push(Item { minutes: front.minutes, what: format!("[{title}]({path})"), task: None });
            continue;
        };
        let what = format!("Chapter {}, [{title}]({path}): read, show, discuss", chapter.number);
        items.push(Item { minutes: front.reading, what, task: None });
        for (task, minutes) in chapter.tasks.iter().zip(&front.tasks) {
            let link = format!("[{}]({path}#{})", task.id, task.section);
            items.push(Item { minutes: *minutes, what: format!("Chapter {}", chapter.number), task: Some(link) });
            if plan.until.as_ref() == Some(&task.id) {
                return Ok(items);
            }
        }
    }
    if let Some(until) = &plan.until {
        bail!("until: task {until} is on none of the pages");
    }
    Ok(items)
}

fn render(plan: &Plan, pages: &[Source]) -> Result<String> {
    let clock = |text: &str| schedule::minutes(text).with_context(|| format!("`{text}` is no time of day"));
    let days = plan.days.iter().map(|it| Ok(Day { from: clock(&it.from)?, to: clock(&it.to)? }));
    schedule::tables(&days.collect::<Result<Vec<_>>>()?, &items(plan, pages)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_between_the_marks_is_filled_in_and_nothing_else() {
        let text = "a\n\n<!-- pages -->\nold\n<!-- end -->\n\nb\n\n<!-- plan\nx: 1\n-->\n<!-- end -->\nc\n";
        let got = filled(text, |mark| Ok(format!("({})", mark.trim()))).unwrap();
        let want = "a\n\n<!-- pages -->\n\n(pages)\n\n<!-- end -->\n\nb\n\n<!-- plan\nx: 1\n-->\n\n(plan\nx: 1)\n\n<!-- end -->\nc\n";
        assert_eq!(got, want);
        // What is current stays as it is.
        assert_eq!(filled(&got, |mark| Ok(format!("({})", mark.trim()))).unwrap(), want);
        let error = filled("a\n\n<!-- pages -->\n", |_| Ok(String::new())).unwrap_err().to_string();
        assert!(error.contains("teaching.md:3: no <!-- end --> follows"), "{error}");
    }

    #[test]
    fn the_plans_of_this_book_fit_and_are_current() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        check(&root).unwrap();
    }
}
