//! `cargo xtask doctor`: what this machine allows, and what to type where it does not.
//!
//! Do, don't guess: [`probe`] goes through the real sequence of making a container, in a
//! process of its own, and says which step failed with which errno. [`explain`] reads
//! sysctls and the like only to tell why.

mod explain;
mod probe;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Serialize;

use crate::workbook::Workbook;
use explain::Facts;

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
        Format::Human => print_all(&report),
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

fn print_all(report: &Report) {
    println!("{}, Linux {}, uid {}", report.system, report.kernel, report.uid);
    println!();
    let mut told = None;
    // Not being root is nothing that anybody lacks.
    for finding in report.features.iter().filter(|it| it.ok || it.name != "root") {
        let word = match finding.ok {
            true => "ok",
            false if finding.name == BROWSER => "no",
            false => "lacks",
        };
        println!("  {word:<6} {}", finding.title);
        // One cause often takes many things away; it is told once.
        if finding.why.is_some() && finding.why == told {
            println!("         for the same reason");
            continue;
        }
        if let Some(why) = &finding.why {
            println!("         {why}");
        }
        if let Some(fix) = &finding.fix {
            println!("         type: {fix}");
        }
        told.clone_from(&finding.why);
    }
    println!();
    for chapter in &report.chapters {
        if chapter.lacks.is_empty() {
            println!("  {}: everything works here ({} checks)", chapter.chapter, chapter.checks);
        } else {
            println!(
                "  {}: {} of {} checks can be graded here; it lacks {}",
                chapter.chapter,
                chapter.gradable,
                chapter.checks,
                chapter.lacks.join(", ")
            );
        }
    }
    for problem in &report.problems {
        println!("  error: {problem}");
    }
}

/// Every feature a check may require.
fn findings(facts: &Facts) -> Vec<Finding> {
    let mut findings = vec![rust(), linker(facts), kernel(facts)];
    let steps = sequence("pod");
    for (name, title, step) in probe::FEATURES {
        let outcome = match &steps {
            Ok(steps) => steps.get(*step).copied().unwrap_or(probe::NOT_REACHED),
            Err(_) => probe::NOT_REACHED,
        };
        let explained = (outcome != 0).then(|| match &steps {
            Err(error) => (format!("the doctor could not try: {error:#}"), None),
            Ok(steps) => explain::step(step, outcome, steps, facts),
        });
        let (why, fix) = explained.map_or((None, None), |(why, fix)| (Some(why), fix));
        findings.push(Finding { name: (*name).to_owned(), title: (*title).to_owned(), ok: outcome == 0, why, fix });
    }
    findings.push(newuidmap(facts));
    let root = nix::unistd::geteuid().is_root();
    findings.push(Finding {
        name: "root".to_owned(),
        title: "being root (only a few checks of the grader itself ask for it)".to_owned(),
        ok: root,
        why: (!root).then(|| "you are an ordinary user, as you should be".to_owned()),
        fix: None,
    });
    findings
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

fn rust() -> Finding {
    let output = Command::new("rustc").arg("--version").stdin(Stdio::null()).output();
    let said = output.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned());
    let version = said.as_deref().ok().and_then(explain::rust_version);
    let least = (1, 90);
    let ok = version.is_some_and(|version| version >= least);
    Finding {
        name: "rust".to_owned(),
        title: "Rust 1.90 or newer".to_owned(),
        ok,
        why: (!ok).then(|| match said {
            Ok(said) if !said.is_empty() => format!("this is {said}"),
            _ => "there is no rustc on the PATH".to_owned(),
        }),
        fix: (!ok).then(|| "rustup update stable    (or see https://rustup.rs)".to_owned()),
    }
}

fn linker(facts: &Facts) -> Finding {
    let output = Command::new("cc").arg("--version").stdin(Stdio::null()).output();
    let ok = output.is_ok_and(|it| it.status.success());
    Finding {
        name: "linker".to_owned(),
        title: "a C linker (cc)".to_owned(),
        ok,
        why: (!ok).then(|| "there is no cc on the PATH; rustc links with it".to_owned()),
        fix: (!ok).then(|| facts.install("gcc")),
    }
}

/// `mount_setattr`, which makes a whole tree of mounts read-only, came with Linux 5.12.
fn kernel(facts: &Facts) -> Finding {
    let ok = explain::kernel_version(&facts.kernel).is_some_and(|version| version >= (5, 12));
    Finding {
        name: "kernel".to_owned(),
        title: "Linux 5.12 or newer (for mount_setattr)".to_owned(),
        ok,
        why: (!ok).then(|| format!("this is {}", facts.kernel)),
        fix: None,
    }
}

fn newuidmap(facts: &Facts) -> Finding {
    let tried = sequence("newuidmap");
    let (why, fix) = match &tried {
        Ok(steps) => explain::newuidmap(steps, facts),
        Err(error) => (Some(format!("the doctor could not try: {error:#}")), None),
    };
    Finding {
        name: "newuidmap".to_owned(),
        title: "a range of user ids of your own (newuidmap)".to_owned(),
        ok: why.is_none(),
        why,
        fix,
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

/// Runs a helper; gives each step it reached with 0 or its errno.
fn sequence(what: &str) -> Result<BTreeMap<String, i32>> {
    // Not by its path: that file may have been replaced by a build since.
    let mut child = Command::new("/proc/self/exe")
        .args(["doctor-helper", what])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("failed to start the helper")?;
    let start = Instant::now();
    while child.try_wait()?.is_none() {
        if start.elapsed() > Duration::from_secs(10) {
            child.kill()?;
            child.wait()?;
            bail!("the helper did not end within ten seconds");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let mut text = String::new();
    if let Some(mut out) = child.stdout.take() {
        out.read_to_string(&mut text)?;
    }
    let step = |line: &str| {
        let (step, errno) = line.split_once('\t')?;
        Some((step.to_owned(), errno.parse().ok()?))
    };
    Ok(text.lines().filter_map(step).collect())
}
