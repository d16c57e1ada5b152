//! Reads a chapter's `checks.yaml`, and holds it to the rules that serde cannot know.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};

use super::Chapter;

/// `dir` is the name of the chapter's directory.
pub fn parse(text: &str, dir: &str) -> Result<Chapter> {
    let mut chapter: Chapter = serde_yaml::from_str(text)?;
    chapter.dir = dir.to_string();
    let number = dir.split('-').next().and_then(|it| it.parse::<u32>().ok());
    ensure!(number == Some(chapter.number), "chapter is {}, but the directory is {dir}", chapter.number);
    let mut names = BTreeSet::new();
    for task in &chapter.tasks {
        let id = &task.id;
        ensure!(
            id.split_once('.').is_some_and(|(a, b)| a.parse() == Ok(chapter.number) && b.parse::<u32>().is_ok()),
            "task `{id}`: the id must be `{}.N`",
            chapter.number
        );
        ensure!(
            task.hints.len() == 3 && task.hints.iter().all(|hint| !hint.trim().is_empty()),
            "task {id}: exactly three hints (nudge, pointer, nearly there), not {}",
            task.hints.len()
        );
        ensure!(!task.checks.is_empty(), "task {id} has no checks");
        for check in &task.checks {
            let name = &check.name;
            ensure!(check.points > 0, "check {name}: points must be 1 or more");
            ensure!(check.timeout > 0, "check {name}: timeout must be 1 or more");
            ensure!(names.insert(name), "check {name} is there twice");
        }
    }
    Ok(chapter)
}

#[cfg(test)]
pub const YAML: &str = r#"
chapter: 3
crate: lifecycle
title: Life cycle
page: 03-lifecycle/index.md
tasks:
  - id: "3.1"
    title: The phase of a pod
    file: src/phase.rs
    section: task-3-1
    hints: [one, two, three]
    checks:
      - { name: a_check, points: 2 }
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_refused() {
        for (from, to) in [
            ("points: 2", "points: 0"),
            ("[one, two, three]", "[one, two]"),
            ("\"3.1\"", "\"2.1\""),
            ("title: Life cycle", "titel: Life cycle"),
            ("points: 2", "points: 2, time: 3"),
        ] {
            let text = YAML.replacen(from, to, 1);
            assert!(parse(&text, "03-lifecycle").is_err(), "{to}");
        }
        assert!(parse(YAML, "02-lifecycle").is_err());
    }
}
