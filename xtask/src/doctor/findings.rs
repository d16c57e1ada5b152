//! Every feature a check may require, and whether this machine has it.

use std::collections::BTreeMap;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::explain::{self, Facts};
use super::{Finding, cgroup, probe};

/// All of them, in the order in which they are shown.
pub fn findings(facts: &Facts) -> Vec<Finding> {
    let mut findings = vec![rust(), linker(facts), kernel(facts)];
    let steps = sequence("pod");
    for (name, title, step) in probe::FEATURES {
        let outcome = match &steps {
            Ok(steps) => steps.get(*step).copied().unwrap_or(probe::NOT_REACHED),
            Err(_) => probe::NOT_REACHED,
        };
        let explained = (outcome != 0).then(|| match &steps {
            Err(error) => (format!("the doctor could not try: {error:#}"), None),
            Ok(steps) => explain::step(step, outcome, steps, facts),
        });
        let (why, fix) = explained.map_or((None, None), |(why, fix)| (Some(why), fix));
        findings.push(Finding { name: (*name).to_owned(), title: (*title).to_owned(), ok: outcome == 0, why, fix });
    }
    findings.push(newuidmap(facts));
    findings.push(cgroup::finding());
    let root = nix::unistd::geteuid().is_root();
    findings.push(Finding {
        name: "root".to_owned(),
        title: "being root (only a few checks of the grader itself ask for it)".to_owned(),
        ok: root,
        why: (!root).then(|| "you are an ordinary user, as you should be".to_owned()),
        fix: None,
    });
    findings
}

fn rust() -> Finding {
    let output = Command::new("rustc").arg("--version").stdin(Stdio::null()).output();
    let said = output.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned());
    let version = said.as_deref().ok().and_then(explain::rust_version);
    let least = (1, 90);
    let ok = version.is_some_and(|version| version >= least);
    Finding {
        name: "rust".to_owned(),
        title: "Rust 1.90 or newer".to_owned(),
        ok,
        why: (!ok).then(|| match said {
            Ok(said) if !said.is_empty() => format!("this is {said}"),
            _ => "there is no rustc on the PATH".to_owned(),
        }),
        fix: (!ok).then(|| "rustup update stable    (or see https://rustup.rs)".to_owned()),
    }
}

fn linker(facts: &Facts) -> Finding {
    let output = Command::new("cc").arg("--version").stdin(Stdio::null()).output();
    let ok = output.is_ok_and(|it| it.status.success());
    Finding {
        name: "linker".to_owned(),
        title: "a C linker (cc)".to_owned(),
        ok,
        why: (!ok).then(|| "there is no cc on the PATH; rustc links with it".to_owned()),
        fix: (!ok).then(|| facts.install("gcc")),
    }
}

/// `mount_setattr`, which makes a whole tree of mounts read-only, came with Linux 5.12.
fn kernel(facts: &Facts) -> Finding {
    let ok = explain::kernel_version(&facts.kernel).is_some_and(|version| version >= (5, 12));
    Finding {
        name: "kernel".to_owned(),
        title: "Linux 5.12 or newer (for mount_setattr)".to_owned(),
        ok,
        why: (!ok).then(|| format!("this is {}", facts.kernel)),
        fix: None,
    }
}

fn newuidmap(facts: &Facts) -> Finding {
    let tried = sequence("newuidmap");
    let (why, fix) = match &tried {
        Ok(steps) => explain::newuidmap(steps, facts),
        Err(error) => (Some(format!("the doctor could not try: {error:#}")), None),
    };
    Finding {
        name: "newuidmap".to_owned(),
        title: "a range of user ids of your own (newuidmap)".to_owned(),
        ok: why.is_none(),
        why,
        fix,
    }
}

/// Runs a helper; gives each step it reached with 0 or its errno.
fn sequence(what: &str) -> Result<BTreeMap<String, i32>> {
    // Not by its path: that file may have been replaced by a build since.
    let mut child = Command::new("/proc/self/exe")
        .args(["doctor-helper", what])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("failed to start the helper")?;
    let start = Instant::now();
    while child.try_wait()?.is_none() {
        if start.elapsed() > Duration::from_secs(10) {
            child.kill()?;
            child.wait()?;
            bail!("the helper did not end within ten seconds");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let mut text = String::new();
    if let Some(mut out) = child.stdout.take() {
        out.read_to_string(&mut text)?;
    }
    let step = |line: &str| {
        let (step, errno) = line.split_once('\t')?;
        Some((step.to_owned(), errno.parse().ok()?))
    };
    Ok(text.lines().filter_map(step).collect())
}
