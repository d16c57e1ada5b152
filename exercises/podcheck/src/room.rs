//! Room for one more process or thread.
//!
//! The kernel counts those of a user together. So another program of the same user, a fork
//! bomb that is being graded elsewhere say, may leave no room for a moment (EAGAIN). That is
//! no reason for a check to give up.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(5);

/// Starts something, as soon as there is room.
pub fn wait_for<T>(mut start: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let until = Instant::now() + PATIENCE;
    loop {
        match start() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < until => {
                thread::sleep(Duration::from_millis(20));
            }
            done => return done,
        }
    }
}

/// As `thread::spawn`, which panics where there is no room.
pub fn thread(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let work = Arc::new(Mutex::new(Some(work)));
    let started = wait_for(|| {
        let work = work.clone();
        thread::Builder::new().spawn(move || {
            let work = work.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(work) = work {
                work();
            }
        })
    });
    started.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_after_a_moment() {
        let mut times = 0;
        let started = wait_for(|| {
            times += 1;
            if times < 3 { Err(nix::errno::Errno::EAGAIN.into()) } else { Ok(times) }
        });
        assert_eq!(started.unwrap(), 3);
        assert!(wait_for(|| io::Result::<()>::Err(nix::errno::Errno::ENOENT.into())).is_err());
    }

    #[test]
    fn a_thread_does_its_work() {
        let (sender, receiver) = std::sync::mpsc::channel();
        thread(move || sender.send(7).unwrap()).unwrap();
        assert_eq!(receiver.recv_timeout(PATIENCE), Ok(7));
    }
}
