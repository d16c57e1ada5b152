//! The command line: the runner's own commands, and those that speak to pods in the background.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use podkit::Runner;
use podkit::cli::{Common, speed};

use crate::{apply, delete, describe, doctor, exec, get, images, logs, state};

/// Runs Kubernetes Pod manifests on this machine, without root and without a cluster
#[derive(Parser)]
#[command(name = "peapod", version, disable_help_subcommand = true, after_help = EXAMPLES)]
struct Cli {
    /// Divide every timer of a pod by N, for demonstrations
    #[arg(long, global = true, value_name = "N", default_value = "1", value_parser = speed)]
    speed: f64,

    /// The namespace to look in, and that of manifests that name none
    #[arg(short, long, global = true, value_name = "NAME", default_value = "default")]
    namespace: String,

    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  peapod check pod.yaml            what is wrong with it, and what will not be honoured
  peapod run pod.yaml              in the foreground, until it ends or Ctrl-C
  peapod apply -f pod.yaml         in the background; `-f -` reads standard input
  peapod get pods -w               what they are doing, and each change
  peapod logs web -f               the output of pod web
  peapod exec -it web -- sh        a shell in it
  peapod delete pod web            end it, gracefully

A pod in the background lives until it is deleted, or the machine is shut down. What is known of it lies in
/tmp/peapod-UID, or in the directory that $PEAPOD_STATE names.
The image `host` is this machine's own programs; nothing is downloaded.";

#[derive(Subcommand)]
enum Command {
    /// Take up the pods, ConfigMaps, Secrets and Services of manifests; the pods run in the background
    Apply(apply::Apply),
    /// Show pods and other objects
    Get(get::Get),
    /// Show pods with all that is known of them, and their events
    Describe(describe::Describe),
    /// Show the output of a pod's container
    Logs(logs::Logs),
    /// Run a command in a container; the exit status is the command's
    Exec(exec::Exec),
    /// End pods, or forget other objects
    Delete(delete::Delete),
    /// Load images from archives, list and remove them
    #[command(subcommand)]
    Image(images::Images),
    /// Say what this machine allows pods, by trying it, and what to type where it does not; fails where no pod can run
    Doctor(doctor::Doctor),
    #[command(flatten)]
    Common(Common),
    /// Print a script that completes peapod's words in a shell
    Completions { shell: clap_complete::Shell },
    /// Print the manual page; or put one for each command into a directory
    Man { directory: Option<PathBuf> },
    /// Keep the pods of a state directory: `apply` starts it
    #[command(hide = true)]
    Background {
        #[arg(long, value_name = "DIR")]
        state: PathBuf,
        /// Pods with limits are to come
        #[arg(long)]
        limits: bool,
    },
}

/// Where and how; what every command is told.
pub struct Around<'a> {
    pub runner: &'a Runner,
    pub namespace: String,
    pub speed: f64,
}

fn command() -> clap::Command {
    // Of the workbook, not of this program.
    let hidden = ["advise", "quantity", "unshare"];
    hidden.iter().fold(Cli::command(), |all, name| all.mut_subcommand(name, |it| it.hide(true)))
}

pub fn main(runner: &Runner) -> ExitCode {
    let cli = match <Cli as clap::FromArgMatches>::from_arg_matches(&command().get_matches()) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let about = Around { runner, namespace: cli.namespace, speed: cli.speed };
    let done = match cli.command {
        Command::Apply(args) => apply::apply(&about, &args),
        Command::Get(args) => get::get(&about, &args),
        Command::Describe(args) => describe::describe(&about, &args),
        Command::Logs(args) => logs::logs(&about, &args),
        Command::Exec(args) => return exec::exec(&about, args),
        Command::Delete(args) => delete::delete(&about, &args),
        Command::Image(command) => match images::images(runner, &command) {
            Ok(status) => return status,
            Err(message) => Err(message),
        },
        Command::Doctor(args) => match doctor::doctor(runner, &args) {
            Ok(status) => return ExitCode::from(status),
            Err(message) => Err(message),
        },
        Command::Common(common) => return common.perform(runner, about.speed),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut command(), "peapod", &mut io::stdout());
            Ok(())
        }
        Command::Man { directory: Some(directory) } => clap_mangen::generate_to(command(), &directory)
            .map_err(|error| format!("writing manual pages into {}: {error}", directory.display())),
        Command::Man { directory: None } => {
            clap_mangen::Man::new(command()).render(&mut io::stdout()).map_err(|error| error.to_string())
        }
        Command::Background { state, limits } => return state::background(runner, state, limits),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            if !message.is_empty() {
                eprintln!("{message}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Prints one line; whoever reads may have gone away.
pub fn print(line: impl std::fmt::Display) {
    use std::io::Write;
    if writeln!(io::stdout(), "{line}").is_err() {
        // As a program that SIGPIPE has ended.
        std::process::exit(141);
    }
}
