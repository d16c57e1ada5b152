//! When a restart is due: the back-off.

use std::time::Duration;

use podkit::engine::BackOff;
use podkit::time::Time;

/// The second restart stays away this long from the end of the run before it.
pub const FIRST: Duration = Duration::from_secs(10);
/// No restart waits longer.
pub const MOST: Duration = Duration::from_secs(300);
/// A container whose run ended longer than this after its newest restart was
/// decided is taken to be well: it begins anew.
pub const FORGET: Duration = Duration::from_secs(600);

/// What to do about a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Now; and the entry to remember for the next time.
    Start(BackOff),
    /// Not before `until`, because the delay is `delay`.
    Wait { until: Time, delay: Duration },
}

/// Decides about the restart of a container whose newest run ended at `ended`.
///
/// `entry` is what the restart before it left; `None` before the first. The
/// first restart is immediate. From the second on a restart waits until the
/// entry's delay is over, counted from `ended`. The exit code plays no part:
/// a program that ends well is held back like one that crashes.
pub fn decide(entry: Option<BackOff>, ended: Time, now: Time) -> Decision {
    // ANCHOR: task_3_7
    // Every restart at once, until you have written it.
    Decision::Start(BackOff { delay: FIRST, updated_at: now })
    // ANCHOR_END: task_3_7
}

/// Did the run end more than [`FORGET`] after the entry was made?
fn is_forgotten(entry: BackOff, ended: Time) -> bool {
    // ANCHOR: task_3_7_b
    todo!("task 3.7: The back-off")
    // ANCHOR_END: task_3_7_b
}

/// [`FIRST`], then twice the one before, never more than [`MOST`].
fn next_delay(entry: Option<BackOff>) -> Duration {
    // ANCHOR: task_3_7_c
    todo!("task 3.7: The back-off")
    // ANCHOR_END: task_3_7_c
}
