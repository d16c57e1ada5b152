//! What chapter 9 is asked: the environment of a container's program, and what it is made from.

pub mod size;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;

use nix::sys::statvfs::statvfs;

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

impl NodeFacts {
    /// This machine, as a node of this name. It has no network that pods could see, so its address is the loopback's.
    pub fn of_machine(name: &str) -> NodeFacts {
        let cpus = std::thread::available_parallelism().map_or(1, |cpus| cpus.get());
        let cpus = i64::try_from(cpus).unwrap_or(i64::MAX);
        let mut allocatable = BTreeMap::from([("cpu".to_owned(), Quantity::Int(cpus))]);
        let about = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let total = about.lines().find_map(|line| line.strip_prefix("MemTotal:")?.strip_suffix("kB"));
        if let Some(kib) = total {
            allocatable.insert("memory".to_owned(), Quantity::Text(format!("{}Ki", kib.trim())));
        }
        if let Ok(about) = statvfs("/") {
            let bytes = about.fragment_size().saturating_mul(about.blocks());
            allocatable.insert("ephemeral-storage".to_owned(), Quantity::Text(bytes.to_string()));
        }
        NodeFacts { name: name.to_owned(), ips: vec![LOOPBACK.to_owned()], allocatable }
    }
}

/// The address of every pod, and of the node, until there is a network between pods (chapter 11).
pub const LOOPBACK: &str = "127.0.0.1";

/// What a cluster gives a pod before any kubelet sees it: a uid and a node.
pub fn bind(pod: &mut Pod, node: &str) {
    if pod.metadata.uid.as_ref().is_none_or(|uid| uid.is_empty()) {
        let random = fs::read_to_string("/proc/sys/kernel/random/uuid").unwrap_or_default();
        pod.metadata.uid = Some(random.trim().to_owned());
    }
    pod.spec.node_name.get_or_insert_with(|| node.to_owned());
}
