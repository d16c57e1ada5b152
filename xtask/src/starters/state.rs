//! How the files of an exercise stand to what would be derived: is anybody's work in them?

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::{Derived, files, sums};
use crate::workbook::Chapter;

/// How a file of an exercise stands to what would be derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Same,
    /// It differs, but is as it was last derived or committed: the solution has moved on.
    Stale,
    /// It differs, and somebody has edited it.
    Edited,
    Missing,
    /// The solution has no such file.
    Extra,
}

/// Every file of the exercise, on disk or derived, and how it stands.
pub fn compare(root: &Path, chapter: &Chapter, derived: &[Derived]) -> Result<Vec<(PathBuf, State)>> {
    let last = last_written(root);
    let mut states = Vec::new();
    for file in derived {
        let state = match std::fs::read_to_string(root.join(&file.path)) {
            Ok(text) if text == file.text => State::Same,
            Ok(text) if is_ours(root, &file.path, &text, &last) => State::Stale,
            Ok(_) => State::Edited,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => State::Missing,
            Err(error) => bail!("failed to read {}: {error}", file.path.display()),
        };
        states.push((file.path.clone(), state));
    }
    let src = chapter.exercise(root).join("src");
    if src.is_dir() {
        for file in files(&src)? {
            let path = Path::new("exercises").join(&chapter.dir).join("src").join(file);
            if !derived.iter().any(|it| it.path == path) {
                states.push((path, State::Extra));
            }
        }
    }
    Ok(states)
}

/// Is this what was last derived here, or what is committed? Then nobody's work is lost.
fn is_ours(root: &Path, path: &Path, text: &str, last: &BTreeMap<String, String>) -> bool {
    if last.get(&path.display().to_string()) == Some(&sums::hash(text.as_bytes())) {
        return true;
    }
    committed(root, path).as_deref() == Some(text.as_bytes())
}

/// A file as the last commit has it.
pub fn committed(root: &Path, path: &Path) -> Option<Vec<u8>> {
    let output =
        Command::new("git").current_dir(root).arg("show").arg(format!("HEAD:./{}", path.display())).output().ok()?;
    output.status.success().then_some(output.stdout)
}

/// What was last derived here: the sum of each file, by its path.
pub fn last_written(root: &Path) -> BTreeMap<String, String> {
    std::fs::read_to_string(root.join("target/starters.json"))
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}
