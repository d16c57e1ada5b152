//! `doctor`: what this machine allows, and what to type where it does not.
//!
//! Do, don't guess: a pod is started, a cgroup is taken, an overlay is mounted ([`probe`]). Settings of the system are read
//! only to tell why something failed ([`explain`]).

mod explain;
mod probe;

use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use podkit::Runner;
use serde::Serialize;

use crate::cli::print;
use crate::images::store::Store;
use crate::state;
use explain::Facts;

#[derive(clap::Args)]
pub struct Doctor {
    /// What was found as JSON, for programs
    #[arg(short, long, value_enum)]
    output: Option<Form>,
    /// Try one thing, in a process of its own
    #[arg(long, hide = true, value_enum)]
    probe: Option<probe::Probe>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Json,
}

/// One thing a machine may have.
#[derive(Serialize)]
struct Finding {
    name: &'static str,
    /// What it is, in words.
    title: String,
    ok: bool,
    /// Without it no pod runs.
    needed: bool,
    /// What is different without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    without: Option<&'static str>,
    /// What was tried and how it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// The line to type.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

impl Finding {
    fn ok(name: &'static str, title: impl Into<String>) -> Finding {
        Finding { name, title: title.into(), ok: true, needed: false, without: None, why: None, fix: None }
    }

    fn lacks(self, why: impl Into<String>, fix: Option<String>) -> Finding {
        Finding { ok: false, why: Some(why.into()), fix, ..self }
    }

    fn without(self, what: &'static str) -> Finding {
        Finding { without: Some(what), ..self }
    }

    fn needed(self) -> Finding {
        Finding { needed: true, ..self }
    }
}

/// Fails where no pod can run.
pub fn doctor(runner: &Runner, args: &Doctor) -> Result<u8, String> {
    if let Some(what) = args.probe {
        return Ok(probe::probe(runner, what));
    }
    let facts = Facts::read();
    let findings = vec![kernel(&facts), pod(&facts), ids(&facts), overlay(), cgroup(), stays(), images()];
    let can = findings.iter().all(|it| it.ok || !it.needed);
    match args.output {
        Some(Form::Json) => print(serde_json::to_string_pretty(&findings).unwrap_or_default()),
        None => tell(&facts, &findings, can),
    }
    Ok(u8::from(!can))
}

fn tell(facts: &Facts, findings: &[Finding], can: bool) {
    print(format_args!("{}, Linux {}, uid {}\n", facts.system, facts.kernel, nix::unistd::getuid()));
    for it in findings {
        print(format_args!("  {:<6} {}", if it.ok { "ok" } else { "lacks" }, it.title));
        if it.ok {
            continue;
        }
        let lines = [it.why.clone(), it.without.map(|what| format!("without it {what}"))];
        lines.iter().flatten().for_each(|line| print(format_args!("         {line}")));
        if let Some(fix) = &it.fix {
            print(format_args!("         type: {fix}"));
        }
    }
    let lacks = findings.iter().any(|it| !it.ok);
    print(match (can, lacks) {
        (true, false) => "\nEverything that pods can ask for works here.",
        (true, true) => "\nPods run here.",
        (false, _) => "\nNo pod runs here.",
    });
}

/// This program once more, with this on its standard input; not longer than ten seconds.
fn myself(words: &[&str], input: &str) -> Result<Output, String> {
    let failed = |error: std::io::Error| format!("starting this program once more: {error}");
    // Not by its path: that file may have been replaced since.
    let mut command = Command::new("/proc/self/exe");
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        let _ = stdin.write_all(input.as_bytes());
    }
    let begun = Instant::now();
    while child.try_wait().map_err(failed)?.is_none() {
        if begun.elapsed() > Duration::from_secs(10) {
            let _ = child.kill();
            let _ = child.wait();
            return Err("it did not end within ten seconds".to_owned());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    child.wait_with_output().map_err(failed)
}

/// The first line of what a program complains of.
fn complaint(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines().find(|line| !line.starts_with("warning:")).unwrap_or("it says nothing").to_owned()
}

/// `mount_setattr`, which makes a whole tree of mounts read-only, came with Linux 5.12.
fn kernel(facts: &Facts) -> Finding {
    let finding = Finding::ok("kernel", "Linux 5.12 or newer").needed();
    match explain::version(&facts.kernel) {
        Some(version) if version >= (5, 12) => finding,
        _ => finding.lacks(format!("this is {}", facts.kernel), None),
    }
}

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: { name: doctor }\nspec:\n  restartPolicy: Never\n  \
                   containers: [{ name: one, image: host, command: [sh, -c, 'exit 0'] }]\n";

/// A pod with one container that ends at once.
fn pod(facts: &Facts) -> Finding {
    let finding = Finding::ok("pod", "a pod: namespaces and mounts of its own, without root").needed();
    let begun = Instant::now();
    match myself(&["run", "-"], POD) {
        Err(why) => finding.lacks(why, None),
        Ok(output) if output.status.success() => {
            let title = format!("{}; started and ended in {} ms", finding.title, begun.elapsed().as_millis());
            Finding { title, ..finding }
        }
        Ok(output) => {
            let said = complaint(&output);
            let (cause, fix) = facts.cause(&said);
            let why = cause.map_or(said.clone(), |cause| format!("{said} ({cause})"));
            finding.lacks(why, fix)
        }
    }
}

fn ids(facts: &Facts) -> Finding {
    let finding = Finding::ok("ids", "65536 user and group ids in pods")
        .without("all files and processes of a pod belong to one user: no runAsUser, no owners in images");
    let has_many = |text: &str| {
        let counts = text.lines().filter_map(|line| line.split_whitespace().nth(2)?.parse::<u64>().ok());
        counts.sum::<u64>() >= 65_536
    };
    match myself(&["doctor", "--probe", "ids"], "") {
        Err(why) => finding.lacks(why, None),
        Ok(output) if has_many(&String::from_utf8_lossy(&output.stdout)) => finding,
        Ok(output) if output.status.success() => {
            let (why, fix) = facts.single_id(&String::from_utf8_lossy(&output.stderr));
            finding.lacks(why, fix)
        }
        Ok(output) => finding.lacks(complaint(&output), None),
    }
}

fn overlay() -> Finding {
    let finding = Finding::ok("overlay", "overlayfs: containers of one image share its files")
        .without("each container gets a copy of its image, which takes time and room");
    tried(finding, probe::OVERLAY, None)
}

fn cgroup() -> Finding {
    let finding =
        Finding::ok("cgroup", "a delegated cgroup, version 2, with cpu, memory and pids: limits are enforced")
            .without("pods with limits run, with a warning, and may use what they like");
    let fix = "systemd-run --user --scope -p Delegate=yes $SHELL    (needs systemd and cgroup version 2; then again in there)";
    tried(finding, probe::CGROUP, Some(fix.to_owned()))
}

/// What a probe says: nothing, or why not.
fn tried(finding: Finding, probe: &str, fix: Option<String>) -> Finding {
    match myself(&["doctor", "--probe", probe], "") {
        Ok(output) if output.status.success() => finding,
        Ok(output) => finding.lacks(complaint(&output), fix),
        Err(why) => finding.lacks(why, fix),
    }
}

/// Will pods in the background stay?
fn stays() -> Finding {
    let path = state::path();
    let finding = Finding::ok("state", format!("a directory for pods in the background: {}", path.display()))
        .without("`apply` fails; `run` does not need it");
    // Who asks whether there is a node looks at the directory, too.
    if let Err(why) = state::connect() {
        return finding.lacks(why, None);
    }
    let was_there = path.exists();
    if !was_there && let Err(error) = fs::create_dir(&path) {
        return finding.lacks(error.to_string(), Some("export PEAPOD_STATE=DIRECTORY".to_owned()));
    }
    if !was_there {
        let _ = fs::remove_dir(&path);
    }
    finding
}

fn images() -> Finding {
    let finding = Finding::ok("images", "a directory for images")
        .without("`image load` fails; the image `host` and the catalogue do not need it");
    let looked = Store::of_this_user().and_then(|store| {
        let was_there = store.path.exists();
        store.make()?;
        let names = store.names()?;
        if !was_there {
            let _ = fs::remove_dir(&store.path);
        }
        Ok((store.path, names.len()))
    });
    match looked {
        Ok((path, count)) => {
            let images = if count == 1 { "1 image".to_owned() } else { format!("{count} images") };
            Finding { title: format!("{}: {}, {images}", finding.title, path.display()), ..finding }
        }
        Err(why) => finding.lacks(why, None),
    }
}
