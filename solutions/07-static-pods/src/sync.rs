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
    // STARTER: // Starts what is not there, and ends nothing, until you have written it.
    // STARTER: let is_known = |pod: &Pod| known.iter().any(|known| known.full_name == pod.full_name());
    // STARTER: wanted.iter().filter(|pod| !is_known(pod)).map(|pod| Order::Start(Box::new(pod.clone()))).collect()
    let mut firsts: Vec<&Pod> = Vec::new();
    for pod in wanted {
        if !firsts.iter().any(|first| first.full_name() == pod.full_name()) {
            firsts.push(pod);
        }
    }
    let is_wanted = |known: &&Known| firsts.iter().any(|pod| pod.metadata.uid.as_ref() == Some(&known.uid));
    let is_known = |pod: &&&Pod| known.iter().any(|known| known.full_name == pod.full_name());
    let ends = known.iter().filter(|known| !known.is_ending && !is_wanted(known));
    let starts = firsts.iter().filter(|pod| !is_known(pod));
    let ends = ends.map(|known| Order::End(known.uid.clone()));
    ends.chain(starts.map(|pod| Order::Start(Box::new((*pod).clone())))).collect()
    // ANCHOR_END: task_7_4
}
