//! Runs the binary under test the way a reader would, and keeps the command to say so.

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness;
use crate::output::Stream;
use crate::ran::Ran;
use crate::report::{Failure, Result};
use crate::room;
use crate::running::Running;
use crate::shown::{MOST_COMMAND, quoted, without_temporary};

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
        command
            .args(&self.args)
            .envs(self.envs.iter().map(|(name, value)| (name, value)))
            .env_remove("PEAPOD_BIN")
            .env_remove("PODCHECK_FACTOR")
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A group of its own: the whole of it can be ended at once.
            .process_group(0);
        let failed = |error: io::Error| Failure::grader(format!("start {}: {error}", binary.display()));
        let mut child = room::wait_for(|| command.spawn()).map_err(failed)?;
        let caught = self.attend(&mut child);
        let (stdout, stderr) = caught.map_err(|error| {
            let _ = child.kill();
            let _ = child.wait();
            failed(error)
        })?;
        Ok(Running { child, stdout, stderr, reproduce, started: Instant::now(), seen: 0, _dir: self.dir.take() })
    }

    /// Feeds the program, and catches what it prints.
    fn attend(&mut self, child: &mut Child) -> io::Result<(Stream, Stream)> {
        if let (Some(text), Some(mut pipe)) = (self.stdin.take(), child.stdin.take()) {
            // From a thread: the program may not read while it writes.
            room::thread(move || drop(pipe.write_all(text.as_bytes())))?;
        }
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(io::Error::other("it has no pipes"));
        };
        Ok((Stream::catch(stdout)?, Stream::catch(stderr)?))
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
