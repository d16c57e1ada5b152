//! Time as the planner sees it: an instant on the pod's own clock.
//!
//! Nothing in the core asks what time it is; it is told. The real world's clock
//! may run faster than the wall ([`Clock::speed`], `run --speed`), the
//! simulator's jumps from event to event.

use std::ops::Add;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// An instant, as the time since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(Duration);

impl Time {
    pub const fn from_secs(seconds: u64) -> Time {
        Time(Duration::from_secs(seconds))
    }

    /// How long after `earlier` this is; zero if it is not.
    pub fn since(self, earlier: Time) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// RFC 3339 to the second, as the API prints times: `2026-01-31T09:00:00Z`.
    pub fn rfc3339(self) -> String {
        // The formatter panics past the year 9999; a clock run that fast stays there.
        let last = Duration::from_secs(253_402_300_799);
        humantime::format_rfc3339_seconds(UNIX_EPOCH + self.0.min(last)).to_string()
    }
}

impl Add<Duration> for Time {
    type Output = Time;

    fn add(self, later: Duration) -> Time {
        Time(self.0.saturating_add(later))
    }
}

/// A clock that starts at the wall clock's time and runs `speed` times as fast.
/// Monotonic: setting the machine's clock does not move it.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Time,
    started: Instant,
    speed: f64,
}

impl Clock {
    /// `speed` must be positive and finite; 1.0 is real time.
    pub fn start(speed: f64) -> Clock {
        let origin = Time(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
        Clock { origin, started: Instant::now(), speed }
    }

    pub fn now(&self) -> Time {
        self.origin + self.started.elapsed().mul_f64(self.speed)
    }

    /// A length of real time, as the pod's clock counts it.
    pub fn real(&self, real: Duration) -> Duration {
        real.mul_f64(self.speed)
    }

    /// How long in real time until `at`.
    pub fn until(&self, at: Time) -> Duration {
        at.since(self.now()).div_f64(self.speed)
    }
}
