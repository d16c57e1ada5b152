//! Small programs that run beside an application, in the same pod.
//!
//! - [`shipper`]: a sidecar (task 10.6), which follows a file with a [`follower`]
//! - [`ambassador`] (task 10.7)
//! - [`adapter`]: an adapter (task 10.8), which writes [`metrics`]
//!
//! Each is a program of the runner's own, in an image of its name: `peapod/shipper`. It is given the arguments of
//! its container, and ends when it is asked to.

pub mod adapter;
pub mod ambassador;
pub mod follower;
pub mod metrics;
pub mod shipper;

use podkit::apps::Helper;

/// All of them.
pub const HELPERS: &[Helper] = &[
    Helper { name: "shipper", main: shipper::main },
    Helper { name: "ambassador", main: ambassador::main },
    Helper { name: "adapter", main: adapter::main },
];
