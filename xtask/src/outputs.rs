//! `cargo xtask outputs`: what in the book follows from something else is made again: what its
//! commands print, and the plans for classes ([`crate::book::teaching`]). With `--check` nothing
//! is written, and what is no longer as it would be made is an error.
//!
//! A file that a page shows with `{{#output FILE}}` holds commands, each after `$ `, and what
//! they printed; [`session`] runs them. The reference runner answers in place of the reader's,
//! so the book shows what a finished exercise prints. Numbers that differ each time (ids of
//! processes, namespaces) are no difference.

mod session;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};

use crate::book::teaching;
use crate::lanes;
use crate::starters;
use crate::workbook::Workbook;
use session::Session;
pub use session::shown as without_header;

#[derive(clap::Args)]
pub struct Args {
    /// Files below book/src to make again (default: all that pages show).
    files: Vec<PathBuf>,
    /// Write nothing; fail if anything is not what it would be.
    #[arg(long)]
    check: bool,
}

pub fn run(args: &Args, root: &Path) -> Result<ExitCode> {
    let src = root.join("book/src");
    let files = if args.files.is_empty() { named(&src)? } else { args.files.clone() };
    ensure!(!files.is_empty(), "no page shows any output");
    build(root)?;
    let (mut stale, mut failed) = (false, None);
    all_again(root, &files, |file, outcome| {
        let name = file.display();
        match outcome {
            Err(error) => failed = Some(error.context(name.to_string())),
            Ok(Again::Same) => println!("as it was  {name}"),
            Ok(Again::LeftOut(why)) => println!("left out   {name}: {why}"),
            Ok(Again::Differs { difference, .. }) if args.check => {
                stale = true;
                println!("DIFFERS    {name}\n{difference}");
            }
            Ok(Again::Differs { new, .. }) => match std::fs::write(src.join(file), new) {
                Ok(()) => println!("wrote      {name}"),
                Err(error) => failed = Some(anyhow::Error::new(error).context(format!("failed to write {name}"))),
            },
        }
    });
    if let Some(error) = failed {
        return Err(error);
    }
    if args.files.is_empty() {
        if args.check {
            teaching::check(root)?;
        } else {
            std::fs::write(root.join(teaching::PAGE), teaching::current(root)?).context("failed to write it")?;
        }
        println!("as it was  teaching.md");
    }
    ensure!(!stale, "{STALE}");
    Ok(ExitCode::SUCCESS)
}

const STALE: &str = "not what it would be now: run `cargo xtask outputs`, look at the diff, commit";

/// All of it, for `verify`: says in a few words what was seen.
pub fn check(root: &Path) -> Result<String> {
    build(root)?;
    let files = named(&root.join("book/src"))?;
    let (mut same, mut left_out, mut differs) = (0, Vec::new(), Vec::new());
    all_again(root, &files, |file, outcome| {
        let name = file.display();
        match outcome {
            Ok(Again::Same) => same += 1,
            Ok(Again::LeftOut(why)) => left_out.push(format!("{name} ({why})")),
            Ok(Again::Differs { difference, .. }) => differs.push(format!("book/src/{name}\n{difference}")),
            Err(error) => differs.push(format!("book/src/{name}: {error:#}")),
        }
    });
    if !differs.is_empty() {
        bail!("{STALE}\n       {}", differs.join("\n       "));
    }
    teaching::check(root)?;
    let left_out = if left_out.is_empty() { String::new() } else { format!("; left out: {}", left_out.join(", ")) };
    Ok(format!("{same} files and the plans for classes{left_out}"))
}

/// The reference runners, so that no command waits for a compiler.
fn build(root: &Path) -> Result<()> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--manifest-path"]).arg(root.join("Cargo.toml")).env_remove("CARGO_TARGET_DIR");
    for chapter in Workbook::load(root)?.chapters {
        cargo.args(["--package", &chapter.krate]);
    }
    ensure!(cargo.status().context("failed to start cargo")?.success(), "the reference runners do not compile");
    Ok(())
}

/// How a file stands to what its commands print now.
enum Again {
    Same,
    LeftOut(String),
    Differs { new: String, difference: String },
}

/// Every file; tells of each, by its path below `book/src`. Sessions mostly wait, so several are had
/// at a time; but those of one page one after another: they look at the same pods.
fn all_again(root: &Path, files: &[PathBuf], mut tell: impl FnMut(&Path, Result<Again>)) {
    let src = root.join("book/src");
    let mut pages: BTreeMap<&Path, Vec<&Path>> = BTreeMap::new();
    for file in files {
        let inner = file.strip_prefix("book/src").unwrap_or(file);
        pages.entry(inner.parent().unwrap_or(inner)).or_default().push(inner);
    }
    let pages: Vec<Vec<&Path>> = pages.into_values().collect();
    let page = |files: &Vec<&Path>| files.iter().map(|file| again(root, &src.join(file))).collect::<Vec<_>>();
    lanes::each(lanes::number(), &pages, page, |files, outcomes| {
        files.iter().zip(outcomes).for_each(|(file, outcome)| tell(file, outcome));
    });
}

fn again(root: &Path, path: &Path) -> Result<Again> {
    let old = std::fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))?;
    let session = Session::of(&old)?;
    if let Some(why) = session.not_here() {
        return Ok(Again::LeftOut(why));
    }
    let new = session.run(root)?;
    Ok(match session::difference(&old, &new) {
        None => Again::Same,
        Some(difference) => Again::Differs { new, difference },
    })
}

/// The files that pages show, relative to `book/src`.
fn named(src: &Path) -> Result<Vec<PathBuf>> {
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
