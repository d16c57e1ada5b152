//! What a submission leaves behind.

use std::io::Write;

use crate::WRONG;
use crate::common::{Submission, processes};

/// Forks twice, starts a session, and stays.
const DAEMON: &str = r#"{
    unsafe extern "C" { fn fork() -> i32; fn setsid() -> i32; }
    if unsafe { fork() } == 0 {
        unsafe { setsid() };
        if unsafe { fork() } == 0 {
            use std::os::unix::process::CommandExt;
            let quiet = std::process::Stdio::null;
            let _ = std::process::Command::new("sleep").arg("98765")
                .stdin(quiet()).stdout(quiet()).stderr(quiet()).exec();
        }
        std::process::exit(0);
    }
    "pea"
}"#;

#[test]
fn a_daemon_that_slips_away() {
    let graded = Submission::new("daemon").word(DAEMON).grade(&[]);
    graded.fails("says_pea", "sleep 98765");
    assert_eq!(graded.points(), WRONG);
    assert!(processes("sleep 98765").is_empty());
}

/// Root sees the mounts of its checks. An ordinary user does in a user namespace of their own,
/// where the machine allows one.
#[test]
fn a_mount_left_behind() {
    let mount = r#"{
        let _ = std::process::Command::new("mount").args(["-t", "tmpfs", "left", "/mnt"]).status();
        "pea"
    }"#;
    let submission = Submission::new("mount").word(mount);
    let graded = if nix::unistd::geteuid().is_root() {
        submission.grade(&[])
    } else {
        let around = ["unshare", "--user", "--map-root-user", "--mount"];
        let tried = std::process::Command::new(around[0]).args(&around[1..]).arg("true").output();
        if !tried.as_ref().is_ok_and(|it| it.status.success()) {
            // Not with eprintln!, which is shown only if a test fails.
            let _ = writeln!(std::io::stderr(), "a_mount_left_behind: LEFT OUT, no user namespace here: {tried:?}");
            return;
        }
        submission.grade_within(&around)
    };
    graded.fails("says_pea", "a mount stays on /mnt");
    assert_eq!(graded.points(), WRONG);
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(!mounts.contains(" /mnt "));
}

#[test]
fn files_left_behind() {
    let write = r#"{
        let dir = std::env::temp_dir();
        std::fs::write(dir.join("left"), "x").unwrap();
        "pea"
    }"#;
    let graded = Submission::new("files").word(write).grade(&[]);
    graded.fails("says_pea", "left stays in $TMPDIR");
    assert_eq!(graded.points(), WRONG);
}

#[test]
fn a_file_left_in_the_shared_temporary_directory() {
    let write = r#"{
        let name = format!("/dev/shm/peas-left-{}", std::process::id());
        std::fs::write(name, "x").unwrap();
        "pea"
    }"#;
    let graded = Submission::new("shared-files").word(write).grade(&[]);
    graded.fails("says_pea", "/dev/shm/peas-left-");
    assert_eq!(graded.points(), WRONG);
    for entry in std::fs::read_dir("/dev/shm").unwrap().flatten() {
        if entry.file_name().to_string_lossy().starts_with("peas-left-") {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
