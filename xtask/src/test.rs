//! `cargo xtask test`: everything that must hold, in one command.
//!
//! Formatting, lints, unit tests (those that hand in hostile submissions among them), all that
//! [`crate::verify`] proves, the book included, and the book in a real browser. The last line is
//! of the form that `cargo test` ends with, and counts parts.

use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, Result};

use crate::{browser, verify, vm};

#[derive(clap::Args)]
pub struct Args {
    /// Only the parts with this in their name, `browser` for example.
    filter: Option<String>,
    /// How often each solution is graded.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
}

/// A part that is a call of cargo.
struct Call {
    name: &'static str,
    /// The workspace's directory.
    dir: &'static str,
    args: &'static [&'static str],
    /// What the toolchain must have, if it is not there in each: `cargo fmt`, `cargo clippy`.
    needs: Option<&'static str>,
}

/// Lists the files that are not formatted.
const FORMAT: &[&str] = &["fmt", "--all", "--", "--check", "--files-with-diff"];

const CLIPPY: &[&str] = &["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"];

const CALLS: &[Call] = &[
    Call { name: "format", dir: ".", args: FORMAT, needs: Some("fmt") },
    Call { name: "format of the exercises", dir: "exercises", args: FORMAT, needs: Some("fmt") },
    Call { name: "lints", dir: ".", args: CLIPPY, needs: Some("clippy") },
    Call { name: "lints of the exercises", dir: "exercises", args: CLIPPY, needs: Some("clippy") },
    Call {
        name: "tests of podkit and podcheck",
        dir: "exercises",
        args: &["test", "--quiet", "--package", "podkit", "--package", "podcheck"],
        needs: None,
    },
    Call {
        name: "unit tests of the libraries",
        dir: ".",
        args: &["test", "--quiet", "--workspace", "--no-fail-fast", "--lib"],
        needs: None,
    },
    // The solutions' checks are run by the grader, below; one chapter's also as a reader would run them.
    Call {
        name: "tests of the harness and of peapod",
        dir: ".",
        args: &[
            "test",
            "--quiet",
            "--no-fail-fast",
            "-p",
            "xtask",
            "-p",
            "peapod",
            "-p",
            "fuzz",
            "-p",
            "grouping",
            "--bins",
            "--test",
            "*",
        ],
        needs: None,
    },
];

#[derive(Default)]
struct Tally {
    passed: u32,
    failed: Vec<String>,
    /// Why, and which.
    left_out: Vec<(String, Vec<String>)>,
    filter: Option<String>,
    filtered_out: u32,
}

pub fn run(args: &Args, root: &Path) -> Result<ExitCode> {
    let start = Instant::now();
    let mut tally = Tally { filter: args.filter.clone(), ..Tally::default() };
    for call in CALLS {
        if !tally.wants(call.name) {
            continue;
        }
        if let Some(why) = call.needs.and_then(missing) {
            tally.leave_out(call.name, &why);
            continue;
        }
        tally.part(call.name, || cargo(root, call));
    }
    let scope = verify::Scope::all(root, args.repeat)?;
    crate::grade::notice_signals();
    for part in verify::PARTS {
        if !tally.wants(part.name) {
            continue;
        }
        tally.part(part.name, || (part.prove)(&scope).map(drop));
    }
    in_a_virtual_machine(&mut tally, root);
    in_a_browser(&mut tally, root);
    if let (0, true, true, Some(filter)) =
        (tally.passed, tally.failed.is_empty(), tally.left_out.is_empty(), &tally.filter)
    {
        anyhow::bail!("no part has `{filter}` in its name");
    }
    for (why, names) in &tally.left_out {
        println!("\nleft out: {}\n    {why}", names.join(", "));
    }
    if !tally.failed.is_empty() {
        println!("\nfailures:");
        tally.failed.iter().for_each(|name| println!("    {name}"));
    }
    let ok = tally.failed.is_empty();
    println!(
        "\ntest result: {}. {} passed; {} failed; {} ignored; 0 measured; {} filtered out; finished in {:.2}s",
        if ok { "ok" } else { "FAILED" },
        tally.passed,
        tally.failed.len(),
        tally.left_out.iter().map(|(_, names)| names.len()).sum::<usize>(),
        tally.filtered_out,
        start.elapsed().as_secs_f64()
    );
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What this machine's cgroups do not allow, a kernel under qemu does.
fn in_a_virtual_machine(tally: &mut Tally, root: &Path) {
    let name = "limits are enforced, in a virtual machine";
    if !tally.wants(name) {
        return;
    }
    match vm::lacks().first() {
        Some(lack) => tally.leave_out(name, lack),
        None => tally.part(name, || vm::prove(root).map(drop)),
    }
}

/// Each file is a part of its own: what is left out has a name.
fn in_a_browser(tally: &mut Tally, root: &Path) {
    let tests = match browser::tests(root) {
        Ok(tests) => tests,
        Err(error) => return tally.judge("browser", Err(error), Instant::now()),
    };
    let wanted: Vec<_> = tests.into_iter().filter(|test| tally.wants(&browser::name(test))).collect();
    let lacks: Vec<_> = browser::lacks(root).into_iter().map(|it| format!("{}; type: {}", it.why, it.fix)).collect();
    if lacks.is_empty() {
        browser::run(root, &wanted, |test, outcome, start| tally.judge(&browser::name(test), outcome, start));
    } else {
        wanted.iter().for_each(|test| tally.leave_out(&browser::name(test), &lacks.join("\n    ")));
    }
}

impl Tally {
    fn wants(&mut self, name: &str) -> bool {
        let wanted = self.filter.as_deref().is_none_or(|filter| name.contains(filter));
        self.filtered_out += u32::from(!wanted);
        wanted
    }

    /// On a machine of one's own it is no failure of the workbook that a tool is missing; in CI
    /// it is one.
    fn leave_out(&mut self, name: &str, why: &str) {
        if std::env::var("CI").is_ok_and(|it| !it.is_empty() && it != "false") {
            self.judge(name, Err(anyhow::anyhow!("{why}")), Instant::now());
            return;
        }
        println!("test {name} ... left out");
        match self.left_out.iter_mut().find(|(known, _)| known == why) {
            Some((_, names)) => names.push(name.to_owned()),
            None => self.left_out.push((why.to_owned(), vec![name.to_owned()])),
        }
    }

    fn part(&mut self, name: &str, prove: impl FnOnce() -> Result<()>) {
        print!("test {name} ... ");
        // A line that is not complete is not shown by itself.
        let _ = std::io::stdout().flush();
        let start = Instant::now();
        let outcome = prove();
        self.judge_line(name, outcome, start);
    }

    fn judge(&mut self, name: &str, outcome: Result<()>, start: Instant) {
        print!("test {name} ... ");
        self.judge_line(name, outcome, start);
    }

    fn judge_line(&mut self, name: &str, outcome: Result<()>, start: Instant) {
        let seconds = start.elapsed().as_secs_f64();
        match outcome {
            Ok(()) => {
                println!("ok ({seconds:.1} s)");
                self.passed += 1;
            }
            Err(error) => {
                println!("FAILED ({seconds:.1} s)\n       {error:#}");
                self.failed.push(name.to_owned());
            }
        }
    }
}

/// Why a part of the toolchain cannot be used.
fn missing(part: &str) -> Option<String> {
    let there = Command::new("cargo")
        .args([part, "--version"])
        .stdin(Stdio::null())
        .output()
        .is_ok_and(|output| output.status.success());
    let component = if part == "fmt" { "rustfmt" } else { part };
    (!there).then(|| format!("the toolchain has no {component}; type: rustup component add {component}"))
}

/// Runs cargo; its words are shown only if it fails.
fn cargo(root: &Path, call: &Call) -> Result<()> {
    let output = Command::new("cargo")
        .args(call.args)
        .current_dir(root.join(call.dir))
        .stdin(Stdio::null())
        // `cargo run` sets these for us; a build below is not ours.
        .env_remove("CARGO_MANIFEST_DIR")
        .env_remove("CARGO_MANIFEST_PATH")
        .env("CARGO_TERM_COLOR", "never")
        .env("TERM", "dumb")
        .output()
        .context("failed to start cargo")?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let lines: Vec<&str> = said.lines().collect();
    let last = &lines[lines.len().saturating_sub(80)..];
    anyhow::bail!("in {}: cargo {} ({})\n{}", call.dir, call.args.join(" "), output.status, last.join("\n"))
}
