//! What chapter 9 is asked: the environment of a container's program, and what it is made from.

use std::collections::BTreeMap;
use std::fmt;

use crate::image::Image;
use crate::objects::Objects;
use crate::pod::{Container, Pod, Quantity};

/// Variables by name. Their order means nothing to a program.
pub type Variables = BTreeMap<String, String>;

// ANCHOR: around
/// All that a container's environment is made from.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    pub pod: &'a Pod,
    /// The container it is for: one of the pod's.
    pub container: &'a Container,
    pub image: &'a Image,
    pub node: &'a NodeFacts,
    /// The pod's addresses, at least one.
    pub pod_ips: &'a [String],
    /// ConfigMaps, Secrets and Services.
    pub objects: &'a Objects,
}
// ANCHOR_END: around

// ANCHOR: node_facts
/// What a node says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeFacts {
    pub name: String,
    /// Its addresses, at least one.
    pub ips: Vec<String>,
    /// What it can give to pods, by resource: `cpu`, `memory`, ...
    pub allocatable: BTreeMap<String, Quantity>,
}
// ANCHOR_END: node_facts

// ANCHOR: given
/// What a container's program is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// The program and its arguments.
    pub argv: Vec<String>,
    pub variables: Variables,
}
// ANCHOR_END: given

/// Something that the container cannot do without is not there, and may come: the container waits
/// with reason CreateContainerConfigError, and this message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing(pub String);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Missing {}

/// The pod's namespace.
pub fn namespace(pod: &Pod) -> &str {
    pod.metadata.namespace.as_deref().filter(|it| !it.is_empty()).unwrap_or("default")
}
