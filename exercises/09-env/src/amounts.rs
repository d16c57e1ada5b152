//! Values from requests and limits (`resourceFieldRef`).

use podkit::environment::{Around, Missing};
use podkit::pod::{self, Container, ResourceFieldRef};
use resources::quantity::{Quantity, div_up};

/// How often the divisor goes into the amount of a resource, rounded up. Both are exact: [`Quantity::nano`] counts
/// billionths, and [`div_up`] divides.
///
/// - `containerName` names the container ([`podkit::pod::Pod::container`] finds it, init containers too); empty or left
///   out it is this one. None of that name: Missing, with the message `container NAME not found`.
/// - `resource` is `limits.` or `requests.`, and the resource's name. [`written`] finds the amount.
/// - No limit, or a limit of 0, means: all that the node can give (`allocatable`). No request means 0, and so does a
///   resource that the node does not know.
/// - The divisor is 1 where it is left out or 0.
pub fn amount(around: &Around, reference: &ResourceFieldRef) -> Result<String, Missing> {
    // ANCHOR: task_9_4
    todo!("task 9.4: Values from requests and limits")
    // ANCHOR_END: task_9_4
}

/// One, in billionths.
pub const ONE: i128 = 1_000_000_000;

/// The amount that a container's manifest has under a path such as `limits.cpu`. Given.
pub fn written<'a>(container: &'a Container, path: &str) -> Option<&'a pod::Quantity> {
    let resources = container.resources.as_ref()?;
    match path.split_once('.')? {
        ("limits", resource) => resources.limits.get(resource),
        ("requests", resource) => resources.requests.get(resource),
        _ => None,
    }
}

/// In billionths; nothing written is 0. Given.
pub fn nano(written: Option<&pod::Quantity>) -> Result<i128, Missing> {
    let Some(written) = written else { return Ok(0) };
    Quantity::read(written).map(|quantity| quantity.nano).map_err(|rule| Missing(rule.to_owned()))
}
