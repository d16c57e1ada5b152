//! How the grader calls cargo: from `/`, with a cleaned environment, under a time limit.
//!
//! cargo looks for `.cargo/config.toml` from the current directory upwards, so a `runner` or
//! a `rustc-wrapper` in the reader's tree has no effect from `/`. Of the environment, what
//! changes how cargo and rustc work is taken out; where crates come from is left.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::Value;

/// What one call of cargo said.
pub struct Built {
    pub ok: bool,
    /// The messages of `--message-format=json`.
    pub messages: Vec<Value>,
    pub stderr: String,
}

/// The longest a build may take. Crates the first build needs are part of it, and a small
/// machine that does other things takes minutes for those; rustc itself refuses constants
/// and recursions that do not end.
pub const LIMIT: Duration = Duration::from_secs(1200);

pub fn command() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let harmless = ["CARGO_HOME", "CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTR", "CARGO_TERM_"];
        let ours = text.starts_with("CARGO") && !harmless.iter().any(|it| text.starts_with(it));
        let rust = text.starts_with("RUST") && !text.starts_with("RUSTUP_");
        if ours || rust {
            command.env_remove(&name);
        }
    }
    command.current_dir("/");
    command
}

/// `cargo build` with `args`, offline; online once if crates are not there yet. `doing` is
/// said on stderr if it takes long.
pub fn build(manifest: &Path, target: &Path, args: &[String], doing: &str) -> Result<Built> {
    let offline = run(manifest, target, args, true, doing)?;
    let began = offline.messages.iter().any(|it| it["reason"] == "build-finished");
    // What cargo says of a crate it would have to fetch. Anything else the network cannot mend.
    let lacks_crates = offline.stderr.contains("offline");
    if offline.ok || began || !lacks_crates {
        return Ok(offline);
    }
    static SAID: AtomicBool = AtomicBool::new(false);
    if !SAID.swap(true, Ordering::Relaxed) {
        eprintln!("fetching crates (only the first time) ...");
    }
    let online = run(manifest, target, args, false, doing)?;
    let began = |built: &Built| !built.messages.is_empty();
    // Offline's words say more when the network is the trouble.
    Ok(if online.ok || began(&online) {
        online
    } else {
        Built { stderr: format!("{}\n{}", offline.stderr, online.stderr), ..online }
    })
}

fn run(manifest: &Path, target: &Path, args: &[String], offline: bool, doing: &str) -> Result<Built> {
    let mut command = command();
    command
        .args(["build", "--keep-going", "--message-format=json"])
        .arg("--manifest-path")
        .arg(manifest)
        .arg("--target-dir")
        .arg(target)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    if offline {
        command.arg("--offline");
    }
    let mut child = command.spawn().context("failed to start cargo; is Rust installed?")?;
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        bail!("cargo has no pipes");
    };
    let group = Pid::from_raw(child.id().cast_signed());
    let stdout = std::thread::spawn(move || text(stdout));
    let stderr = std::thread::spawn(move || text(stderr));
    let started = Instant::now();
    let until = started + LIMIT;
    let mut late = false;
    let mut said = false;
    let mut pause = Duration::from_millis(1);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if Instant::now() > until || crate::grade::cancelled() {
            late = true;
            // SIGKILL to the group: rustc too.
            let _ = killpg(group, Signal::SIGKILL);
        }
        // Not at once: what takes no time, or fails for want of crates, need not be told of.
        if !said && started.elapsed() > Duration::from_secs(1) {
            said = true;
            eprintln!("{doing} ...");
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(10));
    };
    let stdout = stdout.join().unwrap_or_default();
    let mut stderr = stderr.join().unwrap_or_default();
    if late {
        let limit = LIMIT.as_secs();
        stderr = format!("{stderr}\nstopped: the compiler did not end within {limit} s");
    }
    let messages = stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    Ok(Built { ok: status.success(), messages, stderr })
}

/// A compiler can be made to print without end too.
fn text(from: impl Read) -> String {
    let mut bytes = Vec::new();
    let mut from = from;
    let _ = from.by_ref().take(64 << 20).read_to_end(&mut bytes);
    let _ = std::io::copy(&mut from, &mut std::io::sink());
    String::from_utf8_lossy(&bytes).into_owned()
}
