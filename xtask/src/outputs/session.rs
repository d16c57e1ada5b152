//! A session at a terminal, kept in a file: commands and what they printed. It can be had again.
//!
//! Lines at the top that begin with `% ` are not shown:
//!
//! ```text
//! % needs: user, userns, ip     an ordinary user, a feature (doctor's words), a program
//! % beside: COMMAND             runs in another terminal meanwhile
//! % first: COMMAND              is typed before, and not shown; $BESIDE is the process of the other terminal
//! % when: TEXT                  a line that the command beside prints when the others may begin;
//!                               without `beside`, the line after which Ctrl-C is pressed;
//!                               of several, each is waited for in turn
//! % differs: TEXT               a line that is another one each time
//! $ COMMAND
//! what it prints
//! ^C
//! ```

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{RecvTimeoutError, Sender};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{SigHandler, Signal, killpg, signal};
use nix::unistd::Pid;

pub struct Session<'t> {
    header: Vec<&'t str>,
    needs: Vec<&'t str>,
    beside: Option<&'t str>,
    first: Option<&'t str>,
    when: Vec<&'t str>,
    commands: Vec<&'t str>,
    interrupted: bool,
}

/// What readers see of a session.
pub fn shown(text: &str) -> &str {
    let mut rest = text;
    while let Some(line) = rest.strip_prefix("% ") {
        rest = line.split_once('\n').map_or("", |(_, after)| after);
    }
    rest
}

impl<'t> Session<'t> {
    pub fn of(text: &'t str) -> Result<Session<'t>> {
        let header: Vec<&str> = text.lines().take_while(|line| line.starts_with("% ")).collect();
        let (mut known, mut when) = (BTreeMap::new(), Vec::new());
        for line in &header {
            let (key, value) = line[2..].split_once(": ").with_context(|| format!("`{line}`: want `% key: value`"))?;
            ensure!(["needs", "beside", "first", "when", "differs"].contains(&key), "`{line}`: unknown key");
            if key == "when" {
                when.push(value.trim());
            }
            known.insert(key, value.trim());
        }
        let interrupted = text.lines().any(|line| line == "^C");
        ensure!(!interrupted || !when.is_empty(), "it has a ^C, so say after which line: `% when: TEXT`");
        Ok(Session {
            needs: known.get("needs").map_or(Vec::new(), |it| it.split(", ").collect()),
            beside: known.get("beside").copied(),
            first: known.get("first").copied(),
            when,
            commands: text.lines().filter_map(|line| line.strip_prefix("$ ")).collect(),
            interrupted,
            header,
        })
    }

    /// Why it cannot be had on this machine.
    pub fn not_here(&self) -> Option<String> {
        static FEATURES: OnceLock<BTreeMap<String, Result<(), String>>> = OnceLock::new();
        self.needs.iter().find_map(|need| {
            if *need == "user" {
                return nix::unistd::geteuid().is_root().then(|| "wants an ordinary user".to_owned());
            }
            if let Some(feature) = FEATURES.get_or_init(crate::doctor::features).get(*need) {
                return feature.as_ref().err().cloned();
            }
            let path = std::env::var_os("PATH").unwrap_or_default();
            let there = std::env::split_paths(&path).any(|dir| dir.join(need).is_file());
            (!there).then(|| format!("there is no {need} here"))
        })
    }

    /// The file as it would be now.
    pub fn run(&self, root: &Path) -> Result<String> {
        let tmp = tempfile::Builder::new().prefix("peas-").tempdir().context("failed to make a directory")?;
        let place = Place { root, tmp: format!("{}/", tmp.path().display()) };
        let beside = self.beside.map(|command| Shell::start(&place, &place.really(command), None)).transpose()?;
        let mut when = self.when.iter().peekable();
        let mut beside = beside;
        if let Some(shell) = &mut beside {
            let mut said = String::new();
            for when in when.by_ref() {
                while !ends_with(&said, when) {
                    ensure!(shell.line(&mut said)?, "what runs beside it ended before it said `{when}`:\n{said}");
                }
            }
        }
        let neighbour = beside.as_ref().map(|shell| shell.child.id());
        let mut shell = Shell::start(&place, &self.script(&place), neighbour)?;
        let mut text = String::new();
        while shell.line(&mut text)? {
            let came = when.next_if(|when| ends_with(&text, when)).is_some();
            if came && when.peek().is_none() && self.interrupted {
                text.push_str("^C\n");
                shell.press_ctrl_c();
            }
        }
        drop(beside);
        if let Some(when) = when.next() {
            ensure!(!self.interrupted, "no line with `{when}` came, so Ctrl-C was never pressed:\n{text}");
        }
        let mut out: String = self.header.iter().flat_map(|line| [*line, "\n"]).collect();
        out.push_str(&place.shown(&text));
        if !out.ends_with('\n') {
            out.push('\n');
        }
        Ok(out)
    }

    /// The commands, in one shell, as they are typed; `echo $?` is about the command before it.
    fn script(&self, place: &Place) -> String {
        // The shell itself outlives a Ctrl-C, as one at a terminal does.
        let mut script = "trap : INT; last=0\n".to_owned();
        if let Some(first) = self.first {
            script.push_str(&format!("{}\n", place.really(first)));
        }
        for command in &self.commands {
            let shown = command.replace('\'', r"'\''");
            let run = place.really(command);
            script.push_str(&format!("printf '$ %s\\n' '{shown}'; (exit $last)\n{run}\nlast=$?\n"));
        }
        script
    }
}

/// Does the last line say it? A command that is typed says nothing yet.
fn ends_with(text: &str, when: &str) -> bool {
    text.lines().last().is_some_and(|line| !line.starts_with("$ ") && line.contains(when))
}

/// Where a session is had.
struct Place<'a> {
    root: &'a Path,
    /// Stands for the reader's `/tmp/`: what others have there is in nobody's way, and nothing is left.
    tmp: String,
}

impl Place<'_> {
    /// What is run for a command: `cargo run -p X` is the reference X, without cargo's own words.
    fn really(&self, command: &str) -> String {
        let manifest = self.root.join("Cargo.toml");
        let reference = format!("cargo run --quiet --manifest-path '{}' ", manifest.display());
        command.replace("/tmp/", &self.tmp).replace("cargo run ", &reference)
    }

    /// What is shown of what was printed.
    fn shown(&self, text: &str) -> String {
        text.replace(&self.tmp, "/tmp/").replace(&self.root.display().to_string(), "~/peas-in-a-pod")
    }
}

/// Nothing in a book takes longer. What hangs is to end, and to be told.
const AT_MOST: Duration = Duration::from_secs(60);

/// A shell in `exercises/`, and what it prints on both streams. It ends with its value.
struct Shell {
    child: Child,
    printed: BufReader<ChildStdout>,
    /// Dropped with the rest; the one that watches the time hears it.
    _done: Sender<()>,
}

impl Shell {
    fn start(place: &Place, script: &str, beside: Option<u32>) -> Result<Shell> {
        let mut bash = Command::new("bash");
        bash.args(["-c", &format!("exec 2>&1\n{script}")])
            .current_dir(place.root.join("exercises"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .env("TERM", "dumb")
            .env("NO_COLOR", "1")
            // Where a kubelet keeps its state: of two sessions' kubelets each is the only one.
            .env("XDG_RUNTIME_DIR", &place.tmp)
            // What runs beside it, for `first`: other sessions have pods of the same names.
            .env("BESIDE", beside.map_or(String::new(), |pid| pid.to_string()))
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("PYTHONUNBUFFERED")
            .process_group(0);
        let as_at_a_terminal = || {
            // SAFETY: signal(2) is async-signal-safe, and the default is no handler of ours.
            unsafe { signal(Signal::SIGINT, SigHandler::SigDfl) }?;
            Ok(())
        };
        // What is started in the background ignores SIGINT, and so does all that it starts.
        // SAFETY: the closure makes one system call, which is async-signal-safe.
        unsafe { bash.pre_exec(as_at_a_terminal) };
        let mut child = bash.spawn().context("failed to start bash")?;
        let printed = child.stdout.take().context("bash has no output")?;
        let group = Pid::from_raw(child.id().cast_signed());
        let (done, over) = std::sync::mpsc::channel::<()>();
        std::thread::spawn(move || {
            if over.recv_timeout(AT_MOST) == Err(RecvTimeoutError::Timeout) {
                let _ = killpg(group, Signal::SIGKILL);
            }
        });
        Ok(Shell { child, printed: BufReader::new(printed), _done: done })
    }

    /// Waits for the next line; false when there is none any more.
    fn line(&mut self, text: &mut String) -> Result<bool> {
        let mut line = Vec::new();
        let more = self.printed.read_until(b'\n', &mut line).context("failed to read what was printed")? > 0;
        text.push_str(&String::from_utf8_lossy(&line));
        Ok(more)
    }

    /// To all of its processes, as a terminal does.
    fn press_ctrl_c(&self) {
        // They may have ended just now.
        let _ = killpg(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGINT);
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        self.press_ctrl_c();
        let mut rest = String::new();
        while self.line(&mut rest).unwrap_or(false) {}
        let _ = self.child.wait();
    }
}

/// What two sessions do not have in common; nothing if they say the same.
///
/// Ids of processes, users and namespaces are long numbers and differ each time. Containers run
/// at the same time, so their lines may come in another order; those of each one may not.
pub fn difference(old: &str, new: &str) -> Option<String> {
    let differs = old.lines().find_map(|line| line.strip_prefix("% differs: "));
    let (old, new) = (normal(old, differs), normal(new, differs));
    if old == new {
        return None;
    }
    let first = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tails = old[first..].iter().rev().zip(new[first..].iter().rev());
    let last = tails.take_while(|(a, b)| a == b).count();
    let side = |sign: char, lines: &[String]| -> String {
        let lines = &lines[first..lines.len() - last];
        lines.iter().take(6).map(|line| format!("         {sign} {line}\n")).collect()
    };
    Some(format!("{}{}", side('-', &old), side('+', &new)).trim_end().to_owned())
}

fn normal(text: &str, differs: Option<&str>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut part: Vec<String> = Vec::new();
    // Who says it stands in front.
    let who = |line: &String| line.split(' ').next().unwrap_or_default().to_owned();
    for line in shown(text).lines().map(without_ids) {
        let line = match differs {
            Some(differs) if line.contains(differs) => who(&line) + " " + differs,
            _ => line,
        };
        if line.starts_with("$ ") {
            part.sort_by_key(who);
            out.append(&mut part);
            out.push(line);
        } else {
            part.push(line);
        }
    }
    part.sort_by_key(who);
    out.append(&mut part);
    out
}

/// Long numbers become `N`, and space is one space.
fn without_ids(line: &str) -> String {
    let mut out = String::new();
    let mut digits = String::new();
    for c in line.split_whitespace().collect::<Vec<_>>().join(" ").chars().chain(['\n']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        out.push_str(if digits.len() >= 4 { "N" } else { &digits });
        digits.clear();
        out.push(c);
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
