//! Room for one more process.
//!
//! The kernel counts those of a user together, so a bomb that is graded elsewhere may leave
//! none for a moment (EAGAIN). That is no reason for a grading to fail.

use std::io;
use std::time::{Duration, Instant};

/// Starts something, as soon as there is room.
pub fn wait_for<T>(mut start: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        match start() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(20));
            }
            done => return done,
        }
    }
}
