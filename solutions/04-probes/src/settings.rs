//! What the manifest says about a probe, as times and numbers. Given.

use std::time::Duration;

use podkit::pod::Probe;

/// From one look to the next; 10 s unless the manifest says otherwise.
pub fn period(probe: &Probe) -> Duration {
    seconds(probe.period_seconds, 10)
}

/// How long a run of the container is left in peace; not at all.
pub fn initial_delay(probe: &Probe) -> Duration {
    Duration::from_secs(probe.initial_delay_seconds.unwrap_or(0).max(0).unsigned_abs())
}

/// How many failures in a row make a failure; 3.
pub fn failure_threshold(probe: &Probe) -> u32 {
    number(probe.failure_threshold, 3)
}

/// How many successes in a row make a success; 1.
pub fn success_threshold(probe: &Probe) -> u32 {
    number(probe.success_threshold, 1)
}

/// A 0 in the manifest means the default.
fn seconds(written: Option<i64>, default: u64) -> Duration {
    Duration::from_secs(u64::try_from(written.unwrap_or(0)).ok().filter(|n| *n > 0).unwrap_or(default))
}

fn number(written: Option<i64>, default: u32) -> u32 {
    u32::try_from(written.unwrap_or(0)).ok().filter(|n| *n > 0).unwrap_or(default)
}
