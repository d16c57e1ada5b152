//! `cargo xtask vm`: a command on a kernel that delegates cgroups.
//!
//! Limits on memory and CPU need cgroups, version 2, of which a part is delegated to an ordinary
//! user. Where the machine has none, a kernel of Debian's is booted under qemu, with this machine's
//! own files under it, read-only: what the command writes is gone with the virtual machine. All is
//! emulated, about 40 times slower than outside, so it is for effects and never for times.
//!
//! Alone, it runs the checks that need `cgroup2`, of the reference solutions.

mod boot;
mod kernel;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::dirs;
use crate::programs;
use crate::workbook::{Check, Workbook};
use boot::Job;

/// What a check needs that is to be tried in here.
pub const FEATURE: &str = "cgroup2";

#[derive(clap::Args)]
pub struct Args {
    /// A command for sh, in place of the checks; it starts in this workbook.
    #[arg(last = true)]
    command: Vec<String>,
}

pub fn run(args: &Args, root: &Path) -> Result<ExitCode> {
    if let Some(lack) = lacks().first() {
        eprintln!("{lack}");
        return Ok(ExitCode::from(2));
    }
    let job = match args.command.as_slice() {
        [] => checks(root)?,
        words => Job { command: words.join(" "), root, programs: Vec::new() },
    };
    let status = boot::boot(&kernel::kernel(root)?, &job, |line| println!("{line}"))?;
    Ok(ExitCode::from(status))
}

/// What is missing, and the line to type.
pub fn lacks() -> Vec<String> {
    let needed = [
        ("qemu-system-x86_64", "qemu-system-x86"),
        ("busybox", "busybox-static"),
        ("modprobe", "kmod"),
        ("apt-get", "apt"),
        ("dpkg-deb", "dpkg"),
    ];
    let missing = needed.iter().filter(|(program, _)| which(program).is_none());
    missing.map(|(program, package)| format!("there is no {program}; type: sudo apt-get install {package}")).collect()
}

/// System programs are not always in an ordinary user's PATH.
fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    dirs.map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// A command of which the words are wanted; an error with its own words if it fails.
fn said_by(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("failed to start {name}"))?;
    if !output.status.success() {
        bail!("{name} ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Everything that needs cgroups holds in the virtual machine: for `cargo xtask test`.
pub fn prove(root: &Path) -> Result<String> {
    let mut said = Vec::new();
    let status = boot::boot(&kernel::kernel(root)?, &checks(root)?, |line| said.push(line.to_owned()))?;
    let results: Vec<&String> = said.iter().filter(|line| line.starts_with("test result: ")).collect();
    ensure!(status == 0 && !results.is_empty(), "{}", said.join("\n"));
    // Where a check cannot be graded, it has shown nothing, and this is the place where it can.
    ensure!(results.iter().all(|line| line.contains(" 0 ignored;")), "{}", said.join("\n"));
    Ok(results.into_iter().cloned().collect::<Vec<_>>().join(" "))
}

/// The checks that want the feature: the check program of each chapter, compiled outside, on the
/// reference binary.
fn checks(root: &Path) -> Result<Job<'_>> {
    let workbook = Workbook::load(root)?;
    let mut job = Job { command: String::new(), root, programs: Vec::new() };
    for (index, chapter) in workbook.chapters.iter().enumerate() {
        let is_wanted = |check: &&Check| check.requires.iter().any(|name| name == FEATURE);
        let names: Vec<&str> =
            chapter.checks().map(|(_, check)| check).filter(is_wanted).map(|check| check.name.as_str()).collect();
        if names.is_empty() {
            continue;
        }
        if let Some(Some(Err(error))) = programs::load(&workbook, &[index])?.of.get(index) {
            bail!("the checks of {chapter} do not compile:\n{error}");
        }
        build(root, &chapter.krate)?;
        let (program, binary) = (format!("checks-{}", chapter.number), &chapter.krate);
        // One after the other: what is slow already is not made slower by its neighbours.
        job.command.push_str(&format!(
            "for check in {}; do PEAPOD_BIN=/run/vm/{binary} /run/vm/{program} --exact $check || failed=1; done\n",
            names.join(" ")
        ));
        job.programs.push((program, programs::binary_file(&dirs::cache(root)?.join("checks"), chapter)));
        job.programs.push((binary.clone(), root.join("target/debug").join(binary)));
    }
    ensure!(!job.programs.is_empty(), "no check needs a cgroup of its own");
    job.command.push_str("exit ${failed:-0}");
    Ok(job)
}

fn build(root: &Path, krate: &str) -> Result<()> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--bin", krate, "--package", krate, "--manifest-path"]);
    cargo.arg(root.join("Cargo.toml")).env_remove("CARGO_TARGET_DIR");
    ensure!(cargo.status().context("failed to start cargo")?.success(), "the solution {krate} does not compile");
    Ok(())
}
