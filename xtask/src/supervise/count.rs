//! How many processes and threads a check has. One that has too many is ended.
//!
//! As root a control group counts, and refuses what is too much. An ordinary user has no
//! such thing, and `RLIMIT_NPROC` alone will not do: the kernel counts all tasks of a *user*
//! against it, so a fork bomb that has reached its limit has used up its neighbours' too.
//! So the supervisor counts what is below it, and ends it long before that.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::tree;

/// More than a pod of a check ever needs.
pub const MOST: usize = 512;
/// So many more than before are no accident.
const MANY: usize = MOST / 4;
/// How often [`Count::too_many`] wants to be asked.
pub const OFTEN: Duration = Duration::from_millis(20);

pub struct Count {
    cgroup: Option<PathBuf>,
    /// The fewest tasks the machine had so far.
    fewest: Option<usize>,
    counted: Instant,
    /// The most tasks the check had so far.
    pub most: usize,
    /// Whether the machine has had many more tasks than at first.
    pub crowded: bool,
}

impl Count {
    pub fn begin(cgroup: Option<PathBuf>) -> Count {
        Count { cgroup, fewest: tasks_of_the_machine(), counted: Instant::now(), most: 0, crowded: false }
    }

    /// Whether there are more than a check may have.
    pub fn too_many(&mut self) -> bool {
        let now = tasks_of_the_machine();
        let grown = now.zip(self.fewest).is_some_and(|(now, fewest)| now > fewest + MANY);
        self.fewest = self.fewest.min(now).or(now);
        self.crowded |= grown;
        match &self.cgroup {
            Some(dir) if refused(dir) => self.most = MOST + 1,
            Some(_) => {}
            // /proc is looked through only if the machine has many more tasks, which takes one
            // small file to know. Where that file does not tell (some containers), /proc is
            // looked through now and then all the same.
            None if grown || self.counted.elapsed() > 10 * OFTEN => {
                self.most = self.most.max(tree::tasks());
                self.counted = Instant::now();
            }
            None => {}
        }
        self.most > MOST
    }
}

/// Waits until the machine has no more tasks than it had, or not many more: a bomb goes off
/// elsewhere, and is ended by its own grader.
pub fn wait_until_calm(before: Option<usize>) {
    let until = Instant::now() + Duration::from_secs(10);
    let many = || tasks_of_the_machine().zip(before).is_some_and(|(now, before)| now > before + MANY);
    while many() && Instant::now() < until {
        std::thread::sleep(OFTEN);
    }
}

/// Whether the control group has refused a process.
fn refused(cgroup: &Path) -> bool {
    let events = std::fs::read_to_string(cgroup.join("pids.events")).unwrap_or_default();
    let times = events.lines().find_map(|line| line.strip_prefix("max "));
    times.is_some_and(|times| times != "0")
}

/// `0.20 0.18 0.12 RUNNING/TASKS LAST`
pub fn tasks_of_the_machine() -> Option<usize> {
    let load = std::fs::read_to_string("/proc/loadavg").ok()?;
    load.split_whitespace().nth(3)?.split_once('/')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_has_this_task_at_least() {
        assert!(tasks_of_the_machine().is_none_or(|tasks| tasks > 0));
    }

    #[test]
    fn a_refusal_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!refused(dir.path()));
        for (events, expected) in [("max 0\n", false), ("max 17\n", true)] {
            std::fs::write(dir.path().join("pids.events"), events).unwrap();
            assert_eq!(refused(dir.path()), expected);
        }
        let mut count = Count::begin(Some(dir.path().to_owned()));
        assert!(count.too_many() && count.most > MOST);
    }
}
