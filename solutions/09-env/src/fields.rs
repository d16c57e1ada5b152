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
    let (pod, node) = (around.pod, around.node);
    if let Some((list, key)) = subscript(path) {
        let list = match list {
            "metadata.labels" => &pod.metadata.labels,
            "metadata.annotations" => &pod.metadata.annotations,
            _ => return None,
        };
        return Some(list.get(key).cloned().unwrap_or_default());
    }
    Some(match path {
        "metadata.name" => pod.metadata.name.clone(),
        "metadata.namespace" => namespace(pod).to_owned(),
        "metadata.uid" => pod.metadata.uid.clone().unwrap_or_default(),
        "spec.nodeName" => pod.spec.node_name.clone().unwrap_or_default(),
        "spec.serviceAccountName" => pod.spec.service_account_name.clone().unwrap_or_else(|| "default".to_owned()),
        "status.podIP" => around.pod_ips.first()?.clone(),
        "status.podIPs" => around.pod_ips.join(","),
        "status.hostIP" => node.ips.first()?.clone(),
        "status.hostIPs" => node.ips.join(","),
        _ => return None,
    })
    // ANCHOR_END: task_9_3
}

/// `metadata.labels['app']` as `metadata.labels` and `app`. Given.
pub fn subscript(path: &str) -> Option<(&str, &str)> {
    path.strip_suffix("']")?.split_once("['")
}
