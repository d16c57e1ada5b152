//! What the kernel says about a process: /proc, read from outside.
//!
//! The program judged cannot change what these functions see.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::cli::machine_factor;
use crate::report::{Failure, Result};

/// A process of this machine, by its number outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Process(pub u32);

/// One line of /proc/PID/mountinfo (proc_pid_mountinfo(5)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Which part of its file system is shown.
    pub root: String,
    /// Where, as the process sees it.
    pub point: String,
    /// The mount's own options.
    pub options: Vec<String>,
    /// `tmpfs`, `proc`.
    pub kind: String,
    /// The options of the whole file system.
    pub super_options: Vec<String>,
}

impl Mount {
    pub fn has(&self, option: &str) -> bool {
        self.options.iter().any(|it| it == option)
    }
}

impl Process {
    /// The process that is asking.
    pub fn me() -> Process {
        Process(std::process::id())
    }

    /// A path below /proc/PID.
    pub fn path(self, file: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{file}", self.0))
    }

    /// A path as the process would see it.
    pub fn inside(self, path: &str) -> PathBuf {
        self.path("root").join(path.trim_start_matches('/'))
    }

    /// A file below /proc/PID. That the process is gone is the failure then.
    pub fn read(self, file: &str) -> Result<String> {
        fs::read_to_string(self.path(file))
            .map_err(|error| Failure::new(format!("/proc/{}/{file}", self.0), "a running process", error))
    }

    /// The namespace of that kind, as `net:[4026531840]`.
    pub fn namespace(self, kind: &str) -> Result<String> {
        let path = self.path(&format!("ns/{kind}"));
        let link = fs::read_link(&path).map_err(|error| Failure::new(path.display(), "a running process", error))?;
        Ok(link.display().to_string())
    }

    /// A field of /proc/PID/status.
    pub fn status(self, field: &str) -> Result<String> {
        let text = self.read("status")?;
        let value = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        value
            .map(|it| it.trim().to_string())
            .ok_or_else(|| Failure::grader(format!("no field {field} in /proc/{}/status", self.0)))
    }

    /// A set of capabilities: `CapEff`, `CapBnd`.
    pub fn capabilities(self, field: &str) -> Result<u64> {
        let value = self.status(field)?;
        u64::from_str_radix(&value, 16).map_err(|error| Failure::grader(format!("{field} {value}: {error}")))
    }

    /// `uid_map` or `gid_map`: first inside, first outside (as this check sees it), how many.
    pub fn id_map(self, file: &str) -> Result<Vec<[u32; 3]>> {
        let text = self.read(file)?;
        let line = |line: &str| -> Option<[u32; 3]> {
            let mut numbers = line.split_whitespace().map(|it| it.parse().ok());
            Some([numbers.next()??, numbers.next()??, numbers.next()??])
        };
        Ok(text.lines().filter_map(line).collect())
    }

    /// What is mounted where, in the order of mounting.
    pub fn mounts(self) -> Result<Vec<Mount>> {
        Ok(self.read("mountinfo")?.lines().filter_map(parse_mount).collect())
    }

    /// The mount that is seen at exactly this place: the last one there.
    pub fn mount_at(self, point: &str) -> Result<Option<Mount>> {
        Ok(self.mounts()?.into_iter().rfind(|it| it.point == point))
    }

    /// The TCP ports that somebody listens on in the network namespace of the process.
    pub fn listening(self) -> Result<BTreeSet<u16>> {
        let mut ports = BTreeSet::new();
        for file in ["net/tcp", "net/tcp6"] {
            // A kernel without IPv6 has no second table.
            let Ok(text) = self.read(file) else { continue };
            ports.extend(text.lines().skip(1).filter_map(parse_listener));
        }
        Ok(ports)
    }

    /// The command line, arguments joined by spaces.
    pub fn command(self) -> String {
        let bytes = fs::read(self.path("cmdline")).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        text.trim_end_matches('\0').replace('\0', " ")
    }

    /// The short name: of the program's file, or what it calls itself.
    pub fn name(self) -> String {
        fs::read_to_string(self.path("comm")).map_or_else(|_| String::new(), |it| it.trim().into())
    }

    /// Its number in each PID namespace it is in, from outside in.
    pub fn numbers(self) -> Result<Vec<u32>> {
        let text = self.status("NSpid")?;
        Ok(text.split_whitespace().filter_map(|it| it.parse().ok()).collect())
    }

    /// Is it there, and not only waiting to be collected?
    pub fn is_alive(self) -> bool {
        self.parent_and_state().is_some_and(|(_, state)| state != 'Z')
    }

    pub fn parent(self) -> Option<Process> {
        self.parent_and_state().map(|(parent, _)| Process(parent))
    }

    fn parent_and_state(self) -> Option<(u32, char)> {
        let text = fs::read_to_string(self.path("stat")).ok()?;
        // The name in parentheses may hold anything; what follows the last one is fixed.
        let mut fields = text.rsplit_once(')')?.1.split_whitespace();
        let state = fields.next()?.chars().next()?;
        Some((fields.next()?.parse().ok()?, state))
    }

    /// Every process below this one.
    pub fn descendants(self) -> Vec<Process> {
        let parents: Vec<(Process, Process)> = all().into_iter().filter_map(|it| Some((it, it.parent()?))).collect();
        let mut found = vec![self];
        let mut at = 0;
        while let Some(&parent) = found.get(at) {
            found.extend(parents.iter().filter(|(_, it)| *it == parent).map(|it| it.0));
            at += 1;
        }
        found.split_off(1)
    }

    /// Waits for a living descendant that satisfies `is`.
    pub fn wait_for(self, what: &str, is: impl Fn(Process) -> bool) -> Result<Process> {
        let mut found = None;
        wait_until(Duration::from_secs(5), || {
            found = self.descendants().into_iter().find(|it| it.is_alive() && is(*it));
            found.is_some()
        });
        found.ok_or_else(|| {
            let there: Vec<String> = self.descendants().iter().map(|it| format!("{} {}", it.0, it.command())).collect();
            let there = if there.is_empty() { "none".into() } else { there.join("\n") };
            Failure::new(format!("the processes of the run: {what}"), "one, within 5 s", there)
        })
    }
}

/// Every process that can be seen.
pub fn all() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok().map(Process)).collect()
}

/// Looks until it is so; says whether it ever was. Scaled for slow machines.
pub fn wait_until(at_most: Duration, mut is: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + at_most.mul_f64(machine_factor());
    loop {
        if is() {
            return true;
        }
        if Instant::now() >= until {
            return false;
        }
        std::thread::sleep(Duration::from_millis(3));
    }
}

fn parse_mount(line: &str) -> Option<Mount> {
    let (before, after) = line.split_once(" - ")?;
    let mut fields = before.split(' ').skip(3);
    let mut rest = after.split(' ');
    let list = |text: &str| text.split(',').map(str::to_string).collect();
    Some(Mount {
        root: fields.next()?.to_string(),
        point: fields.next()?.to_string(),
        options: list(fields.next()?),
        kind: rest.next()?.to_string(),
        super_options: list(rest.nth(1)?),
    })
}

/// `  0: 0100007F:1F90 00000000:0000 0A ...`: state 0A listens.
fn parse_listener(line: &str) -> Option<u16> {
    let mut fields = line.split_whitespace().skip(1);
    let (_, port) = fields.next()?.rsplit_once(':')?;
    let state = fields.nth(1)?;
    (state == "0A").then(|| u16::from_str_radix(port, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_mountinfo() {
        let line = "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue";
        let mount = parse_mount(line).unwrap();
        assert_eq!(mount.point, "/mnt2");
        assert_eq!(mount.root, "/mnt1");
        assert_eq!(mount.kind, "ext3");
        assert!(mount.has("noatime") && !mount.has("ro"));
        assert_eq!(mount.super_options, ["rw", "errors=continue"]);
    }

    #[test]
    fn a_listener_and_a_connection() {
        assert_eq!(parse_listener(" 0: 00000000:1F90 00000000:0000 0A 00000000:00000000"), Some(8080));
        assert_eq!(parse_listener(" 1: 0100007F:1F90 0100007F:A000 01 00000000:00000000"), None);
    }

    #[test]
    fn i_am_there_and_not_below_myself() {
        let me = Process::me();
        assert!(me.is_alive());
        assert!(!me.descendants().contains(&me));
        assert_eq!(me.numbers().unwrap().first(), Some(&me.0));
        assert!(me.namespace("net").unwrap().starts_with("net:["));
    }
}
