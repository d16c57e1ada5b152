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

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use mdbook_preprocessor::book::Book;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

use super::{expand, figures, front, lint, quiz, tasks};
use crate::starters::{self, Derived};
use crate::workbook;

/// What is wrong with a book, found so far.
pub type Problems = Arc<Mutex<Vec<String>>>;

/// The preprocessor; in-process for `cargo xtask book`, a program for `mdbook build`.
pub struct Workbook {
    root: PathBuf,
    /// Where problems go, so that those of the built book can be told in the same breath.
    /// Without it the first pages that have any are the end.
    problems: Option<Problems>,
}

/// What all pages draw from. What is asked for many times is found out once.
pub struct Given {
    workbook: Result<workbook::Workbook, String>,
    /// The exercises of chapters, by their directory.
    exercises: RefCell<BTreeMap<String, Rc<[Derived]>>>,
    /// Hashes of what timelines follow from, by the chapter's directory.
    pub sources: RefCell<BTreeMap<String, [u8; 32]>>,
}

impl Given {
    pub fn load(root: &Path) -> Given {
        let workbook = workbook::Workbook::load(root).map_err(|error| format!("{error:#}"));
        Given { workbook, exercises: RefCell::default(), sources: RefCell::default() }
    }
}

/// Where a directive stands, and what it can draw from.
pub struct Page<'a> {
    pub root: &'a Path,
    pub given: &'a Given,
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
        self.given.workbook.as_ref().map_err(|error| anyhow::anyhow!("{error}"))
    }

    /// The files of a chapter's exercise, as they are derived from its solution.
    pub fn exercise(&self, chapter: &workbook::Chapter) -> Result<Rc<[Derived]>> {
        let known = self.given.exercises.borrow().get(&chapter.dir).cloned();
        if let Some(files) = known {
            return Ok(files);
        }
        let files: Rc<[Derived]> = starters::exercise(self.workbook()?, chapter)?.into();
        self.given.exercises.borrow_mut().insert(chapter.dir.clone(), Rc::clone(&files));
        Ok(files)
    }
}

impl Workbook {
    pub fn new(root: &Path) -> Workbook {
        Workbook { root: root.to_path_buf(), problems: None }
    }

    /// Goes on after a problem; it is told there, and stands in the page.
    pub fn telling(root: &Path, problems: &Problems) -> Workbook {
        Workbook { root: root.to_path_buf(), problems: Some(Arc::clone(problems)) }
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
        let given = Given::load(&self.root);
        let mut problems = Vec::new();
        book.for_each_chapter_mut(|chapter| {
            if let Some(path) = chapter.source_path.clone() {
                let page = Page { root: &self.root, given: &given, path: &path };
                let (text, wrong) = page_text(&page, &chapter.content);
                chapter.content = text;
                problems.extend(wrong);
            }
        });
        match &self.problems {
            Some(told) => told.lock().unwrap_or_else(PoisonError::into_inner).extend(problems),
            None if problems.is_empty() => {}
            None => anyhow::bail!("{}", problems.join("\n       ")),
        }
        Ok(book)
    }
}

/// One page with its directives expanded, and everything that is wrong with it.
pub fn page_text(page: &Page, text: &str) -> (String, Vec<String>) {
    let mut out = String::with_capacity(text.len() * 2);
    let mut problems = Vec::new();
    let mut problem = |line: usize, what: &str| {
        problems.push(format!("book/src/{}:{line}: {what}", page.path.display()));
    };
    let front = page.workbook().and_then(|it| front::of_page(it, &page.path.to_string_lossy(), text));
    let (head, skip) = match front {
        Ok((front, lines)) => (front::head(&front), lines),
        Err(error) => {
            problem(1, &format!("{error:#}"));
            (String::new(), 0)
        }
    };
    for (line, what) in lint::links_to_nothing(text) {
        problem(line, &what);
    }
    let mut fence = lint::Fence::default();
    let mut titles = 0;
    let mut has_next = false;
    for (index, line) in text.lines().enumerate().skip(skip) {
        let in_code = fence.is_in_code(line);
        if let Some((name, args)) = lint::directive(line).filter(|_| !in_code) {
            out.push('\n');
            match expand(page, name, args) {
                Ok(text) => out.push_str(text.trim_end()),
                Err(error) => {
                    let what = format!("{line}: {error:#}");
                    problem(index + 1, &what);
                    out.push_str(&format!("<p class=\"problem\">{}</p>", expand::escape(&what).replace('\n', " ")));
                }
            }
            out.push_str("\n\n");
            continue;
        }
        let wrong = lint::line(page, line, in_code);
        for what in &wrong {
            problem(index + 1, what);
        }
        // mdBook would only say the same again.
        out.push_str(&if wrong.is_empty() { line.to_owned() } else { line.replace("{{#", "\\{{#") });
        out.push('\n');
        if !in_code && line.starts_with("# ") {
            titles += 1;
            out.push_str(&format!("\n{head}\n"));
        }
        has_next |= !in_code && line.trim_end() == lint::NEXT;
    }
    if titles != 1 {
        problem(1, &format!("a page has exactly one `# ` heading, this has {titles}"));
    }
    if !has_next {
        problem(text.lines().count(), &format!("a page ends with `{}`, for those who ask", lint::NEXT));
    }
    (out, problems)
}

/// The part of a page that a directive gives; for finding what came from it.
pub fn expand(page: &Page, name: &str, args: &str) -> Result<String> {
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

#[cfg(test)]
#[path = "directives_tests.rs"]
mod tests;
