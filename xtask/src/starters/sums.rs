//! `exercises/SHA256SUMS`: what belongs to the workbook in the reader's workspace, in the
//! format of `sha256sum`. The grader warns when one of these was changed. The readers' own
//! `src/` is not in it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::files;
use crate::dirs;

/// The text of it, from the files as they are.
pub fn of(root: &Path) -> Result<String> {
    let exercises = root.join("exercises");
    let mut out = String::new();
    let mut all = files(&exercises)?;
    // Hidden, but it says how cargo builds.
    let config = PathBuf::from(".cargo/config.toml");
    if exercises.join(&config).is_file() {
        all.insert(0, config);
    }
    for file in all {
        let parts: Vec<_> = file.iter().map(|it| it.to_string_lossy()).collect();
        let chapter = parts[0].as_bytes().first().is_some_and(u8::is_ascii_digit);
        let owned = match parts.len() {
            1 => matches!(parts[0].as_ref(), "Cargo.toml" | "Cargo.lock"),
            _ if chapter => parts[1] != "src" && !parts[1].ends_with(".bak") && parts[1] != "build.rs",
            _ => matches!(parts[0].as_ref(), ".cargo" | "podkit" | "podcheck"),
        };
        if owned {
            let bytes = std::fs::read(exercises.join(&file))
                .with_context(|| format!("failed to read exercises/{}", file.display()))?;
            writeln!(out, "{}  {}", hash(&bytes), file.display())?;
        }
    }
    Ok(out)
}

/// Files that are not as `exercises/SHA256SUMS` says, relative to the root. Empty when there is
/// no such list.
pub fn modified(root: &Path) -> Vec<String> {
    let exercises = root.join("exercises");
    let sums = std::fs::read_to_string(exercises.join("SHA256SUMS")).unwrap_or_default();
    let lines = sums.lines().filter_map(|line| line.split_once("  "));
    let changed = lines.filter(|(sum, file)| hash(&std::fs::read(exercises.join(file)).unwrap_or_default()) != *sum);
    changed.map(|(_, file)| format!("exercises/{file}")).collect()
}

pub fn hash(bytes: &[u8]) -> String {
    dirs::hex(&Sha256::digest(bytes))
}
