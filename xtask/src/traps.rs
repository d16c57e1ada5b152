//! Traps: misunderstandings people really have, as wrong solutions that a check must catch.
//!
//! `exercises/NN-topic/traps/NAME.yaml` holds edits to the solution. With them applied, the
//! named check must fail, and its feedback must hold the words that put the belief right. A
//! trap that survives is a defect of the checks.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::starters;
use crate::workbook::Chapter;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trap {
    /// The file's name without `.yaml`.
    #[serde(skip)]
    pub name: String,
    /// What somebody who writes this believes.
    pub believes: String,
    pub task: String,
    pub edits: Vec<Edit>,
    /// The check that must fail.
    pub caught_by: String,
    /// Words that its feedback must contain.
    pub says: Vec<String>,
}

/// A piece of a source file to replace. It must be there exactly once.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// Relative to the chapter's directory: `src/backoff.rs`.
    pub file: PathBuf,
    pub find: String,
    pub with: String,
}

/// The traps of a chapter, sorted by name, each checked against its checks.yaml.
pub fn load(root: &Path, chapter: &Chapter) -> Result<Vec<Trap>> {
    let dir = chapter.exercise(root).join("traps");
    let mut traps = Vec::new();
    if !dir.is_dir() {
        return Ok(traps);
    }
    for file in starters::files(&dir)? {
        let shown = format!("exercises/{chapter}/traps/{}", file.display());
        if file.extension().is_none_or(|it| it != "yaml") {
            bail!("{shown}: a trap is a .yaml file");
        }
        let text = std::fs::read_to_string(dir.join(&file)).with_context(|| shown.clone())?;
        let mut trap: Trap = serde_yaml::from_str(&text).with_context(|| shown.clone())?;
        trap.name = file.file_stem().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        let task = chapter.task(&trap.task).with_context(|| format!("{shown}: there is no task {}", trap.task))?;
        ensure!(
            chapter.checks().any(|(_, check)| check.name == trap.caught_by),
            "{shown}: there is no check `{}` (task {} has {})",
            trap.caught_by,
            task.id,
            task.checks.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", ")
        );
        ensure!(!trap.edits.is_empty(), "{shown}: a trap has edits");
        ensure!(!trap.says.is_empty(), "{shown}: say which words its feedback must hold");
        ensure!(!trap.believes.trim().is_empty(), "{shown}: say what one believes");
        traps.push(trap);
    }
    Ok(traps)
}

/// Writes the chapter's sources with the edits applied to `to/src`, and nothing else there.
/// A file that stays the same is not touched, so that little is compiled again.
pub fn write(root: &Path, chapter: &Chapter, trap: &Trap, to: &Path) -> Result<()> {
    let solution = chapter.solution(root);
    let mut written = Vec::new();
    for file in starters::files(&solution.join("src"))? {
        let file = Path::new("src").join(file);
        let text = std::fs::read_to_string(solution.join(&file))
            .with_context(|| format!("failed to read solutions/{chapter}/{}", file.display()))?;
        let mut edited = text;
        for edit in trap.edits.iter().filter(|edit| edit.file == file) {
            edited = apply(&edited, edit).with_context(|| format!("solutions/{chapter}/{}", file.display()))?;
        }
        put(&to.join(&file), &edited)?;
        written.push(file);
    }
    for edit in &trap.edits {
        ensure!(written.contains(&edit.file), "there is no solutions/{chapter}/{}", edit.file.display());
    }
    for file in starters::files(&to.join("src"))? {
        let file = Path::new("src").join(file);
        if !written.contains(&file) {
            std::fs::remove_file(to.join(&file)).with_context(|| file.display().to_string())?;
        }
    }
    Ok(())
}

/// Writes a file if it is not as it should be already.
pub fn put(path: &Path, text: &str) -> Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(path, text).with_context(|| format!("failed to write {}", path.display()))
}

/// Applies one edit. YAML takes the indent off a block, so where the text is not found as it
/// stands, its further lines are looked for with more of it.
fn apply(text: &str, edit: &Edit) -> Result<String> {
    for indent in (0..=40).step_by(4) {
        let shift = |text: &str| {
            let more = " ".repeat(indent);
            let lines: Vec<String> = text
                .split('\n')
                .enumerate()
                .map(|(n, line)| if n == 0 || line.is_empty() { line.to_owned() } else { format!("{more}{line}") })
                .collect();
            lines.join("\n")
        };
        let find = shift(&edit.find);
        match text.matches(&find).count() {
            0 => continue,
            1 => return Ok(text.replacen(&find, &shift(&edit.with), 1)),
            n => bail!("what an edit is to find is there {n} times, not once:\n{}", edit.find),
        }
    }
    bail!("what an edit is to find is not there:\n{}", edit.find)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(find: &str, with: &str) -> Edit {
        Edit { file: "src/lib.rs".into(), find: find.into(), with: with.into() }
    }

    #[test]
    fn an_edit_is_applied_where_it_fits_once() {
        assert_eq!(apply("a b c", &edit("b", "x")).unwrap(), "a x c");
        assert!(apply("b b", &edit("b", "x")).unwrap_err().to_string().contains("2 times"));
        assert!(apply("a", &edit("b", "x")).unwrap_err().to_string().contains("not there"));
    }

    #[test]
    fn the_indent_that_yaml_takes_off_is_found_again() {
        let text = "fn a() {\n        if x {\n            y\n        }\n}\n";
        let got = apply(text, &edit("if x {\n    y\n}", "if z {\n    y\n}")).unwrap();
        assert_eq!(got, "fn a() {\n        if z {\n            y\n        }\n}\n");
    }
}
