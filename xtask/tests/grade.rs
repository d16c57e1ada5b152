//! The grader on honest work.

mod common;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{Graded, Submission, processes, root, xtask, xtask_with};

#[test]
fn solutions_have_all_points() {
    let graded = Graded::of(xtask(&["grade", "--solutions", "--format", "json"]));
    assert_eq!((graded.points(), graded.out_of()), (10, 10), "{}", graded.text);
    assert_eq!(graded.status, 0);
    assert_eq!(graded.json["all_passed"], true);
}

#[test]
fn untouched_exercises_have_none_and_say_not_started() {
    let output = xtask(&["grade"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("Score: 0 of 10 points (0 %)"), "{text}");
    for task in ["1.1", "1.2", "2.1"] {
        let line = text.lines().find(|line| line.trim_start().starts_with(task));
        let line = line.unwrap_or_else(|| panic!("{task} is not in {text}"));
        assert!(line.ends_with("not started"), "{line}");
    }
    for word in ["panic", "backtrace", "thread '", "\x1b"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
}

/// What it would do is known, and may take long: the checks of static pods wait a minute for pods that never come.
#[test]
fn a_task_that_is_not_begun_is_not_run() {
    let submission = Submission::new("not-begun").replace(
        "01-one/src/lib.rs",
        "    // ANCHOR: task_1_2\n    42\n",
        "    // ANCHOR: task_1_2\n    todo!(\"task 1.2: A number\")\n",
    );
    // The program does what task 1.2 asks for, before it comes to the task.
    let submission = submission.replace(
        "01-one/src/lib.rs",
        "println!(\"{}\", number())",
        "{\n            println!(\"42\");\n            if args.len() > 1 {\n                number();\n            }\n        }",
    );
    let graded = submission.grade(&["1"]);
    assert_eq!(graded.verdict("says_pea"), "pass");
    graded.fails_of("says_42", "task 1.2 is not started", 6);
    assert_eq!(graded.result("says_42")["not_started"], true);
    assert_eq!(graded.points(), 3);
}

#[test]
fn a_wrong_answer_is_told_what_was_expected() {
    let submission = Submission::new("wrong").word("\"bean\"");
    let graded = submission.grade(&[]);
    graded.fails("says_pea", "bean");
    let result = graded.result("says_pea");
    assert_eq!(result["expected"], "pea");
    assert_eq!(result["try"], "cargo run -p one -- word");
    // The other task needs this one, but its checks pass: it keeps its points.
    assert_eq!(graded.points(), 3);
    assert_eq!(graded.verdict("says_peapea"), "blocked");
    assert_eq!(graded.result("says_peapea")["blocked_by"], "1.1");
    let dir = submission.dir.to_str().unwrap();
    let output = xtask(&["grade", "--from", dir]);
    let text = String::from_utf8_lossy(&output.stdout);
    for part in ["expected  pea", "observed  bean", "cargo xtask hint 1.1", "3 of 10 points"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn one_chapter_or_task_is_graded_alone() {
    let submission = Submission::new("alone");
    assert_eq!(submission.grade(&["2"]).out_of(), 4);
    assert_eq!(submission.grade(&["one"]).out_of(), 6);
    assert_eq!(submission.grade(&["1.2"]).out_of(), 3);
    let output = xtask(&["grade", "7"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("the chapters are 01-one, 02-two"));
}

#[test]
fn a_chapter_that_does_not_compile_costs_itself_alone() {
    let submission = Submission::new("broken-two").file("02-two/src/lib.rs", "pub fn run(");
    let graded = submission.grade(&[]);
    assert_eq!((graded.points(), graded.out_of()), (6, 10), "{}", graded.text);
    let words = graded.json["chapters"][1]["compiler"].as_str().unwrap();
    assert!(words.contains("broken-two/02-two/src/lib.rs:1:"), "{words}");
}

#[test]
fn chapters_behind_a_broken_one_are_blocked_and_can_be_skipped_ahead_to() {
    let submission = Submission::new("broken-one").file("01-one/src/lib.rs", "not Rust at all");
    let graded = submission.grade(&[]);
    assert_eq!((graded.points(), graded.out_of()), (0, 10));
    assert_eq!(graded.result("says_peapea")["blocked_by"], "chapter 1");
    let ahead = submission.grade(&["2", "--skip-ahead"]);
    assert_eq!((ahead.points(), ahead.status), (4, 0), "{}", ahead.text);
    // What to type is said: before, the way ahead; then, the program that was judged.
    let dir = submission.dir.to_str().unwrap();
    let said = |args: &[&str]| {
        let all = [&["grade", "2", "--from", dir], args].concat();
        String::from_utf8_lossy(&xtask(&all).stdout).into_owned()
    };
    assert_eq!(said(&[]).matches("cargo xtask grade 2 --skip-ahead").count(), 1, "{}", said(&[]));
    let text = said(&["--skip-ahead"]);
    let program = text.lines().find(|line| line.ends_with("/debug/two")).unwrap_or_else(|| panic!("{text}"));
    let home = std::env::var("HOME").unwrap_or_default();
    assert!(Path::new(&program.trim().replacen('~', &home, 1)).is_file(), "{program}");
}

#[test]
fn next_of_a_chapter_asks_for_that_chapter() {
    let output = xtask(&["next", "2"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("Task 2.1"), "{text}");
    let text = String::from_utf8_lossy(&xtask(&["next", "2", "--skip-ahead"]).stdout).into_owned();
    assert!(text.contains("cargo xtask grade 2.1 --skip-ahead"), "{text}");
}

#[test]
fn every_format_has_the_same_score() {
    let submission = Submission::new("formats").word("\"bean\"");
    let dir = submission.dir.to_str().unwrap();
    let report = |format| {
        let output = xtask(&["grade", "--from", dir, "--format", format]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(report("human").contains("Score: 3 of 10 points (30 %)"));
    assert!(report("tap").contains("Score: 3 of 10 points (30 %)"));
    assert!(report("github").contains("Score: 3 of 10 points (30 %)"));
    assert!(report("github").contains("::error file=exercises/01-one/src/lib.rs"));
    let junit = report("junit");
    assert!(junit.contains(r#"tests="4""#) && junit.contains(r#"failures="1""#), "{junit}");
    assert!(report("tap").contains("not ok 1 - 1.1 says_pea"));
}

#[test]
fn hints_come_one_at_a_time() {
    let hint = |args: &[&str]| {
        let state = common::base().join("hint-state").display().to_string();
        let mut all = vec!["hint", "1.1"];
        all.extend(args);
        let output = xtask_with(&all, &[("XDG_STATE_HOME", &state)]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let first = hint(&["--again"]);
    assert!(first.contains("think") && !first.contains("of peas"), "{first}");
    let second = hint(&[]);
    assert!(second.contains("of peas") && !second.contains("think"), "{second}");
    let all = hint(&["--all"]);
    assert!(all.contains("think") && all.contains("\"pea\""), "{all}");
}

#[test]
fn next_names_the_first_open_task() {
    let output = xtask(&["next"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("Task 1.1") && text.contains("01-one/index.md#task-1-1"), "{text}");
}

/// The grader, started and left to run.
fn started(root: &Path, cache: &Path, temp: &Path, args: &[&str]) -> Child {
    std::fs::create_dir_all(temp).unwrap();
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("--root")
        .arg(root)
        .args(args)
        .env("XDG_CACHE_HOME", cache)
        .env("TMPDIR", temp)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn entries(dir: &Path) -> usize {
    std::fs::read_dir(dir).map_or(0, Iterator::count)
}

fn within_a_minute(what: &str, is: impl Fn() -> bool) {
    for _ in 0..1200 {
        if is() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{what}");
}

#[test]
fn a_grader_that_is_killed_leaves_nothing() {
    let submission = Submission::new("killed-grader").word("{ loop { std::thread::park() } }");
    let dir = submission.dir.to_str().unwrap();
    // Compiles it, and shows that it would run until its time is up.
    assert_eq!(submission.grade(&["1.1"]).verdict("says_pea"), "fail");
    for signal in ["-KILL", "-INT"] {
        let temp = common::base().join("killed-temp");
        let _ = std::fs::remove_dir_all(&temp);
        let cache = common::base().join("cache");
        let mut grader = started(&root(), &cache, &temp, &["grade", "1.1", "--from", dir]);
        let program = "bin/one word";
        within_a_minute("the check does not start", || processes(program).iter().any(|it| it.contains("killed-temp")));
        assert!(entries(&temp) > 0);
        let id = grader.id().to_string();
        Command::new("kill").args([signal, &id]).status().unwrap();
        let status = grader.wait().unwrap();
        if signal == "-INT" {
            assert_eq!(status.code(), Some(130));
        }
        within_a_minute("a process stays", || !processes(program).iter().any(|it| it.contains("killed-temp")));
        within_a_minute("the run's directory stays", || entries(&temp) == 0);
    }
}

#[test]
fn watching_grades_the_chapter_that_was_touched() {
    let root = common::workbook("watched");
    let cache = common::base().join("watched-cache");
    common::seed(&cache, &root);
    let temp = common::base().join("watched-temp");
    let mut grader = started(&root, &cache, &temp, &["grade", "--watch"]);
    let id = grader.id().to_string();
    let stdout = BufReader::new(grader.stdout.take().unwrap());
    let (sender, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || stdout.lines().map_while(Result::ok).all(|line| sender.send(line).is_ok()));
    let mut printed = String::new();
    let mut wait_for = |text: &str| {
        let until = Instant::now() + Duration::from_secs(180);
        loop {
            let Ok(line) = lines.recv_timeout(until.saturating_duration_since(Instant::now())) else {
                let _ = Command::new("kill").args(["-INT", &id]).status();
                panic!("{text:?} was never printed; this was:\n{printed}");
            };
            printed += &format!("{line}\n");
            if line.contains(text) {
                return;
            }
        }
    };
    wait_for("Score: 0 of 10");
    wait_for("watching exercises/");
    let solved = std::fs::read(root.join("solutions/01-one/src/lib.rs")).unwrap();
    std::fs::write(root.join("exercises/01-one/src/lib.rs"), solved).unwrap();
    wait_for("Score: 6 of 6");
    Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert!(grader.wait().unwrap().success());
}
