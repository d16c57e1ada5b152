//! What the program is given in the end.

use podkit::environment::{Around, Variables};
use podkit::image::Image;
use podkit::pod::{Container, EnvVar};

use crate::expand;

/// The program and its arguments. An image may have an `entrypoint` and a `cmd`.
///
/// `command` replaces the entrypoint, `args` replaces the cmd. A cmd is meant for the image's own entrypoint: so `command`
/// without `args` drops it.
pub fn argv(command: &[String], args: &[String], image: &Image) -> Vec<String> {
    // ANCHOR: task_9_8
    // As if an image had nothing to say, until you have written it.
    [command, args].concat()
    // ANCHOR_END: task_9_8
}

/// All variables of the program. From below: `HOSTNAME` with the pod's hostname ([`podkit::pod::Pod::hostname`]), the
/// image's ([`Image::variables`]), and `own`, those of the container. What lies above counts.
///
/// Image and `HOSTNAME` come from the runtime, which starts the program. The kubelet knows nothing of them: so
/// `$(PATH)` and `$(HOSTNAME)` stay what they are.
pub fn environment(around: &Around, own: Variables) -> Variables {
    // ANCHOR: task_9_8_b
    // Only the container's own, until you have written it.
    own
    // ANCHOR_END: task_9_8_b
}

/// The command of an exec probe. It is run in the container with all the container's variables, but what the kubelet
/// puts in for `$(NAME)` before that is less: only what the manifest itself says under `env`.
///
/// The value of NAME is the entry's `value` just as it is written, not expanded; and empty if it has none, also if
/// it comes from elsewhere. Of several of one name the last counts. What is not under `env` is unknown.
pub fn probe(container: &Container, command: &[String]) -> Vec<String> {
    // ANCHOR: task_9_8_c
    // Just as it is written, until you have written it.
    command.to_vec()
    // ANCHOR_END: task_9_8_c
}
