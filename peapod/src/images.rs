//! `image`: root file systems out of archives. Nothing is downloaded.
//!
//! - [`archive`], [`packed`], [`entries`]: what is in an archive; [`manifest`]: which images that makes
//! - [`layer`], [`tree`], [`limits`], [`notes`]: putting a root file system together, without trust in the archive
//! - [`store`], [`locked`]: where images are kept, and changing what is there; [`names`]: what they are called
//! - [`load`], [`show`], [`forget`]: the commands

mod archive;
mod digest;
mod entries;
mod forget;
mod layer;
mod limits;
mod load;
mod locked;
mod manifest;
#[cfg(test)]
mod mutated;
mod names;
mod notes;
mod packed;
mod show;
pub mod store;
mod tree;

use std::process::ExitCode;

use podkit::Runner;

pub use store::image;

#[derive(clap::Subcommand)]
#[command(after_help = AFTER)]
pub enum Images {
    /// Load the images of an archive
    Load(load::Load),
    /// List the images that are loaded
    #[command(visible_alias = "list")]
    Ls(show::Show),
    /// Remove images by name or id
    #[command(visible_alias = "remove")]
    Rm(forget::Forget),
}

const AFTER: &str = "\
Examples:
  docker save web:1 | peapod image load -
  podman save -o web.tar web:1 && peapod image load web.tar
  peapod image ls

A pod uses a loaded image by its name, as kubectl's users write it: `image: web:1`. `docker.io/library/` and `:latest` may be
left out, and `localhost/` too. A loaded image comes before one of the catalogue with the same name; `host` always is this machine.
Images lie in $PEAPOD_IMAGES, else in peapod/images below $XDG_DATA_HOME or ~/.local/share, until they are removed.";

/// Returns the exit status of the program.
pub fn images(runner: &Runner, command: &Images) -> Result<ExitCode, String> {
    let runtime = runner.runtime.ok_or("image: starting containers comes in chapter 2")?;
    match command {
        Images::Load(args) => load::load(runtime, args).map(ExitCode::from),
        Images::Ls(args) => show::show(args).map(|()| ExitCode::SUCCESS),
        Images::Rm(args) => forget::forget(runtime, args).map(ExitCode::from),
    }
}
