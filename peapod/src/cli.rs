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
    /// The namespace to look in, and that of manifests that name none
    #[arg(short, long, global = true, value_name = "NAME", default_value = "default", help_heading = EVERYWHERE)]
    namespace: String,

    /// Divide every timer of a pod by N, for demonstrations
    #[arg(long, global = true, value_name = "N", default_value = "1", value_parser = speed, help_heading = EVERYWHERE)]
    speed: f64,

    #[command(subcommand)]
    command: Command,
}

const EVERYWHERE: &str = "Options of every command";

const EXAMPLES: &str = "\
Examples:
  echo '{ apiVersion: v1, kind: Pod, metadata: { name: web }, spec: { terminationGracePeriodSeconds: 1,
          containers: [{ name: app, image: host, command: [sleep, \"3600\"] }] } }' > pod.yaml
  peapod apply -f pod.yaml         a first pod, in the background
  peapod get pods                  what it is doing; -w: and each change, -o yaml: all of it
  peapod describe pod web          what has happened to it
  peapod logs web -f               its output
  peapod exec -it web -- sh        a shell in it
  peapod delete pod web            end it, gracefully
  peapod run pod.yaml              a pod in the foreground, until it ends or Ctrl-C
  peapod check pod.yaml            what is wrong with a manifest, and what will not be honoured
  docker save web:1 | peapod image load -
  peapod doctor                    what this machine allows, if something does not work

Images: nothing is downloaded. `host` is this machine's own programs, read-only; alpine, busybox, debian, fedora and
ubuntu stand for it. Others come out of archives (`image load`) or are directories (`--image NAME=DIRECTORY`).

A pod in the background lives until it is deleted, or the machine is shut down. What is known of it lies in
/tmp/peapod-UID, or in the directory that $PEAPOD_STATE names; images in $PEAPOD_IMAGES, else in
~/.local/share/peapod/images.";

/// What a command's help ends with.
const MORE: [(&str, &str); 6] = [
    ("apply", APPLY),
    (
        "get",
        "Examples:\n  peapod get pods -A -o wide\n  peapod get pod web -o yaml\n  peapod get all,configmaps -l tier=front\n  peapod get events",
    ),
    ("exec", "Examples:\n  peapod exec web -- cat /etc/hosts\n  peapod exec -it web -c app -- sh"),
    ("delete", "Examples:\n  peapod delete pod web\n  peapod delete -f pod.yaml\n  peapod delete pods --all --now"),
    (
        "run",
        "Beside the pod, the file may hold the ConfigMaps, Secrets and Services that it refers to.\n\n\
         Exit status: 0 the pod Succeeded, 1 it Failed, 2 it was refused, 130 after Ctrl-C.",
    ),
    ("check", "Exit status: 0 every manifest may be run, 2 some may not."),
];

const APPLY: &str = "\
Kinds: Pod, ConfigMap, Secret, Service, and a List of them. Any other kind is refused, and the rest is applied all the same.
A second `apply` of an object updates it: of a pod that runs, what Kubernetes would allow to be changed.
The first `apply` starts a process that keeps the pods; it ends with the last of them.";

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
    /// Say what this machine allows, by trying it, and what to type where it does not; fails where no pod can run
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
    let all = hidden.iter().fold(Cli::command(), |all, name| all.mut_subcommand(name, |it| it.hide(true)));
    MORE.iter().fold(all, |all, (name, more)| all.mut_subcommand(name, |it| it.after_help(*more)))
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
