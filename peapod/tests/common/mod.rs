//! A user with a runtime directory of its own for each test, and `peapod` in its hands.

#![allow(dead_code)]

use std::fs;
use std::path::PathBuf;
use std::process::Command as Plain;
use std::thread::sleep;
use std::time::{Duration, Instant};

use assert_cmd::Command;
use tempfile::TempDir;

pub struct User {
    dir: TempDir,
}

/// More time than anything here takes.
const LONG: Duration = Duration::from_secs(20);

impl User {
    pub fn new() -> User {
        User { dir: TempDir::new().expect("a temporary directory") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn state(&self) -> PathBuf {
        self.path("peapod")
    }

    /// Where its images are.
    pub fn images(&self) -> PathBuf {
        self.path("images")
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        fs::write(self.path(name), text).expect("a file");
        self.path(name)
    }

    /// `peapod` with these words.
    pub fn peapod(&self, words: &[&str]) -> Command {
        let mut command = Command::cargo_bin("peapod").expect("peapod");
        command.env("XDG_RUNTIME_DIR", self.dir.path()).env("PEAPOD_STATE", self.state());
        command.env("PEAPOD_IMAGES", self.images()).args(words).timeout(LONG);
        command
    }

    /// The same for a process that is looked after by the test.
    pub fn plain(&self, words: &[&str]) -> Plain {
        let mut command = Plain::new(assert_cmd::cargo::cargo_bin("peapod"));
        command.env("XDG_RUNTIME_DIR", self.dir.path()).env("PEAPOD_STATE", self.state());
        command.env("PEAPOD_IMAGES", self.images()).args(words);
        command
    }

    pub fn apply(&self, manifest: &str) {
        self.peapod(&["apply", "-f", "-"]).write_stdin(manifest.to_owned()).assert().success();
    }

    /// What it prints when it succeeds.
    pub fn out(&self, words: &[&str]) -> String {
        let output = self.peapod(words).assert().success().get_output().stdout.clone();
        String::from_utf8(output).expect("UTF-8")
    }

    /// What it complains of when it fails with this status.
    pub fn error(&self, code: i32, words: &[&str]) -> String {
        let output = self.peapod(words).assert().code(code).get_output().stderr.clone();
        String::from_utf8(output).expect("UTF-8")
    }

    /// Waits until the row of a pod has this word under STATUS.
    pub fn until_status(&self, pod: &str, status: &str) {
        until(&format!("pod {pod} to be {status}"), || {
            let row = self.peapod(&["get", "pod", pod, "--no-headers"]).output().expect("peapod");
            String::from_utf8_lossy(&row.stdout).split_whitespace().nth(2) == Some(status)
        });
    }

    /// The processes of this user's node: the command lines name the state directory.
    pub fn node(&self) -> Vec<u32> {
        processes_with(&self.state().display().to_string())
    }
}

impl Drop for User {
    fn drop(&mut self) {
        let _ = self.plain(&["delete", "pod", "--all", "--grace-period=0", "--force"]).output();
        for kind in ["configmap", "secret", "service"] {
            let _ = self.plain(&["delete", kind, "--all"]).output();
        }
        if self.images().exists() {
            // Their files may belong to users of the node.
            let _ = self.plain(&["image", "rm", "--all"]).output();
        }
        // What a test has left in spite of that must not outlive it; a node needs a moment.
        let begun = Instant::now();
        loop {
            let left = processes_with(&self.dir.path().display().to_string());
            if left.is_empty() {
                return;
            }
            if begun.elapsed() > Duration::from_secs(5) {
                left.iter().for_each(|pid| drop(Plain::new("kill").args(["-KILL", &pid.to_string()]).status()));
            }
            sleep(Duration::from_millis(10));
        }
    }
}

/// Waits for something.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < LONG, "waited in vain for {what}");
        sleep(Duration::from_millis(20));
    }
}

/// Processes that have this in their command line, zombies not among them.
pub fn processes_with(text: &str) -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("/proc");
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let has = |pid: &u32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).replace('\0', " ").contains(text)
    };
    pids.filter(has).collect()
}

/// A pod with one container that runs this in a shell.
pub fn pod(name: &str, script: &str) -> String {
    pod_with(name, script, "")
}

/// The same with more lines of its spec.
pub fn pod_with(name: &str, script: &str, more: &str) -> String {
    let script = serde_json_string(script);
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\nspec:\n  terminationGracePeriodSeconds: 1\n\
         {more}  containers:\n  - name: app\n    image: host\n    command: [sh, -c, {script}]\n---\n"
    )
}

fn serde_json_string(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
