//! What there is in the workbook: chapters, tasks, checks, and where their files are.
//!
//! All of it is read from `exercises/*/checks.yaml`. Every command starts here.

mod parse;
mod place;

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use parse::parse;
pub use place::root;

/// The workbook: its root directory and its chapters in order.
#[derive(Debug, Clone)]
pub struct Workbook {
    pub root: PathBuf,
    pub chapters: Vec<Chapter>,
}

/// One chapter, as its `checks.yaml` tells it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chapter {
    #[serde(rename = "chapter")]
    pub number: u32,
    /// The package's name, and the name of its binary.
    #[serde(rename = "crate")]
    pub krate: String,
    pub title: String,
    /// The page, relative to `book/src`.
    pub page: String,
    pub tasks: Vec<Task>,
    /// The directory's name, `03-lifecycle`; the same under exercises/ and solutions/.
    #[serde(skip)]
    pub dir: String,
}

/// One thing to write.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// `CHAPTER.N`, as in `3.2`.
    pub id: String,
    pub title: String,
    /// The file to edit, relative to the chapter's directory.
    pub file: String,
    /// The id of the heading on the chapter's page.
    pub section: String,
    /// Tasks that must pass before this one's failures mean anything.
    #[serde(default)]
    pub needs: Vec<String>,
    /// A ladder: nudge, pointer, nearly there.
    pub hints: Vec<String>,
    pub checks: Vec<Check>,
}

/// One promise, judged by one function of `tests/checks.rs`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    pub name: String,
    pub points: u32,
    /// Features the machine must have (see `doctor`).
    #[serde(default)]
    pub requires: Vec<String>,
    /// Seconds, on the reference machine; scaled by the machine's measured speed.
    #[serde(default = "default_timeout")]
    pub timeout: u64,
}

fn default_timeout() -> u64 {
    20
}

impl Task {
    pub fn points(&self) -> u32 {
        self.checks.iter().map(|check| check.points).sum()
    }
}

impl fmt::Display for Chapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.dir)
    }
}

impl Chapter {
    pub fn exercise(&self, root: &Path) -> PathBuf {
        root.join("exercises").join(&self.dir)
    }

    pub fn solution(&self, root: &Path) -> PathBuf {
        root.join("solutions").join(&self.dir)
    }

    pub fn checks(&self) -> impl Iterator<Item = (&Task, &Check)> {
        self.tasks.iter().flat_map(|task| task.checks.iter().map(move |check| (task, check)))
    }

    pub fn task(&self, id: &str) -> Option<&Task> {
        self.tasks.iter().find(|task| task.id == id)
    }
}

/// What a command was asked about: a chapter, or one task of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Index into [`Workbook::chapters`].
    pub chapter: usize,
    /// A task's id; none means the whole chapter.
    pub task: Option<String>,
}

impl Workbook {
    pub fn load(root: &Path) -> Result<Workbook> {
        let exercises = root.join("exercises");
        let mut dirs = Vec::new();
        let entries =
            std::fs::read_dir(&exercises).with_context(|| format!("failed to read {}", exercises.display()))?;
        for entry in entries {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let numbered = name.as_bytes().first().is_some_and(u8::is_ascii_digit);
            if numbered && exercises.join(&name).join("checks.yaml").is_file() {
                dirs.push(name);
            }
        }
        dirs.sort();
        let mut chapters = Vec::new();
        for dir in dirs {
            let path = exercises.join(&dir).join("checks.yaml");
            let text = std::fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?;
            let chapter = parse(&text, &dir).with_context(|| path.display().to_string())?;
            chapters.push(chapter);
        }
        ensure!(!chapters.is_empty(), "no chapter (a directory with a checks.yaml) in {}", exercises.display());
        let workbook = Workbook { root: root.to_path_buf(), chapters };
        workbook.check_needs()?;
        Ok(workbook)
    }

    /// Every `needs` names a task that stands before it.
    fn check_needs(&self) -> Result<()> {
        let mut seen = BTreeSet::new();
        for chapter in &self.chapters {
            for task in &chapter.tasks {
                for need in &task.needs {
                    ensure!(
                        seen.contains(need),
                        "exercises/{}/checks.yaml: task {} needs {need}, which is no earlier task",
                        chapter.dir,
                        task.id
                    );
                }
                ensure!(
                    seen.insert(&task.id),
                    "exercises/{}/checks.yaml: task {} is there twice",
                    chapter.dir,
                    task.id
                );
            }
        }
        Ok(())
    }

    pub fn chapter(&self, name: &str) -> Option<&Chapter> {
        let index = self.select(name).ok()?.chapter;
        self.chapters.get(index)
    }

    /// The task of an id, with its chapter.
    pub fn task(&self, id: &str) -> Option<(&Chapter, &Task)> {
        self.chapters.iter().find_map(|chapter| chapter.task(id).map(|task| (chapter, task)))
    }

    /// Accepts `3`, `03`, `lifecycle`, `03-lifecycle`, and a task's id, `3.3`.
    pub fn select(&self, name: &str) -> Result<Selection> {
        let name = name.trim_end_matches('/');
        let name = name.rsplit('/').next().unwrap_or(name);
        for (chapter, it) in self.chapters.iter().enumerate() {
            let number = name.parse::<u32>().ok() == Some(it.number);
            if number || name == it.krate || name == it.dir {
                let task = None;
                return Ok(Selection { chapter, task });
            }
            if it.task(name).is_some() {
                let task = Some(name.to_string());
                return Ok(Selection { chapter, task });
            }
        }
        let names: Vec<_> = self.chapters.iter().map(|it| it.dir.as_str()).collect();
        if let Some((number, _)) = name.split_once('.')
            && let Some(chapter) = self.chapter(number)
        {
            let ids: Vec<_> = chapter.tasks.iter().map(|it| it.id.as_str()).collect();
            bail!("no task `{name}`; {chapter} has {}", ids.join(", "));
        }
        bail!("no chapter or task `{name}`; the chapters are {}", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::parse::YAML;
    use super::*;

    fn workbook() -> Workbook {
        Workbook { root: PathBuf::from("/w"), chapters: vec![parse(YAML, "03-lifecycle").unwrap()] }
    }

    #[test]
    fn a_chapter_has_many_names() {
        let workbook = workbook();
        for name in ["3", "03", "lifecycle", "03-lifecycle", "exercises/03-lifecycle/"] {
            let selection = workbook.select(name).unwrap();
            assert_eq!(selection.task, None, "{name}");
        }
        assert_eq!(workbook.select("3.1").unwrap().task.as_deref(), Some("3.1"));
        let error = workbook.select("3.9").unwrap_err().to_string();
        assert!(error.contains("has 3.1"), "{error}");
        assert!(workbook.select("nine").is_err());
    }
}
