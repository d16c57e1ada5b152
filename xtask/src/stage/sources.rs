//! Reads what was handed in: `src/**/*.rs`, with suspicion.

use std::path::{Path, PathBuf};

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

/// Reads `DIR/src/**/*.rs`.
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
