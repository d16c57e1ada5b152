//! What the manifest says about a probe, as times and numbers. Given.
//!
//! Chapter 1 has filled in the defaults, and a 0 in the manifest means the default.

use std::time::Duration;

use podkit::pod::Probe;

/// From one look to the next; 10 s unless the manifest says otherwise.
pub fn period(probe: &Probe) -> Duration {
    Duration::from_secs(number(probe.period_seconds, 10).max(1))
}

/// How long a run of the container is left in peace; not at all.
pub fn initial_delay(probe: &Probe) -> Duration {
    Duration::from_secs(number(probe.initial_delay_seconds, 0))
}

/// How many failures in a row make a failure; 3.
pub fn failure_threshold(probe: &Probe) -> u32 {
    u32::try_from(number(probe.failure_threshold, 3)).unwrap_or(u32::MAX)
}

/// How many successes in a row make a success; 1.
pub fn success_threshold(probe: &Probe) -> u32 {
    u32::try_from(number(probe.success_threshold, 1)).unwrap_or(u32::MAX)
}

fn number(written: Option<i64>, default: u64) -> u64 {
    written.map_or(default, |written| written.max(0).unsigned_abs())
}
