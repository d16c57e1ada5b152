//! Runs the binary under test the way a reader would, and keeps the command to say so.

use std::ffi::OsString;
use std::fmt::Display;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use predicates::Predicate;
use serde_json::Value;

use crate::harness;
use crate::output::Stream;
use crate::report::{Failure, Result, expect, expect_eq};
use crate::running::Running;

/// A longer command, with the texts it carries, is not for a person to copy; and it must fit
/// into the pipe that carries a failure.
pub(crate) const MOST_COMMAND: usize = 32 << 10;

/// A command line for the binary under test.
pub struct Cli {
    args: Vec<OsString>,
    /// The same arguments as a reader would type them.
    shown: Vec<String>,
    stdin: Option<String>,
    envs: Vec<(OsString, OsString)>,
    timeout: Duration,
    single_id: bool,
    user: Option<(u32, u32)>,
    /// Files that are seen in place of others: where, and which.
    over: Vec<(PathBuf, PathBuf)>,
    dir: Option<tempfile::TempDir>,
    broken: Option<Failure>,
}

impl Cli {
    /// `Cli::new("run")`: the subcommand is the first argument.
    pub fn new(subcommand: &str) -> Cli {
        let cli = Cli {
            args: Vec::new(),
            shown: Vec::new(),
            stdin: None,
            envs: Vec::new(),
            timeout: Duration::from_secs(10),
            single_id: false,
            user: None,
            over: Vec::new(),
            dir: None,
            broken: None,
        };
        cli.arg(subcommand)
    }

    pub fn arg(mut self, arg: impl AsRef<str>) -> Cli {
        self.args.push(arg.as_ref().into());
        self.shown.push(quoted(arg.as_ref()));
        self
    }

    pub fn args<S: AsRef<str>>(mut self, args: impl IntoIterator<Item = S>) -> Cli {
        for arg in args {
            self = self.arg(arg);
        }
        self
    }

    /// A manifest that stands in `exercises/`: `path` is its path there, `text` its
    /// `include_str!`. It is written to a directory of the check's own.
    pub fn manifest(mut self, path: &str, text: &str) -> Cli {
        let name = Path::new(path).file_name().unwrap_or_default();
        if let Some(file) = self.write(Path::new(name), text) {
            self.args.push(file.into());
            self.shown.push(quoted(path));
        }
        self
    }

    /// A manifest that exists in the check alone. It goes in as a file named `name`; the
    /// command to reproduce the run carries the text along.
    pub fn manifest_text(mut self, name: &str, text: &str) -> Cli {
        if let Some(file) = self.write(Path::new(name), text) {
            self.args.push(file.into());
            self.shown.push("-".to_string());
            self.shown.push(format!("<<'EOF'\n{}\nEOF", text.trim_end()));
        }
        self
    }

    /// Text for standard input (which is empty otherwise).
    pub fn stdin(mut self, text: impl Into<String>) -> Cli {
        self.stdin = Some(text.into());
        self
    }

    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Cli {
        self.envs.push((name.into(), value.into()));
        self
    }

    /// As a user who has no ids to give but one: no newuidmap is found, and root is root of a
    /// user namespace with nobody else in it.
    pub fn single_id(mut self) -> Cli {
        self.single_id = true;
        self
    }

    /// As another user, where the check is root: from a copy of the program that user can read.
    pub fn user(mut self, uid: u32, gid: u32) -> Cli {
        self.user = Some((uid, gid));
        self
    }

    /// With a made-up file in place of one of the machine's, which stays as it is.
    pub fn over(mut self, file: &str, text: &str) -> Cli {
        let name = format!(".over-{}", self.over.len());
        if let Some(made) = self.write(Path::new(&name), text) {
            self.over.push((file.into(), made));
        }
        self
    }

    /// How long the program may run (10 s unless said), on the reference machine.
    pub fn timeout(mut self, timeout: Duration) -> Cli {
        self.timeout = timeout;
        self
    }

    /// Runs it to its end.
    pub fn run(self) -> Result<Ran> {
        let timeout = self.timeout;
        self.spawn()?.wait(timeout)
    }

    /// Starts it; it is ended when the [`Running`] is dropped.
    pub fn spawn(mut self) -> Result<Running> {
        if let Some(failure) = self.broken.take() {
            return Err(failure);
        }
        let mut binary = binary()?;
        if self.user.is_some() {
            binary = self.copy(&binary)?;
        }
        let reproduce = self.reproduce();
        let stdin = match self.stdin {
            Some(_) => Stdio::piped(),
            None => Stdio::null(),
        };
        let mut command = Command::new(&binary);
        if self.single_id {
            single_id(&mut command);
        }
        if let Some((uid, gid)) = self.user {
            // Such a user need not be allowed to be where the check is.
            command.uid(uid).gid(gid).current_dir("/");
        }
        if !self.over.is_empty() {
            crate::enter::with_files_over(&mut command, &self.over, self.user)?;
        }
        let mut child = command
            .args(&self.args)
            .envs(self.envs.iter().map(|(name, value)| (name, value)))
            .env_remove("PEAPOD_BIN")
            .env_remove("PODCHECK_FACTOR")
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A group of its own: the whole of it can be ended at once.
            .process_group(0)
            .spawn()
            .map_err(|error| Failure::grader(format!("start {}: {error}", binary.display())))?;
        if let (Some(text), Some(mut pipe)) = (self.stdin.take(), child.stdin.take()) {
            // From a thread: the program may not read while it writes.
            std::thread::spawn(move || pipe.write_all(text.as_bytes()));
        }
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(Failure::grader("the program has no pipes"));
        };
        Ok(Running {
            child,
            stdout: Stream::catch(stdout),
            stderr: Stream::catch(stderr),
            reproduce,
            started: Instant::now(),
            seen: 0,
            _dir: self.dir.take(),
        })
    }

    /// The command a reader types in `exercises/` to see the same.
    pub fn reproduce(&self) -> String {
        // A shell reads a here-document after the whole line, so it comes last.
        let (texts, args): (Vec<_>, Vec<_>) = self.shown.iter().cloned().partition(|it| it.starts_with("<<'EOF'"));
        let args = [args, texts].concat().join(" ");
        let stdin = match &self.stdin {
            Some(text) if text.len() <= MOST_COMMAND / 2 => format!(" <<'EOF'\n{}\nEOF", text.trim_end()),
            Some(_) => " < FILE".to_string(),
            None => String::new(),
        };
        let envs: String = self
            .envs
            .iter()
            .map(|(name, value)| {
                let value = quoted(&value.to_string_lossy());
                format!("{}={value} ", name.to_string_lossy())
            })
            .collect();
        without_temporary(format!("{envs}cargo run -p {} -- {args}{stdin}", harness::krate()))
    }

    /// A copy of the program that everybody can read.
    fn copy(&mut self, binary: &Path) -> Result<PathBuf> {
        let name = binary.file_name().unwrap_or_default().to_owned();
        self.write(Path::new(".copy"), "");
        let dir = self.dir.as_ref().map_or(Path::new("."), |dir| dir.path());
        let copied = (|| {
            let path = dir.join(name);
            std::fs::copy(binary, &path)?;
            for path in [dir, &path] {
                std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?;
            }
            Ok::<_, std::io::Error>(path)
        })();
        copied.map_err(|error| Failure::grader(format!("copy {}: {error}", binary.display())))
    }

    fn write(&mut self, name: &Path, text: &str) -> Option<PathBuf> {
        let written = (|| {
            if self.dir.is_none() {
                self.dir = Some(tempfile::Builder::new().prefix("podcheck").tempdir()?);
            }
            let dir = self.dir.as_ref().map_or(Path::new("."), |dir| dir.path());
            let path = dir.join(name);
            std::fs::write(&path, text)?;
            Ok::<_, std::io::Error>(path)
        })();
        match written {
            Ok(path) => Some(path),
            Err(error) => {
                let what = format!("write the manifest {}: {error}", name.display());
                self.broken = Some(Failure::grader(what));
                None
            }
        }
    }
}

/// The binary under test: the grader names it, else cargo does.
pub fn binary() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("PEAPOD_BIN") {
        return Ok(path.into());
    }
    harness::built_binary()
        .map(PathBuf::from)
        .ok_or_else(|| Failure::grader("no binary to judge: set PEAPOD_BIN, or use `cargo test -p CRATE`"))
}

fn single_id(command: &mut Command) {
    command.env("PATH", "/nonexistent");
    if nix::unistd::Uid::effective().is_root() {
        let lone = || {
            nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWUSER)?;
            std::fs::write("/proc/self/setgroups", "deny")?;
            std::fs::write("/proc/self/uid_map", "0 0 1")?;
            std::fs::write("/proc/self/gid_map", "0 0 1")
        };
        // SAFETY: system calls and short strings between fork and exec; glibc's fork leaves the
        // allocator usable.
        unsafe { command.pre_exec(lone) };
    }
}

/// How much slower this machine is than the one the limits were written on (1 or more).
pub fn machine_factor() -> f64 {
    let factor = std::env::var("PODCHECK_FACTOR").ok();
    let factor = factor.and_then(|it| it.parse::<f64>().ok());
    factor.unwrap_or(1.0).clamp(1.0, 20.0)
}

/// The line podkit's panic hook prints when a `todo!("task 3.3: ...")` is met.
pub(crate) fn not_started(stderr: &str) -> Option<String> {
    let is = |line: &&str| line.starts_with("task ") && line.contains(" is not started");
    stderr.lines().find(is).map(str::to_string)
}

/// A check's own directory (tempfile names it `.tmp` and six letters) is gone when the command
/// is read.
fn without_temporary(mut command: String) -> String {
    let start = std::env::temp_dir().join(".tmp").display().to_string();
    while let Some(at) = command.find(&start) {
        let name = at + start.len();
        let end = command[name..].find(|c: char| !c.is_ascii_alphanumeric()).map_or(command.len(), |it| name + it);
        command.replace_range(at..end, "DIRECTORY");
    }
    command
}

fn quoted(arg: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !arg.is_empty() && arg.chars().all(plain) {
        arg.to_string()
    } else {
        format!("'{}'", arg.replace('\'', r"'\''"))
    }
}

/// A program that has ended.
#[derive(Debug)]
pub struct Ran {
    output: Output,
    pub elapsed: Duration,
    reproduce: String,
}

impl Ran {
    pub(crate) fn new(output: Output, elapsed: Duration, reproduce: String) -> Ran {
        Ran { output, elapsed, reproduce }
    }

    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    pub fn stdout_lines(&self) -> Vec<String> {
        self.stdout().lines().map(str::to_string).collect()
    }

    /// The exit status as a shell has it: 128 + N when signal N ended the program.
    pub fn code(&self) -> i32 {
        let status = self.output.status;
        let signal = status.signal().map(|signal| 128 + signal);
        status.code().or(signal).unwrap_or(-1)
    }

    /// The signal that ended the program, if one did.
    pub fn signal(&self) -> Option<i32> {
        self.output.status.signal()
    }

    /// The run as `assert_cmd` has it. Use the `try_` methods: they give a [`Failure`]
    /// with `?`, where the others panic, which counts as a mistake of the check.
    pub fn assert(&self) -> assert_cmd::assert::Assert {
        assert_cmd::assert::Assert::new(self.output.clone())
    }

    pub fn expect_code(&self, expected: i32) -> Result<&Ran> {
        let mut observed = self.code().to_string();
        if let Some(signal) = self.signal() {
            observed = format!("{observed} (ended by signal {signal})");
        }
        for (name, printed, most) in [("stdout", self.stdout(), 4), ("stderr", self.stderr(), 8)] {
            let lines: Vec<_> = printed.lines().collect();
            let last = &lines[lines.len().saturating_sub(most)..];
            if self.code() != expected && !last.is_empty() {
                observed = format!("{observed}\nlast on {name}:\n  {}", last.join("\n  "));
            }
        }
        self.expect("exit status", expected, self.code() == expected, observed)
    }

    /// Holds stdout to a predicate of the `predicates` crate.
    pub fn expect_stdout(&self, what: &str, is: impl Predicate<str>) -> Result<&Ran> {
        let text = self.stdout();
        self.expect(what, format!("stdout: {is}"), is.eval(&text), or_none(&text))
    }

    /// Holds stderr to a predicate of the `predicates` crate.
    pub fn expect_stderr(&self, what: &str, is: impl Predicate<str>) -> Result<&Ran> {
        let text = self.stderr();
        self.expect(what, format!("stderr: {is}"), is.eval(&text), or_none(&text))
    }

    /// As [`crate::expect`], with the command that reproduces this run.
    pub fn expect(&self, what: impl Display, expected: impl Display, ok: bool, observed: impl Display) -> Result<&Ran> {
        match expect(what, expected, ok, observed) {
            Ok(()) => Ok(self),
            Err(failure) => Err(failure.reproduce(&self.reproduce)),
        }
    }

    /// As [`crate::expect_eq`], with the command that reproduces this run.
    pub fn expect_eq<E, O>(&self, what: impl Display, expected: E, observed: O) -> Result<&Ran>
    where
        E: PartialEq<O> + std::fmt::Debug,
        O: std::fmt::Debug,
    {
        match expect_eq(what, expected, observed) {
            Ok(()) => Ok(self),
            Err(failure) => Err(failure.reproduce(&self.reproduce)),
        }
    }

    /// A failure that says how to reproduce this run.
    pub fn failure(&self, what: impl Display, expected: impl Display, observed: impl Display) -> Failure {
        Failure::new(what, expected, observed).reproduce(&self.reproduce)
    }

    /// Stdout as one JSON value.
    pub fn json(&self) -> Result<Value> {
        let text = self.stdout();
        serde_json::from_str(&text).map_err(|error| {
            let observed = format!("{error}:\n{}", or_none(&text));
            self.failure("stdout as JSON", "one JSON value", observed)
        })
    }

    /// Stdout as JSON lines: every line must be one value.
    pub fn json_lines(&self) -> Result<Vec<Value>> {
        let lines = self.stdout_lines();
        let values = lines.iter().map(|line| {
            serde_json::from_str(line).map_err(|error| {
                let observed = format!("{error}: {line}");
                self.failure("stdout as JSON lines", "one value a line", observed)
            })
        });
        values.collect()
    }
}

fn or_none(text: &str) -> &str {
    if text.trim().is_empty() { "(nothing)" } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_no_temporary_directory() {
        let dir = std::env::temp_dir().join(".tmpAb12xY").display().to_string();
        let command = without_temporary(format!("PATH={dir}:/bin cargo run -- --image mine={dir}"));
        assert_eq!(command, "PATH=DIRECTORY:/bin cargo run -- --image mine=DIRECTORY");
    }
}
