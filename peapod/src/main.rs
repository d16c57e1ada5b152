//! `peapod`: the finished runner. Pods on this machine, in the words of kubectl.
//!
//! - [`cli`]: the command line
//! - [`state`]: the state directory, and the node that keeps pods in the background
//! - [`talk`]: a question to the node, and its answers
//! - [`apply`], [`get`], [`describe`], [`logs`], [`exec`], [`delete`]: the commands, one file each
//! - [`images`]: images out of archives; [`doctor`]: what this machine allows
//! - [`columns`]: what `get` shows in a row; [`wanted`]: what `pod/web` on a command line means

mod apply;
mod cli;
mod columns;
mod delete;
mod describe;
mod doctor;
mod exec;
mod get;
mod images;
mod logs;
mod state;
mod talk;
mod terminal;
mod wanted;

use std::process::ExitCode;

fn main() -> ExitCode {
    let runner = podkit::Runner { name: "peapod", images: Some(images::image), ..patterns::runner() };
    if let Some(code) = podkit::cli::begin(&runner) {
        return code;
    }
    cli::main(&runner)
}
