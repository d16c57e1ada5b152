//! Is there room on the node?

use podkit::pod::Pod;
use podkit::resources::{NodeResources, Rejection};

use crate::amounts::{List, get};
use crate::effective::effective;
use crate::quantity::Quantity;

/// What a resource is counted in: thousandths for cpu, whole units (bytes) for all others. Given.
fn units(resource: &str, amount: Quantity) -> i128 {
    if resource == "cpu" { amount.milli() } else { amount.value() }
}

/// What the node can give of a resource, in [`units`]; `None`: the node does not say, and so there is no limit. Given.
fn capacity(node: &NodeResources, resource: &str) -> Option<i128> {
    Some(units(resource, Quantity::read(node.allocatable.get(resource)?).ok()?))
}

/// May the pod run on the node, beside the pods that are there already?
///
/// The first of `pods`, `cpu`, `memory`, `ephemeral-storage` that does not suffice is the reason. A pod counts as 1 of
/// `pods`; of the others count its effective requests, and one that asks for nothing of a resource always fits.
/// [`rejection`] makes the answer.
pub fn admit(pod: &Pod, others: &[&Pod], node: &NodeResources) -> Result<(), Rejection> {
    // ANCHOR: task_8_6
    // Everybody is welcome, until you have written it.
    Ok(())
    // ANCHOR_END: task_8_6
}

/// The kubelet's words: reason and message. Given.
fn rejection(resource: &str, requested: i128, used: i128, capacity: i128) -> Rejection {
    let message = format!(
        "Node didn't have enough resource: {resource}, requested: {requested}, used: {used}, capacity: {capacity}"
    );
    Rejection { reason: format!("OutOf{resource}"), message }
}
