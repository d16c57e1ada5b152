//! What a check leaves behind.
//!
//! Certain: whatever stays in the check's own directories, and, for root, in its own mount
//! and IPC namespace. An ordinary user shares `/tmp`, `/dev/shm` and the System V objects
//! with every other program of theirs; what is new there is a *suspect*, and the grader
//! runs the check again, alone, before it believes it.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::unistd::geteuid;

/// The check's own directories: variable and name.
pub const DIRS: [(&str, &str); 7] = [
    ("HOME", "home"),
    ("TMPDIR", "tmp"),
    ("XDG_RUNTIME_DIR", "runtime"),
    ("XDG_CACHE_HOME", "home/.cache"),
    ("XDG_CONFIG_HOME", "home/.config"),
    ("XDG_DATA_HOME", "home/.local/share"),
    ("XDG_STATE_HOME", "home/.local/state"),
];

/// Makes the check's directories.
pub fn make_dirs(dir: &Path) -> std::io::Result<()> {
    for name in DIRS.iter().map(|(_, name)| *name).chain(["work"]) {
        std::fs::create_dir_all(dir.join(name))?;
    }
    // Programs refuse a runtime directory that others can read.
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(dir.join("runtime"), private)
}

/// What stayed in the directories where nothing may stay. A state, cache or data directory
/// is for keeping things; the others are not.
pub fn files(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for (name, shown) in
        [("tmp", "$TMPDIR"), ("runtime", "$XDG_RUNTIME_DIR"), ("work", "the working directory"), ("home", "$HOME")]
    {
        let entries = std::fs::read_dir(dir.join(name)).into_iter().flatten();
        for entry in entries.flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            if name != "home" || ![".cache", ".config", ".local"].contains(&file.as_str()) {
                found.push(format!("{file} stays in {shown}"));
            }
        }
    }
    found.sort();
    found.truncate(10);
    found
}

/// Whether the check's directory has grown beyond all measure.
pub fn too_full(dir: &Path) -> bool {
    const MOST_BYTES: u64 = 512 << 20;
    const MOST_FILES: usize = 50_000;
    let (mut bytes, mut count) = (0, 0);
    let mut open = vec![dir.to_path_buf()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let Ok(meta) = entry.metadata() else { continue };
            bytes += meta.blocks() * 512;
            count += 1;
            if bytes > MOST_BYTES || count > MOST_FILES {
                return true;
            }
            if meta.is_dir() {
                open.push(entry.path());
            }
        }
    }
    false
}

/// The traces a check can leave outside its own directories.
pub struct Traces {
    /// Whether `/tmp`, `/dev/shm`, mounts and queues are this check's own.
    private: bool,
    own: BTreeSet<String>,
    shared: BTreeSet<String>,
}

impl Traces {
    pub fn take(private: bool) -> Traces {
        let mut own = BTreeSet::new();
        for line in read("/proc/self/mountinfo").lines() {
            let point = line.split(' ').nth(4).unwrap_or(line);
            own.insert(format!("a mount stays on {point}"));
        }
        let mut shared = BTreeSet::new();
        for dir in ["/tmp", "/dev/shm", "/dev/mqueue"] {
            shared.extend(entries(dir));
        }
        shared.extend(system_v());
        shared.extend(devices());
        shared.extend(cgroups());
        Traces { private, own, shared }
    }

    /// What is new: certain, and suspected.
    pub fn compare(&self) -> (Vec<String>, Vec<String>) {
        let mut new: Vec<String> = Vec::new();
        let mut suspects: Vec<String> = Vec::new();
        // What is on its way out gets a moment.
        for round in 0..4 {
            let now = Traces::take(self.private);
            new = now.own.difference(&self.own).cloned().collect();
            suspects = now.shared.difference(&self.shared).cloned().collect();
            if new.is_empty() && suspects.is_empty() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20 << round));
        }
        if self.private {
            let certain = |it: &String| !it.contains("device") && !it.contains("cgroup");
            new.extend(suspects.iter().filter(|it| certain(it)).cloned());
            suspects.retain(|it| !certain(it));
        } else {
            // The machine's mounts change without the check's doing, if rarely.
            suspects.append(&mut new);
        }
        new.truncate(10);
        suspects.truncate(10);
        (new, suspects)
    }
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// Entries of a shared directory that belong to this user.
fn entries(dir: &str) -> Vec<String> {
    let uid = geteuid().as_raw();
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.metadata().is_ok_and(|meta| meta.uid() == uid) {
            let name = entry.file_name().to_string_lossy().into_owned();
            // The grader's own.
            if !name.starts_with("peas-run-") {
                found.push(format!("{dir}/{name} stays"));
            }
        }
    }
    found
}

/// System V queues, semaphores and shared memory of this user.
fn system_v() -> Vec<String> {
    let uid = geteuid().to_string();
    let mut found = Vec::new();
    // The columns differ: key, id, permissions, then more, with uid and gid in pairs.
    for (file, what, column) in
        [("msg", "message queue", 7), ("sem", "semaphore set", 4), ("shm", "shared memory segment", 7)]
    {
        for line in read(&format!("/proc/sysvipc/{file}")).lines().skip(1) {
            let fields: Vec<_> = line.split_whitespace().collect();
            if fields.get(column) == Some(&uid.as_str()) {
                let id = fields.get(1).unwrap_or(&"?");
                found.push(format!("System V {what} {id} stays"));
            }
        }
    }
    found
}

fn devices() -> Vec<String> {
    let entries = std::fs::read_dir("/sys/class/net").into_iter().flatten();
    let name = |it: std::fs::DirEntry| it.file_name().to_string_lossy().into_owned();
    entries.flatten().map(|entry| format!("the network device {} stays", name(entry))).collect()
}

/// Control groups below the ones this process is in.
fn cgroups() -> Vec<String> {
    let mut found = Vec::new();
    for line in read("/proc/self/cgroup").lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, path) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        let base = match controllers {
            "" => "/sys/fs/cgroup".to_string(),
            "pids" | "memory" | "cpu" => format!("/sys/fs/cgroup/{controllers}"),
            _ => continue,
        };
        for entry in std::fs::read_dir(format!("{base}{path}")).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_dir = entry.file_type().is_ok_and(|it| it.is_dir());
            if is_dir && !name.starts_with("peas-in-a-pod-check-") {
                found.push(format!("the cgroup {path}/{name} stays"));
            }
        }
    }
    found
}
