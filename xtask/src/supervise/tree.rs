//! All that runs below the supervisor: finding it, ending it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid, waitpid};
use nix::unistd::Pid;

/// One process, as `/proc/PID/stat` has it.
struct Stat {
    parent: i32,
    command: String,
    zombie: bool,
    threads: usize,
}

/// Every process below this one, at whatever depth. Zombies do not count: they hold nothing
/// but their number, and vanish when their parent ends or is killed.
pub fn descendants() -> BTreeMap<i32, String> {
    let running = below_this().into_iter().filter(|(_, it)| !it.zombie);
    running.map(|(pid, it)| (pid, it.command)).collect()
}

/// How many tasks there are below this process, as the kernel counts them against a limit:
/// threads each for itself, and zombies too.
pub fn tasks() -> usize {
    below_this().values().map(|it| it.threads.max(1)).sum()
}

fn below_this() -> BTreeMap<i32, Stat> {
    // Orphans become this process's children: without a child there is nothing below.
    let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    if matches!(waitid(Id::All, look), Err(Errno::ECHILD)) {
        return BTreeMap::new();
    }
    below(&[std::process::id().cast_signed()])
}

fn below(parents: &[i32]) -> BTreeMap<i32, Stat> {
    let mut children: BTreeMap<i32, Vec<(i32, Stat)>> = BTreeMap::new();
    for (pid, stat) in all() {
        children.entry(stat.parent).or_default().push((pid, stat));
    }
    let mut found = BTreeMap::new();
    let mut open = parents.to_vec();
    while let Some(parent) = open.pop() {
        for (pid, stat) in children.remove(&parent).unwrap_or_default() {
            open.push(pid);
            found.insert(pid, stat);
        }
    }
    found
}

/// Every process this one can see.
fn all() -> impl Iterator<Item = (i32, Stat)> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        // It may be gone by now.
        Some((pid, stat(pid)?))
    })
}

/// One read: the file is made anew for each, and this is done for every process there is.
fn stat(pid: i32) -> Option<Stat> {
    let mut buffer = [0; 1024];
    let mut file = std::fs::File::open(format!("/proc/{pid}/stat")).ok()?;
    let n = std::io::Read::read(&mut file, &mut buffer).ok()?;
    parse(&String::from_utf8_lossy(&buffer[..n]))
}

/// `PID (COMMAND) STATE PPID ...`: the command may hold spaces and parentheses.
fn parse(stat: &str) -> Option<Stat> {
    let open = stat.find('(')?;
    let close = stat.rfind(')')?;
    let command = stat.get(open + 1..close)?.to_string();
    let mut rest = stat.get(close + 1..)?.split_whitespace();
    let zombie = matches!(rest.next()?, "Z" | "X");
    let parent = rest.next()?.parse().ok()?;
    // The number of threads is field 20; the parent was field 4.
    let threads = rest.nth(15).and_then(|it| it.parse().ok()).unwrap_or(1);
    Some(Stat { parent, command, zombie, threads })
}

/// Waits until nothing is left by itself. Names what still is.
pub fn wait_until_gone(at_most: Duration) -> Vec<String> {
    let until = Instant::now() + at_most;
    let mut pause = Duration::from_micros(500);
    loop {
        while matches!(reap_one(), Ok(status) if status != WaitStatus::StillAlive) {}
        let left = descendants();
        if left.is_empty() || Instant::now() >= until {
            return left.iter().map(|(pid, command)| describe(*pid, command)).collect();
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

fn describe(pid: i32, command: &str) -> String {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let line = String::from_utf8_lossy(&line).replace('\0', " ");
    let line: String = line.trim().chars().take(80).collect();
    let shown = if line.is_empty() { command } else { &line };
    format!("process {pid} still runs: {shown}")
}

/// Ends everything below. First all of it is stopped, so that nothing can fork away from
/// the killing; each round stops what the round before did not see. Counts what was killed.
pub fn end_all() -> usize {
    end(descendants, || while matches!(reap_one(), Ok(status) if status != WaitStatus::StillAlive) {})
}

fn end(find: impl Fn() -> BTreeMap<i32, String>, reap: impl Fn()) -> usize {
    let until = Instant::now() + Duration::from_secs(20);
    let mut killed = BTreeSet::new();
    loop {
        let mut stopped = BTreeSet::new();
        for _ in 0..200 {
            let new: Vec<i32> = find().into_keys().filter(|pid| !stopped.contains(pid)).collect();
            if new.is_empty() {
                break;
            }
            for pid in new {
                // EPERM: a set-uid helper; it ends by itself, and is looked for again.
                let _ = kill(Pid::from_raw(pid), Signal::SIGSTOP);
                stopped.insert(pid);
            }
        }
        for pid in stopped {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
            killed.insert(pid);
        }
        reap();
        if find().is_empty() || Instant::now() > until {
            return killed.len();
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The processes that are this one's own children now.
pub fn children() -> BTreeSet<i32> {
    let own = std::process::id().cast_signed();
    all().filter(|(_, it)| it.parent == own).map(|(pid, _)| pid).collect()
}

/// For the grader: what came to it because a supervisor was killed is ended. `before` are
/// the children it had when the checks began; no supervisor may be running.
pub fn end_strays(before: &BTreeSet<i32>) {
    let strays = || -> Vec<i32> { children().difference(before).copied().collect() };
    let find = || {
        let roots = strays();
        let mut found = below(&roots);
        found.extend(roots.into_iter().filter_map(|pid| Some((pid, stat(pid)?))));
        let running = found.into_iter().filter(|(_, it)| !it.zombie);
        running.map(|(pid, it)| (pid, it.command)).collect()
    };
    end(find, || {
        for pid in strays() {
            let _ = waitpid(Pid::from_raw(pid), Some(WaitPidFlag::WNOHANG));
        }
    });
}

pub fn reap_one() -> Result<WaitStatus, Errno> {
    waitpid(None, Some(WaitPidFlag::WNOHANG))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_may_look_like_anything() {
        let stat = parse("12 (a) b (c) S 7 1 1 0 -1 4194560 90 0 0 0 0 0 0 0 20 0 5 0 77").unwrap();
        assert_eq!((stat.parent, stat.command.as_str(), stat.zombie, stat.threads), (7, "a) b (c", false, 5));
        assert!(parse("12 (a) Z 7").unwrap().zombie);
        assert!(parse("12 a").is_none());
    }

    #[test]
    fn threads_are_tasks_too() {
        let own = stat(std::process::id().cast_signed()).unwrap();
        // The test harness has one besides this one.
        assert!(own.threads >= 2, "{}", own.threads);
    }
}
