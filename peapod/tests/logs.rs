//! `logs`: what containers have said.

mod common;

use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{User, pod, pod_with};
use predicates::prelude::*;

const NEVER: &str = "  restartPolicy: Never\n";

#[test]
fn all_of_it_the_end_of_it_and_with_times() {
    let user = User::new();
    user.apply(&pod_with("count", "for n in 1 2 3 4 5; do echo line $n; done; echo wrong >&2; printf 'no end'", NEVER));
    user.until_status("count", "Completed");
    let all = user.out(&["logs", "count"]);
    for line in ["line 1\n", "line 5\n", "wrong\n", "no end"] {
        assert!(all.contains(line), "{line:?} in {all:?}");
    }
    assert_eq!(user.out(&["logs", "count", "--tail=0"]), "");
    assert_eq!(user.out(&["logs", "pod/count", "--tail", "-1"]), all);
    assert_eq!(user.out(&["logs", "count", "--limit-bytes", "4"]).len(), 4);
    assert_eq!(user.out(&["logs", "count", "-c", "app", "--tail", "3"]).lines().count(), 3);
    assert_eq!(user.out(&["logs", "count", "--since", "1h"]), all);
    assert_eq!(user.out(&["logs", "count", "--since-time", "2999-01-01T00:00:00Z"]), "");
    let times = user.out(&["logs", "count", "--timestamps", "--tail", "1"]);
    assert!(predicate::str::is_match(r"^20\d\d-\d\d-\d\dT[0-9:]{8}\.\d{9}Z ").unwrap().eval(&times), "{times}");
}

#[test]
fn since_leaves_out_what_is_older() {
    let user = User::new();
    user.apply(&pod_with("two", "echo old; sleep 2.5; echo new", NEVER));
    user.until_status("two", "Completed");
    assert_eq!(user.out(&["logs", "two"]), "old\nnew\n");
    assert_eq!(user.out(&["logs", "two", "--since", "2s"]), "new\n");
}

#[test]
fn a_long_line_is_one_line() {
    let user = User::new();
    user.apply(&pod_with("long", "head -c 100000 /dev/zero | tr '\\\\0' x; echo; echo short", NEVER));
    user.until_status("long", "Completed");
    let all = user.out(&["logs", "long"]);
    assert_eq!(all.lines().map(str::len).collect::<Vec<_>>(), [100_000, 5]);
    assert_eq!(user.out(&["logs", "long", "--tail", "2"]), all);
}

#[test]
fn much_is_kept_in_several_files_and_not_without_end() {
    let user = User::new();
    // With its times, this is more than five files of 10 MiB hold.
    user.apply(&pod_with("much", "yes 0123456789012345678901234567890123456789 | head -c 30000000; echo end", NEVER));
    user.until_status("much", "Completed");
    let size: u64 = walk(&user.state().join("logs"));
    assert!((40 << 20..60 << 20).contains(&size), "{size} bytes are kept");
    let output = user.peapod(&["logs", "much"]).output().unwrap().stdout;
    assert!(output.ends_with(b"end\n") && output.len() > 10 << 20, "{} bytes are shown", output.len());
}

fn walk(dir: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { walk(&path) } else { path.metadata().unwrap().len() }).sum()
}

#[test]
fn one_follows_to_the_end() {
    let user = User::new();
    user.apply(&pod_with("web", "for n in 1 2 3; do echo $n; sleep 0.3; done", NEVER));
    let begun = Instant::now();
    assert_eq!(user.out(&["logs", "-f", "web"]), "1\n2\n3\n");
    assert!(begun.elapsed() > Duration::from_millis(300), "{:?}", begun.elapsed());
    assert_eq!(user.out(&["logs", "-f", "web", "--tail", "1"]), "3\n");
}

#[test]
fn one_follows_until_the_pod_is_deleted() {
    let user = User::new();
    user.apply(&pod("web", "trap 'echo bye; exit 0' TERM; echo hello; while :; do sleep 0.1; done"));
    user.until_status("web", "Running");
    let follow = user.plain(&["logs", "-f", "web"]).stdout(Stdio::piped()).spawn().unwrap();
    user.peapod(&["delete", "pod", "web"]).assert().success();
    let output = follow.wait_with_output().unwrap();
    assert!(output.stdout.starts_with(b"hello\n"), "{output:?}");
}

#[test]
fn the_run_before_this_one() {
    let user = User::new();
    let script = "echo run; echo \"in $HOSTNAME\"; exit 1";
    user.apply(&pod("crash", script));
    user.until_status("crash", "CrashLoopBackOff");
    assert_eq!(user.out(&["logs", "crash"]), "run\nin crash\n");
    assert_eq!(user.out(&["logs", "crash", "-p"]), "run\nin crash\n");
    user.apply(&pod("calm", "trap 'exit 0' TERM; sleep 60 & wait"));
    user.until_status("calm", "Running");
    assert!(user.error(1, &["logs", "calm", "-p"]).contains("previous terminated container"));
}

#[test]
fn which_container() {
    let user = User::new();
    let both = "  initContainers:\n  - { name: first, image: host, command: [echo, initial] }\n";
    let more = pod_with("web", "echo app; trap 'exit 0' TERM; sleep 60 & wait", both)
        .replace("---\n", "  - { name: side, image: host, command: [sh, -c, 'echo side; exec sleep 60'] }\n");
    user.apply(&more);
    user.until_status("web", "Running");
    let defaulted = "Defaulted container \"app\" out of: app, side, first (init)\n";
    user.peapod(&["logs", "web"]).assert().success().stdout("app\n").stderr(defaulted);
    user.peapod(&["logs", "web", "-c", "side"]).assert().success().stdout("side\n").stderr("");
    user.peapod(&["logs", "web", "first"]).assert().success().stdout("initial\n");
    assert!(user.error(1, &["logs", "web", "-c", "other"]).contains("which has: app, side, first"));
    assert_eq!(user.out(&["logs", "web", "--all-containers"]), "[first] initial\n[app] app\n[side] side\n");
}

#[test]
fn what_has_not_started_has_said_nothing() {
    let user = User::new();
    let init = "  initContainers:\n  - { name: first, image: host, command: [sleep, \"60\"] }\n";
    user.apply(&pod_with("web", "echo app", init));
    user.until_status("web", "Init:0/1");
    assert!(user.error(1, &["logs", "web", "-c", "app"]).contains("is waiting to start: PodInitializing"));
    assert_eq!(user.out(&["logs", "web", "-c", "first"]), "");
}
