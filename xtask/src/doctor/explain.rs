//! From a failed step to its cause and the line to type.

use std::collections::BTreeMap;

use nix::errno::Errno;

use super::probe::NOT_REACHED;

/// What helps to explain a failure. Read, never used to decide that there is one.
#[derive(Debug, Default)]
pub struct Facts {
    pub kernel: String,
    /// The distribution, as it calls itself.
    pub system: String,
    /// `apt`, `dnf`, ... by the distribution's id.
    pub installer: &'static str,
    /// AppArmor lets ordinary programs make a user namespace and denies them everything in it.
    pub apparmor_restricts: bool,
    /// `kernel.unprivileged_userns_clone` (old Debian) is 0.
    pub userns_switched_off: bool,
    /// A limit of `user.max_*_namespaces` that is 0.
    pub limit_of_zero: Option<String>,
    /// A seccomp filter is on this process.
    pub seccomp: bool,
    /// This is a container.
    pub container: bool,
    /// Something is mounted over a part of /proc.
    pub proc_masked: bool,
    pub github_actions: bool,
    pub wsl: bool,
}

impl Facts {
    pub fn read() -> Facts {
        let text = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let sysctl = |path: &str| text(path).trim().to_owned();
        let os = text("/etc/os-release");
        let field = |name: &str| {
            let line = os.lines().find_map(|line| line.strip_prefix(&format!("{name}=")));
            line.unwrap_or("").trim_matches('"').to_owned()
        };
        let ids = format!("{} {}", field("ID"), field("ID_LIKE"));
        let is = |name: &str| ids.split(' ').any(|id| id == name);
        let limits = ["user", "net", "pid", "mnt", "ipc", "uts"].map(|kind| format!("user.max_{kind}_namespaces"));
        let is_zero = |name: &String| sysctl(&format!("/proc/sys/{}", name.replace('.', "/"))) == "0";
        let version = text("/proc/version").to_lowercase();
        Facts {
            kernel: sysctl("/proc/sys/kernel/osrelease"),
            system: field("PRETTY_NAME"),
            installer: if is("debian") || is("ubuntu") {
                "sudo apt-get install -y"
            } else if is("fedora") || is("rhel") {
                "sudo dnf install -y"
            } else if is("arch") {
                "sudo pacman -S"
            } else if is("suse") || is("opensuse") {
                "sudo zypper install"
            } else {
                "install the package"
            },
            apparmor_restricts: sysctl("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1",
            userns_switched_off: sysctl("/proc/sys/kernel/unprivileged_userns_clone") == "0",
            limit_of_zero: limits.into_iter().find(is_zero),
            seccomp: text("/proc/self/status").lines().any(|line| line == "Seccomp:\t2"),
            container: ["/.dockerenv", "/run/.containerenv"].iter().any(|path| std::path::Path::new(path).exists()),
            proc_masked: text("/proc/self/mountinfo").lines().any(|line| {
                let point = line.split(' ').nth(4).unwrap_or("");
                // systemd's automount hides nothing.
                point.starts_with("/proc/") && point != "/proc/sys/fs/binfmt_misc"
            }),
            github_actions: std::env::var("GITHUB_ACTIONS").is_ok_and(|it| it == "true"),
            wsl: version.contains("microsoft"),
        }
    }

    /// How to install a package of Debian's name.
    pub fn install(&self, package: &str) -> String {
        let package = match (package, self.installer) {
            ("uidmap", installer) if installer.contains("dnf") => "shadow-utils",
            ("uidmap", installer) if !installer.contains("apt-get") => "shadow",
            (package, _) => package,
        };
        format!("{} {package}", self.installer)
    }
}

/// The steps without which none of the others is tried.
const ALL_NEED: &[&str] = &["unshare user", "setgroups", "uid_map", "gid_map"];

/// The steps without which this one is not tried.
fn needs(step: &str) -> &'static [&'static str] {
    const PID_1: &[&str] =
        &["unshare mount", "make / private", "mount tmpfs", "unshare pid", "fork into pid namespace"];
    match step {
        "lo up" => &["unshare net"],
        "sethostname" => &["unshare uts"],
        "nested uid_map" => &["nested unshare user"],
        "mount mqueue" => {
            &["unshare mount", "make / private", "mount tmpfs", "unshare pid", "fork into pid namespace", "unshare ipc"]
        }
        _ => PID_1,
    }
}

/// Why a step failed or was not reached, and what to type.
pub fn step(name: &str, errno: i32, steps: &BTreeMap<String, i32>, facts: &Facts) -> (String, Option<String>) {
    // A step that was not reached failed with one that stands before it.
    let (name, errno) = if errno == NOT_REACHED {
        let failed = |gate: &&&str| steps.get(**gate).is_some_and(|errno| *errno != 0);
        match ALL_NEED.iter().chain(needs(name)).find(failed) {
            Some(gate) => (*gate, steps[*gate]),
            None => return ("it was not tried: an earlier step did not come back".to_owned(), None),
        }
    } else {
        (name, errno)
    };
    let errno = Errno::from_raw(errno);
    let failed = format!("{name}: {}", errno.desc());
    let (cause, fix) = cause(name, errno, facts);
    (format!("{failed}{}", if cause.is_empty() { String::new() } else { format!(" ({cause})") }), fix)
}

/// What usually is behind it.
fn cause(step: &str, errno: Errno, facts: &Facts) -> (String, Option<String>) {
    let because = |text: &str, fix: &str| (text.to_owned(), Some(fix.to_owned()));
    let denied = matches!(errno, Errno::EPERM | Errno::EACCES);
    let unconfined = "docker run --security-opt seccomp=unconfined --security-opt systempaths=unconfined ...";
    if errno == Errno::ENOSPC {
        let limit = facts.limit_of_zero.as_deref().unwrap_or("user.max_user_namespaces");
        return because(
            &format!("a limit on namespaces is reached: {limit}"),
            &format!("sudo sysctl -w {limit}=15000"),
        );
    }
    if denied && step != "unshare user" && facts.apparmor_restricts {
        // unshare succeeds, and then nothing may be done.
        let where_to = if facts.github_actions { "as a step of the workflow, before the tests: " } else { "" };
        return because(
            &format!("{where_to}AppArmor restricts user namespaces on this system"),
            "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        );
    }
    if step == "unshare user" && denied {
        if facts.userns_switched_off {
            return because(
                "user namespaces are switched off for ordinary users",
                "sudo sysctl -w kernel.unprivileged_userns_clone=1",
            );
        }
        if facts.seccomp {
            return because("a seccomp filter forbids it, as in Docker by default", unconfined);
        }
    }
    if step == "unshare user" && errno == Errno::EINVAL {
        return ("the kernel has no user namespaces".to_owned(), None);
    }
    if step == "mount proc" && denied {
        if facts.proc_masked || facts.container {
            return because("the container around this masks a part of /proc", unconfined);
        }
        return ("something is mounted over a part of /proc".to_owned(), None);
    }
    if step == "pivot_root" && errno == Errno::EINVAL {
        return ("the root file system is the initramfs, or its mounts are shared".to_owned(), None);
    }
    if denied && facts.seccomp {
        return because("a seccomp filter forbids it, as in Docker by default", unconfined);
    }
    if facts.wsl {
        return because("on WSL, use version 2 with systemd", "wsl --update");
    }
    (String::new(), None)
}

/// As [`step`], for the set-uid helpers; nothing if they work.
pub fn newuidmap(steps: &BTreeMap<String, i32>, facts: &Facts) -> (Option<String>, Option<String>) {
    let Some((name, errno)) = steps.iter().find(|(_, errno)| **errno != 0) else {
        return match steps.get("newgidmap") {
            Some(0) => (None, None),
            _ => (Some("it was not tried: an earlier step did not come back".to_owned()), None),
        };
    };
    let text = |text: &str| Some(text.to_owned());
    match (name.as_str(), Errno::from_raw(*errno)) {
        ("subordinate range", _) => (
            text("there is no range of yours in /etc/subuid and /etc/subgid"),
            text("sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER"),
        ),
        ("newuidmap" | "newgidmap", Errno::ENOENT) => {
            (Some(format!("there is no {name} on the PATH")), Some(facts.install("uidmap")))
        }
        ("newuidmap" | "newgidmap", _) => (
            Some(format!("{name} refuses; it may have lost its set-uid bit or its capabilities")),
            text("sudo chmod u+s /usr/bin/newuidmap /usr/bin/newgidmap"),
        ),
        (name, errno) => {
            let (why, fix) = step(name, errno as i32, steps, facts);
            (Some(why), fix)
        }
    }
}

/// `rustc 1.95.0 (...)` → (1, 95).
pub fn rust_version(said: &str) -> Option<(u32, u32)> {
    let mut parts = said.split(' ').nth(1)?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// `6.1.0-18-amd64` → (6, 1).
pub fn kernel_version(release: &str) -> Option<(u32, u32)> {
    let mut parts = release.split(|c: char| !c.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(failed: &str, errno: Errno) -> BTreeMap<String, i32> {
        BTreeMap::from([(failed.to_owned(), errno as i32)])
    }

    #[test]
    fn ubuntus_apparmor_is_recognised() {
        let facts = Facts { apparmor_restricts: true, ..Facts::default() };
        let (why, fix) = step("gid_map", NOT_REACHED, &steps("uid_map", Errno::EPERM), &facts);
        assert!(why.starts_with("uid_map: ") && why.contains("AppArmor"), "{why}");
        assert!(fix.unwrap().contains("apparmor_restrict_unprivileged_userns=0"));
    }

    #[test]
    fn a_step_that_was_not_reached_names_the_one_that_kept_it() {
        let steps = BTreeMap::from([("unshare net".to_owned(), 28), ("mount tmpfs".to_owned(), 1)]);
        let why = |name: &str| step(name, NOT_REACHED, &steps, &Facts::default()).0;
        assert!(why("lo up").starts_with("unshare net: "));
        assert!(why("mount proc").starts_with("mount tmpfs: "));
        assert!(why("sethostname").contains("not tried"));
    }

    #[test]
    fn dockers_seccomp_and_masks_are_recognised() {
        let facts = Facts { seccomp: true, container: true, ..Facts::default() };
        let (_, fix) = step("unshare user", Errno::EPERM as i32, &BTreeMap::new(), &facts);
        assert!(fix.unwrap().contains("seccomp=unconfined"));
        let (why, _) = step("mount proc", Errno::EPERM as i32, &BTreeMap::new(), &facts);
        assert!(why.contains("masks"), "{why}");
    }

    #[test]
    fn no_space_is_a_limit() {
        let facts = Facts { limit_of_zero: Some("user.max_net_namespaces".into()), ..Facts::default() };
        let (why, fix) = step("unshare net", Errno::ENOSPC as i32, &BTreeMap::new(), &facts);
        assert!(why.contains("user.max_net_namespaces"), "{why}");
        assert_eq!(fix.unwrap(), "sudo sysctl -w user.max_net_namespaces=15000");
    }

    #[test]
    fn a_missing_newuidmap_names_the_package() {
        let facts = Facts { installer: "sudo apt-get install -y", ..Facts::default() };
        let (why, fix) = newuidmap(&steps("newuidmap", Errno::ENOENT), &facts);
        assert!(why.unwrap().contains("no newuidmap"));
        assert_eq!(fix.unwrap(), "sudo apt-get install -y uidmap");
        let fine = BTreeMap::from([("newuidmap".to_owned(), 0), ("newgidmap".to_owned(), 0)]);
        assert_eq!(newuidmap(&fine, &facts), (None, None));
        assert!(newuidmap(&BTreeMap::new(), &facts).0.is_some());
    }

    #[test]
    fn rusts_version_is_read() {
        assert_eq!(rust_version("rustc 1.95.0 (59807616e 2026-04-14)"), Some((1, 95)));
        assert_eq!(rust_version("nothing"), None);
    }

    #[test]
    fn the_kernels_version_is_read() {
        assert_eq!(kernel_version("6.1.0-18-amd64"), Some((6, 1)));
        assert_eq!(kernel_version("5.12-rc1"), Some((5, 12)));
        assert_eq!(kernel_version("nothing"), None);
    }
}
