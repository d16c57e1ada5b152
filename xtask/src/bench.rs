//! `bench`: how soon a pod runs, as ratios within one run.
//!
//! Three ways to the same end, taken in turn so that a machine that gets slower
//! gets slower for all: the runner, a bare program that makes the same system
//! calls and nothing else, and `podman kube play`. The end is reached when both
//! programs of a two-container pod run. Times differ from machine to machine;
//! the ratios are what is claimed. With `--pods`, many pods at once ([`many`]).

mod many;
mod podman;
mod rootfs;
mod subject;

use std::path::Path;
use std::process::{Command, ExitCode};
use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};

use podman::Podman;
use subject::{Bare, Floor, Runner, Subject};

#[derive(clap::Args)]
pub struct Args {
    /// Counted runs of each subject, after one that is not counted
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    runs: u32,
    /// Leave podman out
    #[arg(long)]
    no_podman: bool,
    /// Start so many pods at once, instead: how long it takes, and how much memory
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=500))]
    pods: Vec<u32>,
}

/// The manifest all subjects run.
const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: peas-bench
spec:
  restartPolicy: Never
  containers:
  - name: one
    image: localhost/peas-bench:latest
    imagePullPolicy: Never
    command: [/bin/sh, -c, echo up; exec sleep 1000]
  - name: two
    image: localhost/peas-bench:latest
    imagePullPolicy: Never
    command: [/bin/sh, -c, echo up; exec sleep 1000]
";

pub fn run(args: &Args, root: &Path) -> anyhow::Result<ExitCode> {
    build(root)?;
    let release = root.join("target/release");
    let dir = tempfile::tempdir().context("making a directory for the benchmark")?;
    let image = rootfs::make(&dir.path().join("rootfs"))?;
    let manifest = dir.path().join("pod.yaml");
    std::fs::write(&manifest, POD).context("writing the manifest")?;

    let podman = Podman::find(&image, &manifest, args.no_podman);
    if let Err(why) = &podman {
        println!("podman is left out: {why}");
    }
    if !args.pods.is_empty() {
        many::run(&release.join("peapod"), dir.path(), &image, podman.as_ref().ok(), &args.pods)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut subjects: Vec<Box<dyn Subject>> = vec![
        Box::new(Runner { program: release.join("lifecycle"), manifest: manifest.clone(), image: image.clone() }),
        Box::new(Bare { program: release.join("bare"), image: image.clone() }),
        Box::new(Floor),
    ];
    if let Ok(podman) = podman {
        subjects.push(Box::new(podman));
    }
    let times = measure(&mut subjects, args.runs)?;
    tell(&subjects, &times);
    Ok(ExitCode::SUCCESS)
}

fn build(root: &Path) -> anyhow::Result<()> {
    println!("building the runner and the bare program (release)");
    let status = Command::new("cargo")
        .args(["build", "--release", "--quiet", "--package", "lifecycle", "--package", "bare", "--package", "peapod"])
        .current_dir(root)
        .status()
        .context("starting cargo build")?;
    ensure!(status.success(), "cargo build --release failed");
    Ok(())
}

/// Runs all subjects in turn. Returns the times of each, sorted.
fn measure(subjects: &mut [Box<dyn Subject>], runs: u32) -> anyhow::Result<Vec<Vec<Duration>>> {
    let mut times = vec![Vec::new(); subjects.len()];
    for run in 0..=runs {
        for (subject, times) in subjects.iter_mut().zip(&mut times) {
            let time = subject.once().with_context(|| format!("measuring {}", subject.name()))?;
            // The first run warms the caches.
            if run > 0 {
                times.push(time);
            }
            // The kernel takes a network namespace apart after its last process is gone, and
            // holds the lock that the next one needs meanwhile.
            thread::sleep(Duration::from_millis(500));
        }
    }
    times.iter_mut().for_each(|times| times.sort());
    Ok(times)
}

fn tell(subjects: &[Box<dyn Subject>], times: &[Vec<Duration>]) {
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    println!("\n{:<34} {:>9} {:>9} {:>9}", "from start to both running", "min ms", "median", "max");
    for (subject, times) in subjects.iter().zip(times) {
        let (min, max) = (times.first().copied().unwrap_or_default(), times.last().copied().unwrap_or_default());
        println!("{:<34} {:>9.2} {:>9.2} {:>9.2}", subject.name(), ms(min), ms(median(times)), ms(max));
    }
    let median = |subject: usize| median(&times[subject]).as_secs_f64();
    let (runner, bare, floor) = (median(0), median(1), median(2));
    println!();
    println!("runner / bare steps        {:>8.2}", runner / bare);
    println!("runner / one fork and exec {:>8.2}", runner / floor);
    if times.len() > 3 {
        println!("podman / runner            {:>8.1}", median(3) / runner);
        // No runner that makes these steps can be sooner than that.
        println!("podman / bare steps        {:>8.1}", median(3) / bare);
    }
}

fn median(sorted: &[Duration]) -> Duration {
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
