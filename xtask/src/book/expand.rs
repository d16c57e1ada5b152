//! Directives that show files: code, starters, manifests, output.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::directives::Page;
use crate::outputs;
use crate::regions;

/// `{{#code PATH:anchor}}` or `{{#code PATH}}`: from a file that compiles, never pasted.
pub fn code(page: &Page, args: &str) -> Result<String> {
    let (path, anchor) = match args.split_once(':') {
        Some((path, anchor)) => (path.trim(), Some(anchor.trim())),
        None => (args, None),
    };
    let text = read(page, path)?;
    let text = match anchor {
        Some(anchor) => regions::excerpt(&text, anchor).map_err(|error| anyhow::anyhow!("{path}: {error}"))?,
        None => regions::without_marks(&text),
    };
    // What is given stands in the reader's file, too; only an answer is the solution's alone.
    let given = path.strip_prefix("solutions/").filter(|_| anchor.is_some_and(|name| !name.starts_with("task_")));
    Ok(listing(&given.map_or(path.to_owned(), |rest| format!("exercises/{rest}")), &text))
}

/// `{{#starter 3.3}}`: the function around the task's region, as the reader finds it.
///
/// Derived afresh: the reader's own copy may hold an answer by now.
pub fn starter(page: &Page, id: &str) -> Result<String> {
    let workbook = page.workbook()?;
    let (chapter, task) = workbook.task(id).with_context(|| format!("there is no task {id}"))?;
    let mut out = String::new();
    for file in page.exercise(chapter)?.iter() {
        let shown = file.path.display().to_string();
        if !shown.ends_with(".rs") {
            continue;
        }
        let found = regions::find(&shown, &file.text).unwrap_or_default();
        let mut ranges: Vec<_> = found
            .iter()
            .filter(|region| region.task == task.id)
            .map(|region| function_around(&file.text, region))
            .collect();
        ranges.dedup();
        for (from, to) in ranges {
            let lines: Vec<&str> = file.text.lines().skip(from).take(to - from).collect();
            out.push_str(&listing(&shown, &regions::without_marks(&lines.join("\n"))));
            out.push('\n');
        }
    }
    ensure!(!out.is_empty(), "no region of task {id} in solutions/{chapter}/src");
    Ok(out)
}

/// The lines (from 0, end excluded) of the function that holds a region, with its comment;
/// of the region itself if it is in no function.
fn function_around(text: &str, region: &regions::Region) -> (usize, usize) {
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let (start, end) = (region.start - 1, region.end);
    let header = (0..start).rev().find(|&at| {
        let line = lines[at].trim_start();
        indent(lines[at]) < indent(lines[start])
            && !line.starts_with("//")
            && (line.starts_with("fn ") || line.contains(" fn "))
    });
    let around = header.and_then(|header| {
        let closing = format!("{}}}", " ".repeat(indent(lines[header])));
        let last = (header..lines.len()).find(|&at| lines[at].trim_end() == closing)?;
        (last + 1 >= end).then_some((header, last + 1))
    });
    let (mut from, to) = around.unwrap_or((start, end));
    while from > 0 && {
        let line = lines[from - 1].trim_start();
        line.starts_with("///") || line.starts_with("#[")
    } {
        from -= 1;
    }
    (from, to)
}

/// `{{#manifest PATH COMMAND}}`: the file, and the line to type in `exercises/`.
pub fn manifest(page: &Page, args: &str) -> Result<String> {
    let (path, command) = args.split_once(char::is_whitespace).unwrap_or((args, ""));
    let command = command.trim();
    let text = read(page, path)?;
    let mut out = listing(path, &regions::without_marks(&text));
    if !command.is_empty() {
        // The command is meant for this file, so it names it as seen from exercises/.
        let file = path.strip_prefix("exercises/").unwrap_or(path);
        ensure!(
            command.split_whitespace().any(|word| word == file),
            "the command does not name the file: `{file}`, as seen from exercises/"
        );
        write!(out, "\n```console\n$ {command}\n```\n")?;
    }
    Ok(out)
}

/// `{{#output FILE}}`: what a command printed, kept in a file beside the page. Its first line
/// is the command, so that anyone can get it again.
pub fn output(page: &Page, file: &str) -> Result<String> {
    let path = page.dir().join(file);
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {file}"))?;
    let text = outputs::without_header(&text);
    if !text.starts_with("$ ") && !text.starts_with("# ") {
        bail!("{file}: the first line must be the command that printed it, after `$ `");
    }
    let fence = fence(text);
    Ok(format!("{fence}console\n{}\n{fence}\n", text.trim_end()))
}

/// A listing under its file's name.
fn listing(path: &str, text: &str) -> String {
    let language = match Path::new(path).extension().and_then(|it| it.to_str()) {
        // No playground: there are no such buttons, and no crates of ours there.
        Some("rs") => "rust,noplayground",
        Some("yaml" | "yml") => "yaml",
        Some("toml") => "toml",
        Some("sh") => "sh",
        Some("json") => "json",
        _ => "text",
    };
    let fence = fence(text);
    format!(
        "<div class=\"listing\"><p class=\"listing-name\"><code>{}</code></p>\n\n\
         {fence}{language}\n{}\n{fence}\n\n</div>\n",
        escape(path),
        text.trim_end()
    )
}

/// A fence that the text itself does not hold.
fn fence(text: &str) -> String {
    let longest =
        text.lines().map(|line| line.trim_start().bytes().take_while(|b| *b == b'`').count()).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// A file of the repository, by its path from the root.
fn read(page: &Page, path: &str) -> Result<String> {
    let file = PathBuf::from(path);
    ensure!(
        !path.is_empty() && file.is_relative() && !file.components().any(|it| it.as_os_str() == ".."),
        "want a path from the repository's root"
    );
    std::fs::read_to_string(page.root.join(file)).with_context(|| format!("cannot read {path}"))
}

/// Text as it may stand in HTML, in an attribute too.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
