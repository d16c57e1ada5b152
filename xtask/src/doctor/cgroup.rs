//! Is there a cgroup, version 2, that pods can be put into?
//!
//! The runner is started by the checks, and so shares its cgroup with them. What it needs is a cgroup above that one: one
//! that belongs to this user, gives the controllers, and holds no processes of its own. On a machine with systemd it
//! asks for a scope instead.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Finding;

const CONTROLLERS: [&str; 3] = ["cpu", "memory", "pids"];

pub fn finding() -> Finding {
    let why = match delegated() {
        Ok(_) => None,
        Err(_) if scope() => None,
        Err(why) => Some(why),
    };
    let fix =
        "systemd-run --user --scope -p Delegate=yes $SHELL    (with systemd and cgroup version 2; then again in there)";
    Finding {
        name: "cgroup2".to_owned(),
        title: "a delegated cgroup, version 2 (limits of cpu and memory)".to_owned(),
        ok: why.is_none(),
        fix: why.is_some().then(|| fix.to_owned()),
        why,
    }
}

/// The nearest one above this process in which a cgroup can be made.
fn delegated() -> Result<PathBuf, String> {
    let mounts = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].map(Path::new);
    let mount = mounts.into_iter().find(|dir| dir.join("cgroup.controllers").is_file());
    let mount = mount.ok_or("no cgroup version 2 is mounted in /sys/fs/cgroup")?;
    let about = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let own = mount.join(about.lines().find_map(|line| line.strip_prefix("0::/")).unwrap_or_default());
    let is_cgroup = |dir: &&Path| dir.join("cgroup.procs").is_file();
    let mut why = None;
    for dir in own.ancestors().take_while(is_cgroup) {
        match usable(dir) {
            Ok(()) => return Ok(dir.to_owned()),
            Err(lack) => why.get_or_insert(format!("cgroup {}: {lack}", dir.display())),
        };
    }
    Err(why.unwrap_or_else(|| format!("{} is no cgroup", own.display())))
}

/// By doing it: a cgroup is made in this one, and removed.
fn usable(dir: &Path) -> Result<(), String> {
    let read = |file: &str| fs::read_to_string(dir.join(file)).unwrap_or_default();
    let controllers = read("cgroup.controllers");
    if let Some(lack) = CONTROLLERS.iter().find(|name| !controllers.split_whitespace().any(|it| it == **name)) {
        return Err(format!("it has no controller `{lack}`"));
    }
    // Only the kernel's own root may hold processes and give controllers.
    if dir.join("cgroup.events").exists() && !read("cgroup.procs").trim().is_empty() {
        return Err("other processes are in it".to_owned());
    }
    let tried = dir.join(format!("doctor-{}", std::process::id()));
    fs::create_dir(&tried).map_err(|error| error.to_string())?;
    let given = fs::write(dir.join("cgroup.subtree_control"), "+memory");
    let _ = fs::remove_dir(&tried);
    given.map_err(|error| format!("giving it to others: {error}"))
}

/// Will systemd give a scope? Asked for one that does nothing.
fn scope() -> bool {
    if !Path::new("/run/systemd/system").is_dir() {
        return false;
    }
    let mut command = Command::new("systemd-run");
    if !nix::unistd::geteuid().is_root() {
        command.arg("--user");
    }
    command.args(["--scope", "-q", "-p", "Delegate=yes", "true"]);
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
