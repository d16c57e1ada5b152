//! What a page may not have, seen in its Markdown, line by line. What can only be seen in the
//! built book (dead links) is found by [`super::links`].

use anyhow::Result;
use pulldown_cmark::{BrokenLink, LinkType, Options, Parser};

use super::directives::Page;
use crate::regions;

/// What mdBook expands by itself, and whether it names a file.
const MDBOOKS_OWN: [(&str, bool); 5] =
    [("include", true), ("rustdoc_include", true), ("playground", true), ("playpen", true), ("title", false)];

/// Every page says where to go from it.
pub const NEXT: &str = "## What to do next";

/// `{{#name args}}` that is all there is on its line, and is not mdBook's own.
pub fn directive(line: &str) -> Option<(&str, &str)> {
    let inner = line.trim_end().strip_prefix("{{#")?.strip_suffix("}}")?;
    let (name, args) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
    let own = MDBOOKS_OWN.iter().any(|(own, _)| *own == name);
    (!own && !inner.contains("}}")).then_some((name, args.trim()))
}

/// What is wrong with a line of text. mdBook's own directives are expanded in code, too.
pub fn line(page: &Page, line: &str, in_code: bool) -> Vec<String> {
    let mut problems = Vec::new();
    for found in mdbooks_own(line) {
        if let Err(error) = check_include(page, found) {
            problems.push(format!("{error:#}"));
        }
    }
    if !in_code {
        if let Some(name) = stray(line) {
            problems.push(format!("{{{{#{name} ...}}}} must stand alone on its line"));
        }
        problems.extend(images_without_text(line));
    }
    problems
}

/// `[text][name]` where nothing says what `name` is: Markdown prints it as it stands. With lines.
pub fn links_to_nothing(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut note = |link: BrokenLink<'_>| {
        // `[text]` alone is often just text.
        if link.link_type != LinkType::Shortcut {
            let line = text[..link.span.start].matches('\n').count() + 1;
            found.push((line, format!("{}: nothing says where `{}` is", &text[link.span], link.reference)));
        }
        None
    };
    Parser::new_with_broken_link_callback(text, Options::empty(), Some(&mut note)).for_each(drop);
    found
}

/// A directive of ours that would be printed, because other text is on its line.
fn stray(line: &str) -> Option<&str> {
    let mut rest = line;
    let mut in_code = false;
    while let Some(at) = rest.find("{{#") {
        in_code ^= rest[..at].matches('`').count() % 2 == 1;
        let escaped = rest[..at].ends_with('\\');
        rest = &rest[at + 3..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let own = MDBOOKS_OWN.iter().any(|(own, _)| *own == &rest[..end]);
        if !in_code && !escaped && !own {
            return Some(&rest[..end]);
        }
    }
    None
}

/// The arguments of mdBook's own directives in a line that name a file.
fn mdbooks_own(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find("{{#") {
        let escaped = rest[..at].ends_with('\\');
        rest = &rest[at + 3..];
        let Some(end) = rest.find("}}") else { break };
        let (name, args) = rest[..end].split_once(char::is_whitespace).unwrap_or((&rest[..end], ""));
        if !escaped && MDBOOKS_OWN.contains(&(name, true)) {
            found.push(args.trim());
        }
        rest = &rest[end..];
    }
    found
}

/// mdBook prints nothing for a missing anchor, so look before it does.
fn check_include(page: &Page, args: &str) -> Result<()> {
    let args = args.split_whitespace().next().unwrap_or("");
    let (file, part) = args.split_once(':').unwrap_or((args, ""));
    let path = page.dir().join(file);
    let text = std::fs::read_to_string(&path).map_err(|error| anyhow::anyhow!("cannot include {file}: {error}"))?;
    let is_range = part.bytes().all(|b| b.is_ascii_digit() || b == b':');
    if !is_range && let Err(error) = regions::excerpt(&text, part) {
        anyhow::bail!("cannot include {file}: {error}");
    }
    Ok(())
}

/// `![](x.png)`: an image that says nothing to those who do not see it.
fn images_without_text(line: &str) -> Vec<String> {
    let starts = line.match_indices("![](").map(|(at, _)| at);
    starts
        .filter(|at| line[..*at].matches('`').count().is_multiple_of(2))
        .map(|at| {
            let end = line[at..].find(')').map_or(line.len(), |end| at + end + 1);
            format!("{}: an image needs alternative text", &line[at..end])
        })
        .collect()
}

/// Follows fenced code through a page.
#[derive(Default)]
pub struct Fence {
    open: Option<(char, usize)>,
}

impl Fence {
    /// Takes the next line; says whether it is code, or opens or closes some.
    pub fn is_in_code(&mut self, line: &str) -> bool {
        let text = line.trim_start();
        let mark = text.chars().next().filter(|c| matches!(c, '`' | '~'));
        let width = mark.map_or(0, |mark| text.chars().take_while(|c| *c == mark).count());
        match (self.open, mark) {
            (None, Some(mark)) if width >= 3 => {
                self.open = Some((mark, width));
                true
            }
            (None, _) => false,
            (Some((opened, least)), Some(mark)) => {
                if mark == opened && width >= least && text[width..].trim().is_empty() {
                    self.open = None;
                }
                true
            }
            (Some(_), None) => true,
        }
    }
}
