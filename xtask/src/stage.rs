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

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::dirs;
use crate::workbook::{Chapter, Workbook};

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

/// One chapter in the stage.
pub struct Staged {
    /// Whether the sources are the solution's (`--skip-ahead`).
    pub from_solutions: bool,
    /// Why the sources cannot even be given to the compiler.
    pub refused: Vec<String>,
    /// The sources, by path relative to the chapter (`src/main.rs`).
    pub sources: Vec<(PathBuf, String)>,
}

/// Limits no honest chapter comes near.
const MOST_FILES: usize = 500;
const MOST_BYTES: u64 = 4 << 20;

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
    let base = dirs::cache(root)?.join(key);
    std::fs::create_dir_all(&base)?;
    let lock = dirs::lock(&base.join("lock"))?;
    let workspace = base.join("ws");
    let mut stage =
        Stage { target: base.join("target"), chapters: Vec::new(), ignored: Vec::new(), _lock: lock, workspace };
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
        stage.ignored = ignored(workbook, dir, &subject.dir(root));
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

/// Reads `DIR/src/**/*.rs` with suspicion.
pub fn read_sources(dir: &Path) -> Staged {
    let mut staged = Staged { from_solutions: false, refused: Vec::new(), sources: Vec::new() };
    if !dir.join("src").is_dir() {
        staged.refused.push("nothing was handed in".to_string());
        return staged;
    }
    let mut bytes = 0;
    if let Err(why) = walk(dir, Path::new("src"), &mut staged, &mut bytes, 0) {
        staged.refused.push(why);
    }
    staged.sources.sort();
    for needed in ["src/lib.rs", "src/main.rs"] {
        let there = staged.sources.iter().any(|(path, _)| path == needed);
        if staged.refused.is_empty() && !there {
            staged.refused.push(format!("{needed} is missing"));
        }
    }
    staged
}

fn walk(crate_dir: &Path, relative: &Path, staged: &mut Staged, bytes: &mut u64, depth: usize) -> Result<(), String> {
    let shown = relative.display();
    let path = crate_dir.join(relative);
    // What the path stands for, after all links on the way.
    let real = path.canonicalize().map_err(|it| format!("{shown}: {it}"))?;
    let own = crate_dir.canonicalize().map_err(|it| it.to_string())?;
    if !real.starts_with(own.join("src")) {
        return Err(format!("{shown} is a link that leads out of src/"));
    }
    let meta = real.metadata().map_err(|it| format!("{shown}: {it}"))?;
    if meta.is_dir() {
        if depth > 12 {
            return Err(format!("{shown} is too deep"));
        }
        let entries = std::fs::read_dir(&real).map_err(|it| format!("{shown}: {it}"))?;
        for entry in entries.flatten() {
            let below = relative.join(entry.file_name());
            walk(crate_dir, &below, staged, bytes, depth + 1)?;
        }
        return Ok(());
    }
    if relative.extension().is_none_or(|it| it != "rs") {
        return Ok(());
    }
    if !meta.is_file() {
        return Err(format!("{shown} is not a regular file"));
    }
    *bytes += meta.len();
    if *bytes > MOST_BYTES || staged.sources.len() >= MOST_FILES {
        let mib = MOST_BYTES >> 20;
        return Err(format!("more than {MOST_FILES} source files or {mib} MiB of them"));
    }
    let text = std::fs::read(&real).map_err(|it| format!("{shown}: {it}"))?;
    let text = String::from_utf8(text).map_err(|_| format!("{shown} is not text (it is not UTF-8)"))?;
    staged.sources.push((relative.to_path_buf(), text));
    Ok(())
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

/// What of a submission is not graded although someone may think it is.
fn ignored(workbook: &Workbook, dir: &Path, chapters: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for place in [dir, chapters] {
        for name in [".cargo", "build.rs", "rust-toolchain.toml", "podkit"] {
            if place.join(name).exists() {
                // A copy of what the workbook has there is nothing to be told of.
                let own = [workbook.root.join("exercises"), workbook.root.clone()];
                let differs = own.iter().all(|own| differs(&place.join(name), &own.join(name)));
                let text = format!("{name} (the workbook's own is used)");
                if differs && !found.contains(&text) {
                    found.push(text);
                }
            }
        }
    }
    for chapter in &workbook.chapters {
        let own = chapter.exercise(&workbook.root);
        let theirs = chapters.join(&chapter.dir);
        let skip = |path: &Path| path.starts_with("target") || path.starts_with("src");
        for path in dirs::files(&theirs, skip).unwrap_or_default() {
            if std::fs::read(theirs.join(&path)).ok() != std::fs::read(own.join(&path)).ok() {
                found.push(format!("{}/{}", chapter.dir, path.display()));
            }
        }
    }
    found.truncate(20);
    found
}

fn differs(theirs: &Path, own: &Path) -> bool {
    if theirs.is_file() {
        return std::fs::read(theirs).ok() != std::fs::read(own).ok();
    }
    let files = dirs::files(theirs, |path| path.starts_with("target")).unwrap_or_default();
    files.iter().any(|path| std::fs::read(theirs.join(path)).ok() != std::fs::read(own.join(path)).ok())
}
