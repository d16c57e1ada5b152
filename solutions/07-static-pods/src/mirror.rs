//! What the API server is shown of a static pod.

use podkit::pod::{OwnerReference, Pod};

use crate::identity::CONFIG_HASH;

/// The annotation that makes a pod a mirror. It holds the hash of what it is a mirror of.
pub const CONFIG_MIRROR: &str = "kubernetes.io/config.mirror";

/// The mirror of a static pod: the same pod, and
///
/// - one more annotation: [`CONFIG_MIRROR`], with the value of [`CONFIG_HASH`];
/// - one owner, the node: apiVersion `v1`, kind `Node`, name and uid `spec.nodeName`, controller true.
pub fn mirror(pod: &Pod) -> Pod {
    // ANCHOR: task_7_6
    // STARTER: // The pod itself, until you have written it.
    // STARTER: pod.clone()
    let mut mirror = pod.clone();
    let hash = pod.metadata.annotations.get(CONFIG_HASH).cloned().unwrap_or_default();
    mirror.metadata.annotations.insert(CONFIG_MIRROR.to_owned(), hash);
    let node = pod.spec.node_name.clone().unwrap_or_default();
    mirror.metadata.owner_references = vec![OwnerReference {
        api_version: "v1".to_owned(),
        kind: "Node".to_owned(),
        name: node.clone(),
        uid: node,
        controller: Some(true),
    }];
    mirror
    // ANCHOR_END: task_7_6
}
