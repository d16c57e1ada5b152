//! `cargo xtask verify`: proves the workbook itself.
//!
//! A check that cannot fail is worth nothing, and a task that nobody can find is not there.
//! Each part below is one sentence of that promise; all of them must hold.

mod caught;
mod graded;
mod trace;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail, ensure};

use crate::book;
use crate::outputs;
use crate::starters::{self, State};
use crate::workbook::{Chapter, Selection, Workbook};

#[derive(clap::Args)]
pub struct Args {
    /// Chapters to prove (default: all).
    chapters: Vec<String>,
    /// How often each solution is graded; a check that does not pass every time is flaky.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// Only the parts with this in their name, `trap` for example.
    #[arg(long)]
    part: Option<String>,
    /// Which of several processes this is that share a part.
    #[arg(long, hide = true)]
    lane: Option<usize>,
}

/// One sentence that must hold. Its outcome says in a few words what was seen, or everything
/// that is wrong.
pub struct Part {
    pub name: &'static str,
    pub prove: fn(&Scope) -> Result<String>,
}

/// What is to be proven.
pub struct Scope {
    pub workbook: Workbook,
    /// Indices of the chapters that were asked for, all of them by default.
    pub asked: Vec<usize>,
    pub repeat: u32,
    /// Set in a process that does its share of a part.
    pub lane: Option<usize>,
}

impl Scope {
    pub fn all(root: &Path, repeat: u32) -> Result<Scope> {
        let workbook = Workbook::load(root)?;
        Ok(Scope { asked: (0..workbook.chapters.len()).collect(), workbook, repeat, lane: None })
    }

    fn chapters(&self) -> impl Iterator<Item = (usize, &Chapter)> {
        self.asked.iter().filter_map(|&index| Some((index, self.workbook.chapters.get(index)?)))
    }

    /// The chapters, as the grader is asked for them.
    fn selection(&self) -> Vec<Selection> {
        self.asked.iter().map(|&chapter| Selection { chapter, task: None }).collect()
    }
}

/// What is proven, cheap things first.
pub const PARTS: &[Part] = &[
    Part { name: "starters are in sync", prove: in_sync },
    Part { name: "tasks, sections and traps fit", prove: fits },
    Part { name: "the book builds and its links hold", prove: book_builds },
    Part { name: "the book's output is what its commands print", prove: outputs },
    Part { name: "checks are named as they are called", prove: graded::names },
    Part { name: "starters compile and score nothing", prove: graded::starters },
    Part { name: "solutions score 100 %", prove: graded::solutions },
    Part { name: "every trap is caught", prove: caught::traps },
];

pub fn run(args: &Args, root: &Path) -> Result<ExitCode> {
    let mut scope = Scope::all(root, args.repeat)?;
    if !args.chapters.is_empty() {
        let index = |name: &String| Ok(scope.workbook.select(name)?.chapter);
        scope.asked = args.chapters.iter().map(index).collect::<Result<_>>()?;
    }
    scope.lane = args.lane;
    let wanted = |part: &&Part| args.part.as_ref().is_none_or(|filter| part.name.contains(filter));
    let parts: Vec<&Part> = PARTS.iter().filter(wanted).collect();
    ensure!(!parts.is_empty(), "no part has `{}` in its name", args.part.as_deref().unwrap_or_default());
    crate::grade::notice_signals();
    let mut failed = 0;
    for part in &parts {
        let start = Instant::now();
        let outcome = (part.prove)(&scope);
        let seconds = start.elapsed().as_secs_f64();
        match outcome {
            Ok(seen) => println!("  ok    {}: {seen} ({seconds:.1} s)", part.name),
            Err(error) => {
                failed += 1;
                println!("  FAIL  {} ({seconds:.1} s)\n       {error:#}", part.name);
            }
        }
    }
    if failed > 0 {
        println!("\n{failed} of {} parts do not hold.", parts.len());
        return Ok(ExitCode::FAILURE);
    }
    if args.part.is_none() {
        println!("\nThe workbook holds what it promises.");
    }
    Ok(ExitCode::SUCCESS)
}

/// Fails with a list, if there is anything in it.
fn none_of(problems: &[String]) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    bail!("{}", problems.join("\n       "))
}

/// What is committed is what the solutions give. A reader's own answers are no drift: where
/// the file on disk differs, the committed one is looked at.
fn in_sync(scope: &Scope) -> Result<String> {
    let workbook = &scope.workbook;
    let mut problems = Vec::new();
    let mut own = 0;
    let mut files = 0;
    for (_, chapter) in scope.chapters() {
        let derived = match starters::exercise(workbook, chapter) {
            Ok(derived) => derived,
            Err(error) => {
                problems.push(format!("{chapter}: {error:#}"));
                continue;
            }
        };
        for (path, state) in starters::compare(&workbook.root, chapter, &derived)? {
            files += 1;
            let text = derived.iter().find(|it| it.path == path).map(|it| it.text.as_bytes());
            let committed = starters::committed(&workbook.root, &path);
            if state == State::Same {
                continue;
            }
            if committed.is_some() == text.is_some() && committed.as_deref() == text && state != State::Missing {
                own += 1;
            } else {
                problems.push(format!("{}: run `cargo xtask starters`", path.display()));
            }
        }
    }
    let sums = std::fs::read_to_string(workbook.root.join("exercises/SHA256SUMS")).unwrap_or_default();
    if sums != starters::sums::of(&workbook.root)? {
        problems.push("exercises/SHA256SUMS: run `cargo xtask starters`".to_owned());
    }
    none_of(&problems)?;
    Ok(match own {
        0 => format!("{files} files"),
        own => format!("{files} files; {own} are your own work and are not compared"),
    })
}

fn fits(scope: &Scope) -> Result<String> {
    let workbook = &scope.workbook;
    none_of(&trace::problems(workbook)?)?;
    let tasks: usize = workbook.chapters.iter().map(|it| it.tasks.len()).sum();
    let checks: usize = workbook.chapters.iter().map(|it| it.checks().count()).sum();
    Ok(format!("{} chapters, {tasks} tasks, {checks} checks", workbook.chapters.len()))
}

fn book_builds(scope: &Scope) -> Result<String> {
    book::build(&scope.workbook.root)?;
    Ok("no warnings".to_owned())
}

fn outputs(scope: &Scope) -> Result<String> {
    outputs::check(&scope.workbook.root)
}
