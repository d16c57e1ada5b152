//! What a container sees as its files.

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::Path;

use podcheck::{Failure, Namespaces, Process, Result, expect, expect_eq};

use crate::kit::{Two, looked_at, pod, tried};

fn names(dir: impl AsRef<Path>) -> Result<Vec<String>> {
    let dir = dir.as_ref();
    let entries = fs::read_dir(dir).map_err(|error| Failure::new(dir.display(), "a directory", error))?;
    let mut names: Vec<String> = entries.flatten().map(|it| it.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

/// What is at the root of a container's mount namespace: whoever enters stands there,
/// wherever the container's own processes stand.
fn at_the_root_of(two: &Two, container: Process, look: impl FnOnce() -> String) -> Result<String> {
    Namespaces::default().of(two.node()?, "user")?.of(container, "mnt")?.see(look)
}

/// A file's mode, as `ls` and `chmod` know it.
fn octal(mode: std::io::Result<u32>) -> String {
    mode.map_or_else(|error| error.to_string(), |it| format!("{it:o}"))
}

fn files(names: Vec<String>) -> String {
    if names.is_empty() { "none".to_string() } else { names.join(" ") }
}

/// The root of the mount namespace is the container's: there is no way back.
pub fn the_old_root_is_gone() -> Result {
    looked_at(
        "grep ' / / ' /proc/$(pgrep -u $(id -u) -fx \"sleep 61\")/mountinfo; NODE=$(ps -o ppid= $(pgrep -u $(id -u) -x pause) | tr -d ' '); nsenter --user=/proc/$NODE/ns/user --mount=/proc/$(pgrep -u $(id -u) -fx \"sleep 61\")/ns/mnt ls /",
        || {
            let two = Two::start()?;
            let look = || names("/").map_or_else(|it| it.to_string(), |it| it.join(" "));
            let has_host = |seen: &str| seen.split(' ').any(|it| it == "host");
            let node = at_the_root_of(&two, two.node()?, look)?;
            expect("the root of the node's mount namespace", "has /host", has_host(&node), &node)?;
            let seen = at_the_root_of(&two, two.left, look)?;
            expect(
                "the machine's root, at /host of the container's mount namespace",
                "not there",
                !has_host(&seen),
                &seen,
            )?;
            let expected = names(two.left.inside("/"))?.join(" ");
            expect_eq("the root of the container's mount namespace", &expected, &seen)?;
            // One root file system, and nothing above it.
            let roots = two.left.mounts()?.iter().filter(|it| it.point == "/").count();
            expect_eq("mounts at / of the container", 1, roots)
        },
    )
}

/// The machine's files that are not programs are not there.
pub fn host_files_are_out_of_reach() -> Result {
    looked_at(
        "ls -la /proc/$(pgrep -u $(id -u) -fx \"sleep 61\")/root/ /proc/$(pgrep -u $(id -u) -fx \"sleep 61\")/root/etc",
        || {
            let list = |names: &[&str]| names.join(" ");
            let there = || {
                let paths = ["/usr/bin/env", "/etc/shadow", "/etc/fstab", "/boot", "/host", "/sys/kernel/../../boot"];
                let there: Vec<&str> = paths.into_iter().filter(|it| fs::symlink_metadata(it).is_ok()).collect();
                there.join(" ")
            };
            let outside = there();
            let control = outside.starts_with("/usr/bin/env /etc/shadow");
            expect("files of the machine, seen outside", "among them /etc/shadow", control, &outside)?;
            let two = Two::start()?;
            let inside = at_the_root_of(&two, two.left, there)?;
            expect_eq("of these files of the machine, the container can see", list(&["/usr/bin/env"]), inside)?;
            let passwd = || fs::read_to_string("/etc/passwd").unwrap_or_default();
            let users = at_the_root_of(&two, two.left, passwd)?;
            let users: Vec<&str> = users.lines().filter_map(|it| it.split(':').next()).collect();
            expect_eq("users in the container's /etc/passwd", vec!["root", "nobody"], users)?;
            for dir in ["/home", "/root", "/tmp", "/run"] {
                expect_eq(
                    format!("files in the container's {dir}, which is new and empty"),
                    "none",
                    files(names(two.left.inside(dir))?),
                )?;
            }
            Ok(())
        },
    )
}

/// What programs the machine lends are read-only, for root too, and lend no rights.
pub fn programs_are_read_only() -> Result {
    looked_at("grep ' /usr' /proc/$(pgrep -u $(id -u) -fx \"sleep 61\")/mountinfo", || {
        let two = Two::start()?;
        // If it can be written, it is the machine's own /usr: take it away again.
        let write = || match fs::File::create("/usr/podcheck") {
            Ok(_) => match fs::remove_file("/usr/podcheck") {
                Ok(()) => "it could be written (and was taken away again)".to_string(),
                Err(error) => format!("it was written, and could not be taken away: {error}"),
            },
            Err(error) => error.to_string(),
        };
        let written = at_the_root_of(&two, two.left, write)?;
        expect(
            "writing a file into the container's /usr",
            "it is refused: Read-only file system",
            written.contains("Read-only"),
            written,
        )?;
        let mounts = two.left.mounts()?;
        let lent: Vec<_> =
            mounts.iter().filter(|it| it.point.starts_with("/usr") || it.point == "/etc/ld.so.cache").collect();
        expect("mounts of the machine's programs in the container", "at least one", !lent.is_empty(), "none")?;
        for mount in lent {
            let guarded = ["ro", "nosuid", "nodev"].iter().all(|it| mount.has(it));
            expect(
                format!("options of the mount at {} in the container", mount.point),
                "ro,nosuid,nodev",
                guarded,
                mount.options.join(","),
            )?;
        }
        Ok(())
    })
}

/// A file of one container is not in the other, nor on the machine.
pub fn files_do_not_leak() -> Result {
    looked_at("ls -lad /proc/$(pgrep -u $(id -u) -fx \"sleep 61\")/root/tmp", || {
        let two = Two::start()?;
        let name = format!("/tmp/podcheck-{}", std::process::id());
        let put = || fs::write(&name, "mine").map_or_else(|it| it.to_string(), |()| "written".into());
        expect_eq(
            format!("putting the file {name} into container left"),
            "written",
            at_the_root_of(&two, two.left, put)?,
        )?;
        let there = || if Path::new(&name).exists() { "it is there" } else { "it is not there" }.to_string();
        expect_eq("the same file, looked for in left", "it is there", at_the_root_of(&two, two.left, there)?)?;
        expect_eq("the same file, looked for in right", "it is not there", at_the_root_of(&two, two.right, there)?)?;
        expect_eq("the same file, looked for on the machine", "it is not there", there())?;
        let mode = fs::metadata(two.left.inside("/tmp")).map(|it| it.permissions().mode() & 0o7777);
        expect_eq("mode of /tmp in the container", "1777", octal(mode))
    })
}

/// /proc shows the container's processes and nobody else's.
pub fn own_processes_only() -> Result {
    looked_at(
        "ls /proc/$(pgrep -u $(id -u) -fx \"sleep 61\")/root/proc; grep -E ' /(proc|sys) ' /proc/$(pgrep -u $(id -u) -fx \"sleep 61\")/mountinfo",
        || {
            let two = Two::start()?;
            let numbers: Vec<String> = names(two.left.inside("/proc"))?
                .into_iter()
                .filter(|it| it.bytes().all(|b| b.is_ascii_digit()))
                .collect();
            expect_eq("processes in the container's /proc", vec!["1"], numbers)?;
            let ours = fs::read_to_string(two.left.inside("/proc/1/cmdline")).unwrap_or_default();
            expect_eq("process 1 of the container", "sleep 61", ours.replace('\0', " ").trim_end())?;
            mount_is(two.left, "/proc", "proc", &["rw", "nosuid", "nodev", "noexec"])?;
            mount_is(two.left, "/sys", "sysfs", &["ro", "nosuid", "nodev", "noexec"])
        },
    )
}

fn mount_is(process: Process, point: &str, kind: &str, options: &[&str]) -> Result {
    let expected = format!("{kind} with {}", options.join(","));
    let Some(mount) = process.mount_at(point)? else {
        return Err(Failure::new(format!("the mount at {point}"), expected, "none"));
    };
    let right = mount.kind == kind && options.iter().all(|it| mount.has(it));
    let observed = format!("{} with {}", mount.kind, mount.options.join(","));
    expect(format!("the mount at {point}"), expected, right, observed)
}

/// The machine's settings cannot be written through /proc, its secrets not be read.
pub fn proc_is_guarded() -> Result {
    looked_at("grep -E ' /(proc|sys)' /proc/$(pgrep -u $(id -u) -fx \"sleep 61\")/mountinfo", || {
        let two = Two::start()?;
        for path in ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"] {
            if Path::new(path).exists() {
                mount_is(two.left, path, "proc", &["ro"])?;
            }
        }
        let masked =
            ["acpi", "asound", "interrupts", "kcore", "keys", "latency_stats", "sched_debug", "scsi", "timer_list"];
        for path in masked.map(|it| format!("/proc/{it}")).iter().map(String::as_str).chain(["/sys/firmware"]) {
            let Ok(outside) = fs::metadata(path) else { continue };
            let seen = two.left.inside(path);
            let empty = match outside.is_dir() {
                true => names(&seen)?.is_empty() && two.left.mount_at(path)?.is_some_and(|it| it.has("ro")),
                false => fs::metadata(&seen).is_ok_and(|it| it.file_type().is_char_device() && it.rdev() == 0x103),
            };
            expect(format!("{path} in the container"), "masked: empty, or /dev/null", empty, "not masked")?;
        }
        Ok(())
    })
}

/// The harmless devices are there, and the directory is one that `> /dev/null` works in.
pub fn devices() -> Result {
    looked_at(
        "ls -la /proc/$(pgrep -u $(id -u) -fx \"sleep 61\")/root/dev; grep ' /dev' /proc/$(pgrep -u $(id -u) -fx \"sleep 61\")/mountinfo",
        || {
            let two = Two::start()?;
            for name in ["null", "zero", "full", "random", "urandom", "tty"] {
                let path = format!("/dev/{name}");
                let number = |path: &Path| {
                    fs::metadata(path).ok().filter(|it| it.file_type().is_char_device()).map(|it| it.rdev())
                };
                let expected = number(Path::new(&path));
                let shown = |it: Option<u64>| {
                    it.map_or("no device file".to_string(), |it| format!("device {}:{}", it >> 8, it & 0xff))
                };
                expect_eq(format!("{path} in the container"), shown(expected), shown(number(&two.left.inside(&path))))?;
            }
            let mode = fs::metadata(two.left.inside("/dev")).map(|it| it.permissions().mode() & 0o7777);
            expect_eq("mode of /dev", "755", octal(mode))?;
            for (link, to) in [
                ("fd", "/proc/self/fd"),
                ("stdin", "/proc/self/fd/0"),
                ("stdout", "/proc/self/fd/1"),
                ("stderr", "/proc/self/fd/2"),
                ("ptmx", "pts/ptmx"),
            ] {
                let target = fs::read_link(two.left.inside(&format!("/dev/{link}")));
                let observed = target.map_or_else(|it| it.to_string(), |it| format!("a link to {}", it.display()));
                expect_eq(format!("/dev/{link} in the container"), format!("a link to {to}"), observed)?;
            }
            mount_is(two.left, "/dev", "tmpfs", &["nosuid", "noexec"])?;
            mount_is(two.left, "/dev/pts", "devpts", &["nosuid", "noexec"])?;
            let pts = two.left.mount_at("/dev/pts")?.map(|it| it.super_options).unwrap_or_default();
            for option in ["mode=620", "ptmxmode=666"] {
                expect("the data of the mount at /dev/pts", option, pts.iter().any(|it| it == option), pts.join(","))?;
            }
            mount_is(two.left, "/dev/mqueue", "mqueue", &["nosuid", "nodev", "noexec"])
        },
    )
}

/// They work, and a terminal of the container's is the first of its own.
pub fn devices_work() -> Result {
    tried(|| {
        let ran = pod!("run", "terminal.yaml").run()?;
        ran.expect_code(0)?;
        let lines = ran.stdout_lines();
        ran.expect_eq(
            "what the container says",
            vec!["[terminal] terminals: 0", "[terminal] ptmx", "[terminal] null takes it"],
            lines,
        )?;
        Ok(())
    })
}

/// POSIX shared memory is the pod's.
pub fn they_meet_in_dev_shm() -> Result {
    tried(|| {
        let ran = pod!("run", "shm.yaml").run()?;
        ran.expect_code(0)?;
        ran.expect_eq("what the reader finds", vec!["[reader] a line in memory"], ran.stdout_lines())?;
        let two = Two::start()?;
        let put = fs::write(two.left.inside("/dev/shm/x"), "1");
        expect(
            "putting a file into left's /dev/shm",
            "it works",
            put.is_ok(),
            put.err().map(|it| it.to_string()).unwrap_or_default(),
        )?;
        expect("the file in right's /dev/shm", "there", two.right.inside("/dev/shm/x").exists(), "not there")
    })
}
