//! `app`: one of the catalogue's programs as a program of this machine, to try it by hand.

use std::process::ExitCode;

use clap::Args;

use super::refuse;
use crate::apps;

#[derive(Args)]
pub struct App {
    /// The program, as its image calls it: `web` of `peapod/web`
    name: String,
    /// Its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

/// Exit status: the program's.
pub fn app(args: &App) -> ExitCode {
    apps::run(&args.name, &args.args)
        .unwrap_or_else(|| refuse(format!("app: there is no {:?} but: {}", args.name, apps::names().join(", "))))
}
