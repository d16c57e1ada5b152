//! Which tasks the reader has begun: told from the sources alone, nothing is built for it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::stage::{self, Staged};
use crate::workbook::{Chapter, Workbook};
use crate::{dirs, regions};

/// The tasks not begun: every region of the task is as the starter has it. Where the marks
/// of the regions are gone, the task's `todo!` is looked for instead.
pub fn unstarted(workbook: &Workbook, stage: &stage::Stage) -> Vec<String> {
    let chapters = workbook.chapters.iter().zip(&stage.chapters);
    chapters.flat_map(|(chapter, staged)| unstarted_in(workbook, chapter, staged)).collect()
}

/// As [`unstarted`], for the sources of one chapter.
pub fn unstarted_in(workbook: &Workbook, chapter: &Chapter, staged: &Staged) -> Vec<String> {
    let mut found = Vec::new();
    let starters = starters(&workbook.root, chapter);
    for task in &chapter.tasks {
        let mut marked = false;
        let mut untouched = true;
        for (path, text) in &staged.sources {
            let Some(starter) = starters.get(path) else {
                continue;
            };
            for region in regions_of(starter, &task.id) {
                marked = true;
                untouched &= text.contains(&region);
            }
        }
        let todo = || staged.sources.iter().any(|(_, text)| has_todo(text, &task.id));
        if marked && untouched || !marked && todo() {
            found.push(task.id.clone());
        }
    }
    found
}

/// A chapter's sources as the reader first had them.
fn starters(root: &Path, chapter: &Chapter) -> BTreeMap<PathBuf, String> {
    let dir = chapter.solution(root);
    let mut starters = BTreeMap::new();
    for path in dirs::files(&dir.join("src"), |_| false).unwrap_or_default() {
        let path = Path::new("src").join(path);
        let shown = path.display().to_string();
        let title = |id: &str| chapter.task(id).map(|task| task.title.as_str());
        if let Ok(text) = std::fs::read_to_string(dir.join(&path))
            && let Ok(starter) = regions::starter(&shown, &text, title)
        {
            starters.insert(path, starter);
        }
    }
    starters
}

/// The regions of a task in a starter, marks and all.
fn regions_of(starter: &str, task: &str) -> Vec<String> {
    let lines: Vec<&str> = starter.lines().collect();
    let regions = regions::find("", starter).unwrap_or_default();
    let of_task = regions.into_iter().filter(|region| region.task == task);
    of_task.filter_map(|region| Some(lines.get(region.start - 1..region.end)?.join("\n"))).collect()
}

/// Whether a source still holds `todo!("task 3.3: ...")`, on one line or several.
fn has_todo(text: &str, id: &str) -> bool {
    let wanted = format!("\"task {id}:");
    text.match_indices("todo!(").any(|(at, call)| {
        let line = text[..at].rsplit('\n').next().unwrap_or("");
        let rest = text[at + call.len()..].trim_start();
        !line.contains("//") && rest.starts_with(&wanted)
    })
}

#[cfg(test)]
mod tests {
    use super::has_todo;

    #[test]
    fn a_todo_is_found_where_it_counts() {
        assert!(has_todo("    todo!(\"task 3.3: The phase\")", "3.3"));
        assert!(has_todo("todo!(\n        \"task 3.3: long\"\n    )", "3.3"));
        assert!(!has_todo("todo!(\"task 3.31: other\")", "3.3"));
        assert!(!has_todo("// todo!(\"task 3.3: The phase\")\n42", "3.3"));
        assert!(!has_todo("42", "3.3"));
    }
}
