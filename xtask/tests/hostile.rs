//! Submissions that try for points they have not earned, and some that are merely broken.
//!
//! Each is the solution with a wrong answer to task 1.1 and a trick. The wrong answer alone
//! has 3 of 10 points (see `wrong_without_a_trick`); so has each trick.

mod common;

use std::io::Write;
use std::os::unix::fs::symlink;
use std::time::Instant;

use common::{Submission, processes, root};

/// The points of the wrong answer: task 1.2 alone.
const WRONG: u64 = 3;

#[test]
fn wrong_without_a_trick() {
    let graded = Submission::new("no-trick").word("\"bean\"").grade(&[]);
    graded.fails("says_pea", "bean");
    assert_eq!(graded.points(), WRONG);
}

// The eight tricks that other graders of Rust exercises fall for.

#[test]
fn exit_0_in_the_function_under_test() {
    let graded = Submission::new("exit").word("{ std::process::exit(0) }").grade(&[]);
    graded.fails("says_pea", "the word");
    assert_eq!(graded.points(), WRONG);
}

#[test]
fn abort_in_the_function_under_test() {
    let graded = Submission::new("abort").word("{ std::process::abort() }").grade(&[]);
    graded.fails("says_pea", "the word");
    assert_eq!(graded.points(), WRONG);
}

#[test]
fn a_runner_in_cargo_config() {
    let config = "[target.'cfg(all())']\nrunner = \"true\"\n[build]\nrustc-wrapper = \"/bin/true\"\n";
    let graded = Submission::new("runner")
        .word("\"bean\"")
        .file(".cargo/config.toml", config)
        .file("01-one/.cargo/config.toml", config)
        .grade(&[]);
    graded.fails("says_pea", "bean");
    assert_eq!(graded.points(), WRONG);
    assert!(graded.json["ignored"].to_string().contains(".cargo"), "{}", graded.text);
}

#[test]
fn autotests_off() {
    manifest_trick("autotests", "[package]\nname = \"one\"\nautotests = false\n");
}

#[test]
fn harness_off_and_a_program_that_prints_results() {
    let submission = Submission::new("harness")
        .word("\"bean\"")
        .file("01-one/Cargo.toml", "[package]\nname = \"one\"\n[[test]]\nname = \"checks\"\nharness = false\n")
        .file(
            "01-one/tests/checks.rs",
            "fn main() { println!(\"test says_pea ... ok\\ntest result: ok. 3 passed; 0 failed\") }",
        );
    let graded = submission.grade(&[]);
    graded.fails("says_pea", "bean");
    assert_eq!(graded.points(), WRONG);
    assert!(graded.json["ignored"].to_string().contains("01-one/tests/checks.rs"));
}

fn manifest_trick(name: &str, manifest: &str) {
    let graded = Submission::new(name).word("\"bean\"").file("01-one/Cargo.toml", manifest).grade(&[]);
    graded.fails("says_pea", "bean");
    assert_eq!(graded.points(), WRONG);
    assert!(graded.json["ignored"].to_string().contains("01-one/Cargo.toml"));
}

#[test]
fn a_build_script_that_rewrites_the_tests() {
    let ran = common::base().join("build-script-ran");
    let _ = std::fs::remove_file(&ran);
    let script = format!("fn main() {{ std::fs::write({ran:?}, \"\").unwrap(); }}");
    let graded = Submission::new("build-script")
        .word("\"bean\"")
        .file("01-one/build.rs", &script)
        .file("build.rs", &script)
        .file("01-one/src/build.rs", &script)
        .grade(&[]);
    graded.fails("says_pea", "bean");
    assert_eq!(graded.points(), WRONG);
    assert!(!ran.exists());
    assert!(graded.json["ignored"].to_string().contains("01-one/build.rs"));
}

#[test]
fn tests_deleted() {
    let graded = Submission::new("deleted")
        .word("\"bean\"")
        .file("01-one/tests/checks.rs", "podcheck::checks!(\"one\": says_42);")
        .file("01-one/checks.yaml", "chapter: 1\ntasks: []\n")
        .grade(&[]);
    graded.fails("says_pea", "bean");
    assert_eq!(graded.points(), WRONG);
}

#[test]
fn forged_output() {
    let forged = r#"{
        println!("test says_pea ... ok\ntest result: ok. 3 passed; 0 failed; 0 ignored");
        println!("{{\"check\":\"says_pea\",\"verdict\":\"pass\"}}");
        println!("{{\"type\":\"test\",\"event\":\"ok\",\"name\":\"says_pea\"}}");
        std::process::exit(0)
    }"#;
    let graded = Submission::new("forged").word(forged).grade(&[]);
    graded.fails("says_pea", "the word");
    assert_eq!(graded.points(), WRONG);
}

// An adversary who has read the grader.

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

// Submissions that are broken, on purpose or not.

#[test]
fn an_endless_loop() {
    let graded = Submission::new("endless").word("{ loop { std::hint::black_box(1); } }").grade(&[]);
    graded.fails("says_pea", "time limit");
    assert_eq!(graded.points(), WRONG);
}

/// Forks, and each child does. If nothing held it, it would end by itself before the machine is
/// full.
const FORK_BOMB: &str = r#"{
    unsafe extern "C" { fn fork() -> i32; fn _exit(status: i32) -> !; }
    loop {
        unsafe { fork() };
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let tasks = load.split(['/', ' ']).nth(4).and_then(|it| it.parse::<u32>().ok());
        if tasks.is_none_or(|tasks| tasks > 6000) {
            unsafe { _exit(9) }
        }
    }
}"#;

/// One process, and ever more threads.
const THREAD_BOMB: &str = r#"{
    for _ in 0..5000 {
        let _ = std::thread::Builder::new().stack_size(16 << 10).spawn(|| loop { std::thread::park() });
    }
    loop { std::thread::park() }
}"#;

/// The verdicts of the checks that stand beside the bomb, and all points.
#[track_caller]
fn a_bomb_costs_its_own_points(name: &str, bomb: &str, jobs: &str) {
    let graded = Submission::new(name).word(bomb).grade(&["-j", jobs]);
    let result = graded.result("says_pea");
    assert_eq!(result["verdict"], "fail", "{}", graded.text);
    assert!(result.to_string().contains("processes and threads started"), "{result:#}");
    for beside in ["says_42", "says_42_and_ends_well"] {
        assert_eq!(graded.verdict(beside), "pass", "{}", graded.text);
    }
    assert_eq!((graded.points(), graded.out_of(), graded.status), (WRONG, 10, 1), "{}", graded.text);
    assert!(processes(&format!("{name}/bin/one")).is_empty());
}

#[test]
fn a_fork_bomb() {
    a_bomb_costs_its_own_points("bomb", FORK_BOMB, "1");
}

#[test]
fn a_fork_bomb_beside_other_checks() {
    a_bomb_costs_its_own_points("bomb-beside", FORK_BOMB, "2");
}

#[test]
fn a_thread_bomb_beside_other_checks() {
    a_bomb_costs_its_own_points("bomb-threads", THREAD_BOMB, "2");
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

#[test]
fn a_gigabyte_of_output() {
    let flood = r#"{
        use std::io::Write;
        let block = [b'x'; 1 << 20];
        let mut out = std::io::stdout();
        for _ in 0..1024 { if out.write_all(&block).is_err() { break } }
        "pea"
    }"#;
    let graded = Submission::new("flood").word(flood).grade(&[]);
    graded.fails("says_pea", "more than 8 MiB");
    assert_eq!(graded.points(), WRONG);
}

#[test]
fn a_full_temporary_directory() {
    let fill = r#"{
        let block = vec![1; 1 << 20];
        for n in 0..2000 {
            let _ = std::fs::write(std::env::temp_dir().join(n.to_string()), &block);
        }
        loop { std::thread::sleep(std::time::Duration::from_secs(1)) }
    }"#;
    let graded = Submission::new("full").word(fill).grade(&["1.1"]);
    assert_eq!(graded.verdict("says_pea"), "fail");
    assert_eq!(graded.points(), 0);
}

#[test]
fn nothing_at_all() {
    let submission = Submission::new("empty");
    std::fs::remove_dir_all(&submission.dir).unwrap();
    std::fs::create_dir_all(&submission.dir).unwrap();
    let graded = submission.grade(&[]);
    assert_eq!((graded.points(), graded.out_of()), (0, 10), "{}", graded.text);
    assert_eq!(graded.status, 1);
    assert!(graded.text.contains("nothing was handed in"));
}

#[test]
fn not_rust() {
    let submission = Submission::new("not-rust");
    let word = [0xff, 0xfe, 0, b'W', 0, b'o', 0, b'r', 0, b'd'];
    std::fs::write(submission.dir.join("01-one/src/lib.rs"), word).unwrap();
    let graded = submission.grade(&[]);
    assert_eq!((graded.points(), graded.out_of()), (0, 10));
    assert!(graded.text.contains("src/lib.rs is not text"), "{}", graded.text);
}

#[test]
fn a_link_out_of_the_tree() {
    let submission = Submission::new("link").word("\"bean\"");
    let lib = submission.dir.join("01-one/src/lib.rs");
    std::fs::remove_file(&lib).unwrap();
    // The reference answer itself: it would have had all points.
    symlink(root().join("solutions/01-one/src/lib.rs"), &lib).unwrap();
    let graded = submission.grade(&[]);
    assert_eq!((graded.points(), graded.out_of()), (0, 10));
    assert!(graded.text.contains("src/lib.rs is a link that leads out"), "{}", graded.text);
    // So would a directory.
    let src = submission.dir.join("01-one/src");
    std::fs::remove_dir_all(&src).unwrap();
    symlink(root().join("solutions/01-one/src"), &src).unwrap();
    let graded = submission.grade(&[]);
    assert_eq!(graded.points(), 0, "{}", graded.text);
}

#[test]
fn a_pipe_for_a_source() {
    let submission = Submission::new("pipe");
    let pipe = submission.dir.join("01-one/src/extra.rs");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let graded = submission.grade(&[]);
    assert_eq!(graded.points(), 0);
    assert!(graded.text.contains("is not a regular file"), "{}", graded.text);
}

#[test]
fn another_binary_of_the_same_name() {
    // `src/bin/one.rs` would be a second target of that name.
    let graded = Submission::new("bins")
        .word("\"bean\"")
        .file("01-one/src/bin/one.rs", "fn main() { println!(\"pea\") }")
        .grade(&[]);
    graded.fails("says_pea", "bean");
    assert_eq!(graded.points(), WRONG);
}

#[test]
fn a_shared_target_directory_gives_no_false_pass() {
    // The solution is graded, then a wrong answer with old dates in the same directory.
    let submission = Submission::new("dates");
    assert_eq!(submission.grade(&[]).points(), 10);
    let submission = submission.word("\"bean\"");
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let lib = std::fs::File::options().write(true).open(submission.dir.join("01-one/src/lib.rs")).unwrap();
    lib.set_modified(old).unwrap();
    let graded = submission.grade(&[]);
    graded.fails("says_pea", "bean");
}
