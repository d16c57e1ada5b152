//! Catches what a process prints, up to a limit.
//!
//! A program gone wrong prints gigabytes. What is over the limit is thrown away, and the
//! process is ended by whoever waits for it.

use std::io::{self, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::room;

/// The most that is kept of one stream.
pub const LIMIT: usize = 8 << 20;

/// One stream of a process, being caught by a thread.
#[derive(Clone)]
pub struct Stream {
    shared: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    ended: bool,
    over: bool,
}

impl Stream {
    /// Starts to read `from` until it ends or the limit is reached.
    pub fn catch(mut from: impl Read + Send + 'static) -> io::Result<Stream> {
        let shared = Arc::new((Mutex::new(State::default()), Condvar::new()));
        let stream = Stream { shared };
        let writer = stream.clone();
        room::thread(move || {
            let mut buffer = vec![0; 64 << 10];
            loop {
                let n = from.read(&mut buffer).unwrap_or(0);
                let mut state = writer.lock();
                let room = LIMIT - state.bytes.len();
                state.bytes.extend_from_slice(&buffer[..n.min(room)]);
                state.over |= n > room;
                state.ended = n == 0 || state.over;
                writer.shared.1.notify_all();
                if state.ended {
                    // Dropping `from` closes the pipe: a flood ends in SIGPIPE.
                    return;
                }
            }
        })?;
        Ok(stream)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.lock().bytes.clone()
    }

    pub fn over(&self) -> bool {
        self.lock().over
    }

    /// The lines after the first `skip` bytes that are complete, and where they end.
    pub fn lines_from(&self, skip: usize) -> (Vec<String>, usize) {
        let state = self.lock();
        let rest = &state.bytes[skip.min(state.bytes.len())..];
        let end = if state.ended { rest.len() } else { rest.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1) };
        let text = String::from_utf8_lossy(&rest[..end]);
        (text.lines().map(str::to_string).collect(), skip + end)
    }

    /// Waits until there is more than `seen` bytes, or the end, or `until`.
    pub fn wait_for_more(&self, seen: usize, until: Instant) {
        self.wait(until, |state| state.bytes.len() > seen || state.ended);
    }

    pub fn ended(&self) -> bool {
        self.lock().ended
    }

    /// Waits a moment for the end of the stream. A process left behind may hold it open.
    pub fn settle(&self, at_most: Duration) {
        self.wait(Instant::now() + at_most, |state| state.ended);
    }

    fn wait(&self, until: Instant, done: impl Fn(&State) -> bool) {
        let mut state = self.lock();
        while !done(&state) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state = match self.shared.1.wait_timeout(state, left) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }
}
