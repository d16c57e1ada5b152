//! `cargo xtask book`: build the book, or say with chapter and line what is wrong with it.
//!
//! mdBook is used as a library, so nothing needs to be installed. It only logs a broken
//! include and says nothing of a dead link; here both fail the build. The parts:
//! [`directives`] (what a page may ask for), [`expand`], [`figures`], [`quiz`] and [`tasks`] (what
//! it gets), [`theme`] (how it looks) with the crate `html`, [`pdf`], [`links`] (the check of what was built).

mod directives;
mod expand;
mod figures;
mod front;
mod links;
mod lint;
mod locate;
mod pdf;
mod quiz;
mod schedule;
mod tasks;
pub mod teaching;
mod theme;
mod warnings;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use mdbook_driver::MDBook;
use mdbook_preprocessor::Preprocessor;
use mdbook_preprocessor::book::{Book, BookItem, Chapter};

use directives::Problems;
pub use directives::Workbook as BookPreprocessor;
pub use expand::escape;
pub use links::decode;

#[derive(clap::Args)]
pub struct Args {
    /// Open the built book in the browser.
    #[arg(long)]
    open: bool,
    /// Write the whole book to a PDF file, too (with an installed Chromium or Chrome).
    #[arg(long, value_name = "FILE")]
    pdf: Option<PathBuf>,
}

pub fn run(args: &Args, root: &Path) -> Result<ExitCode> {
    let start = std::time::Instant::now();
    let built = build(root)?;
    let index = built.join("index.html");
    println!("built in {:.1} s: {}", start.elapsed().as_secs_f64(), index.display());
    if let Some(file) = &args.pdf {
        pdf::write(&built, file)?;
    }
    if args.open {
        crate::start::open_browser(&index.display().to_string());
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds the book and checks what was built; returns the directory of the HTML. Everything
/// that is wrong is told at once. What could be built is there even so: a page shows what is
/// wrong with it.
pub fn build(root: &Path) -> Result<PathBuf> {
    finish(root, write(root, |_| Ok(()))?)
}

/// The book for a server, which says itself what is new: its files' names have no hash in them,
/// so a page is the same until its own text changes.
pub fn build_to_serve(root: &Path) -> Result<PathBuf> {
    finish(root, write(root, plain_names)?)
}

/// One page alone, much sooner than the whole book: what it is in the book, by its address
/// there. To write it a book is built that has, besides, only the pages it leads back and on to, empty, and
/// no search; so dead links are only found when all of it is built.
pub fn build_page(root: &Path, markdown: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let dir = tempfile::tempdir()?;
    let (md, mut problems) = write(root, |md| {
        plain_names(md)?;
        md.config.set("output.html.search.enable", false)?;
        md.config.set("output.html.print.enable", false)?;
        md.config.build.build_dir = dir.path().to_path_buf();
        leave(&mut md.book, markdown);
        Ok(())
    })?;
    let own = format!("book/src/{}:", markdown.display());
    problems.retain(|problem| problem.starts_with(&own));
    none(&problems)?;
    let pages = links::pages(&md);
    let at = pages.iter().position(|page| page.markdown == markdown).context("the page is not in the book")?;
    // The first page is the book's front, too.
    let front = (at == 0).then(|| PathBuf::from("index.html"));
    let files = front.into_iter().chain([pages[at].html.clone()]);
    let page = |file: PathBuf| {
        let html = std::fs::read_to_string(dir.path().join(&file))
            .with_context(|| format!("failed to read {}", file.display()))?;
        Ok((file, ::html::finished(&html).into_bytes()))
    };
    files.map(page).collect()
}

/// Leaves a page and the ones beside it, which it leads to; those without their text.
fn leave(book: &mut Book, markdown: &Path) {
    let pages: Vec<Chapter> = book.chapters().cloned().collect();
    let is_page = |page: &Chapter| page.source_path.as_deref() == Some(markdown);
    let at = pages.iter().position(is_page).unwrap_or_default();
    let beside = at.saturating_sub(1)..=at + 1;
    let kept = pages.into_iter().enumerate().filter(|(n, _)| beside.contains(n)).map(|(_, mut page)| {
        page.sub_items.clear();
        if !is_page(&page) {
            page.content.clear();
        }
        BookItem::Chapter(page)
    });
    book.items = kept.collect();
}

fn plain_names(md: &mut MDBook) -> Result<()> {
    md.config.set("output.html.hash-files", false)
}

/// Writes the pages, and returns what is wrong with them as far as their own text tells.
fn write(root: &Path, adapt: impl FnOnce(&mut MDBook) -> Result<()>) -> Result<(MDBook, Vec<String>)> {
    // mdBook's warnings are heard in one place, so one book is built at a time.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    warnings::collect();
    named_pages(root)?;
    let mut md = MDBook::load(root.join("book")).context("failed to load the book")?;
    // Same name as in book.toml, so it takes that one's place, and its position.
    let told = Problems::default();
    md.with_preprocessor(BookPreprocessor::telling(root, &told));
    let _theme = theme::prepare(&mut md, root).context("failed to prepare the book's theme")?;
    // When the theme has seen the table of contents.
    adapt(&mut md)?;
    md.build().context("failed to build the book")?;
    let mut problems = std::mem::take(&mut *told.lock().unwrap_or_else(PoisonError::into_inner));
    problems.extend(warnings::take().into_iter().map(|warning| format!("mdBook warns: {warning}")));
    Ok((md, problems))
}

/// Finishes what was written, and looks for what can only be seen in the book as a whole.
fn finish(root: &Path, (md, mut problems): (MDBook, Vec<String>)) -> Result<PathBuf> {
    let built = md.build_dir_for("html");
    theme::finish(&built).context("failed to finish the built pages")?;
    let pages = links::pages(&md);
    problems.extend(forgotten(root, &pages)?);
    for problem in links::check(root, &built, &pages)? {
        // An image without words was seen in the Markdown already.
        let place = problem.split(": ").next().unwrap_or_default();
        let known = |it: &String| it.starts_with(&format!("{place}: ![](")) && problem.contains("alternative text");
        if !problems.iter().any(known) {
            problems.push(problem);
        }
    }
    none(&problems)?;
    Ok(built)
}

fn none(problems: &[String]) -> Result<()> {
    match problems {
        [] => Ok(()),
        [one] => bail!("a problem in the book\n       {one}"),
        all => bail!("{} problems in the book\n       {}", all.len(), all.join("\n       ")),
    }
}

/// Every page that SUMMARY.md names must be there. mdBook says so too, of one page and no line.
fn named_pages(root: &Path) -> Result<()> {
    let src = root.join("book/src");
    let summary = std::fs::read_to_string(src.join("SUMMARY.md")).context("failed to read book/src/SUMMARY.md")?;
    let named = |line: &str| Some(line.split_once("](")?.1.split_once(')')?.0.to_owned());
    let mut lost = Vec::new();
    for (index, line) in summary.lines().enumerate() {
        if let Some(page) = named(line).filter(|page| !page.is_empty() && !src.join(page).is_file()) {
            lost.push(format!("book/src/SUMMARY.md:{}: there is no {page}", index + 1));
        }
    }
    if lost.is_empty() { Ok(()) } else { bail!("{}", lost.join("\n       ")) }
}

/// Pages that are written and are not in the book.
fn forgotten(root: &Path, pages: &[links::Source]) -> Result<Vec<String>> {
    let files = crate::starters::files(&root.join("book/src"))?;
    let is_page = |file: &PathBuf| file.extension().is_some_and(|it| it == "md") && *file != Path::new("SUMMARY.md");
    let known = |file: &PathBuf| pages.iter().any(|page| page.markdown == *file);
    let lost = files.iter().filter(|file| is_page(file) && !known(file));
    Ok(lost.map(|file| format!("book/src/SUMMARY.md:1: {} is not in it", file.display())).collect())
}

#[derive(clap::Args)]
pub struct PreprocessArgs {
    /// mdBook asks `supports RENDERER`; with no arguments it sends the book on stdin.
    pub args: Vec<String>,
}

/// The same preprocessor for a plain `mdbook build`, which starts it as a program.
pub fn preprocess(args: &PreprocessArgs, root: &Path) -> Result<ExitCode> {
    match args.args.as_slice() {
        [ask, _renderer] if ask == "supports" => Ok(ExitCode::SUCCESS),
        [] => {
            let (context, book) = mdbook_preprocessor::parse_input(std::io::stdin())?;
            let book = BookPreprocessor::new(root).run(&context, book)?;
            serde_json::to_writer(std::io::stdout(), &book)?;
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!("mdBook starts this; you want `cargo xtask book`"),
    }
}

#[cfg(test)]
#[path = "book/broken_tests.rs"]
mod broken;
