//! From what failed to its cause, and to the line to type.

use std::fs;
use std::path::Path;

use nix::unistd::{User, getuid};

/// What helps to explain a failure. Read, never used to decide that there is one.
#[derive(Debug, Default)]
pub struct Facts {
    pub kernel: String,
    /// The distribution, as it calls itself.
    pub system: String,
    /// `sudo apt-get install -y`, ... by the distribution's id.
    installer: &'static str,
    /// AppArmor lets ordinary programs make a user namespace and denies them everything in it.
    apparmor_restricts: bool,
    /// `kernel.unprivileged_userns_clone` (old Debian) is 0.
    userns_switched_off: bool,
    /// A limit of `user.max_*_namespaces` that is 0.
    limit_of_zero: Option<String>,
    /// A seccomp filter is on this process.
    seccomp: bool,
    /// Something is mounted over a part of /proc: this is a container.
    proc_masked: bool,
    is_root: bool,
    user: String,
}

type Cause = (Option<String>, Option<String>);

impl Facts {
    pub fn read() -> Facts {
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
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
        Facts {
            kernel: sysctl("/proc/sys/kernel/osrelease"),
            system: Some(field("PRETTY_NAME")).filter(|it| !it.is_empty()).unwrap_or_else(|| "Linux".to_owned()),
            installer: if is("debian") || is("ubuntu") {
                "sudo apt-get install -y uidmap"
            } else if is("fedora") || is("rhel") {
                "sudo dnf install -y shadow-utils"
            } else if is("arch") {
                "sudo pacman -S shadow"
            } else {
                "install the package shadow (or uidmap)"
            },
            apparmor_restricts: sysctl("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1",
            userns_switched_off: sysctl("/proc/sys/kernel/unprivileged_userns_clone") == "0",
            limit_of_zero: limits.into_iter().find(is_zero),
            seccomp: text("/proc/self/status").lines().any(|line| line == "Seccomp:\t2"),
            proc_masked: text("/proc/self/mountinfo").lines().any(|line| {
                let point = line.split(' ').nth(4).unwrap_or("");
                // systemd's automount hides nothing.
                point.starts_with("/proc/") && point != "/proc/sys/fs/binfmt_misc"
            }),
            is_root: getuid().is_root(),
            user: User::from_uid(getuid()).ok().flatten().map(|it| it.name).unwrap_or_default(),
        }
    }

    /// What usually is behind the failure of a step. The runner names the step and the error's name.
    pub fn cause(&self, said: &str) -> Cause {
        let because = |text: &str, fix: &str| (Some(text.to_owned()), Some(fix.to_owned()));
        let denied = said.contains("EPERM") || said.contains("EACCES");
        let unconfined = "docker run --security-opt seccomp=unconfined --security-opt systempaths=unconfined ...";
        if said.contains("ENOSPC") {
            let limit = self.limit_of_zero.as_deref().unwrap_or("user.max_user_namespaces");
            let fix = format!("sudo sysctl -w {limit}=15000");
            return because(&format!("a limit on namespaces is reached: {limit}"), &fix);
        }
        if !denied {
            return (None, None);
        }
        if self.userns_switched_off && !self.is_root {
            let fix = "sudo sysctl -w kernel.unprivileged_userns_clone=1";
            return because("user namespaces are switched off for ordinary users", fix);
        }
        if self.apparmor_restricts && !self.is_root {
            let fix = "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
            return because("AppArmor restricts user namespaces on this system", fix);
        }
        if self.seccomp {
            return because("a seccomp filter forbids it, as in Docker by default", unconfined);
        }
        if self.proc_masked {
            return because("the container around this masks a part of /proc", unconfined);
        }
        (None, None)
    }

    /// Why a node has one id only. `said`: what the runner warns of.
    pub fn single_id(&self, said: &str) -> (String, Option<String>) {
        if self.is_root {
            return ("this root may not map other ids: it is root of some outer container only".to_owned(), None);
        }
        let has_range = |file: &str| {
            let text = fs::read_to_string(file).unwrap_or_default();
            text.lines().any(|line| {
                let mut fields = line.trim().split(':');
                let (user, count) = (fields.next().unwrap_or_default(), fields.nth(1));
                let is_mine = (!user.is_empty() && user == self.user) || user == getuid().to_string();
                is_mine && count.and_then(|it| it.parse::<u64>().ok()).is_some_and(|count| count >= 65_535)
            })
        };
        if !has_range("/etc/subuid") || !has_range("/etc/subgid") {
            let why = "there is no range of 65536 ids for you in /etc/subuid and /etc/subgid";
            let fix = "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER";
            return (why.to_owned(), Some(fix.to_owned()));
        }
        let is_there = |name: &str| {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).any(|dir| Path::new(&dir).join(name).is_file())
        };
        if let Some(missing) = ["newuidmap", "newgidmap"].into_iter().find(|name| !is_there(name)) {
            return (format!("there is no {missing} on the PATH"), Some(self.installer.to_owned()));
        }
        let said = said.lines().next().unwrap_or("newuidmap and newgidmap refuse").trim_start_matches("warning: ");
        (said.to_owned(), Some("sudo chmod u+s $(command -v newuidmap) $(command -v newgidmap)".to_owned()))
    }
}

/// `6.1.0-18-amd64` is 6.1.
pub fn version(release: &str) -> Option<(u32, u32)> {
    let mut parts = release.split(|c: char| !c.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_and_fixes() {
        let cause = |facts: Facts, said: &str| facts.cause(said);
        let (why, fix) = cause(Facts { apparmor_restricts: true, ..Facts::default() }, "mount tmpfs /tmp: (EACCES)");
        assert!(why.unwrap().contains("AppArmor") && fix.unwrap().contains("apparmor_restrict_unprivileged_userns=0"));
        let (_, fix) = cause(Facts { seccomp: true, ..Facts::default() }, "clone: Operation not permitted (EPERM)");
        assert!(fix.unwrap().contains("seccomp=unconfined"));
        let limit = Some("user.max_net_namespaces".to_owned());
        let (_, fix) = cause(Facts { limit_of_zero: limit, ..Facts::default() }, "clone: No space (ENOSPC)");
        assert_eq!(fix.unwrap(), "sudo sysctl -w user.max_net_namespaces=15000");
        assert_eq!(cause(Facts::default(), "exec: (ENOENT)"), (None, None));
    }

    #[test]
    fn versions() {
        assert_eq!(version("6.1.0-18-amd64"), Some((6, 1)));
        assert_eq!(version("5.12-rc1"), Some((5, 12)));
        assert_eq!(version("nothing"), None);
    }
}
