//! `cargo xtask outputs`: runs the commands of the book again and keeps what they print.
//!
//! A file that a page shows with `{{#output FILE}}` holds commands, each after `$ `, and what
//! they printed. The reference runner answers in place of the reader's, so the book shows
//! what a finished exercise prints. Numbers that differ each time (ids of processes,
//! namespaces) differ in the file, too: look at the diff before you commit it.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, ensure};

use crate::starters;

#[derive(clap::Args)]
pub struct Args {
    /// Files below book/src to make again (default: all that pages show).
    files: Vec<PathBuf>,
}

pub fn run(args: &Args, root: &Path) -> Result<ExitCode> {
    let src = root.join("book/src");
    let files = if args.files.is_empty() { shown(&src)? } else { args.files.clone() };
    ensure!(!files.is_empty(), "no page shows any output");
    for file in files {
        let inner = file.strip_prefix("book/src").unwrap_or(&file);
        let path = src.join(inner);
        let old = std::fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?;
        if old.lines().any(|line| line == "^C") {
            println!("by hand    {}: somebody pressed Ctrl-C in it", inner.display());
            continue;
        }
        let text = printed(root, &commands(&old).collect::<Vec<_>>())?;
        if text.trim_end() == old.trim_end() {
            println!("as it was: {}", inner.display());
        } else {
            std::fs::write(&path, text)?;
            println!("wrote      {}", inner.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The files that pages show, relative to `book/src`.
fn shown(src: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for page in starters::files(src)? {
        if page.extension().is_none_or(|it| it != "md") {
            continue;
        }
        let text = std::fs::read_to_string(src.join(&page))?;
        let dir = page.parent().unwrap_or(Path::new(""));
        let named = |line: &str| Some(line.strip_prefix("{{#output ")?.strip_suffix("}}")?.trim().to_owned());
        found.extend(text.lines().filter_map(named).map(|file| dir.join(file)));
    }
    found.dedup();
    Ok(found)
}

fn commands(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| line.strip_prefix("$ "))
}

/// The commands and what they print on both streams, in one shell in `exercises/`, as the
/// reader types them; `echo $?` is about the command before it.
fn printed(root: &Path, commands: &[&str]) -> Result<String> {
    let mut script = "exec 2>&1; last=0\n".to_owned();
    for command in commands {
        let shown = command.replace('\'', r"'\''");
        let run = with_reference(command, root);
        script.push_str(&format!("printf '$ %s\\n' '{shown}'; (exit $last)\n{run}\nlast=$?\n"));
    }
    let mut shell = Command::new("bash");
    shell
        .args(["-c", &script])
        .current_dir(root.join("exercises"))
        .stdin(Stdio::null())
        .env("TERM", "dumb")
        .env("NO_COLOR", "1");
    let output = shell.output().context("failed to start bash")?;
    let text = String::from_utf8_lossy(&output.stdout).replace(&root.display().to_string(), "~/peas-in-a-pod");
    Ok(if text.is_empty() || text.ends_with('\n') { text } else { format!("{text}\n") })
}

/// `cargo run -p X` is the reference X, without cargo's own words.
fn with_reference(command: &str, root: &Path) -> String {
    let manifest = root.join("Cargo.toml");
    command.replace("cargo run ", &format!("cargo run --quiet --manifest-path '{}' ", manifest.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_run_with_the_reference_runner() {
        assert_eq!(commands("$ a b\nout\n$ c\n").collect::<Vec<_>>(), ["a b", "c"]);
        let got = with_reference("cargo run -p lifecycle -- run x.yaml", Path::new("/w"));
        assert_eq!(got, "cargo run --quiet --manifest-path '/w/Cargo.toml' -p lifecycle -- run x.yaml");
    }

    #[test]
    fn what_is_printed_on_both_streams_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("exercises")).unwrap();
        let got = printed(dir.path(), &["echo a; echo b >&2; (exit 3)", "echo $?", "echo 'q'; pwd"]).unwrap();
        let want =
            "$ echo a; echo b >&2; (exit 3)\na\nb\n$ echo $?\n3\n$ echo 'q'; pwd\nq\n~/peas-in-a-pod/exercises\n";
        assert_eq!(got, want);
    }
}
