//! The command that shows a failure by hand, as it can be copied from a screen.

use std::path::{Path, PathBuf};

use crate::dirs;
use crate::workbook::Workbook;

/// What a person takes in at a glance.
pub const MOST_LINES: usize = 20;
pub const MOST_COLUMNS: usize = 200;

/// The command with a text for standard input that is too long for a screen taken out of it:
/// it comes from the exercise's own file, or from one written to the cache for that.
pub fn for_the_screen(workbook: &Workbook, check: &str, command: &str) -> String {
    let Some((before, text)) = here_document(command) else {
        return command.to_string();
    };
    if !too_long(text) {
        return command.to_string();
    }
    let exercises = workbook.root.join("exercises");
    let file = own_file(workbook, text).or_else(|| {
        let dir = dirs::cache(&workbook.root).ok()?.join("tried");
        let file = dir.join(format!("{check}.yaml"));
        dirs::write_if_changed(&file, format!("{text}\n").as_bytes()).ok()?;
        Some(file)
    });
    match file {
        Some(file) => format!("{before} < {}", shown(file.strip_prefix(&exercises).unwrap_or(&file))),
        None => command.to_string(),
    }
}

/// A path as a shell reads it.
pub fn shown(path: &Path) -> String {
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
    let text = path.display().to_string();
    let home = std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    let below_home = home.and_then(|home| Some(path.strip_prefix(home).ok()?.display().to_string()));
    match below_home {
        Some(rest) if plain(&rest) => format!("~/{rest}"),
        _ if plain(&text) => text,
        _ => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// `... <<'EOF'` and the text up to the last `EOF`, when there is one such text.
fn here_document(command: &str) -> Option<(&str, &str)> {
    let (before, rest) = command.split_once(" <<'EOF'\n")?;
    let text = rest.strip_suffix("\nEOF")?;
    (!text.contains("<<'EOF'\n")).then_some((before, text))
}

fn too_long(text: &str) -> bool {
    text.lines().count() > MOST_LINES || text.lines().any(|line| line.chars().count() > MOST_COLUMNS)
}

/// The file of an exercise that holds just this text.
fn own_file(workbook: &Workbook, text: &str) -> Option<PathBuf> {
    workbook.chapters.iter().find_map(|chapter| {
        let pods = chapter.exercise(&workbook.root).join("pods");
        let files = dirs::files(&pods, |_| false).ok()?;
        let same = |path: &PathBuf| std::fs::read_to_string(path).is_ok_and(|it| it.trim_end() == text);
        files.into_iter().map(|path| pods.join(path)).find(same)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_here_document_is_taken_apart() {
        let command = "cargo run -p one -- check - <<'EOF'\na: 1\nb: 2\nEOF";
        assert_eq!(here_document(command), Some(("cargo run -p one -- check -", "a: 1\nb: 2")));
        assert_eq!(here_document("cargo run -p one -- word"), None);
        assert_eq!(here_document("x - <<'EOF'\na\nEOF <<'EOF'\nb\nEOF"), None);
    }

    #[test]
    fn long_is_more_than_a_glance() {
        assert!(!too_long(&"a: 1\n".repeat(MOST_LINES)));
        assert!(too_long(&"a: 1\n".repeat(MOST_LINES + 1)));
        assert!(too_long(&"x".repeat(MOST_COLUMNS + 1)));
    }

    #[test]
    fn a_path_is_quoted_where_a_shell_needs_it() {
        assert_eq!(shown(Path::new("/a/b-c.yaml")), "/a/b-c.yaml");
        assert_eq!(shown(Path::new("/a b/c")), "'/a b/c'");
    }
}
