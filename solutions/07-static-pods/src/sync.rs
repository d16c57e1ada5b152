//! What the directory wants, against what runs.

use podkit::engine::{Known, Order};
use podkit::pod::Pod;

/// The orders that bring the node to what is wanted.
///
/// - A pod that runs, and whose uid nobody wants any more, is to end ([`Order::End`]), once.
/// - A pod that is wanted and not known starts ([`Order::Start`]), unless another pod of its name is
///   still there: the new one waits until the old one is over. Of many edits in that time only
///   the last is left to start.
/// - Of two files with one name the first in the list wins; the other is ignored.
/// - What is wanted again while it ends starts again when it is over, with the same uid.
pub fn sync(wanted: &[Pod], known: &[Known]) -> Vec<Order> {
    // ANCHOR: task_7_3
    let is_wanted = |known: &&Known| wanted.iter().any(|pod| pod.metadata.uid.as_ref() == Some(&known.uid));
    let ends = known.iter().filter(|known| !known.is_ending && !is_wanted(known));
    let mut orders: Vec<Order> = ends.map(|known| Order::End(known.uid.clone())).collect();
    for (n, pod) in wanted.iter().enumerate() {
        let is_double = wanted[..n].iter().any(|other| other.full_name() == pod.full_name());
        let is_there = known.iter().any(|known| known.full_name == pod.full_name());
        if !is_double && !is_there {
            orders.push(Order::Start(Box::new(pod.clone())));
        }
    }
    orders
    // ANCHOR_END: task_7_3
}
