//! Stage: a fresh tree, outside the repository, with the workbook's own manifests, lockfile
//! and podkit, and of the reader's only `src/**/*.rs`.
//!
//! ```text
//! STAGE/ws/Cargo.toml, Cargo.lock     made here
//! STAGE/ws/podkit/                    the workbook's
//! STAGE/ws/NN-topic/Cargo.toml        derived from the solution's
//! STAGE/ws/NN-topic/src/              the reader's: regular files named *.rs, nothing else
//! STAGE/target/                       cargo's
//! ```
//!
//! What never takes part: the reader's `build.rs`, `.cargo/`, manifests, tests, checks.yaml
//! and podkit. A link may stand for a file of the same chapter; one that leads out of it is
//! refused. The stage of one subject (exercises, solutions, each `--from` directory) is never
//! shared with another: a shared target directory has given false passes.

mod ignored;
mod seed;
mod sources;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::dirs;
use crate::workbook::{Chapter, Workbook};
pub use sources::{Staged, read_sources};

/// Whose work is graded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    Exercises,
    Solutions,
    /// A directory with chapter directories in it, or with `exercises/` in it.
    From(PathBuf),
}

impl Subject {
    /// The directory that holds the chapter directories.
    pub fn dir(&self, root: &Path) -> PathBuf {
        match self {
            Subject::Exercises => root.join("exercises"),
            Subject::Solutions => root.join("solutions"),
            Subject::From(dir) => {
                let inner = dir.join("exercises");
                if inner.is_dir() { inner } else { dir.clone() }
            }
        }
    }

    /// How messages call that directory.
    pub fn shown(&self, root: &Path) -> String {
        match self {
            Subject::Exercises => "exercises".to_string(),
            Subject::Solutions => "solutions".to_string(),
            Subject::From(_) => self.dir(root).display().to_string(),
        }
    }
}

/// A staged subject.
pub struct Stage {
    /// The workspace cargo builds.
    pub workspace: PathBuf,
    pub target: PathBuf,
    pub chapters: Vec<Staged>,
    /// What was handed in and takes no part.
    pub ignored: Vec<String>,
    /// Held while the stage is written and built.
    _lock: std::fs::File,
}

/// Stages all chapters. Those in `solved` come from the solutions.
pub fn stage(workbook: &Workbook, subject: &Subject, solved: &[usize]) -> Result<Stage> {
    let root = &workbook.root;
    let key = match subject {
        Subject::Exercises => "exercises".to_string(),
        Subject::Solutions => "solutions".to_string(),
        Subject::From(dir) => {
            let hash = dirs::short_hash(dir.as_os_str().as_encoded_bytes());
            format!("from-{hash}")
        }
    };
    // Sources of two origins take turns in no stage.
    let key = if solved.is_empty() { key } else { format!("{key}-ahead") };
    let cache = dirs::cache(root)?;
    let base = cache.join(key);
    std::fs::create_dir_all(&base)?;
    let lock = dirs::lock(&base.join("lock"))?;
    let workspace = base.join("ws");
    let mut stage =
        Stage { target: base.join("target"), chapters: Vec::new(), ignored: Vec::new(), _lock: lock, workspace };
    let mut members: Vec<String> = workbook.chapters.iter().map(|chapter| chapter.krate.clone()).collect();
    members.push("podkit".to_owned());
    seed::seed(&cache, &stage.target, &members);
    write_workspace(workbook, &stage.workspace)?;
    for (index, chapter) in workbook.chapters.iter().enumerate() {
        let from_solutions = solved.contains(&index);
        let from = if from_solutions { chapter.solution(root) } else { subject.dir(root).join(&chapter.dir) };
        let mut staged = read_sources(&from);
        staged.from_solutions = from_solutions;
        write_sources(chapter, &staged, &stage.workspace)?;
        stage.chapters.push(staged);
    }
    if let Subject::From(dir) = subject {
        stage.ignored = ignored::of(workbook, dir, &subject.dir(root));
    }
    Ok(stage)
}

/// Everything in the stage's workspace that is not the reader's.
fn write_workspace(workbook: &Workbook, workspace: &Path) -> Result<()> {
    let exercises = workbook.root.join("exercises");
    let manifest = read(&exercises.join("Cargo.toml"))?;
    let mut members = vec!["podkit".to_string()];
    members.extend(workbook.chapters.iter().map(|chapter| chapter.dir.clone()));
    let manifest = with_members(&manifest, &members);
    dirs::write_if_changed(&workspace.join("Cargo.toml"), manifest.as_bytes())?;
    if let Ok(lock) = std::fs::read(exercises.join("Cargo.lock")) {
        // cargo takes from the lockfile what the stage does not use; what counts as changed
        // is the workbook's copy.
        let origin = workspace.join("Cargo.lock.workbook");
        if dirs::write_if_changed(&origin, &lock)? || !workspace.join("Cargo.lock").exists() {
            std::fs::write(workspace.join("Cargo.lock"), &lock)?;
        }
    }
    let build_output = |path: &Path| path.starts_with("target");
    dirs::mirror(&exercises.join("podkit"), &workspace.join("podkit"), build_output)?;
    for chapter in &workbook.chapters {
        let solution = read(&chapter.solution(&workbook.root).join("Cargo.toml"))?;
        let manifest = staged_manifest(&solution, chapter)?;
        let path = workspace.join(&chapter.dir).join("Cargo.toml");
        dirs::write_if_changed(&path, manifest.as_bytes())?;
    }
    Ok(())
}

/// The workspace's manifest with another list of members.
pub fn with_members(manifest: &str, members: &[String]) -> String {
    let list: Vec<_> = members.iter().map(|it| format!("\"{it}\"")).collect();
    let list = format!("members = [{}]\n", list.join(", "));
    let mut out = String::new();
    let mut inside = false;
    for line in manifest.lines() {
        if line.trim_start().starts_with("members") {
            inside = true;
            out.push_str(&list);
        }
        if !inside {
            out.push_str(line);
            out.push('\n');
        }
        if inside && line.contains(']') {
            inside = false;
        }
    }
    out
}

/// The manifest of a staged chapter: its targets are named, so that no file the reader adds
/// (`build.rs`, `src/bin/x.rs`, `tests/`) becomes one.
fn staged_manifest(solution: &str, chapter: &Chapter) -> Result<String> {
    let derived = crate::derive::manifest(solution, &chapter.dir)?;
    let mut out = String::new();
    let mut keep = true;
    for line in derived.lines() {
        if line.starts_with('[') {
            let section = line.trim();
            keep = !matches!(section, "[dev-dependencies]" | "[[test]]" | "[[bin]]" | "[lib]" | "[[example]]");
        }
        if keep {
            out.push_str(line);
            out.push('\n');
            if line.trim() == "[package]" {
                out.push_str(
                    "build = false\nautobins = false\nautoexamples = false\n\
                     autotests = false\nautobenches = false\n",
                );
            }
        }
    }
    let name = &chapter.krate;
    out.push_str(&format!(
        "\n[lib]\nname = \"{name}\"\npath = \"src/lib.rs\"\n\n\
         [[bin]]\nname = \"{name}\"\npath = \"src/main.rs\"\n"
    ));
    Ok(out)
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))
}

/// Writes the sources, or, for a chapter that is refused, two files that say why.
fn write_sources(chapter: &Chapter, staged: &Staged, workspace: &Path) -> Result<()> {
    let dir = workspace.join(&chapter.dir);
    let mut wanted = vec![PathBuf::from("Cargo.toml")];
    if staged.refused.is_empty() {
        for (path, text) in &staged.sources {
            dirs::write_if_changed(&dir.join(path), text.as_bytes())?;
            wanted.push(path.clone());
        }
    } else {
        for path in ["src/lib.rs", "src/main.rs"] {
            let text = format!("compile_error!({:?});\n", staged.refused.join("; "));
            dirs::write_if_changed(&dir.join(path), text.as_bytes())?;
            wanted.push(path.into());
        }
    }
    wanted.sort();
    dirs::remove_others(&dir, &wanted)
}
