//! What chapter 8 builds, as a part of the [`Runner`](crate::Runner): what a pod may use of the node.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::pod::{Container, Pod, Quantity};

/// Eight questions about a pod, and one about a quantity. All are pure.
#[derive(Clone, Copy)]
pub struct Rules {
    /// A quantity in canonical form, or the rule that it breaks.
    pub canonical: fn(&Quantity) -> Result<String, &'static str>,
    pub qos: fn(&Pod) -> Qos,
    /// What the pod as a whole asks for.
    pub effective: fn(&Pod) -> BTreeMap<String, Quantity>,
    /// Is there room for it beside these pods?
    pub admit: fn(&Pod, &[&Pod], &NodeResources) -> Result<(), Rejection>,
    /// The files of the cgroup in which all pods of this class are; these are the node's pods.
    pub tier: fn(Qos, &[&Pod]) -> Files,
    /// The files of the pod's cgroup.
    pub pod: fn(&Pod, &NodeResources) -> Files,
    /// The files of a container's cgroup.
    pub container: fn(&Container) -> Files,
    pub oom_score_adj: fn(&Pod, &Container, &NodeResources) -> i128,
    /// Given the text of a container's `memory.events`: was a process of it killed for lack of memory?
    pub is_oom_killed: fn(&str) -> bool,
}

/// Files of a cgroup, by name, and what is written into each.
pub type Files = Vec<(&'static str, String)>;

/// What the node can give.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeResources {
    /// By resource: `cpu`, `memory`, and `pods`, the number of pods.
    pub allocatable: BTreeMap<String, Quantity>,
    /// The most processes that a pod may have; `None`: any number.
    pub pod_pids: Option<u64>,
}

impl NodeResources {
    /// What the node says it has, and the kubelet's 110 pods.
    pub fn new(mut allocatable: BTreeMap<String, Quantity>, pod_pids: Option<u64>) -> NodeResources {
        allocatable.entry("pods".to_owned()).or_insert(Quantity::Int(110));
        NodeResources { allocatable, pod_pids }
    }
}

/// Why a pod may not run on the node: the status' reason, and the details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// One word, such as OutOfcpu.
    pub reason: String,
    pub message: String,
}

/// The class of a pod, by which the kernel and the kubelet choose who suffers first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Qos {
    Guaranteed,
    Burstable,
    BestEffort,
}

impl Qos {
    /// As `status.qosClass` has it.
    pub fn word(self) -> &'static str {
        match self {
            Qos::Guaranteed => "Guaranteed",
            Qos::Burstable => "Burstable",
            Qos::BestEffort => "BestEffort",
        }
    }

    /// The tier's cgroup: a Guaranteed pod lies directly in the first.
    pub fn tier(self) -> PathBuf {
        match self {
            Qos::Guaranteed => "kubepods".into(),
            Qos::Burstable => "kubepods/burstable".into(),
            Qos::BestEffort => "kubepods/besteffort".into(),
        }
    }

    /// The pod's cgroup.
    pub fn pod(self, pod: &Pod) -> PathBuf {
        let uid = pod.metadata.uid.as_deref().filter(|uid| !uid.is_empty());
        // A uid of the manifest's own may be any text; it must stay one directory.
        let name = uid.unwrap_or(&pod.metadata.name).replace(['/', '\0'], "_");
        self.tier().join(format!("pod{name}"))
    }
}

/// Does the pod ask for anything, as a request or as a limit?
pub fn asks(pod: &Pod) -> bool {
    let asks = |container: &Container| {
        container.resources.as_ref().is_some_and(|it| !it.limits.is_empty() || !it.requests.is_empty())
    };
    pod.all_containers().any(asks)
}
