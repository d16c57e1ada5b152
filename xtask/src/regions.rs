//! Task regions: the parts of a solution that the reader writes.
//!
//! A region is a pair of mdBook anchors whose name starts with `task_`:
//!
//! ```text
//! // ANCHOR: task_3_3
//! // STARTER: let phase = todo!("task 3.3: The phase of a pod");
//! ...the reference answer...
//! // ANCHOR_END: task_3_3
//! ```
//!
//! The book shows the answer by the anchor, and the starter is derived by
//! replacing what lies between the anchors. Other anchors are for the book
//! alone: the starter drops their two lines and keeps what they hold.

use std::fmt;

/// The widest line rustfmt lets stand, here (rustfmt.toml).
const MAX_WIDTH: usize = 120;

/// One region, as found in a source file. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// The anchor's name: `task_3_3` or `task_3_3_b`.
    pub name: String,
    /// The task's id: `3.3`.
    pub task: String,
    /// The line of `ANCHOR:`.
    pub start: usize,
    /// The line of `ANCHOR_END:`.
    pub end: usize,
}

/// Something wrong with the anchors of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorError {
    pub file: String,
    pub line: usize,
    pub what: String,
}

impl fmt::Display for AnchorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

impl std::error::Error for AnchorError {}

/// What a line says to the deriver.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    Start(&'a str),
    End(&'a str),
    Starter(&'a str),
    Plain,
}

/// Reads one line. Only a comment that holds nothing else is a mark.
pub fn classify(line: &str) -> Line<'_> {
    let text = line.trim_start();
    let Some(comment) = text.strip_prefix("//") else {
        return Line::Plain;
    };
    let comment = comment.strip_prefix(' ').unwrap_or(comment);
    if let Some(name) = comment.strip_prefix("ANCHOR:") {
        Line::Start(name.trim())
    } else if let Some(name) = comment.strip_prefix("ANCHOR_END:") {
        Line::End(name.trim())
    } else if let Some(code) = comment.strip_prefix("STARTER:") {
        Line::Starter(code.strip_prefix(' ').unwrap_or(code).trim_end())
    } else {
        Line::Plain
    }
}

/// `task_3_3` and `task_3_3_b` both belong to task `3.3`.
/// `None` for an anchor that is not a task's, `Err` for one that tries to be.
pub fn task_of(anchor: &str) -> Option<Result<String, String>> {
    let rest = anchor.strip_prefix("task_")?;
    let parts: Vec<&str> = rest.split('_').collect();
    let number = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let letter = |s: &str| s.len() == 1 && s.bytes().all(|b| b.is_ascii_lowercase());
    Some(match parts.as_slice() {
        [chapter, task] if number(chapter) && number(task) => Ok(format!("{chapter}.{task}")),
        [chapter, task, part] if number(chapter) && number(task) && letter(part) => Ok(format!("{chapter}.{task}")),
        _ => Err(format!(
            "anchor `{anchor}` is not named as a task's region: task_CHAPTER_NUMBER, \
             and _b, _c for further regions of the same task"
        )),
    })
}

/// Finds the regions of a file, or everything that is wrong with its anchors.
pub fn find(file: &str, text: &str) -> Result<Vec<Region>, Vec<AnchorError>> {
    let mut errors = Vec::new();
    let mut error = |line: usize, what: String| {
        errors.push(AnchorError { file: file.to_owned(), line, what });
    };
    let mut regions: Vec<Region> = Vec::new();
    // Every anchor that is open, with the line that opened it.
    let mut open: Vec<(&str, usize)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        match classify(line) {
            Line::Plain => {}
            Line::Starter(_) => {
                if !open.iter().any(|(name, _)| name.starts_with("task_")) {
                    error(number, "a STARTER line outside of any task region".to_owned());
                }
            }
            Line::Start(name) => {
                if let Some(Err(what)) = task_of(name) {
                    error(number, what);
                }
                if let Some((outer, at)) = open.iter().find(|(outer, _)| outer.starts_with("task_")) {
                    error(number, format!("anchor `{name}` is nested in `{outer}`, opened at line {at}"));
                }
                if regions.iter().any(|r| r.name == name) {
                    error(number, format!("a second region named `{name}`"));
                }
                open.push((name, number));
            }
            Line::End(name) => match open.iter().rposition(|(opened, _)| *opened == name) {
                None => error(number, format!("anchor `{name}` is closed but was never opened")),
                Some(at) => {
                    let (name, start) = open.remove(at);
                    if let Some(Ok(task)) = task_of(name) {
                        regions.push(Region { name: name.to_owned(), task, start, end: number });
                    }
                }
            },
        }
    }
    for (name, line) in open {
        error(line, format!("anchor `{name}` is never closed"));
    }
    if errors.is_empty() { Ok(regions) } else { Err(errors) }
}

/// The starter of a source file: every region's body replaced.
///
/// `title` gives the title of a task, or `None` if there is no such task.
pub fn starter<'t>(
    file: &str,
    text: &str,
    title: impl Fn(&str) -> Option<&'t str>,
) -> Result<String, Vec<AnchorError>> {
    let regions = find(file, text)?;
    let mut errors = Vec::new();
    let mut out = String::with_capacity(text.len());
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    let mut push = |line: &str| {
        out.push_str(line.trim_end());
        out.push('\n');
    };
    while let Some((number, line)) = lines.next() {
        let Some(region) = regions.iter().find(|r| r.start == number) else {
            match classify(line) {
                Line::Start(_) | Line::End(_) => {}
                _ => push(line),
            }
            continue;
        };
        push(line);
        let Some(title) = title(&region.task) else {
            errors.push(AnchorError {
                file: file.to_owned(),
                line: number,
                what: format!(
                    "region `{}` belongs to task {}, which checks.yaml does not know",
                    region.name, region.task
                ),
            });
            continue;
        };
        let indent = &line[..line.len() - line.trim_start().len()];
        let mut offered = Vec::new();
        for (number, line) in lines.by_ref() {
            if number == region.end {
                if offered.is_empty() {
                    let goes_on = goes_on(text, region.end);
                    for line in not_written(indent, &region.task, title, goes_on) {
                        push(&line);
                    }
                }
                offered.iter().for_each(|line: &String| push(line));
                push(line);
                break;
            }
            if let Line::Starter(code) = classify(line) {
                let indent = &line[..line.len() - line.trim_start().len()];
                offered.push(format!("{indent}{code}"));
            }
        }
    }
    if errors.is_empty() { Ok(out) } else { Err(errors) }
}

/// Does the block go on after a region that ends at this line? Then what stands in its place
/// is a statement.
fn goes_on(text: &str, end: usize) -> bool {
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    let next = text.lines().skip(end).find(is_code).unwrap_or("");
    !next.is_empty() && !next.trim_start().starts_with(['}', ')', ']', ','])
}

/// `todo!("task 3.3: ...")`, laid out as rustfmt would.
fn not_written(indent: &str, task: &str, title: &str, goes_on: bool) -> Vec<String> {
    let end = if goes_on { ";" } else { "" };
    // The text is a format string inside a string literal.
    let text = format!("task {task}: {title}")
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('{', "{{")
        .replace('}', "}}");
    let line = format!("{indent}todo!(\"{text}\"){end}");
    if line.chars().count() <= MAX_WIDTH {
        vec![line]
    } else {
        vec![format!("{indent}todo!("), format!("{indent}    \"{text}\""), format!("{indent}){end}")]
    }
}

/// What an anchor holds, for showing: without marks, and without the indent
/// that all of its lines share. Of the first range of that name and any later.
pub fn excerpt(text: &str, anchor: &str) -> Result<String, String> {
    let mut on = false;
    let mut seen = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        match classify_any(line) {
            Line::Start(name) if name == anchor => (on, seen) = (true, true),
            Line::End(name) if name == anchor => on = false,
            Line::Plain if on => lines.push(line),
            _ => {}
        }
    }
    if !seen {
        return Err(format!("there is no anchor `{anchor}`"));
    }
    if on {
        return Err(format!("anchor `{anchor}` is never closed"));
    }
    let text = dedent(&lines);
    if text.trim().is_empty() { Err(format!("anchor `{anchor}` is empty")) } else { Ok(text) }
}

/// As [`classify`], for files whose comments start with `#` too (YAML, shell).
fn classify_any(line: &str) -> Line<'_> {
    let text = line.trim_start();
    match text.strip_prefix("# ") {
        Some(rest) if rest.starts_with("ANCHOR:") => Line::Start(rest[7..].trim()),
        Some(rest) if rest.starts_with("ANCHOR_END:") => Line::End(rest[11..].trim()),
        _ => classify(line),
    }
}

/// Removes marks and nothing else, for showing a whole file.
pub fn without_marks(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| classify_any(line) == Line::Plain).collect();
    dedent(&lines)
}

fn dedent(lines: &[&str]) -> String {
    let margin = lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    let mut out = String::new();
    for line in lines {
        out.push_str(line.get(margin..).unwrap_or("").trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
#[path = "regions_tests.rs"]
mod tests;
