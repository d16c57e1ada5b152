//! `cargo xtask starters`: derive the exercises from the solutions.
//!
//! An exercise is never written by hand: its manifest and its sources follow from the
//! solution ([`crate::derive`], [`crate::regions`]), so the two cannot drift apart.
//! `--check` proves it. A file that somebody has edited (a reader's answer!) is never
//! overwritten without `--force`, which keeps a copy.

pub mod state;
pub mod sums;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};

use crate::workbook::{Chapter, Workbook};
use crate::{derive, dirs, regions};
pub use state::{State, committed, compare};

#[derive(clap::Args)]
pub struct Args {
    /// Chapters to derive (default: all).
    chapters: Vec<String>,
    /// Write nothing; fail if anything is not as it would be derived.
    #[arg(long)]
    check: bool,
    /// Overwrite exercises that were edited by hand, too (a copy is kept).
    #[arg(long, conflicts_with = "check")]
    force: bool,
}

/// A derived file: its path relative to the workbook's root, and its text.
pub struct Derived {
    pub path: PathBuf,
    pub text: String,
}

pub fn run(args: &Args, root: &Path) -> Result<ExitCode> {
    let workbook = Workbook::load(root)?;
    let chapters = chosen(&workbook, &args.chapters)?;
    let mut failed = false;
    for chapter in chapters {
        let derived = match exercise(&workbook, chapter) {
            Ok(derived) => derived,
            Err(error) => {
                eprintln!("error: {chapter}: {error:#}");
                failed = true;
                continue;
            }
        };
        let states = compare(root, chapter, &derived)?;
        if args.check {
            for (path, state) in &states {
                failed |= *state != State::Same;
                report(path, *state);
            }
            continue;
        }
        let edited: Vec<_> = of(&states, &[State::Edited]).collect();
        if !edited.is_empty() && !args.force {
            for path in edited {
                eprintln!("error: {} was edited by hand", path.display());
            }
            eprintln!("       `--force` derives it again and keeps a copy of what is there.");
            failed = true;
            continue;
        }
        if !edited.is_empty() {
            println!("kept a copy: {}", back_up(root, chapter)?.display());
        }
        write(root, &derived, &states)?;
    }
    if !args.check && !failed {
        lock(root);
    }
    let sums = sums::of(root)?;
    let file = root.join("exercises/SHA256SUMS");
    if std::fs::read_to_string(&file).ok().as_deref() != Some(&sums) {
        if args.check {
            eprintln!("error: exercises/SHA256SUMS does not fit the files it lists");
            failed = true;
        } else if !failed {
            std::fs::write(&file, sums).context("failed to write exercises/SHA256SUMS")?;
            println!("wrote exercises/SHA256SUMS");
        }
    }
    if failed {
        if args.check {
            eprintln!("error: run `cargo xtask starters` and commit what it writes");
        }
        return Ok(ExitCode::FAILURE);
    }
    println!("{}: every exercise is what its solution gives.", if args.check { "in sync" } else { "done" });
    Ok(ExitCode::SUCCESS)
}

/// Has cargo write what new manifests mean for exercises/Cargo.lock, which is summed up next.
fn lock(root: &Path) {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--manifest-path"])
        .arg(root.join("exercises/Cargo.toml"))
        .output();
    match output {
        Ok(output) if output.status.success() => {}
        // Not yet a whole workspace, say; cargo will say so where it matters.
        Ok(output) => eprintln!("note: exercises/Cargo.lock: {}", String::from_utf8_lossy(&output.stderr).trim()),
        Err(error) => eprintln!("note: exercises/Cargo.lock: failed to start cargo: {error}"),
    }
}

pub fn chosen<'w>(workbook: &'w Workbook, names: &[String]) -> Result<Vec<&'w Chapter>> {
    if names.is_empty() {
        return Ok(workbook.chapters.iter().collect());
    }
    names.iter().map(|name| Ok(&workbook.chapters[workbook.select(name)?.chapter])).collect()
}

fn report(path: &Path, state: State) {
    let what = match state {
        State::Same => return,
        State::Stale => "the solution has changed since it was derived",
        State::Edited => "was edited by hand",
        State::Missing => "is missing",
        State::Extra => "is not in the solution",
    };
    eprintln!("error: {}: {what}", path.display());
}

/// Everything of an exercise that follows from its solution: `Cargo.toml` and `src/`.
pub fn exercise(workbook: &Workbook, chapter: &Chapter) -> Result<Vec<Derived>> {
    let root = &workbook.root;
    let solution = chapter.solution(root);
    let home = Path::new("exercises").join(&chapter.dir);
    let manifest = read(&solution.join("Cargo.toml"))?;
    let mut derived = vec![Derived { path: home.join("Cargo.toml"), text: derive::manifest(&manifest, &chapter.dir)? }];
    let mut problems = Vec::new();
    // Where each task's regions are.
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files(&solution.join("src"))? {
        let inner = Path::new("src").join(&file);
        let shown = format!("solutions/{}/{}", chapter.dir, inner.display());
        if file.extension().is_none_or(|it| it != "rs") {
            problems.push(format!("{shown}: only .rs files are graded, so none other in src/"));
            continue;
        }
        let text = read(&solution.join(&inner))?;
        for region in regions::find(&shown, &text).unwrap_or_default() {
            found.entry(region.task).or_default().push(inner.display().to_string());
        }
        match regions::starter(&shown, &text, |id| chapter.task(id).map(|it| it.title.as_str())) {
            Ok(text) => derived.push(Derived { path: home.join(inner), text }),
            Err(errors) => problems.extend(errors.iter().map(ToString::to_string)),
        }
    }
    let yaml = read(&chapter.exercise(root).join("checks.yaml"))?;
    for task in &chapter.tasks {
        let line = task_line(&yaml, &task.id);
        let at = format!("exercises/{}/checks.yaml:{line}: task {}", chapter.dir, task.id);
        match found.get(&task.id) {
            None => problems.push(format!(
                "{at} has no region: no `// ANCHOR: task_{}` in solutions/{}/src",
                task.id.replace('.', "_"),
                chapter.dir
            )),
            Some(files) if !files.contains(&task.file) => {
                problems.push(format!("{at} says file: {}, but its region is in {}", task.file, files.join(", ")))
            }
            Some(_) => {}
        }
    }
    if problems.is_empty() { Ok(derived) } else { bail!("cannot derive\n       {}", problems.join("\n       ")) }
}

/// The line of `id: "3.3"` in a checks.yaml; 1 if it is not to be found.
pub fn task_line(yaml: &str, id: &str) -> usize {
    let is_it = |line: &str| {
        let line = line.trim_start().trim_start_matches("- ").trim_start_matches("{ ");
        line.strip_prefix("id:").is_some_and(|rest| rest.trim().trim_end_matches(',').trim_matches(['"', '\'']) == id)
    };
    yaml.lines().position(is_it).map_or(1, |index| index + 1)
}

fn of<'s>(states: &'s [(PathBuf, State)], which: &'s [State]) -> impl Iterator<Item = &'s Path> {
    states.iter().filter(|(_, state)| which.contains(state)).map(|(path, _)| path.as_path())
}

fn write(root: &Path, derived: &[Derived], states: &[(PathBuf, State)]) -> Result<()> {
    let mut last = state::last_written(root);
    for file in derived {
        last.insert(file.path.display().to_string(), sums::hash(file.text.as_bytes()));
        let path = root.join(&file.path);
        // Written only if it changes: cargo goes by the time of the last write.
        if states.contains(&(file.path.clone(), State::Same)) {
            continue;
        }
        let parent = path.parent().context("a derived file has a directory")?;
        std::fs::create_dir_all(parent)
            .and_then(|()| std::fs::write(&path, &file.text))
            .with_context(|| format!("failed to write {}", path.display()))?;
        println!("wrote {}", file.path.display());
    }
    for path in of(states, &[State::Extra]) {
        let name = path.display().to_string();
        // Only what was derived once may go; a file of the reader's own stays.
        if last.remove(&name).is_some() || committed(root, path).is_some() {
            std::fs::remove_file(root.join(path)).with_context(|| name.clone())?;
            println!("removed {name}");
        } else {
            println!("left alone {name}: no solution has it, and it was never derived");
        }
    }
    let record = root.join("target/starters.json");
    std::fs::create_dir_all(root.join("target"))?;
    std::fs::write(&record, serde_json::to_string_pretty(&last)?)
        .with_context(|| format!("failed to write {}", record.display()))
}

/// Writes the starter of one chapter over whatever is there; for `reset`.
pub fn overwrite(workbook: &Workbook, chapter: &Chapter) -> Result<()> {
    let derived = exercise(workbook, chapter)?;
    let states = compare(&workbook.root, chapter, &derived)?;
    write(&workbook.root, &derived, &states)
}

/// Copies `exercises/NN-topic/src` to a `.bak` directory beside it; returns its path.
pub fn back_up(root: &Path, chapter: &Chapter) -> Result<PathBuf> {
    let home = chapter.exercise(root);
    let free = |n: &u32| !home.join(format!("src.{n}.bak")).exists();
    let n = (1u32..).find(free).context("too many backups")?;
    let target = home.join(format!("src.{n}.bak"));
    for file in files(&home.join("src"))? {
        let to = target.join(&file);
        let parent = to.parent().context("a file has a directory")?;
        std::fs::create_dir_all(parent)?;
        std::fs::copy(home.join("src").join(&file), &to)
            .with_context(|| format!("failed to copy to {}", to.display()))?;
    }
    Ok(target.strip_prefix(root).unwrap_or(&target).to_path_buf())
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))
}

/// Every file below a directory, relative to it, sorted; without hidden ones, editors'
/// backups (`x~`) and `target/`.
pub fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    ensure!(dir.is_dir(), "there is no directory {}", dir.display());
    dirs::files(dir, |path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with('.') || name.ends_with('~') || name == "target"
    })
}

#[cfg(test)]
#[path = "starters_tests.rs"]
mod tests;
