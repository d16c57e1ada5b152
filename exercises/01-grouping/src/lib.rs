//! Chapter 1: from a manifest to a pod, or to a list of everything that is wrong with it.
//!
//! In the order in which to read it:
//!
//! - [`names`]: what Kubernetes allows as a name (task 1.1)
//! - [`defaults`]: what a manifest may leave out (task 1.2)
//! - [`decode`]: from the document to a typed pod, every wrong type in one go (task 1.3)
//! - [`unique`]: names that must be unique, and mounts that must name a volume (task 1.4)
//! - [`ports`]: one port space for the whole pod (task 1.5)
//! - [`words`]: fields that take one of a few words (task 1.6)
//! - [`together`]: fields that are forbidden beside each other (task 1.6)
//! - [`advise`]: one pod or several? (task 1.7)
//!
//! The rest is given: [`read`] puts the parts together, [`findings`] is where rules
//! put what they find, [`required`], [`numbers`], [`labels`], [`env`], [`handlers`]
//! and [`volumes`] are the long tail of rules.
//!
//! Deliberately missing: quantities and resources (chapter 8), affinity, tolerations
//! and everything else that only a cluster can honour.

pub mod advise;
pub mod decode;
pub mod defaults;
pub mod env;
pub mod findings;
pub mod handlers;
pub mod labels;
pub mod names;
pub mod numbers;
pub mod ports;
pub mod read;
pub mod required;
pub mod together;
pub mod unique;
pub mod volumes;
pub mod words;

use podkit::Runner;

/// The runner as of chapter 1: it reads and checks manifests, and gives advice.
pub fn runner() -> Runner {
    Runner::new("grouping", read::read, advise::advise)
}
