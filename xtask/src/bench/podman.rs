//! The same pod with `podman kube play`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::many::Remove;
use super::subject::Subject;

const IMAGE: &str = "localhost/peas-bench:latest";
const POD: &str = "peas-bench";

/// The name of the n-th of many pods.
pub fn pod(n: u32) -> String {
    format!("{POD}-{n}")
}

/// podman with a runtime that works here, and the image imported.
pub struct Podman {
    runtime: &'static str,
    manifest: PathBuf,
}

impl Podman {
    /// Finds a runtime with which podman can run the pod.
    ///
    /// # Errors
    /// Why podman is left out, in a few words.
    pub fn find(rootfs: &Path, manifest: &Path, unwanted: bool) -> Result<Podman, String> {
        if unwanted {
            return Err("as asked".into());
        }
        let tar = rootfs.with_extension("tar");
        let packed = Command::new("tar").arg("-C").arg(rootfs).arg("-cf").arg(&tar).arg(".").status();
        if !packed.is_ok_and(|status| status.success()) {
            return Err("tar could not pack the image".into());
        }
        // crun refuses machines with both cgroup versions; runc runs there.
        let mut why = String::new();
        for runtime in ["crun", "runc"] {
            // Each try removes the image when it is dropped.
            quiet(Command::new("podman").arg("import").arg(&tar).arg(IMAGE)).map_err(|error| format!("{error:#}"))?;
            let mut podman = Podman { runtime, manifest: manifest.to_owned() };
            match podman.once() {
                Ok(_) => return Ok(podman),
                Err(error) => why = format!("{error:#}"),
            }
        }
        Err(why)
    }

    /// Plays a file of so many pods; returns once their containers are started.
    pub fn many(&self, manifest: &Path, number: u32) -> anyhow::Result<Remove<'_>> {
        quiet(self.command().args(["kube", "play"]).arg(manifest))?;
        Ok(Box::new(move || {
            quiet(self.command().args(["pod", "rm", "--force", "--time", "0"]).args((1..=number).map(pod)))
        }))
    }

    fn command(&self) -> Command {
        let mut command = Command::new("podman");
        command.args(["--runtime", self.runtime]);
        command
    }

    fn remove(&self) -> anyhow::Result<()> {
        quiet(self.command().args(["pod", "rm", "--force", "--time", "0", POD]))
    }
}

impl Subject for Podman {
    fn name(&self) -> &str {
        "podman kube play pod.yaml"
    }

    fn once(&mut self) -> anyhow::Result<Duration> {
        let start = Instant::now();
        // Returns once the containers are started.
        let played = quiet(self.command().args(["kube", "play"]).arg(&self.manifest));
        let time = start.elapsed();
        let removed = self.remove();
        played.and(removed).map(|()| time)
    }
}

impl Drop for Podman {
    fn drop(&mut self) {
        // Both may be gone already; nothing to say then.
        let _ = self.remove();
        let _ = quiet(Command::new("podman").args(["rmi", "--force", IMAGE]));
    }
}

/// Runs a command that need not say anything.
pub fn quiet(command: &mut Command) -> anyhow::Result<()> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("starting {command:?}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}: {}", text.lines().next_back().unwrap_or("failed"));
    Ok(())
}
