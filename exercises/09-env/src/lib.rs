//! Chapter 9: what a program is given.
//!
//! - [`expand()`], which puts values in for `$(NAME)` (task 9.1)
//! - [`variables()`]: which variables a container has, and in which order they are made (task 9.2)
//! - [`fields`]: values from the pod itself (task 9.3)
//! - [`amounts`]: values from requests and limits (task 9.4)
//! - [`keys`]: values from a ConfigMap or Secret: one of them (task 9.5), or all (task 9.6)
//! - [`services`]: the addresses of services (task 9.7)
//! - [`program`]: what the program is given in the end (task 9.8)
//!
//! The rest is given: [`given()`] puts the parts together, [`read`] has a rule that chapter 1 could not
//! have, since it is about quantities.

pub mod amounts;
pub mod expand;
pub mod fields;
pub mod given;
pub mod keys;
pub mod program;
pub mod read;
pub mod services;
pub mod variables;

pub use expand::expand;
pub use given::given;
pub use variables::variables;

use podkit::Runner;
use podkit::runner::Environment;

/// The runner as of chapter 9: a program knows where it is.
pub fn runner() -> Runner {
    let env = Environment { given, probe: program::probe };
    Runner { name: "env", read: read::read, env: Some(env), ..resources::runner() }
}
