//! From what a file says to a pod of this node.

use std::path::Path;

use podkit::pod::{Pod, Toleration};

/// The annotation that says where a pod came from.
pub const CONFIG_SOURCE: &str = "kubernetes.io/config.source";
/// The annotation that holds a static pod's uid.
pub const CONFIG_HASH: &str = "kubernetes.io/config.hash";

/// A static pod, from what its file says.
///
/// - uid: the file's own, if there is one and it is not empty; else [`uid`], of the pod as the file has it;
/// - name: `-` and the node's name in lower case at its end;
/// - namespace: the file's own, else `default`;
/// - `spec.nodeName`: the node's name;
/// - two more annotations: [`CONFIG_SOURCE`] is `file`, [`CONFIG_HASH`] is the uid;
/// - one more toleration: operator `Exists`, effect `NoExecute`.
pub fn static_pod(mut pod: Pod, file: &Path, node: &str) -> Pod {
    // ANCHOR: task_7_2
    // The pod as the file has it, with a uid and nothing else, until you have written it.
    pod.metadata.uid = Some(uid(&pod, file, node));
    pod
    // ANCHOR_END: task_7_2
}

/// A name for exactly this content, on exactly this node, in exactly this file: 32 hexadecimal digits.
///
/// The 128-bit FNV-1a hash of three texts, one after another: the pod as JSON (`pod.to_json()`),
/// `host:NODE`, `file:PATH`.
pub fn uid(pod: &Pod, file: &Path, node: &str) -> String {
    // ANCHOR: task_7_3
    // As if the name were enough, until you have written it.
    pod.full_name()
    // ANCHOR_END: task_7_3
}

/// Where FNV begins (128 bit).
pub const OFFSET_BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
/// What FNV multiplies by (128 bit).
pub const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
