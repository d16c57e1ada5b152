//! Chapter 10: what the containers of a pod share, and three ways to make use of it.
//!
//! - [`mounts`]: what of which volume a container sees, and where (task 10.1)
//! - [`host_path`]: whether a path of the machine is what the pod expects (task 10.2)
//! - [`keys`]: files from a ConfigMap or Secret (task 10.3)
//! - [`downward`]: files about the pod itself (task 10.4)
//! - [`writer`]: all files of a volume at once (task 10.5)
//! - [`helpers`]: programs that run beside an application: a sidecar, an ambassador, an adapter (tasks 10.6 to 10.8)
//!
//! The rest is given: [`files`] asks the right one of [`keys`] and [`downward`], [`about`] has what chapter 9 knows of a
//! pod, [`size`] says how large an emptyDir may become, [`read`] has rules that chapter 1 could not have.

pub mod about;
pub mod downward;
pub mod files;
pub mod helpers;
pub mod host_path;
pub mod keys;
pub mod mounts;
pub mod read;
pub mod size;
pub mod writer;

use podkit::Runner;
use podkit::volumes::Volumes;

/// The runner as of chapter 10, which is the finished one: containers share files.
pub fn runner() -> Runner {
    let volumes = Volumes {
        mounts: mounts::of_container,
        host_path: host_path::check,
        files: files::files,
        write: writer::write,
        size: size::size,
    };
    Runner {
        name: "patterns",
        read: read::read,
        volumes: Some(volumes),
        security: true,
        helpers: helpers::HELPERS,
        ..env::runner()
    }
}
