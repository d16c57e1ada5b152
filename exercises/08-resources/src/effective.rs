//! What a pod as a whole asks for.

use podkit::pod::Pod;

use crate::amounts::{Amounts, List, amounts, max, sum};

/// The most that the pod's containers ask for at one time, of each resource.
///
/// Init containers run one after another, each beside the sidecars that stand before it. Then all regular
/// containers run, beside all sidecars. [`sum`] and [`max`] do it for all resources at once.
pub fn effective(pod: &Pod, list: List) -> Amounts {
    // ANCHOR: task_8_5
    // Nothing, until you have written it.
    Amounts::new()
    // ANCHOR_END: task_8_5
}
