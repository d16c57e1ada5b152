//! From a file in the manifest directory to a pod of this node.

use std::path::Path;

use podkit::pod::{Pod, Toleration};

/// Where a pod came from, and how it is known.
pub const CONFIG_SOURCE: &str = "kubernetes.io/config.source";
pub const CONFIG_HASH: &str = "kubernetes.io/config.hash";
pub const CONFIG_MIRROR: &str = "kubernetes.io/config.mirror";

/// A static pod, from what its file says.
///
/// - the name gets `-NODE` at its end, the node's name in lower case: two nodes with the same
///   file have two pods;
/// - the namespace is `default` unless the file says another;
/// - `spec.nodeName` is the node;
/// - the uid is the file's own, else [`uid`];
/// - annotations: config.source `file`, config.hash the uid;
/// - a toleration of every NoExecute taint: nobody can evict what no API server can start again.
pub fn static_pod(mut pod: Pod, file: &Path, node: &str) -> Pod {
    // ANCHOR: task_7_1
    let node = node.to_lowercase();
    let uid = match pod.metadata.uid.take() {
        Some(uid) if !uid.is_empty() => uid,
        _ => uid(&pod, file, &node),
    };
    pod.metadata.name = format!("{}-{node}", pod.metadata.name);
    pod.metadata.namespace.get_or_insert_with(|| "default".to_owned());
    pod.spec.node_name = Some(node);
    let annotations = &mut pod.metadata.annotations;
    annotations.insert(CONFIG_SOURCE.to_owned(), "file".to_owned());
    annotations.insert(CONFIG_HASH.to_owned(), uid.clone());
    pod.spec.tolerations.push(Toleration {
        operator: Some("Exists".to_owned()),
        effect: Some("NoExecute".to_owned()),
        ..Toleration::default()
    });
    pod.metadata.uid = Some(uid);
    pod
    // ANCHOR_END: task_7_1
}

/// A name for exactly this content in exactly this file on exactly this node: any edit, and
/// moving the file, too, makes another pod of it. The FNV-1a hash (128 bit, as hex digits) of the pod as JSON,
/// then `host:NODE`, then `file:PATH`.
pub fn uid(pod: &Pod, file: &Path, node: &str) -> String {
    // ANCHOR: task_7_1_b
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013B;
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    let text = format!("{}host:{node}file:{}", serde_json::to_string(pod).unwrap_or_default(), file.display());
    for byte in text.bytes() {
        hash = (hash ^ u128::from(byte)).wrapping_mul(PRIME);
    }
    format!("{hash:032x}")
    // ANCHOR_END: task_7_1_b
}

/// What the API server is shown of it: the same pod, marked as a mirror of this uid. Deleting a
/// mirror does not touch the pod.
pub fn mirror(pod: &Pod) -> Pod {
    // ANCHOR: task_7_2
    let mut mirror = pod.clone();
    let hash = pod.metadata.uid.clone().unwrap_or_default();
    mirror.metadata.annotations.insert(CONFIG_MIRROR.to_owned(), hash);
    mirror
    // ANCHOR_END: task_7_2
}
