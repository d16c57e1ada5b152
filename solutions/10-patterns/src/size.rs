//! How large an emptyDir may become. Given.

use podkit::environment::Missing;
use podkit::pod::{EmptyDir, Quantity as Written};
use podkit::volumes::Contents;
use resources::amounts::{List, amount, get};
use resources::effective::effective;
use resources::quantity::Quantity;

/// In bytes. On `Memory`: the least of its `sizeLimit`, the pod's memory limit (where every container has one), and what
/// the node can give. Else only the `sizeLimit`.
pub fn size(contents: &Contents, source: &EmptyDir) -> Result<Option<u64>, Missing> {
    let mut limits = vec![bytes(source.size_limit.as_ref())?];
    if source.medium.as_deref() == Some("Memory") {
        limits.push(bytes(contents.node.allocatable.get("memory"))?);
        let pod = contents.pod;
        if pod.all_containers().all(|it| amount(it, List::Limits, "memory").nano > 0) {
            limits.push(positive(get(&effective(pod, List::Limits), "memory")));
        }
    }
    Ok(limits.into_iter().flatten().min())
}

fn bytes(written: Option<&Written>) -> Result<Option<u64>, Missing> {
    let Some(written) = written else { return Ok(None) };
    Quantity::read(written).map(positive).map_err(|rule| Missing(format!("sizeLimit {rule}")))
}

/// A limit of 0 is none.
fn positive(quantity: Quantity) -> Option<u64> {
    u64::try_from(quantity.value()).ok().filter(|bytes| *bytes > 0)
}
