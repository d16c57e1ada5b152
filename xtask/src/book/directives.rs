//! Directives: what a page may ask the workbook for, one `{{#name ...}}` on a line of its own.
//!
//! | directive | gives |
//! |---|---|
//! | `{{#tasks 03-lifecycle}}` | the chapter's tasks, their checks and hints, from its checks.yaml |
//! | `{{#code PATH:anchor}}` | a part of a file of the repository |
//! | `{{#starter 3.3}}` | the function the reader completes, as the exercise has it |
//! | `{{#manifest PATH COMMAND}}` | a file with its name, and the command that uses it |
//! | `{{#timeline PATH}}` | a scenario, run by the reference runner, as a figure |
//! | `{{#figure FILE.svg alt text}}` | a figure that follows the theme |
//! | `{{#output FILE}}` | what a command really printed |
//! | `{{#quiz FILE.yaml}}` | questions with folded answers |
//!
//! Directives in fenced code are left alone. mdBook's own (`include` and the like) are too,
//! but what they name must be there: mdBook itself would only log it, or print nothing.

use std::path::{Path, PathBuf};

use anyhow::Result;
use mdbook_preprocessor::book::Book;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

use super::{expand, figures, quiz, tasks};
use crate::regions;
use crate::workbook;

/// What mdBook expands by itself, and whether it names a file.
const MDBOOKS_OWN: [(&str, bool); 5] =
    [("include", true), ("rustdoc_include", true), ("playground", true), ("playpen", true), ("title", false)];

/// The preprocessor; in-process for `cargo xtask book`, a program for `mdbook build`.
pub struct Workbook {
    root: PathBuf,
}

/// Where a directive stands, and what it can draw from.
pub struct Page<'a> {
    pub root: &'a Path,
    pub workbook: &'a Result<workbook::Workbook, String>,
    /// The page relative to `book/src`.
    pub path: &'a Path,
}

impl Page<'_> {
    /// The directory of the page's source.
    pub fn dir(&self) -> PathBuf {
        let page = self.root.join("book/src").join(self.path);
        page.parent().map(Path::to_path_buf).unwrap_or_default()
    }

    pub fn workbook(&self) -> Result<&workbook::Workbook> {
        self.workbook.as_ref().map_err(|error| anyhow::anyhow!("{error}"))
    }
}

impl Workbook {
    pub fn new(root: &Path) -> Workbook {
        Workbook { root: root.to_path_buf() }
    }
}

impl Preprocessor for Workbook {
    fn name(&self) -> &str {
        "workbook"
    }

    fn supports_renderer(&self, _renderer: &str) -> Result<bool> {
        Ok(true)
    }

    fn run(&self, _context: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let workbook = workbook::Workbook::load(&self.root).map_err(|error| format!("{error:#}"));
        let mut problems = Vec::new();
        book.for_each_chapter_mut(|chapter| {
            let path = chapter.source_path.clone().unwrap_or_default();
            let page = Page { root: &self.root, workbook: &workbook, path: &path };
            match page_text(&page, &chapter.content) {
                Ok(text) => chapter.content = text,
                Err(errors) => problems.extend(errors),
            }
        });
        if problems.is_empty() { Ok(book) } else { anyhow::bail!("{}", problems.join("\n       ")) }
    }
}

/// One page with its directives expanded, or everything that is wrong with it.
pub fn page_text(page: &Page, text: &str) -> Result<String, Vec<String>> {
    let mut out = String::with_capacity(text.len() * 2);
    let mut problems = Vec::new();
    let mut fence = Fence::default();
    let mut titles = 0;
    for (index, line) in text.lines().enumerate() {
        let mut problem = |what: String| {
            problems.push(format!("book/src/{}:{}: {what}", page.path.display(), index + 1));
        };
        let in_code = fence.is_in_code(line);
        for found in mdbooks_own(line) {
            if let Err(error) = check_include(page, found) {
                problem(format!("{error:#}"));
            }
        }
        if !in_code {
            titles += usize::from(line.starts_with("# "));
            if let Some((name, args)) = directive(line) {
                match expand(page, name, args) {
                    Ok(text) => {
                        out.push('\n');
                        out.push_str(text.trim_end());
                        out.push_str("\n\n");
                    }
                    Err(error) => problem(format!("{line}: {error:#}")),
                }
                continue;
            }
            if let Some(name) = stray(line) {
                problem(format!("{{{{#{name} ...}}}} must stand alone on its line"));
            }
            if let Some(what) = image_without_text(line) {
                problem(what);
            }
        }
        out.push_str(line);
        out.push('\n');
    }
    if titles != 1 && !page.path.as_os_str().is_empty() {
        problems.push(format!(
            "book/src/{}:1: a page has exactly one `# ` heading, this has {titles}",
            page.path.display()
        ));
    }
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

/// `{{#name args}}` that is all there is on its line, and is not mdBook's own.
fn directive(line: &str) -> Option<(&str, &str)> {
    let inner = line.trim_end().strip_prefix("{{#")?.strip_suffix("}}")?;
    let (name, args) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
    let own = MDBOOKS_OWN.iter().any(|(own, _)| *own == name);
    (!own && !inner.contains("}}")).then_some((name, args.trim()))
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

fn expand(page: &Page, name: &str, args: &str) -> Result<String> {
    match name {
        "tasks" => tasks::tasks(page, args),
        "code" => expand::code(page, args),
        "starter" => expand::starter(page, args),
        "manifest" => expand::manifest(page, args),
        "output" => expand::output(page, args),
        "timeline" => figures::timeline(page, args),
        "figure" => figures::figure(page, args),
        "quiz" => quiz::quiz(page, args),
        _ => anyhow::bail!(
            "unknown directive; there are tasks, code, starter, manifest, output, timeline, \
             figure, quiz (see CONTRIBUTING.md)"
        ),
    }
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
fn image_without_text(line: &str) -> Option<String> {
    let at = line.find("![](")?;
    let end = line[at..].find(')').map_or(line.len(), |end| at + end + 1);
    let in_code = line[..at].matches('`').count() % 2 == 1;
    (!in_code).then(|| format!("{}: an image needs alternative text", &line[at..end]))
}

/// Follows fenced code through a page.
#[derive(Default)]
struct Fence {
    open: Option<(char, usize)>,
}

impl Fence {
    /// Takes the next line; says whether it is code, or opens or closes some.
    fn is_in_code(&mut self, line: &str) -> bool {
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

#[cfg(test)]
#[path = "directives_tests.rs"]
mod tests;
