//! Build: one call of cargo for all that is asked; a chapter that does not compile costs that
//! chapter, and those that stand on it, alone.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde_json::Value;

use crate::cargo;
use crate::stage::{Stage, Subject};
use crate::workbook::Workbook;

/// What became of one chapter.
#[derive(Debug, Clone)]
pub enum Built {
    /// The binary, in the stage's target directory.
    Binary(PathBuf),
    /// It does not compile: the compiler's words, trimmed, with the reader's paths.
    Broken(String),
    /// It stands on a chapter that does not compile (index).
    Behind(usize),
    /// Not asked for.
    NotAsked,
}

/// Builds the binaries of the chapters in `asked` (indices).
pub fn build(workbook: &Workbook, subject: &Subject, stage: &Stage, asked: &[usize]) -> Result<Vec<Built>> {
    let mut args = Vec::new();
    for &index in asked {
        if let Some(chapter) = workbook.chapters.get(index) {
            args.push("--package".to_string());
            args.push(chapter.krate.clone());
        }
    }
    args.push("--bins".to_string());
    let manifest = stage.workspace.join("Cargo.toml");
    let said = cargo::build(&manifest, &stage.target, &args, "compiling what is graded")?;
    let mut errors: Vec<Vec<String>> = vec![Vec::new(); workbook.chapters.len()];
    let mut binaries: Vec<Option<PathBuf>> = vec![None; workbook.chapters.len()];
    let mut elsewhere = Vec::new();
    for message in &said.messages {
        let package = message["manifest_path"].as_str().map(Path::new);
        let dir = package.and_then(Path::parent).and_then(Path::file_name);
        let index = dir.and_then(|dir| {
            let is = |chapter: &crate::workbook::Chapter| dir == chapter.dir.as_str();
            workbook.chapters.iter().position(is)
        });
        match (message["reason"].as_str(), index) {
            (Some("compiler-message"), index) => {
                if let Some(text) = error_of(message) {
                    match index {
                        Some(index) => errors[index].push(text),
                        None => elsewhere.push(text),
                    }
                }
            }
            (Some("compiler-artifact"), Some(index)) => {
                if let Some(path) = message["executable"].as_str() {
                    binaries[index] = Some(path.into());
                }
            }
            _ => {}
        }
    }
    if !elsewhere.is_empty() {
        bail!("podkit does not compile:\n{}", trim(&elsewhere));
    }
    let finished = said.messages.iter().any(|it| it["reason"] == "build-finished");
    let stopped = said.stderr.contains("stopped: the compiler did not end");
    if !finished && !stopped {
        bail!("cargo could not build the stage:\n{}", said.stderr.trim());
    }
    let mut built = Vec::new();
    // The first chapter that is broken is what those behind it wait for.
    let mut broken = None;
    for (index, chapter) in workbook.chapters.iter().enumerate() {
        let staged = &stage.chapters[index];
        let binary = binaries[index].take();
        let state = if !staged.refused.is_empty() {
            Built::Broken(staged.refused.join("\n"))
        } else if !errors[index].is_empty() {
            let shown = match staged.from_solutions {
                true => "solutions".to_string(),
                false => subject.shown(&workbook.root),
            };
            let text = trim(&errors[index]);
            let here = format!("{}/src/", chapter.dir);
            let text = text.replace(&here, &format!("{shown}/{here}"));
            Built::Broken(text)
        } else if !asked.contains(&index) {
            Built::NotAsked
        } else if let Some(binary) = binary {
            Built::Binary(binary)
        } else if let Some(by) = broken {
            Built::Behind(by)
        } else if stopped {
            Built::Broken(said.stderr.trim().lines().last().unwrap_or("").to_string())
        } else {
            Built::Broken(said.stderr.trim().to_string())
        };
        if matches!(state, Built::Broken(_)) && broken.is_none() {
            broken = Some(index);
        }
        built.push(state);
    }
    Ok(built)
}

fn error_of(message: &Value) -> Option<String> {
    let message = &message["message"];
    let is_error = matches!(message["level"].as_str(), Some("error" | "error: internal compiler error"));
    let text = message["rendered"].as_str()?.trim_end();
    // "aborting due to 3 previous errors" says nothing that the three have not said.
    let useful = !text.starts_with("error: aborting due to");
    (is_error && useful).then(|| text.to_string())
}

/// The first errors, in full as far as a screen goes.
fn trim(errors: &[String]) -> String {
    const MOST_ERRORS: usize = 4;
    const MOST_LINES: usize = 60;
    // The library and the binary of a package can both say the same.
    let mut unique: Vec<&String> = Vec::new();
    for error in errors {
        if !unique.contains(&error) {
            unique.push(error);
        }
    }
    let mut text = unique.iter().take(MOST_ERRORS).map(|it| it.as_str()).collect::<Vec<_>>().join("\n\n");
    let lines: Vec<_> = text.lines().collect();
    if lines.len() > MOST_LINES {
        text = format!("{}\n  ...", lines[..MOST_LINES].join("\n"));
    }
    if unique.len() > MOST_ERRORS {
        text = format!("{text}\n\n({} errors in all)", unique.len());
    }
    text
}
