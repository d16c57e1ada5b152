//! What of a submission is not graded although someone may think it is.

use std::path::Path;

use crate::dirs;
use crate::workbook::Workbook;

/// `dir` was handed in, and `chapters` is where its chapters are.
pub fn of(workbook: &Workbook, dir: &Path, chapters: &Path) -> Vec<String> {
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
