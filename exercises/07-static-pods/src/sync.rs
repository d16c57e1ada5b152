//! What the directory wants, against what there is.

use podkit::engine::{Known, Order};
use podkit::pod::Pod;

/// The orders that bring the node to what is wanted.
///
/// - End a pod that is known and whose uid nobody wants any more, unless it is ending already.
/// - Start a pod that is wanted, unless a pod of its full name is known. It may be that very pod, or an
///   older one, which ends first; this is asked again when it is over.
/// - Of two that are wanted and have one full name, only the first counts. The other is neither started nor
///   does it keep a pod alive.
pub fn sync(wanted: &[Pod], known: &[Known]) -> Vec<Order> {
    // ANCHOR: task_7_4
    // Starts what is not there, and ends nothing, until you have written it.
    let is_known = |pod: &Pod| known.iter().any(|known| known.full_name == pod.full_name());
    wanted.iter().filter(|pod| !is_known(pod)).map(|pod| Order::Start(Box::new(pod.clone()))).collect()
    // ANCHOR_END: task_7_4
}
