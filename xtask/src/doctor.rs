//! `cargo xtask doctor`: what this machine allows, and what to type where it does not.
//!
//! Do, don't guess: [`probe`] goes through the real sequence of making a container, in a
//! process of its own, and says which step failed with which errno. [`explain`] reads
//! sysctls and the like only to tell why.

mod cgroup;
mod explain;
mod findings;
mod print;
mod probe;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use serde::Serialize;

use crate::workbook::Workbook;
use explain::Facts;
use findings::findings;

#[derive(clap::Args)]
pub struct Args {
    /// How to report.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Human,
    Json,
}

/// One thing a machine may have.
#[derive(Serialize)]
pub struct Finding {
    /// The feature's name, as `requires` in checks.yaml has it.
    pub name: String,
    /// What it is, in words.
    pub title: String,
    pub ok: bool,
    /// What was tried and how it failed, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The line to type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// What a chapter can do here.
#[derive(Serialize)]
struct ChapterFinding {
    chapter: String,
    title: String,
    checks: usize,
    gradable: usize,
    lacks: Vec<String>,
}

#[derive(Serialize)]
struct Report {
    kernel: String,
    system: String,
    uid: u32,
    features: Vec<Finding>,
    chapters: Vec<ChapterFinding>,
    problems: Vec<String>,
}

pub fn run(args: &Args, root: &Path) -> Result<ExitCode> {
    let report = examine(root);
    let lacks = report.chapters.iter().any(|chapter| !chapter.lacks.is_empty())
        || report.features.iter().any(|it| !it.ok && is_a_tool(&it.name));
    match args.format {
        Format::Json => println!("{}", serde_json::to_string_pretty(&report)?),
        Format::Human => print::print_all(&report),
    }
    Ok(if lacks { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A few lines for `start`: what is missing, and nothing else.
pub fn in_brief(root: &Path) -> Vec<String> {
    let report = examine(root);
    let needed: Vec<&String> = report.chapters.iter().flat_map(|it| &it.lacks).collect();
    // One cause often takes many things away; it is told once.
    let mut causes: Vec<(&Finding, Vec<&str>)> = Vec::new();
    for finding in report.features.iter().filter(|it| !it.ok) {
        if needed.contains(&&finding.name) || is_a_tool(&finding.name) {
            match causes.iter_mut().find(|(first, _)| first.why == finding.why) {
                Some((_, titles)) => titles.push(&finding.title),
                None => causes.push((finding, vec![&finding.title])),
            }
        }
    }
    let mut lines = report.problems.clone();
    for (finding, titles) in causes {
        lines.push(format!("lacks {}", titles.join("; ")));
        lines.extend(finding.why.iter().map(|why| format!("    because: {why}")));
        lines.extend(finding.fix.iter().map(|fix| format!("    type: {fix}")));
    }
    lines
}

/// Needed by everything.
fn is_a_tool(name: &str) -> bool {
    matches!(name, "rust" | "linker" | "kernel")
}

fn examine(root: &Path) -> Report {
    let facts = Facts::read();
    let mut features = findings(&facts);
    features.push(in_a_browser(root));
    let mut problems = Vec::new();
    let chapters = match Workbook::load(root) {
        Ok(workbook) => chapters(&workbook, &features),
        Err(error) => {
            problems.push(format!("{error:#}"));
            Vec::new()
        }
    };
    Report {
        kernel: facts.kernel.clone(),
        system: facts.system.clone(),
        uid: nix::unistd::geteuid().as_raw(),
        features,
        chapters,
        problems,
    }
}

fn chapters(workbook: &Workbook, features: &[Finding]) -> Vec<ChapterFinding> {
    let there = |name: &String| features.iter().find(|it| it.name == *name).is_none_or(|it| it.ok);
    let of = |chapter: &crate::workbook::Chapter| {
        let checks: Vec<_> = chapter.checks().map(|(_, check)| check).collect();
        let mut lacks: Vec<String> =
            checks.iter().flat_map(|it| &it.requires).filter(|it| !there(it)).cloned().collect();
        lacks.sort();
        lacks.dedup();
        ChapterFinding {
            chapter: chapter.dir.clone(),
            title: chapter.title.clone(),
            checks: checks.len(),
            gradable: checks.iter().filter(|it| it.requires.iter().all(there)).count(),
            lacks,
        }
    };
    workbook.chapters.iter().map(of).collect()
}

/// What this machine allows: a feature's name, and why it is not there.
/// A feature that is not in the map is taken to be there.
pub fn features() -> BTreeMap<String, Result<(), String>> {
    let facts = Facts::read();
    let outcome = |it: &Finding| match (it.ok, &it.why, &it.fix) {
        (true, _, _) => Ok(()),
        (false, why, None) => Err(why.clone().unwrap_or_default()),
        (false, why, Some(fix)) => Err(format!("{}; {fix}", why.as_deref().unwrap_or_default())),
    };
    findings(&facts).iter().map(|it| (it.name.clone(), outcome(it))).collect()
}

const BROWSER: &str = "browser";

/// For those who work on the book; readers lack nothing without.
fn in_a_browser(root: &Path) -> Finding {
    let lacks = crate::browser::lacks(root);
    let join = |part: fn(&crate::browser::Lack) -> &str, by| lacks.iter().map(part).collect::<Vec<_>>().join(by);
    Finding {
        name: BROWSER.to_owned(),
        title: "node and chromium (optional: for the book's tests in a browser)".to_owned(),
        ok: lacks.is_empty(),
        why: (!lacks.is_empty()).then(|| join(|it| &it.why, "; ")),
        fix: (!lacks.is_empty()).then(|| join(|it| &it.fix, " && ")),
    }
}

#[derive(clap::Args)]
pub struct HelperArgs {
    /// What to try.
    pub what: Option<String>,
}

/// Tries one feature for real and reports the steps on stdout. Single-threaded.
pub fn helper(args: &HelperArgs) -> Result<ExitCode> {
    match args.what.as_deref() {
        Some("pod") => probe::pod(),
        Some("newuidmap") => probe::newuidmap(),
        _ => bail!("the doctor starts this; you want `cargo xtask doctor`"),
    }
    Ok(ExitCode::SUCCESS)
}
