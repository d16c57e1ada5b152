//! The part of the machine's cgroups that this runner may use: found, taken, and given back.
//!
//! Control groups, version 2, are directories. A *delegated* one belongs to a user, who may make more below it. The
//! kernel's rules shape what is done here:
//!
//! - a cgroup that gives controllers to its children may hold no processes of its own, so processes
//!   live in leaves: the runner moves itself into one first;
//! - a process may be moved if one may write `cgroup.procs` of the place where it is, of where it goes, and of the
//!   nearest cgroup above both;
//! - a directory can be removed when no process is left in it.
//!
//! ```text
//! BASE                        the delegated cgroup
//! └─ pods-PID                 one for each runner
//!    ├─ runner                the runner's own processes
//!    └─ kubepods              Guaranteed pods, and the two tiers
//!       ├─ podUID
//!       ├─ burstable/podUID/CONTAINER
//!       └─ besteffort/podUID/CONTAINER
//! ```

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use nix::unistd::{AccessFlags, access};

/// Set in a runner that is in a scope already.
const IN_SCOPE: &str = "PEAPOD_IN_SCOPE";

/// On a machine with systemd all cgroups are systemd's, and a part of them is asked for: this command once more, in a
/// scope of its own. Returns if there is no systemd to ask, or this was done already.
pub fn ask_systemd() {
    let user = nix::unistd::geteuid();
    let bus = match user.is_root() {
        true => PathBuf::from("/run/systemd/private"),
        false => Path::new("/run/user").join(user.to_string()).join("bus"),
    };
    if std::env::var_os(IN_SCOPE).is_some() || !Path::new("/run/systemd/system").is_dir() || !bus.exists() {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let mut command = Command::new("systemd-run");
    if !user.is_root() {
        command.arg("--user");
    }
    command.args(["--scope", "-q", "-p", "Delegate=yes", "--"]).arg(program);
    // It takes the place of this process, and keeps its number; an error is all that can come back.
    let _ = command.args(std::env::args_os().skip(1)).env(IN_SCOPE, "1").exec();
}

/// What limits are made of. The names are the kernel's.
pub const CONTROLLERS: [&str; 3] = ["cpu", "memory", "pids"];
/// Where version 2 is mounted, alone or beside version 1.
const MOUNTS: [&str; 2] = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];
const OWN: &str = "pods-";

/// A delegated cgroup, with this runner in it.
#[derive(Debug)]
pub struct Delegated {
    base: PathBuf,
    /// Where this process was before.
    origin: PathBuf,
    /// Below which everything of this runner is.
    pub root: PathBuf,
}

impl Delegated {
    /// Takes a part of the nearest cgroup that can be used, and clears what runners left there that were killed.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub fn take() -> Result<Delegated, String> {
        let origin = own()?;
        let base = base(&origin)?;
        clear_dead(&base);
        let root = base.join(format!("{OWN}{}", std::process::id()));
        let taken = Delegated { base, origin, root };
        taken.prepare().map_err(|error| {
            taken.give_back();
            format!("cgroup {}: {error}", taken.base.display())
        })?;
        Ok(taken)
    }

    fn prepare(&self) -> io::Result<()> {
        let runner = self.root.join("runner");
        fs::create_dir_all(&runner)?;
        fs::write(runner.join("cgroup.procs"), "0")?;
        give_controllers(&self.base)?;
        give_controllers(&self.root)
    }

    /// Call when no process is left but this one.
    pub fn give_back(&self) {
        remove(&self.root.join("kubepods"));
        // Home again, as far as that is allowed: the base now gives controllers, and holds no processes.
        if fs::write(self.origin.join("cgroup.procs"), "0").is_ok() {
            remove(&self.root);
        }
    }
}

/// Lets the children of a cgroup have controllers. One a write: each may fail for a reason of its own.
pub fn give_controllers(cgroup: &Path) -> io::Result<()> {
    let file = cgroup.join("cgroup.subtree_control");
    CONTROLLERS.iter().try_for_each(|name| fs::write(&file, format!("+{name}")))
}

/// The cgroup of this process.
fn own() -> Result<PathBuf, String> {
    let mount = MOUNTS.iter().find(|dir| Path::new(dir).join("cgroup.controllers").is_file());
    let mount = mount.ok_or("no cgroup version 2 is mounted in /sys/fs/cgroup")?;
    let about = fs::read_to_string("/proc/self/cgroup").map_err(|error| format!("/proc/self/cgroup: {error}"))?;
    let path = about.lines().find_map(|line| line.strip_prefix("0::/")).unwrap_or_default();
    if path.starts_with("..") {
        return Err("the cgroup of this process lies outside of what is mounted here".to_owned());
    }
    Ok(Path::new(mount).join(path))
}

/// The nearest cgroup, from this process upwards, that is writable, has the controllers, and holds no
/// other process.
fn base(origin: &Path) -> Result<PathBuf, String> {
    let mut why = None;
    let is_below = |dir: &&Path| dir.join("cgroup.procs").is_file();
    for dir in origin.ancestors().take_while(is_below) {
        match usable(dir) {
            Ok(()) => return Ok(dir.to_owned()),
            Err(lack) => {
                // Why the nearest one will not do says most; one that is not ours ends the search.
                let is_foreign = lack == NOT_OURS;
                why.get_or_insert(format!("cgroup {}: {lack}", dir.display()));
                if is_foreign {
                    break;
                }
            }
        }
    }
    Err(why.unwrap_or_else(|| format!("{} is no cgroup", origin.display())))
}

const NOT_OURS: &str = "this user may not change it";

fn usable(dir: &Path) -> Result<(), String> {
    let may_write = |path: &Path| access(path, AccessFlags::W_OK).is_ok();
    if !may_write(dir) || !["cgroup.procs", "cgroup.subtree_control"].iter().all(|file| may_write(&dir.join(file))) {
        return Err(NOT_OURS.to_owned());
    }
    let read = |file: &str| fs::read_to_string(dir.join(file)).unwrap_or_default();
    let controllers = read("cgroup.controllers");
    if let Some(lack) = CONTROLLERS.iter().find(|name| !controllers.split_whitespace().any(|it| it == **name)) {
        return Err(format!("it has no controller `{lack}`"));
    }
    // The kernel's own root may hold processes; every other one tells of its events.
    let is_root = !dir.join("cgroup.events").exists();
    let own = std::process::id().to_string();
    match is_root || read("cgroup.procs").lines().all(|pid| pid == own) {
        true => Ok(()),
        false => Err("other processes are in it".to_owned()),
    }
}

/// A runner that was killed has left its directories. Whose processes are all gone, is dead.
fn clear_dead(base: &Path) {
    let Ok(entries) = fs::read_dir(base) else { return };
    for entry in entries.flatten().filter(|it| it.file_name().to_string_lossy().starts_with(OWN)) {
        let events = fs::read_to_string(entry.path().join("cgroup.events")).unwrap_or_default();
        if events.lines().any(|line| line == "populated 0") {
            remove(&entry.path());
        }
    }
}

/// Removes a cgroup with all below it, and ends what is still in it.
pub fn remove(cgroup: &Path) {
    if !cgroup.is_dir() {
        return;
    }
    let _ = fs::write(cgroup.join("cgroup.kill"), "1");
    // A process that was killed is gone a little later.
    for wait in [0, 1, 2, 4, 8, 16, 32, 64, 128] {
        thread::sleep(Duration::from_millis(wait));
        if remove_now(cgroup).is_ok() {
            return;
        }
    }
}

/// The deepest first. Their files go with the directories.
fn remove_now(cgroup: &Path) -> io::Result<()> {
    for entry in fs::read_dir(cgroup)?.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_now(&entry.path())?;
        }
    }
    fs::remove_dir(cgroup)
}
