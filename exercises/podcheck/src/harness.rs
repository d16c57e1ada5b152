//! How a check program runs: as `cargo test` would have it, and as the grader has it.
//!
//! **For a reader** it looks like any test: no arguments run all checks, each in a process of
//! its own and several at a time; a NAME filters; `--exact`, `--list`.
//!
//! **For the grader** (`PODCHECK_REPORT_FD=N`, with `--exact NAME`) the verdict goes to file
//! descriptor N as one line of JSON:
//!
//! ```text
//! {"check":NAME,"verdict":"pass|fail|not_here|error","what":..,"expected":..,"observed":..,"try":..}
//! ```
//!
//! The program being judged must not be able to write that line. Before anything else the
//! descriptor is made close-on-exec and its number leaves the environment, so no child has
//! it; and the process is made undumpable, so that a program of the same user can neither
//! open it through `/proc/PID/fd`, nor take it with `pidfd_getfd`, nor ptrace this process.

mod args;

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::panic::{self, AssertUnwindSafe};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use serde_json::{Value, json};

use crate::report::{Failure, Result};
use args::Args;

/// A check: its name and its function.
pub type Check = (&'static str, fn() -> Result);

/// Makes `main` of a check program: `checks!("lifecycle": one_check, another)`.
#[macro_export]
macro_rules! checks {
    ($krate:literal: $($name:ident),+ $(,)?) => {
        fn main() -> ::std::process::ExitCode {
            $crate::harness::main(
                $krate,
                option_env!(concat!("CARGO_BIN_EXE_", $krate)),
                &[$((stringify!($name), $name as fn() -> $crate::Result)),+],
            )
        }
    };
}

static KRATE: OnceLock<&'static str> = OnceLock::new();
static BUILT: OnceLock<&'static str> = OnceLock::new();

const REPORT_FD: &str = "PODCHECK_REPORT_FD";

/// The package under test.
pub fn krate() -> &'static str {
    KRATE.get().copied().unwrap_or("CRATE")
}

/// The binary cargo built for this check program, when cargo built it.
pub(crate) fn built_binary() -> Option<&'static str> {
    BUILT.get().copied()
}

/// Called by [`checks!`].
pub fn main(krate: &'static str, built: Option<&'static str>, checks: &[Check]) -> ExitCode {
    let report = take_report_fd();
    let _ = KRATE.set(krate);
    if let Some(built) = built {
        let _ = BUILT.set(built);
    }
    let args = match Args::parse(std::env::args().skip(1)) {
        Ok(args) => args,
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::from(2);
        }
    };
    let chosen: Vec<Check> = checks.iter().filter(|(name, _)| args.chooses(name)).copied().collect();
    if args.list {
        for (name, _) in &chosen {
            println!("{name}: test");
        }
        println!("\n{} tests, 0 benchmarks", chosen.len());
        return ExitCode::SUCCESS;
    }
    if let Some(mut report) = report {
        // Asked for a check that is not there, or for several: silence, which the grader
        // takes for what it is.
        let [check] = chosen[..] else {
            return ExitCode::from(2);
        };
        let line = format!("{}\n", run_one(check));
        return match report.write_all(line.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::from(2),
        };
    }
    run_all(&chosen, checks.len() - chosen.len(), args.jobs)
}

/// Must run first, while the process has one thread.
fn take_report_fd() -> Option<File> {
    let number: RawFd = std::env::var(REPORT_FD).ok()?.parse().ok()?;
    // SAFETY: called first in main: no other thread reads the environment.
    unsafe { std::env::remove_var(REPORT_FD) };
    // SAFETY: the grader opened this descriptor for this process, and nothing else owns it.
    let fd = unsafe { OwnedFd::from_raw_fd(number) };
    if fcntl(&fd, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).is_err() {
        // The number was not open: no report is better than one in the wrong place.
        std::process::exit(2);
    }
    if nix::sys::prctl::set_dumpable(false).is_err() {
        std::process::exit(2);
    }
    Some(File::from(fd))
}

/// Runs one check in this process. A panic is a mistake of the check, not of the reader.
fn run_one((name, check): Check) -> Value {
    let place = std::sync::Arc::new(Mutex::new(String::new()));
    let noted = place.clone();
    panic::set_hook(Box::new(move |info| {
        let text = format!("the check panicked: {info}");
        *noted.lock().unwrap_or_else(PoisonError::into_inner) = text;
    }));
    let done = panic::catch_unwind(AssertUnwindSafe(check));
    let _ = panic::take_hook();
    match done {
        Ok(Ok(())) => json!({"check": name, "verdict": "pass"}),
        Ok(Err(failure)) => match crate::steps::all() {
            Some(steps) => failure.instead(steps).to_json(name),
            None => failure.to_json(name),
        },
        Err(_) => {
            let text = place.lock().unwrap_or_else(PoisonError::into_inner).clone();
            Failure::grader(text).to_json(name)
        }
    }
}

/// Runs each check in a process of its own, several at a time, and prints as libtest does.
fn run_all(chosen: &[Check], filtered: usize, jobs: usize) -> ExitCode {
    let started = Instant::now();
    println!("\nrunning {} tests", chosen.len());
    let next = AtomicUsize::new(0);
    let results: Vec<OnceLock<Value>> = chosen.iter().map(|_| OnceLock::new()).collect();
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(chosen.len()) {
            scope.spawn(|| {
                while let Some(&(name, _)) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let value = run_apart(name);
                    let index = chosen.iter().position(|(it, _)| *it == name);
                    if let Some(slot) = index.and_then(|index| results.get(index)) {
                        let _ = slot.set(value);
                    }
                }
            });
        }
        // In order, as each becomes known.
        for ((name, _), slot) in chosen.iter().zip(&results) {
            let value = slot.wait();
            let word = match value["verdict"].as_str() {
                Some("pass") => "ok".to_string(),
                Some("not_here") => format!("ignored, {}", value["what"].as_str().unwrap_or("")),
                _ => "FAILED".to_string(),
            };
            println!("test {name} ... {word}");
        }
    });
    let count = |verdict: &str| {
        let is = |slot: &&OnceLock<Value>| slot.get().is_some_and(|it| it["verdict"] == verdict);
        results.iter().filter(is).count()
    };
    let (passed, ignored) = (count("pass"), count("not_here"));
    let failed = chosen.len() - passed - ignored;
    if failed > 0 {
        println!("\nfailures:");
        for value in results.iter().filter_map(OnceLock::get) {
            if !matches!(value["verdict"].as_str(), Some("pass" | "not_here")) {
                println!("\n---- {} ----\n{}", text(value, "check"), describe(value));
            }
        }
    }
    let word = if failed == 0 { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {word}. {passed} passed; {failed} failed; {ignored} ignored; 0 measured; \
         {filtered} filtered out; finished in {:.2}s\n",
        started.elapsed().as_secs_f32()
    );
    // libtest's status for a failure.
    ExitCode::from(if failed == 0 { 0 } else { 101 })
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or("")
}

fn describe(value: &Value) -> String {
    let mut failure = Failure::new(text(value, "what"), text(value, "expected"), text(value, "observed"));
    if let Some(command) = value["try"].as_str() {
        failure = failure.reproduce(command);
    }
    failure.to_string()
}

/// The longest a check may take when `cargo test` runs it. The grader has limits of its own.
const LIMIT: Duration = Duration::from_secs(300);

static STARTING: Mutex<()> = Mutex::new(());

/// Runs a check in a child that reports as it would to the grader.
fn run_apart(name: &str) -> Value {
    let lost = |what: String| Failure::grader(what).to_json(name);
    // One at a time: between the two lines below, a child started by another thread would
    // inherit this pipe as well, and hold it open.
    let starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    let started = std::io::pipe().and_then(|(reader, writer)| {
        // The child inherits the write end under the number it has here.
        fcntl(&writer, FcntlArg::F_SETFD(FdFlag::empty()))?;
        let child = Command::new(std::env::current_exe()?)
            .args(["--exact", name])
            .env(REPORT_FD, writer.as_raw_fd().to_string())
            .stdin(Stdio::null())
            .spawn()?;
        Ok((reader, child))
    });
    drop(starting);
    let (mut reader, mut child) = match started {
        Ok(started) => started,
        Err(error) => return lost(format!("the check could not be started: {error}")),
    };
    if !ends_in_time(&mut child) {
        return Failure::new("the check's end", "within five minutes", "still running").to_json(name);
    }
    let mut line = String::new();
    let mut first = [0; 64 << 10];
    if let Ok(n) = reader.read(&mut first) {
        line.push_str(&String::from_utf8_lossy(&first[..n]));
    }
    match serde_json::from_str::<Value>(line.trim()) {
        Ok(value) if value["check"] == name => value,
        _ => lost("the check ended without a verdict".to_string()),
    }
}

fn ends_in_time(child: &mut Child) -> bool {
    let until = Instant::now() + LIMIT;
    loop {
        match child.try_wait() {
            Ok(None) if Instant::now() < until => std::thread::sleep(Duration::from_millis(5)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return false;
            }
            _ => return true,
        }
    }
}
