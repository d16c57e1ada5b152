//! Unit tests of what the pages are told of the reader's work.

use std::path::PathBuf;
use std::pin::pin;
use std::sync::mpsc::{Receiver, sync_channel};
use std::task::{Context, Poll, Waker};

use futures_util::stream::Stream;

use super::*;
use crate::workbook::{Check, Task};

/// Two chapters of two tasks with one check each; nothing of it is on disk.
fn board() -> (Board, Receiver<()>) {
    let task = |chapter: u32, n: u32| Task {
        id: format!("{chapter}.{n}"),
        title: format!("Task number {n}"),
        file: format!("src/t{n}.rs"),
        section: format!("task-{chapter}-{n}"),
        needs: Vec::new(),
        hints: Vec::new(),
        checks: vec![Check { name: format!("check_{chapter}_{n}"), points: 2, requires: Vec::new(), timeout: 1 }],
    };
    let chapter = |number: u32| Chapter {
        number,
        krate: format!("c{number}"),
        title: "A chapter".to_string(),
        page: format!("0{number}-c/index.md"),
        tasks: vec![task(number, 1), task(number, 2)],
        dir: format!("0{number}-c"),
    };
    let workbook = Workbook { root: PathBuf::from("/nowhere"), chapters: vec![chapter(1), chapter(2)] };
    let (build, builds) = sync_channel(1);
    (Board::new(Hub::new(8), workbook, build), builds)
}

/// A report in which the tasks of these numbers have passed, and the others failed.
fn report(board: &Board, passed: &[&str], broken: &[&str]) -> Value {
    let workbook = board.known().workbook.clone();
    let mut grading = not_started(&workbook.chapters.iter().collect::<Vec<_>>());
    for result in &mut grading.results {
        result.not_started = false;
        result.verdict = if passed.contains(&result.task.as_str()) { Verdict::Pass } else { Verdict::Fail };
    }
    grading.broken = broken.iter().map(|dir| (dir.to_string(), "error: no\n --> src/t1.rs:1:1".to_string())).collect();
    grading.seconds = 0.5;
    report::json::value(&workbook, &grading)
}

/// The last event of each kind, by name and chapter.
fn told(board: &Board) -> BTreeMap<String, Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _entered = runtime.enter();
    let mut stream = pin!(board.hub.stream().unwrap());
    let mut context = Context::from_waker(Waker::noop());
    let mut told = BTreeMap::new();
    while let Poll::Ready(Some(Ok(bytes))) = stream.as_mut().poll_next(&mut context) {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        if let Some((event, data)) = text.strip_prefix("event: ").and_then(|it| it.split_once("\ndata: ")) {
            let data: Value = serde_json::from_str(data).unwrap();
            let about = data["dir"].as_str().or(data["chapter"].as_str()).unwrap_or("");
            told.insert(format!("{event} {about}").trim().to_string(), data.clone());
        }
    }
    told
}

fn both() -> BTreeSet<String> {
    ["01-c".to_string(), "02-c".to_string()].into()
}

#[test]
fn each_chapter_gets_its_part_of_a_report_and_next_is_the_first_open_task() {
    let (board, _builds) = board();
    board.begins(&both());
    assert!(told(&board).contains_key("grading 02-c"));
    board.graded(&both(), report(&board, &["1.1", "1.2", "2.1"], &[]), Some(SystemTime::now()));
    let told = told(&board);
    assert!(!told.contains_key("grading 02-c"));
    let second = &told["results 02-c"];
    assert_eq!(second["page"], "02-c/index.html");
    assert_eq!(second["score"], json!({ "points": 2, "out_of": 4 }));
    assert_eq!(second["results"].as_array().unwrap().len(), 2);
    assert_eq!(second["tasks"][0]["state"], "passed");
    assert_eq!(second["tasks"][1]["text"], "failed");
    assert!(!second["all_passed"].as_bool().unwrap() && told["results 01-c"]["all_passed"].as_bool().unwrap());
    assert!(second["live"]["overhead_seconds"].as_f64().unwrap() < 0.3);
    assert_eq!(told["next"]["task"], "2.2");
    assert_eq!(told["next"]["file"], "exercises/02-c/src/t2.rs");
    assert_eq!(told["next"]["href"], "02-c/index.html#task-2-2");
}

#[test]
fn nothing_is_said_to_be_next_before_it_is_known() {
    let (board, _builds) = board();
    board.first_look();
    assert!(!told(&board).contains_key("next"));
    let all = ["1.1", "1.2", "2.1", "2.2"];
    board.graded(&["01-c".to_string()].into(), report(&board, &all, &[]), None);
    assert!(!told(&board).contains_key("next"));
    board.graded(&both(), report(&board, &all, &[]), None);
    assert_eq!(told(&board)["next"], json!({ "done": true }));
}

#[test]
fn a_chapter_that_does_not_compile_remembers_how_its_tasks_stood() {
    let (board, _builds) = board();
    board.graded(&both(), report(&board, &["1.1"], &[]), None);
    board.graded(&["1.1".to_string()].into(), report(&board, &[], &["01-c"]), None);
    let told = told(&board);
    let first = &told["results 01-c"];
    assert!(first["chapters"][0]["compiler"].as_str().unwrap().starts_with("error: no"));
    assert_eq!(first["tasks"][1]["state"], "broken");
    assert_eq!(first["before"], json!({ "1.1": "passed", "1.2": "failed" }));
    assert_eq!(told["results 02-c"]["before"], Value::Null);
    assert_eq!(told["next"]["task"], "1.1");
}

#[test]
fn a_deleted_chapter_is_said_to_be_gone_until_it_returns() {
    let (board, _builds) = board();
    board.graded(&both(), report(&board, &[], &[]), None);
    board.gone("02-c");
    board.gone("03-never-was");
    let gone = told(&board)["results 02-c"].clone();
    assert!(gone["error"].as_str().unwrap().starts_with("exercises/02-c is not there"), "{gone}");
    board.graded(&["02-c".to_string()].into(), report(&board, &["2.1"], &[]), None);
    assert_eq!(told(&board)["results 02-c"]["score"]["points"], 2);
}

#[test]
fn a_grader_that_cannot_grade_says_why() {
    let (board, _builds) = board();
    board.graded(&["01-c".to_string()].into(), json!({ "error": "podkit does not compile" }), None);
    assert_eq!(told(&board)["results 01-c"]["error"], "podkit does not compile");
}

#[test]
fn one_build_waits_however_often_the_book_is_saved() {
    let (board, builds) = board();
    (0..10).for_each(|_| board.book_touched());
    assert_eq!(builds.try_iter().count(), 1);
}
