//! Traceability, both ways: tasks and sections, checks and functions, features and names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};

use crate::workbook::{Chapter, Workbook};
use crate::{doctor, starters, traps};

/// At least this many traps a chapter.
const TRAPS: usize = 4;

/// A task's heading on a page: `## Task 3.3: The phase of a pod {#task-3-3}`.
struct Section {
    page: String,
    line: usize,
    id: String,
    text: String,
}

/// Everything that leads nowhere.
pub fn problems(workbook: &Workbook) -> Result<Vec<String>> {
    let sections = sections(&workbook.root)?;
    let mut problems = sections_and_tasks(workbook, &sections);
    problems.extend(dead_links_of_the_repository(&workbook.root));
    let features: BTreeSet<String> = doctor::features().into_keys().collect();
    for chapter in &workbook.chapters {
        let at = format!("exercises/{chapter}/checks.yaml");
        for (_, check) in chapter.checks() {
            for name in check.requires.iter().filter(|name| !features.contains(*name)) {
                problems.push(format!(
                    "{at}: check {} requires `{name}`, which the doctor does not know (it knows {})",
                    check.name,
                    features.iter().cloned().collect::<Vec<_>>().join(", ")
                ));
            }
        }
        let count = chapter.tasks.len();
        if !(4..=8).contains(&count) {
            problems.push(format!("{at}: a chapter has 4 to 8 tasks, this has {count}"));
        }
        match traps::load(&workbook.root, chapter) {
            Err(error) => problems.push(format!("{error:#}")),
            Ok(traps) if traps.len() < TRAPS => {
                problems.push(format!("exercises/{chapter}/traps: at least {TRAPS} traps, these are {}", traps.len()))
            }
            Ok(_) => {}
        }
    }
    Ok(problems)
}

/// Links from the documents at the root to files that are not there. (The book's own links
/// are checked where it is built.)
fn dead_links_of_the_repository(root: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = std::fs::read_to_string(root.join(name)).unwrap_or_default();
        let mut fenced = false;
        for (index, line) in text.lines().enumerate() {
            fenced ^= line.trim_start().starts_with("```");
            for rest in line.split("](").skip(1).filter(|_| !fenced) {
                let link = rest.split([')', '#', ' ']).next().unwrap_or("");
                if !link.is_empty() && !link.contains(':') && !root.join(link).exists() {
                    problems.push(format!("{name}:{}: there is no {link}", index + 1));
                }
            }
        }
    }
    problems
}

fn sections_and_tasks(workbook: &Workbook, sections: &[Section]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut known = BTreeMap::new();
    for chapter in &workbook.chapters {
        for task in &chapter.tasks {
            known.insert((chapter.page.as_str(), task.section.as_str()), task);
            let section = sections.iter().find(|it| it.page == chapter.page && it.id == task.section);
            match section {
                None => problems.push(format!(
                    "book/src/{}: no heading has the id of task {}: `## Task {}: {} {{#{}}}`",
                    chapter.page, task.id, task.id, task.title, task.section
                )),
                // A heading and a title may differ in marks; they must speak of the same task.
                Some(section) if !section.text.contains(&task.id) => problems.push(format!(
                    "book/src/{}:{}: the heading of task {} does not say its number",
                    section.page, section.line, task.id
                )),
                Some(_) => {}
            }
        }
    }
    for section in sections.iter().filter(|it| it.id.starts_with("task-")) {
        if !known.contains_key(&(section.page.as_str(), section.id.as_str())) {
            problems.push(format!(
                "book/src/{}:{}: `{{#{}}}` is the section of no task of this page's chapter",
                section.page, section.line, section.id
            ));
        }
    }
    problems
}

/// Every heading with an id of its own, on every page.
fn sections(root: &Path) -> Result<Vec<Section>> {
    let src = root.join("book/src");
    let mut sections = Vec::new();
    for file in starters::files(&src)? {
        if file.extension().is_none_or(|it| it != "md") {
            continue;
        }
        let page = file.display().to_string();
        let text = std::fs::read_to_string(src.join(&file)).with_context(|| page.clone())?;
        sections.extend(sections_of(&page, &text));
    }
    Ok(sections)
}

fn sections_of(page: &str, text: &str) -> Vec<Section> {
    let mut fenced = false;
    let mut sections = Vec::new();
    for (index, line) in text.lines().enumerate() {
        fenced ^= line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
        if fenced || !line.starts_with('#') {
            continue;
        }
        let Some((heading, attributes)) = line.trim_end().rsplit_once('{') else { continue };
        let id = attributes.trim_end_matches('}').split(' ').find_map(|it| it.strip_prefix('#'));
        if let Some(id) = id {
            sections.push(Section {
                page: page.to_owned(),
                line: index + 1,
                id: id.to_owned(),
                text: heading.to_owned(),
            });
        }
    }
    sections
}

/// The names in a chapter's checks.yaml against what its check program lists.
pub fn names(chapter: &Chapter, listed: &BTreeSet<String>) -> Vec<String> {
    let declared: BTreeSet<String> = chapter.checks().map(|(_, check)| check.name.clone()).collect();
    let mut problems = Vec::new();
    for name in declared.difference(listed) {
        problems.push(format!("exercises/{chapter}/checks.yaml: `{name}` is no function of tests/checks.rs"));
    }
    for name in listed.difference(&declared) {
        problems.push(format!("exercises/{chapter}/tests/checks.rs: `{name}` is not in checks.yaml"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dead_links_at_the_root_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let text = "# R\n[a](there.md#x) [b](https://example.org) ![c](none.png)\n```md\n[d](no.md)\n```\n";
        std::fs::write(dir.path().join("README.md"), text).unwrap();
        std::fs::write(dir.path().join("there.md"), "").unwrap();
        assert_eq!(dead_links_of_the_repository(dir.path()), ["README.md:2: there is no none.png"]);
    }

    #[test]
    fn headings_with_ids_are_found_and_code_is_not() {
        let text = "# T\n\n## Task 3.1: A {#task-3-1}\n\n```md\n## B {#task-3-2}\n```\n\n## C {.x #c}\n";
        let got: Vec<(usize, String)> = sections_of("p.md", text).into_iter().map(|it| (it.line, it.id)).collect();
        assert_eq!(got, [(3, "task-3-1".to_owned()), (9, "c".to_owned())]);
    }
}
