//! `cargo xtask book`: build the book, or say with chapter and line what is wrong with it.
//!
//! mdBook is used as a library, so nothing needs to be installed. It only logs a broken
//! include and says nothing of a dead link; here both fail the build. The parts:
//! [`directives`] (what a page may ask for), [`expand`], [`figures`], [`quiz`] and [`tasks`] (what
//! it gets), [`theme`] (how it looks) with [`hangul`], [`pdf`], [`links`] (the check of what was built).

mod colour;
mod directives;
mod expand;
mod figures;
mod hangul;
mod links;
mod pdf;
mod quiz;
mod tasks;
mod theme;
mod warnings;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use mdbook_driver::MDBook;
use mdbook_preprocessor::Preprocessor;

pub use directives::Workbook as BookPreprocessor;
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

/// Builds the book and checks what was built; returns the directory of the HTML.
pub fn build(root: &Path) -> Result<PathBuf> {
    let book = root.join("book");
    warnings::collect();
    let mut md = MDBook::load(&book).context("failed to load the book")?;
    // Same name as in book.toml, so it takes that one's place, and its position.
    md.with_preprocessor(BookPreprocessor::new(root));
    let _theme = theme::prepare(&mut md, root).context("failed to prepare the book's theme")?;
    md.build().context("failed to build the book")?;
    let warnings = warnings::take();
    if !warnings.is_empty() {
        bail!("mdBook warns\n       {}", warnings.join("\n       "));
    }
    let built = md.build_dir_for("html");
    theme::finish(&built).context("failed to finish the built pages")?;
    let pages = links::pages(&md);
    let problems = links::check(root, &built, &pages)?;
    if !problems.is_empty() {
        bail!(
            "{} in the built book\n       {}",
            if problems.len() == 1 { "a problem" } else { "problems" },
            problems.join("\n       ")
        );
    }
    Ok(built)
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
