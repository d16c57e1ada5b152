//! Several jobs of one kind at a time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;

/// As many as there are cores, and two at least: these jobs wait more than they work.
pub fn number() -> usize {
    thread::available_parallelism().map_or(2, usize::from).clamp(2, 4)
}

/// Does each job, `lanes` of them at a time, in their order; tells of each as it ends.
pub fn each<J: Sync, R: Send>(lanes: usize, jobs: &[J], work: impl Fn(&J) -> R + Sync, mut tell: impl FnMut(&J, R)) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (sender, ended) = channel();
        for _ in 0..lanes.min(jobs.len()) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // Nobody listens only if the one who tells has panicked.
                    let _ = sender.send((job, work(job)));
                }
            });
        }
        drop(sender);
        ended.into_iter().for_each(|(job, result)| tell(job, result));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_job_is_done_once_and_two_run_at_a_time() {
        let together = std::sync::Barrier::new(2);
        let mut seen = Vec::new();
        let work = |job: &usize| {
            together.wait();
            job * 10
        };
        each(2, &[1, 2, 3, 4], work, |job, result| seen.push((*job, result)));
        seen.sort_unstable();
        assert_eq!(seen, [(1, 10), (2, 20), (3, 30), (4, 40)]);
    }

    #[test]
    fn no_jobs_no_lanes() {
        each(2, &[] as &[u8], |_| (), |_, ()| panic!("there is nothing to tell"));
    }
}
