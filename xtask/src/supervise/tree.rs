//! All that runs below the supervisor: finding it, ending it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid, waitpid};
use nix::unistd::Pid;

/// Every process below this one, at whatever depth. Zombies do not count: they hold nothing
/// but their number, and vanish when their parent ends or is killed.
pub fn descendants() -> BTreeMap<i32, String> {
    // Orphans become this process's children: without a child there is nothing below.
    let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    if matches!(waitid(Id::All, look), Err(Errno::ECHILD)) {
        return BTreeMap::new();
    }
    below(&[std::process::id().cast_signed()])
}

fn below(parents: &[i32]) -> BTreeMap<i32, String> {
    let mut children: BTreeMap<i32, Vec<(i32, String, bool)>> = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(|it| it.parse::<i32>().ok()) else {
            continue;
        };
        // It may be gone by now.
        let Some(stat) = read_stat(pid) else { continue };
        if let Some((parent, command, zombie)) = parse(&stat) {
            children.entry(parent).or_default().push((pid, command, zombie));
        }
    }
    let mut found = BTreeMap::new();
    let mut open = parents.to_vec();
    while let Some(parent) = open.pop() {
        for (pid, command, zombie) in children.remove(&parent).unwrap_or_default() {
            open.push(pid);
            if !zombie {
                found.insert(pid, command);
            }
        }
    }
    found
}

/// One read: the file is made anew for each, and this is done for every process there is.
fn read_stat(pid: i32) -> Option<String> {
    let mut buffer = [0; 1024];
    let mut file = std::fs::File::open(format!("/proc/{pid}/stat")).ok()?;
    let n = std::io::Read::read(&mut file, &mut buffer).ok()?;
    Some(String::from_utf8_lossy(&buffer[..n]).into_owned())
}

/// `PID (COMMAND) STATE PPID ...`: the command may hold spaces and parentheses.
fn parse(stat: &str) -> Option<(i32, String, bool)> {
    let open = stat.find('(')?;
    let close = stat.rfind(')')?;
    let command = stat.get(open + 1..close)?.to_string();
    let mut rest = stat.get(close + 1..)?.split_whitespace();
    let zombie = matches!(rest.next()?, "Z" | "X");
    let parent = rest.next()?.parse().ok()?;
    Some((parent, command, zombie))
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
    let own = std::process::id();
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let pid = entry.file_name().to_str().and_then(|it| it.parse::<i32>().ok());
        if let (Some((parent, ..)), Some(pid)) = (parse(&stat), pid)
            && parent.cast_unsigned() == own
        {
            found.insert(pid);
        }
    }
    found
}

/// For the grader: what came to it because a supervisor was killed is ended. `before` are
/// the children it had when the checks began; no supervisor may be running.
pub fn end_strays(before: &BTreeSet<i32>) {
    let strays = || -> Vec<i32> { children().difference(before).copied().collect() };
    let find = || {
        let roots = strays();
        let mut found = below(&roots);
        let running = |pid: &i32| !matches!(state(*pid), Some((_, _, true)) | None);
        found.extend(roots.into_iter().filter(running).map(|pid| (pid, String::new())));
        found
    };
    end(find, || {
        for pid in strays() {
            let _ = waitpid(Pid::from_raw(pid), Some(WaitPidFlag::WNOHANG));
        }
    });
}

fn state(pid: i32) -> Option<(i32, String, bool)> {
    parse(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

pub fn reap_one() -> Result<WaitStatus, Errno> {
    waitpid(None, Some(WaitPidFlag::WNOHANG))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_may_look_like_anything() {
        let (parent, command, zombie) = parse("12 (a) b (c) S 7 1 1").unwrap();
        assert_eq!((parent, command.as_str(), zombie), (7, "a) b (c", false));
        assert!(parse("12 (a) Z 7").unwrap().2);
        assert!(parse("12 a").is_none());
    }
}
