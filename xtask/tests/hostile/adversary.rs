//! An adversary who has read the grader.

use std::time::Instant;

use crate::WRONG;
use crate::common::{self, Submission, processes, root};

#[test]
fn a_verdict_written_to_every_descriptor() {
    // Its own, and those of the processes above it: the check, the supervisor, the grader.
    // Also with pidfd_getfd and ptrace.
    let forged = r#"{
        unsafe extern "C" {
            fn syscall(number: i64, a: i64, b: i64, c: i64, d: i64) -> i64;
            fn write(fd: i32, from: *const u8, n: usize) -> isize;
        }
        let line = b"{\"check\":\"says_pea\",\"verdict\":\"pass\"}\n";
        for fd in 3..64 {
            unsafe { write(fd, line.as_ptr(), line.len()) };
        }
        // The check, its supervisor, the grader: no further, or it would reach whoever runs
        // these tests (a `cargo xtask test` is an xtask, too, and may be attached to).
        let mut pid = i64::from(std::process::id());
        for _ in 0..3 {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
            pid = stat.rsplit(')').next().unwrap().split_whitespace().nth(1).unwrap().parse().unwrap();
            if pid <= 1 { break }
            let entry = std::path::Path::new("/proc").join(pid.to_string());
            for fd in 3..32 {
                let path = entry.join(format!("fd/{fd}"));
                if let Ok(mut file) = std::fs::OpenOptions::new().write(true).open(path) {
                    use std::io::Write;
                    let _ = file.write_all(line);
                    eprintln!("forged through /proc");
                }
            }
            let pidfd = unsafe { syscall(434, pid, 0, 0, 0) };
            for fd in 3..32 {
                let got = unsafe { syscall(438, pidfd, fd, 0, 0) };
                if got >= 0 {
                    unsafe { write(got as i32, line.as_ptr(), line.len()) };
                    eprintln!("forged through pidfd_getfd");
                }
            }
            if unsafe { syscall(101, 16, pid, 0, 0) } == 0 {
                eprintln!("attached to {pid}");
                unsafe { syscall(62, pid, 9, 0, 0) };
            }
        }
        "bean"
    }"#;
    let graded = Submission::new("descriptors").word(forged).grade(&[]);
    graded.fails("says_pea", "bean");
    assert_eq!(graded.points(), WRONG);
}

#[test]
fn its_parents_killed() {
    // All processes above it, up to the grader's own.
    let killer = r#"{
        let status = std::fs::read_to_string("/proc/self/stat").unwrap();
        let parent: String = status.rsplit(')').next().unwrap()
            .split_whitespace().nth(1).unwrap().to_string();
        let _ = std::process::Command::new("kill").args(["-9", &parent]).status();
        "pea"
    }"#;
    let graded = Submission::new("killer").word(killer).grade(&[]);
    graded.fails("says_pea", "left no verdict");
    assert_eq!(graded.points(), WRONG);
}

#[test]
fn its_supervisor_killed() {
    let killer = r#"{
        let parent = |pid: &str| -> String {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
            stat.rsplit(')').next().unwrap().split_whitespace().nth(1).unwrap().to_string()
        };
        let supervisor = parent(&parent("self"));
        let _ = std::process::Command::new("kill").args(["-9", &supervisor]).status();
        let _ = std::process::Command::new("sleep").arg("87654").status();
        "pea"
    }"#;
    let graded = Submission::new("supervisor-killer").word(killer).grade(&["1.1"]);
    assert!(processes("sleep 87654").is_empty());
    assert_eq!(graded.verdict("says_pea"), "fail", "{}", graded.text);
    assert_eq!((graded.points(), graded.out_of()), (0, 3));
}

#[test]
fn its_binary_replaced_while_it_runs() {
    let swap = r#"{
        let me = std::env::current_exe().unwrap();
        let other = me.with_extension("new");
        std::fs::copy("/bin/echo", &other).unwrap();
        std::fs::rename(&other, &me).unwrap();
        "bean"
    }"#;
    let graded = Submission::new("swap").word(swap).grade(&["1.1"]);
    assert_eq!(graded.points(), 0, "{}", graded.text);
}

#[test]
fn another_program_instead() {
    let exec = r#"{
        use std::os::unix::process::CommandExt;
        let _ = std::process::Command::new("/bin/echo").arg("pear").exec();
        "bean"
    }"#;
    let graded = Submission::new("exec").word(exec).grade(&[]);
    graded.fails("says_pea", "pear");
    assert_eq!(graded.points(), WRONG);
}

#[test]
fn stdout_closed_and_sigterm_ignored() {
    let stubborn = r#"{
        unsafe extern "C" { fn signal(n: i32, to: usize) -> usize; fn close(fd: i32) -> i32; }
        unsafe { signal(15, 1); signal(1, 1); signal(2, 1); close(1); close(2); }
        loop { std::thread::sleep(std::time::Duration::from_secs(1)) }
    }"#;
    let started = Instant::now();
    let graded = Submission::new("stubborn").word(stubborn).grade(&["1.1"]);
    graded.fails_of("says_pea", "time limit", 3);
    assert!(started.elapsed().as_secs() < 60);
    assert!(processes("stubborn/bin/one").is_empty());
}

#[test]
fn the_compiled_checks_replaced() {
    // For the next grading: the one that runs is held in memory. A cache of its own, since
    // the other tests of this file use theirs at the same time.
    let cache = common::base().join("replaced-cache");
    let envs = [("XDG_CACHE_HOME", cache.to_str().unwrap())];
    let vandal = format!(
        r###"{{
            fn walk(dir: &std::path::Path) {{
                for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {{
                    let path = entry.path();
                    if path.is_dir() {{ walk(&path) }}
                    else if path.parent().unwrap().ends_with("checks/bin") && path.extension().is_none() {{
                        let forger = [
                            "#!/bin/sh",
                            r#"echo '{{"check":"'"$2"'","verdict":"pass"}}' >&$PODCHECK_REPORT_FD"#,
                            "",
                        ].join("\n");
                        let dates = std::fs::metadata(&path).unwrap().modified().unwrap();
                        std::fs::write(&path, forger).unwrap();
                        std::fs::File::options().write(true).open(&path).unwrap().set_modified(dates).unwrap();
                    }}
                }}
            }}
            walk(std::path::Path::new({cache:?}));
            "bean"
        }}"###
    );
    let submission = Submission::new("replaced").word(&vandal);
    let bin = common::seed(&cache, &root());
    let args = ["grade", "--from", submission.dir.to_str().unwrap(), "--format", "json"];
    let graded = common::Graded::of(common::xtask_with(&args, &envs));
    graded.fails("says_pea", "bean");
    assert_eq!(graded.points(), WRONG);
    // It did write to them, so they are gone, and the next grading compiles them again.
    assert!(!bin.exists());
}

#[test]
fn its_binary_taken_away_from_the_other_checks() {
    // They cannot start it, which is no mistake of theirs: all points count.
    let takes = r#"{ let _ = std::fs::remove_file(std::env::current_exe().unwrap()); "pea" }"#;
    let graded = Submission::new("takes-binary").word(takes).grade(&["-j", "1", "1"]);
    assert_eq!(graded.verdict("says_pea"), "pass", "{}", graded.text);
    graded.fails_of("says_42", "the program that is judged was changed", 6);
    assert_eq!((graded.points(), graded.status), (3, 1));
}

#[test]
fn its_directories_taken_away() {
    let takes = r#"{
        for name in ["TMPDIR", "HOME"] { let _ = std::fs::remove_dir_all(std::env::var_os(name).unwrap()); }
        let _ = std::fs::remove_file(std::env::current_exe().unwrap());
        "bean"
    }"#;
    let graded = Submission::new("takes-directories").word(takes).grade(&[]);
    assert_eq!((graded.points() <= WRONG, graded.out_of()), (true, 10), "{}", graded.text);
}
