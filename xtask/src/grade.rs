//! `cargo xtask grade`: stage, build, run, report.
//!
//! # What is promised
//!
//! The mark says what the reader's code does, and the reader's code cannot say its own mark:
//!
//! - of the reader's tree only `src/**/*.rs` takes part ([`crate::stage`]);
//! - cargo runs from `/` with a cleaned environment ([`crate::cargo`]); no code of the reader
//!   runs while building, since there is no `build.rs` and no macro crate of theirs;
//! - the check programs are the workbook's, compiled apart and held in sealed memory
//!   ([`crate::programs`]);
//! - each runs below a supervisor that ends everything it started and looks for what it left
//!   ([`crate::supervise`]);
//! - the verdict comes over a pipe the reader's code does not hold and cannot open, and only
//!   an affirmative, complete, expected answer is a pass ([`crate::verdict`]).
//!
//! # What is not
//!
//! The reader's code runs as the user who grades. It can read and change that user's files,
//! this workbook among them, and kill that user's processes, the grader among them (no mark
//! comes of that, but no harm is prevented either). Source text may copy the reference
//! answer. To mark work of people you do not trust, grade in a virtual machine or a container
//! made for it and thrown away, one a submission, as an ordinary user.

mod begun;
mod jobs;
mod signals;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};

pub use begun::unstarted_in;
pub use signals::{cancelled, nap, notice_signals};

use crate::build::{self, Built};
use crate::report::{self, Format};
use crate::run::{self, RunDir};
use crate::stage::{self, Subject};
use crate::verdict::{self, CheckResult, Verdict};
use crate::workbook::{Selection, Workbook};
use crate::{dirs, programs};

const EXIT_STATUS: &str = "\
Exit status:
  0  all that was asked for has passed
  1  something has failed
  2  something could not be graded by a mistake of the workbook (a grader error), or not at all
  3  nothing has failed, but this machine cannot grade everything";

#[derive(clap::Args, Clone)]
#[command(after_help = EXIT_STATUS)]
pub struct Args {
    /// Chapters or tasks: 3, 03, lifecycle, 03-lifecycle, 3.3 (default: all)
    chapters: Vec<String>,
    /// Grade the reference solutions
    #[arg(long, conflicts_with = "from")]
    solutions: bool,
    /// Grade the work in this directory (it holds the chapter directories, or exercises/)
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Take the chapters not asked for from the solutions
    #[arg(long)]
    skip_ahead: bool,
    /// Grade again whenever a source changes
    #[arg(long, conflicts_with_all = ["solutions", "from"])]
    watch: bool,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// How many checks run at a time (default: one a core)
    #[arg(short, long, value_name = "N")]
    jobs: Option<usize>,
    /// Also write the report as JSON into this file (the watch asks for it)
    #[arg(long, value_name = "FILE", hide = true)]
    json_to: Option<PathBuf>,
}

/// A grading to be made. Also what `verify` and `next` ask for.
#[derive(Debug, Clone)]
pub struct Request {
    pub subject: Subject,
    /// Empty: everything.
    pub asked: Vec<Selection>,
    /// Only checks of these names; none: all that are asked.
    pub only: Option<Vec<String>>,
    pub skip_ahead: bool,
    /// Runs the checks of tasks that are not begun, too: what they say is known, and it can take long.
    pub unstarted_too: bool,
    /// 0: one a core.
    pub jobs: usize,
}

impl Request {
    pub fn new(subject: Subject) -> Request {
        Request { subject, asked: Vec::new(), only: None, skip_ahead: false, unstarted_too: false, jobs: 0 }
    }
}

/// A grading that was made.
pub struct Grading {
    pub request: Request,
    /// In the order of chapters, tasks and checks.
    pub results: Vec<CheckResult>,
    /// Chapters (by directory) whose sources do not compile, with the compiler's words.
    pub broken: Vec<(String, String)>,
    /// What was handed in and took no part.
    pub ignored: Vec<String>,
    /// With `--skip-ahead`: the command of the page, and the program to use in its place.
    pub programs_ahead: Vec<(String, String)>,
    /// Files of the workbook that are not as released.
    pub modified: Vec<String>,
    /// SHA-256 of each chapter's checks, by directory.
    pub checks: BTreeMap<String, String>,
    pub factor: f64,
    pub build_seconds: f64,
    pub seconds: f64,
}

impl Grading {
    /// Everything asked for has passed.
    pub fn all_passed(&self) -> bool {
        !self.results.is_empty() && self.results.iter().all(|it| it.verdict == Verdict::Pass)
    }

    /// The exit status (see [`EXIT_STATUS`]).
    pub fn status(&self) -> u8 {
        let any = |wanted: &[Verdict]| self.results.iter().any(|it| wanted.contains(&it.verdict));
        if any(&[Verdict::GraderError]) {
            2
        } else if any(&[Verdict::Fail, Verdict::Blocked]) || self.results.is_empty() {
            1
        } else if any(&[Verdict::NotHere]) {
            3
        } else {
            0
        }
    }
}

pub fn run(args: &Args, root: &Path) -> Result<ExitCode> {
    let done = graded(args, root);
    if let (Some(file), Err(error)) = (&args.json_to, &done) {
        std::fs::write(file, serde_json::json!({ "error": format!("{error:#}") }).to_string())?;
    }
    done
}

fn graded(args: &Args, root: &Path) -> Result<ExitCode> {
    let workbook = Workbook::load(root)?;
    let mut asked = Vec::new();
    for name in &args.chapters {
        asked.push(workbook.select(name)?);
    }
    let subject = match (&args.from, args.solutions) {
        (Some(dir), _) => {
            let dir = dir.canonicalize().with_context(|| format!("--from {}", dir.display()))?;
            anyhow::ensure!(dir.is_dir(), "--from {}: not a directory", dir.display());
            Subject::From(dir)
        }
        (None, true) => Subject::Solutions,
        (None, false) => Subject::Exercises,
    };
    let jobs = args.jobs.unwrap_or(0);
    let request = Request { asked, skip_ahead: args.skip_ahead, jobs, ..Request::new(subject) };
    notice_signals();
    if args.watch {
        return crate::watch::watch(&workbook, &request);
    }
    let grading = grade(&workbook, request)?;
    if cancelled() {
        // The watch gives gradings up, and needs not be told.
        if args.json_to.is_none() {
            eprintln!("stopped");
        }
        return Ok(ExitCode::from(130));
    }
    if args.json_to.is_some() {
        println!();
    }
    report::print(&workbook, &grading, args.format)?;
    if let Some(file) = &args.json_to {
        let text = report::json::report(&workbook, &grading)?;
        std::fs::write(file, text).with_context(|| format!("failed to write {}", file.display()))?;
    }
    Ok(ExitCode::from(grading.status()))
}

/// Makes a grading. Prints nothing but progress, on stderr.
pub fn grade(workbook: &Workbook, request: Request) -> Result<Grading> {
    let started = Instant::now();
    // The reader's code runs as the same user: keep this process closed to it.
    nix::sys::prctl::set_dumpable(false)?;
    let chosen = jobs::chosen(workbook, &request);
    let chapters: Vec<usize> =
        (0..workbook.chapters.len()).filter(|index| chosen.iter().any(|(chapter, ..)| chapter == index)).collect();
    let solved: Vec<usize> = match request.skip_ahead {
        true => (0..workbook.chapters.len()).filter(|index| !chapters.contains(index)).collect(),
        false => Vec::new(),
    };

    let machine = jobs::machine(&chosen);
    let programs = programs::load(workbook, &chapters)?;
    let stage = stage::stage(workbook, &request.subject, &solved)?;
    let built = build::build(workbook, &request.subject, &stage, &chapters)?;
    let run_dir = RunDir::make(&dirs::cache(&workbook.root)?)?;
    let mut binaries = vec![None; workbook.chapters.len()];
    for (index, state) in built.iter().enumerate() {
        if let Built::Binary(path) = state {
            binaries[index] = Some(run_dir.hold(path, &workbook.chapters[index].krate)?);
        }
    }
    let unstarted = begun::unstarted(workbook, &stage);
    let ignored = stage.ignored.clone();
    // From here on another grading may use the stage.
    drop(stage);
    let build_seconds = started.elapsed().as_secs_f64();

    let factor = run::machine_factor();
    let begun = |task: &str| !unstarted.iter().any(|it| it == task);
    let is_run = |task: &str| request.unstarted_too || begun(task);
    let (mut results, jobs) = jobs::of(workbook, &chosen, machine, &built, &programs, &binaries, is_run);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let at_a_time = if request.jobs == 0 { cores } else { request.jobs };
    let seen = programs::look(workbook)?;
    run::run(&run_dir, &jobs, &mut results, at_a_time, factor);
    if programs::look(workbook)? != seen {
        // Not what ran (that is in memory), but what the next grading would have run.
        eprintln!("the compiled checks were changed meanwhile; they will be compiled again");
        programs.forget(workbook)?;
    }
    // In exercises/, the chapters before are not the ones that were judged.
    let programs_ahead = match solved.is_empty() {
        true => Vec::new(),
        false => name_programs(workbook, &built, &mut results),
    };
    verdict::relate(workbook, &mut results, begun);

    let broken = built.iter().enumerate().filter_map(|(index, state)| {
        let Built::Broken(words) = state else {
            return None;
        };
        Some((workbook.chapters[index].dir.clone(), words.clone()))
    });
    let checks = programs.of.iter().enumerate().filter_map(|(index, program)| {
        let program = program.as_ref()?.as_ref().ok()?;
        Some((workbook.chapters[index].dir.clone(), program.hash.clone()))
    });
    Ok(Grading {
        results,
        broken: broken.collect(),
        ignored,
        programs_ahead,
        modified: match request.subject {
            Subject::Exercises => crate::starters::sums::modified(&workbook.root),
            _ => Vec::new(),
        },
        checks: checks.collect(),
        factor,
        build_seconds,
        seconds: started.elapsed().as_secs_f64(),
        request,
    })
}

/// Puts the program that was judged in place of the page's command. Gives both, of each chapter.
fn name_programs(workbook: &Workbook, built: &[Built], results: &mut [CheckResult]) -> Vec<(String, String)> {
    let mut named = Vec::new();
    for (chapter, state) in workbook.chapters.iter().zip(built) {
        let Built::Binary(program) = state else { continue };
        let by_cargo = format!("cargo run -p {} --", chapter.krate);
        let program = report::command::shown(program);
        for result in results.iter_mut().filter(|it| it.chapter == chapter.number) {
            if let Some(command) = &mut result.reproduce {
                *command = command.replacen(&by_cargo, &program, 1);
            }
        }
        named.push((by_cargo, program));
    }
    named
}
