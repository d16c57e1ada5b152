//! Values from the pod itself (`fieldRef`).

use podkit::environment::{Around, namespace};

/// The value of a field. `None`: a variable cannot be made of it.
///
/// | path | value |
/// |---|---|
/// | `metadata.name`, `metadata.namespace` | the pod's ([`namespace`] gives the namespace) |
/// | `metadata.uid` | the pod's; empty where it has none |
/// | `metadata.labels['KEY']`, `metadata.annotations['KEY']` | that label or annotation; empty where there is none |
/// | `spec.nodeName` | the pod's; the frame has filled it in |
/// | `spec.serviceAccountName` | the pod's, else `default` |
/// | `status.podIP`, `status.hostIP` | the first address of the pod, of the node |
/// | `status.podIPs`, `status.hostIPs` | all of them, with commas between |
///
/// [`subscript`] takes the fourth and fifth apart.
pub fn field(around: &Around, path: &str) -> Option<String> {
    // ANCHOR: task_9_3
    todo!("task 9.3: Values from the pod")
    // ANCHOR_END: task_9_3
}

/// `metadata.labels['app']` as `metadata.labels` and `app`. Given.
pub fn subscript(path: &str) -> Option<(&str, &str)> {
    path.strip_suffix("']")?.split_once("['")
}
