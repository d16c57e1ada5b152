//! The state directory, and the node that keeps pods in the background.
//!
//! The directory is this user's alone. A node holds a lock on the directory itself for as long as it lives, and
//! a socket in it is where commands reach it. A socket that nobody listens to is what a killed node has left: the
//! kernel has ended its pods with it, so all that remains is to say so, and to clear the directory.

use std::fs::{self, DirBuilder, File};
use std::io::{self, BufRead, BufReader};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, Flock, FlockArg, OFlag, fcntl};
use nix::sys::prctl::set_name;
use nix::sys::stat::{Mode, umask};
use nix::unistd::{dup2_stdin, getuid, setsid};
use podkit::Runner;
use podkit::control::{LOGS, READY, SAID, SOCKET};
use podkit::environment::NodeFacts;
use podkit::real::{self, Background, Wanted};
use podkit::resources::NodeResources;

/// A cgroup costs something: on a machine with systemd, what is in one ends when its user has logged out.
const NOT_ASKED: &str = "the node was started for pods without any; delete all pods, and apply this one first";

/// How long to wait for somebody else who starts or ends the node just now.
const PATIENCE: Duration = Duration::from_secs(20);

/// Names another state directory.
const VARIABLE: &str = "PEAPOD_STATE";

/// This user's state directory; it may not be there. Not in $XDG_RUNTIME_DIR: that is taken away when the user's last
/// session ends, and pods are to outlive it.
pub fn path() -> PathBuf {
    match std::env::var_os(VARIABLE).filter(|dir| !dir.is_empty()) {
        Some(dir) => std::path::absolute(&dir).unwrap_or_else(|_| dir.into()),
        None => format!("/tmp/peapod-{}", getuid()).into(),
    }
}

/// The directory, open. Anybody may make a name in /tmp, so it must be this user's, and nobody else's to look into.
fn open() -> Result<Option<File>, String> {
    let path = path();
    let flags = OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW;
    let dir = match File::options().read(true).custom_flags(flags.bits()).open(&path) {
        Ok(dir) => dir,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("opening the state directory {} (${VARIABLE}): {error}", path.display())),
    };
    let about = dir.metadata().map_err(|error| format!("looking at {}: {error}", path.display()))?;
    if about.uid() != getuid().as_raw() {
        let other = format!("name another one in ${VARIABLE}");
        return Err(format!("the state directory {}: belongs to another user: {other}", path.display()));
    }
    if about.mode() & 0o077 != 0 {
        let fix = format!("chmod 700 {}", path.display());
        return Err(format!("the state directory {}: must not be open to other users: {fix}", path.display()));
    }
    Ok(Some(dir))
}

fn open_or_make() -> Result<File, String> {
    let path = path();
    for _ in 0..100 {
        if let Some(dir) = open()? {
            return Ok(dir);
        }
        match DirBuilder::new().mode(0o700).create(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(format!("making the state directory {} (${VARIABLE}): {error}", path.display()));
            }
            _ => {}
        }
    }
    Err(format!("the state directory {}: it is taken away again and again", path.display()))
}

fn connect_in(dir: &File) -> io::Result<UnixStream> {
    // The path of a socket must be short, and a directory's may be long.
    UnixStream::connect(format!("/proc/self/fd/{}/{SOCKET}", dir.as_raw_fd()))
}

/// The node, if there is one.
pub fn connect() -> Result<Option<UnixStream>, String> {
    let Some(dir) = open()? else { return Ok(None) };
    match connect_in(&dir) {
        Ok(stream) => Ok(Some(stream)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            let until = Instant::now() + PATIENCE;
            // The kernel may still be at work on what the node had.
            while let Some(dir) = open()? {
                if let Ok(stream) = connect_in(&dir) {
                    return Ok(Some(stream));
                }
                if let Ok(lock) = Flock::lock(dir, FlockArg::LockExclusiveNonblock) {
                    clear(&lock);
                    let _ = fs::remove_dir(path());
                    return Ok(None);
                }
                wait(until)?;
            }
            Ok(None)
        }
        Err(error) => Err(format!("reaching the node of {}: {error}", path().display())),
    }
}

/// The node; it is started if there is none.
pub fn connect_or_start(runner: &Runner, wants_limits: bool) -> Result<UnixStream, String> {
    let until = Instant::now() + PATIENCE;
    loop {
        let dir = open_or_make()?;
        if let Ok(stream) = connect_in(&dir) {
            return Ok(stream);
        }
        // Who has the lock is a node that begins or ends, or who starts one.
        if let Ok(lock) = Flock::lock(dir, FlockArg::LockExclusiveNonblock)
            && is_still_there(&lock)
        {
            // It may have come and gone meanwhile.
            if let Ok(stream) = connect_in(&lock) {
                return Ok(stream);
            }
            clear(&lock);
            start(runner, &lock, wants_limits)?;
        } else {
            wait(until)?;
        }
    }
}

fn wait(until: Instant) -> Result<(), String> {
    if Instant::now() >= until {
        let path = path();
        return Err(format!("another peapod holds {} and does not answer: end that one (`fuser {0}`)", path.display()));
    }
    sleep(Duration::from_millis(10));
    Ok(())
}

/// A node that ends takes its directory away; a lock on that is worth nothing.
fn is_still_there(dir: &File) -> bool {
    let id = |about: fs::Metadata| (about.dev(), about.ino());
    dir.metadata().ok().map(id) == path().symlink_metadata().ok().map(id)
}

/// Removes what a node that was killed has left, and says what was lost.
fn clear(_lock: &Flock<File>) {
    let path = path();
    let said = fs::read_to_string(path.join(SAID)).unwrap_or_default();
    let lost: Vec<String> = match fs::read_dir(path.join(LOGS)) {
        Ok(entries) => entries.filter_map(|entry| pod_of(&entry.ok()?.file_name().into_string().ok()?)).collect(),
        Err(_) => Vec::new(),
    };
    if path.join(SOCKET).symlink_metadata().is_ok() {
        let what = match lost.as_slice() {
            [] => "it had no pods".to_owned(),
            [one] => format!("pod {one} ended with it"),
            many => format!("its {} pods ended with it: {}", many.len(), many.join(", ")),
        };
        eprintln!("the node in the background was killed, and {what}; its state is cleared");
        said.lines().rev().take(20).collect::<Vec<&str>>().iter().rev().for_each(|line| eprintln!("  it said: {line}"));
    }
    for file in [SOCKET, SAID, ".new"] {
        let _ = fs::remove_file(path.join(file));
    }
    let _ = fs::remove_dir_all(path.join(LOGS));
}

/// `NAMESPACE_NAME_UID`.
fn pod_of(directory: &str) -> Option<String> {
    let mut parts = directory.split('_');
    match (parts.next()?, parts.next()?) {
        ("default", name) => Some(name.to_owned()),
        (namespace, name) => Some(format!("{namespace}/{name}")),
    }
}

/// Starts the node: a process in a session of its own, so that it outlives the terminal. It inherits the lock.
fn start(runner: &Runner, lock: &Flock<File>, wants_limits: bool) -> Result<(), String> {
    if runner.runtime.is_none() {
        return Err("apply: starting containers comes in chapter 2".to_owned());
    }
    let path = path().canonicalize().map_err(|error| format!("finding {}: {error}", path().display()))?;
    let failed = |what: &str, error: &io::Error| format!("starting the node in the background: {what}: {error}");
    let said = path.join(SAID);
    let log = File::options().append(true).create(true).mode(0o600).open(&said);
    let log = log.map_err(|error| failed(&format!("making {}", said.display()), &error))?;
    let dir = lock.as_fd().try_clone_to_owned().map_err(|error| failed("copying a descriptor", &error))?;
    // Not by its path: it may have been replaced by a newer one.
    let mut command = Command::new("/proc/self/exe");
    command.arg0("peapod").args(["background", "--state"]).arg(&path).current_dir("/");
    if wants_limits {
        command.arg("--limits");
    }
    let mut child = command
        .stdin(dir)
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .map_err(|error| failed("running this program once more", &error))?;
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        let _ = BufReader::new(stdout).read_line(&mut line);
    }
    let text = fs::read_to_string(&said).unwrap_or_default();
    text.lines().for_each(|line| eprintln!("{line}"));
    if line.trim() == READY {
        return Ok(());
    }
    let status = child.wait().map_err(|error| failed("waiting for it", &error))?;
    clear(lock);
    let _ = fs::remove_dir(&path);
    Err(format!("the node in the background could not be started ({status}); `peapod run` may say more"))
}

/// The node's own process. Standard input is the locked directory.
pub fn background(runner: &Runner, state: PathBuf, wants_limits: bool) -> ExitCode {
    let Some(runtime) = runner.runtime else { return ExitCode::from(2) };
    let failed = |errno: Errno| {
        eprintln!("beginning in the background: {errno}");
        ExitCode::from(2)
    };
    // Its name in `ps`; it was started as /proc/self/exe.
    let _ = set_name(c"peapod");
    // What the shell had open when it typed `apply` is none of the node's.
    let alone = podkit::sys::close_from(3).and_then(|()| match setsid() {
        // It leads one already: it was started once more, or by hand.
        Err(Errno::EPERM) => Ok(()),
        other => other.map(drop),
    });
    if let Err(errno) = alone {
        return failed(errno);
    }
    let facts = NodeFacts::of_machine(&node_name());
    let mut limits = Wanted::new(runner.resources, NodeResources::new(facts.allocatable.clone(), None), false);
    // This may start the program once more, in a scope of systemd's: what it begins with must be as it was.
    limits.given = match wants_limits {
        true => limits.take(true),
        false => Err(NOT_ASKED.to_owned()),
    };
    if let Err(errno) = keep_lock() {
        return failed(errno);
    }
    // Files in pods have the modes that Kubernetes gives them.
    umask(Mode::from_bits_truncate(0o022));
    ExitCode::from(real::background(runner, runtime, Background { state, facts, limits }))
}

/// The lock lives as long as a descriptor of it: not as standard input, which everybody inherits.
fn keep_lock() -> nix::Result<()> {
    fcntl(io::stdin(), FcntlArg::F_DUPFD_CLOEXEC(3))?;
    let null = File::open(Path::new("/dev/null")).map_err(|_| Errno::ENXIO)?;
    dup2_stdin(null)
}

/// The machine's name, as a node's: lower case, and nothing that a name may not have.
fn node_name() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_lowercase();
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let name: String = name.chars().filter(|&c| fits(c)).collect();
    let name = name.trim_matches(['-', '.']);
    if name.is_empty() { "node".to_owned() } else { name.to_owned() }
}
