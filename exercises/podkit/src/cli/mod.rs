//! The command line, the same in every chapter. A command whose part is not
//! there yet says which chapter brings it.

mod advise;
mod app;
mod check;
mod env;
mod input;
mod kubelet;
mod not_started;
mod objects;
mod resources;
mod run;
mod simulate;
mod unshare;
mod volumes;

pub use not_started::NOT_STARTED;

use std::path::PathBuf;
use std::process::ExitCode;

pub use input::{documents, documents_and_items, text};
pub use kubelet::kubelet_state;
pub use objects::{objects_of, pod_with_objects};
pub use run::{Source, directory, images, pod_of_document, pod_of_file};

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::apps;
use crate::real;
use crate::runner::Runner;

/// Exit status for a manifest that is refused, as for a wrong option.
pub const REFUSED: u8 = 2;

/// Runs Kubernetes Pod manifests on this machine, without root and without a cluster.
#[derive(Parser)]
#[command(disable_help_subcommand = true)]
struct Cli {
    /// Divide every timer of a run by N, for demonstrations
    #[arg(long, global = true, value_name = "N", default_value = "1", value_parser = speed)]
    speed: f64,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    Common(Common),
    /// Show the pods of the kubelet that runs
    Get(Get),
    /// Delete a pod's mirror; a static pod goes on
    Delete(Delete),
    /// Run one of the catalogue's programs here, outside of any pod
    App(app::App),
}

/// What the finished runner can do in the same words.
#[derive(Subcommand)]
pub enum Common {
    /// Run a pod in the foreground; its output is each container's, after the container's name
    Run(Run),
    /// Run the pods of a directory: a file more is a pod more
    Kubelet(Kubelet),
    /// Check manifests, and list every field that will not be honoured
    Check(Checked),
    /// Show what the programs of a pod would be given: command, arguments, variables
    Env(env::Env),
    /// Show what a pod's volumes hold, and where its containers see them
    Volumes(volumes::Volumes),
    /// Write quantities in their canonical form
    Quantity(resources::Written),
    /// Show what becomes of a pod's requests and limits
    Resources(resources::Resources),
    /// One pod or several? Answer for an application of several components
    Advise(File),
    /// Run a scripted pod in virtual time and print what happens when
    Simulate(Simulate),
    /// Run a command as root of the node, the user namespace that pods live in
    Unshare(Unshare),
}

#[derive(Args)]
pub struct Run {
    /// A manifest with one pod; `-` reads standard input
    file: PathBuf,
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Let image NAME be the root file system in DIRECTORY
    #[arg(long, value_name = "NAME=DIRECTORY", value_parser = run::directory)]
    image: Vec<(String, PathBuf)>,
    /// Run this program of the machine in the place of pause
    #[arg(long, value_name = "PROGRAM")]
    infra: Option<PathBuf>,
    #[command(flatten)]
    node_args: resources::NodeArgs,
    /// Refuse to run where requests and limits cannot be enforced
    #[arg(long)]
    strict: bool,
}

#[derive(Args)]
pub struct Kubelet {
    /// The directory; one pod a file, YAML or JSON
    #[arg(long, value_name = "DIR")]
    manifests: PathBuf,
    /// The node's name: the end of every pod's name
    #[arg(long, value_name = "NAME", default_value = "node", value_parser = kubelet::node_name)]
    node: String,
    #[command(flatten)]
    state: State,
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Let image NAME be the root file system in DIRECTORY
    #[arg(long, value_name = "NAME=DIRECTORY", value_parser = run::directory)]
    image: Vec<(String, PathBuf)>,
    /// Run this program of the machine in the place of pause
    #[arg(long, value_name = "PROGRAM")]
    infra: Option<PathBuf>,
    #[command(flatten)]
    node_args: resources::NodeArgs,
    /// Refuse to run where requests and limits cannot be enforced
    #[arg(long)]
    strict: bool,
}

#[derive(Args)]
pub struct State {
    /// Where the kubelet shows its pods
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

#[derive(Args)]
struct Get {
    #[arg(value_parser = ["pod", "pods", "po"])]
    kind: String,
    name: Option<String>,
    #[arg(short, long, value_enum)]
    output: Option<GetFormat>,
    #[command(flatten)]
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum GetFormat {
    Json,
}

#[derive(Args)]
struct Delete {
    #[arg(value_parser = ["pod", "pods", "po"])]
    kind: String,
    name: String,
    #[command(flatten)]
    state: State,
}

#[derive(Args)]
pub struct Unshare {
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

#[derive(Args)]
pub struct Simulate {
    /// A scenario: a pod, and what its containers do; `-` reads standard input
    file: PathBuf,
    #[arg(long, value_enum, default_value = "text")]
    format: SimulateFormat,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SimulateFormat {
    /// A table for people
    Text,
    /// One JSON object a line
    Json,
    /// A figure
    Svg,
}

#[derive(Args)]
pub struct Checked {
    /// Manifests; `-` reads standard input
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Also print each pod as it is understood, with the defaults filled in
    #[arg(long)]
    show: bool,
}

#[derive(Args)]
pub struct File {
    /// The file to read; `-` reads standard input
    file: PathBuf,
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Human,
    /// One JSON object a line
    Json,
}

impl From<Format> for real::Format {
    fn from(format: Format) -> real::Format {
        match format {
            Format::Human => real::Format::Human,
            Format::Json => real::Format::Json,
        }
    }
}

/// The value of `--speed`.
///
/// # Errors
/// It is no speed.
pub fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if speed.is_finite() && speed > 0.0 && speed <= 1e6 => Ok(speed),
        _ => Err("must be a number above 0, at most 1000000".into()),
    }
}

impl Runner {
    /// The whole program: reads the command line and runs it.
    ///
    /// Exit status: 0 done (a pod that ran: Succeeded), 1 the pod Failed,
    /// 2 refused, 70 a task of the workbook is not written yet, 130 after Ctrl-C.
    pub fn main(self) -> ExitCode {
        if let Some(code) = begin(&self) {
            return code;
        }
        let matches = Cli::command().name(self.name).get_matches();
        let cli = match Cli::from_arg_matches(&matches) {
            Ok(cli) => cli,
            Err(error) => error.exit(),
        };
        match cli.command {
            Command::Common(command) => command.perform(&self, cli.speed),
            Command::Get(args) => kubelet::get(&args),
            Command::Delete(args) => kubelet::delete(&args),
            Command::App(args) => app::app(&args),
        }
    }
}

impl Common {
    /// Returns the exit status of the program.
    pub fn perform(self, runner: &Runner, speed: f64) -> ExitCode {
        match self {
            Common::Run(args) => run::run(runner, args, speed),
            Common::Kubelet(args) => kubelet::kubelet(runner, args, speed),
            Common::Env(args) => env::env(runner, args),
            Common::Volumes(args) => volumes::volumes(runner, args),
            Common::Quantity(args) => resources::quantity(runner, &args),
            Common::Resources(args) => resources::resources(runner, args),
            Common::Unshare(args) => unshare::unshare(runner, &args.command),
            Common::Simulate(args) => simulate::simulate(runner, &args.file, args.format),
            Common::Check(args) => check::check(runner, &args.files, args.format, args.show),
            Common::Advise(args) => advise::advise(runner, &args.file, args.format),
        }
    }
}

/// The first thing every program of the runner does: it may have been started as one of the catalogue's
/// programs. Then this is all it does, and here is its exit status.
pub fn begin(runner: &Runner) -> Option<ExitCode> {
    // A helper may not be written yet.
    not_started::install();
    apps::dispatch(runner.helpers)
}

/// One line on standard error, then the exit status for it.
fn refuse(message: impl std::fmt::Display) -> ExitCode {
    eprintln!("{message}");
    ExitCode::from(REFUSED)
}

/// Prints one line to standard output; whoever reads may have gone away.
fn print(line: impl std::fmt::Display) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{line}");
}
