//! `cargo xtask`: the harness of the workbook. One file a command.
//!
//! Reading order for the grader: [`workbook`] (what there is to grade), [`grade`] (the whole
//! of a grading, step by step), then the steps: [`stage`], [`build`], [`programs`],
//! [`run`], [`supervise`], [`verdict`], [`report`].

mod book;
mod browser;
mod build;
mod cargo;
mod derive;
mod dirs;
mod doctor;
mod grade;
mod hint;
mod lanes;
mod mutants;
mod next;
mod outputs;
mod programs;
mod regions;
mod reset;
mod run;
mod show;
mod stage;
mod start;
mod starters;
mod supervise;
mod test;
mod traps;
mod verdict;
mod verify;
mod vm;
mod watch;
mod workbook;

mod bench;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Peas in a Pod: start the workbook, grade your work, prove the whole.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Cli {
    /// The workbook to use (default: the one this command belongs to).
    #[arg(long, global = true, hide = true)]
    root: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Read the book in the browser, with the grader watching your work
    Start(start::Args),
    /// What this machine allows, per chapter, and how to fix what it lacks
    Doctor(doctor::Args),
    /// Grade your exercises
    Grade(grade::Args),
    /// The first task you have not passed, and what to do for it
    Next(next::Args),
    /// One more hint for a task
    Hint(hint::Args),
    /// Start a chapter over (a backup is kept)
    Reset(reset::Args),
    /// The reference answer of a chapter or task, once you have passed it
    Show(show::Args),
    /// Build the book
    Book(book::Args),
    /// Derive the exercises from the solutions
    Starters(starters::Args),
    /// Prove the workbook itself: solutions, starters, traps, links
    Verify(verify::Args),
    /// Run the commands of the book again and keep what they print
    Outputs(outputs::Args),
    /// Mutation testing of the solutions, with the checks as the tests
    Mutants(mutants::Args),
    /// How fast the runner is
    Bench(bench::Args),
    /// Run a command, or the checks that need cgroups, on a kernel that delegates them (qemu)
    Vm(vm::Args),
    /// Everything that must hold: format, lints, tests, verify, book
    Test(test::Args),

    /// Runs one check (the grader starts this for each)
    #[command(hide = true)]
    Supervise(supervise::Args),
    /// The book's preprocessor (mdBook starts this)
    #[command(hide = true)]
    Preprocess(book::PreprocessArgs),
    /// Tries what this machine allows (doctor starts this)
    #[command(hide = true)]
    DoctorHelper(doctor::HelperArgs),
}

/// `cargo xtask doctor | head` is no mistake: who closes the pipe has read enough.
fn end_quietly_on_a_closed_pipe() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let said = info.payload().downcast_ref::<String>().map_or("", String::as_str);
        if said.starts_with("failed printing to std") && said.contains("Broken pipe") {
            // As if SIGPIPE had ended it.
            std::process::exit(141);
        }
        usual(info);
    }));
}

fn main() -> ExitCode {
    end_quietly_on_a_closed_pipe();
    let cli = Cli::parse();
    // These three are started by others, many times: they need no workbook.
    let done = match &cli.command {
        Command::Supervise(args) => supervise::run(args),
        Command::DoctorHelper(args) => doctor::helper(args),
        command => workbook::root(cli.root.as_deref()).and_then(|root| match command {
            Command::Start(args) => start::run(args, &root),
            Command::Doctor(args) => doctor::run(args, &root),
            Command::Grade(args) => grade::run(args, &root),
            Command::Next(args) => next::run(args, &root),
            Command::Hint(args) => hint::run(args, &root),
            Command::Reset(args) => reset::run(args, &root),
            Command::Show(args) => show::run(args, &root),
            Command::Book(args) => book::run(args, &root),
            Command::Starters(args) => starters::run(args, &root),
            Command::Verify(args) => verify::run(args, &root),
            Command::Outputs(args) => outputs::run(args, &root),
            Command::Mutants(args) => mutants::run(args, &root),
            Command::Bench(args) => bench::run(args, &root),
            Command::Vm(args) => vm::run(args, &root),
            Command::Test(args) => test::run(args, &root),
            Command::Preprocess(args) => book::preprocess(args, &root),
            Command::Supervise(_) | Command::DoctorHelper(_) => unreachable!("handled above"),
        }),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}
