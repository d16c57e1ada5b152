//! Whoever takes more than there is: time, processes, output, files.

use crate::WRONG;
use crate::common::{Submission, processes};

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
