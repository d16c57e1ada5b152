//! Verdicts, and the one function that makes a score of them.
//!
//! | verdict | when | points |
//! |---|---|---|
//! | pass | the check says so, on its own pipe, and left nothing behind | all |
//! | fail | anything else the reader's code can cause | 0 |
//! | blocked | it failed, and a task it needs (or an earlier chapter) has not passed | 0 |
//! | not gradable here | the machine lacks a feature the check requires | do not count |
//! | grader error | the check itself went wrong | do not count |
//!
//! The last two are the way to points that do not count, so nothing the reader's code does
//! may lead there: a check that is killed before it answers has *failed*, and so has one that
//! went wrong because the program it judges took away its files or its room ([`sabotaged`]).
//! And both are believed only of a check that ran alone ([`crate::run`]).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::supervise::{Answer, End};
use crate::workbook::Workbook;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Pass,
    Fail,
    Blocked,
    NotHere,
    GraderError,
}

/// The result of one check. This is also what the JSON report holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckResult {
    pub chapter: u32,
    pub task: String,
    pub check: String,
    pub points: u32,
    pub verdict: Verdict,
    /// The reader has not begun the task: its `todo!` still stands in the source.
    pub not_started: bool,
    /// What was looked at, or why there is no result.
    pub what: String,
    pub expected: String,
    pub observed: String,
    /// The command that shows it by hand.
    #[serde(rename = "try")]
    pub reproduce: Option<String>,
    /// What the check's run left behind (each is also in `observed`).
    pub leaks: Vec<String>,
    /// The task or chapter this one waits for.
    pub blocked_by: Option<String>,
    pub seconds: f64,
}

impl CheckResult {
    pub fn set(&mut self, verdict: Verdict, what: &str, expected: &str, observed: &str) {
        self.verdict = verdict;
        self.what = what.to_string();
        self.expected = expected.to_string();
        self.observed = observed.to_string();
    }

    pub fn blocked(&mut self, by: String) {
        self.verdict = Verdict::Blocked;
        self.blocked_by = Some(by);
    }
}

/// Points reached, and points that could be reached here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Score {
    pub points: u32,
    pub out_of: u32,
}

impl Score {
    /// The score of some results: the only place where points are added up.
    pub fn of<'a>(results: impl IntoIterator<Item = &'a CheckResult>) -> Score {
        let mut score = Score::default();
        for result in results {
            match result.verdict {
                Verdict::Pass => {
                    score.points += result.points;
                    score.out_of += result.points;
                }
                Verdict::Fail | Verdict::Blocked => score.out_of += result.points,
                Verdict::NotHere | Verdict::GraderError => {}
            }
        }
        score
    }

    /// Rounded down: 100 means everything.
    pub fn percent(self) -> u32 {
        match self.out_of {
            0 => 0,
            out_of => (u64::from(self.points) * 100 / u64::from(out_of)) as u32,
        }
    }
}

/// The line a check program writes. Unknown fields mean it is not one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Report {
    check: String,
    verdict: String,
    #[serde(default)]
    what: String,
    #[serde(default)]
    expected: String,
    #[serde(default)]
    observed: String,
    #[serde(default, rename = "try")]
    reproduce: Option<String>,
}

/// Fills in what the supervisor's answer means for a check.
pub fn judge(result: &mut CheckResult, answer: &Answer) {
    result.seconds = answer.seconds;
    match answer.end {
        End::Timeout => {
            let observed = "it was still running; everything was stopped";
            result.set(Verdict::Fail, "the check's end", "within its time limit", observed);
            return;
        }
        End::TooMany => {
            let observed = "more than 512; everything was stopped";
            result.set(Verdict::Fail, "processes and threads started", "a few", observed);
            return;
        }
        End::Full => {
            let observed = "its directories had grown past 512 MiB; everything was stopped";
            result.set(Verdict::Fail, "files written", "a few", observed);
            return;
        }
        _ => {}
    }
    let mut lines = answer.report.lines();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        let how = match answer.end {
            End::Signal(signal) => format!("it was ended by signal {signal}"),
            End::Exit(code) => format!("it ended with status {code}"),
            _ => "it ended".to_string(),
        };
        let observed = format!("{how} and left no verdict; only your program could do that");
        result.set(Verdict::Fail, "the check's verdict", "one", &observed);
        return;
    };
    let report: Report = match serde_json::from_str(line) {
        Ok(report) => report,
        Err(error) => {
            let observed = format!("something else: {error}");
            result.set(Verdict::Fail, "the check's verdict", "a report", &observed);
            return;
        }
    };
    if report.check != result.check || answer.end != End::Exit(0) {
        let observed = format!("{} ({:?})", report.check, answer.end);
        result.set(Verdict::Fail, "the check that answered", &result.check.clone(), &observed);
        return;
    }
    let verdict = match report.verdict.as_str() {
        "pass" => Verdict::Pass,
        "fail" => Verdict::Fail,
        "not_here" => Verdict::NotHere,
        _ => Verdict::GraderError,
    };
    if let (Verdict::NotHere | Verdict::GraderError, Some((what, expected, observed))) = (verdict, sabotaged(answer)) {
        result.set(Verdict::Fail, what, expected, &format!("{observed}\n{}", report.what));
        return;
    }
    result.set(verdict, &report.what, &report.expected, &report.observed);
    result.reproduce = report.reproduce;
    result.leaks = answer.leaks.clone();
    if verdict == Verdict::Pass && !answer.leaks.is_empty() {
        let observed = answer.leaks.join("\n");
        result.set(Verdict::Fail, "what is left afterwards", "nothing", &observed);
    }
}

/// More processes and threads than any honest program of a check has.
pub const A_BOMB: usize = 100;

/// What the program that was judged did to its check: what was looked at, expected, observed.
fn sabotaged(answer: &Answer) -> Option<(&'static str, &'static str, String)> {
    if answer.most > A_BOMB {
        return Some(("processes and threads started", "a few", format!("{}, and the check had no room", answer.most)));
    }
    let damage = answer.damage.join("\n");
    (!damage.is_empty()).then_some(("what the check needs", "left alone by your program", damage))
}

/// The second look, once all results are there: not started, and blocked.
///
/// `begun(task)` says whether the reader's source still has the task's `todo!`.
pub fn relate(workbook: &Workbook, results: &mut [CheckResult], begun: impl Fn(&str) -> bool) {
    for result in results.iter_mut() {
        if matches!(result.verdict, Verdict::Fail | Verdict::Blocked) && !begun(&result.task) {
            result.not_started = true;
            result.verdict = Verdict::Fail;
            result.blocked_by = None;
            let title = workbook.task(&result.task).map_or("", |(_, task)| &task.title);
            result.what = format!("task {} is not started: {title}", result.task);
            result.expected.clear();
            result.observed.clear();
            result.reproduce = None;
        }
    }
    let passed = passed_tasks(results);
    for result in results.iter_mut() {
        if result.verdict != Verdict::Fail || result.not_started {
            continue;
        }
        let Some((_, task)) = workbook.task(&result.task) else {
            continue;
        };
        // A task that was not graded in this run is taken to be all right.
        let waits_for = |need: &&String| passed.get(need.as_str()) == Some(&false);
        let by = task.needs.iter().find(waits_for).cloned();
        // The program itself said which `todo!` it ran into.
        let met = result.what.strip_prefix("task ").and_then(|rest| rest.split_once(' '));
        // Or a check saw whose step it was that failed (podcheck's Failure::because).
        if let Some((id, _)) = met.filter(|(_, rest)| rest.starts_with("is in the way")) {
            if id != result.task {
                result.blocked(id.to_string());
            }
            continue;
        }
        let met = met.filter(|(id, rest)| rest.starts_with("is not started") && *id != result.task);
        if let Some(by) = by.or(met.map(|(id, _)| id.to_string())) {
            result.blocked(by);
        }
    }
}

/// Whether each task of these results has passed. One that cannot be graded here is not
/// held against the tasks that need it.
pub fn passed_tasks(results: &[CheckResult]) -> BTreeMap<String, bool> {
    let mut passed = BTreeMap::new();
    for result in results {
        let good = matches!(result.verdict, Verdict::Pass | Verdict::NotHere | Verdict::GraderError);
        *passed.entry(result.task.clone()).or_insert(true) &= good;
    }
    passed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(points: u32, verdict: Verdict) -> CheckResult {
        CheckResult {
            chapter: 1,
            task: "1.1".to_string(),
            check: "c".to_string(),
            points,
            verdict,
            not_started: false,
            what: String::new(),
            expected: String::new(),
            observed: String::new(),
            reproduce: None,
            leaks: Vec::new(),
            blocked_by: None,
            seconds: 0.0,
        }
    }

    fn judged(answer: Answer) -> CheckResult {
        let mut result = result(2, Verdict::GraderError);
        judge(&mut result, &answer);
        result
    }

    fn answer(report: &str, end: End) -> Answer {
        Answer { report: report.to_string(), end, ..Answer::default() }
    }

    const PASS: &str = r#"{"check":"c","verdict":"pass"}"#;

    #[test]
    fn only_a_clean_report_passes() {
        let verdict = |report: &str, end| judged(answer(report, end)).verdict;
        assert_eq!(verdict(PASS, End::Exit(0)), Verdict::Pass);
        assert_eq!(verdict("", End::Exit(0)), Verdict::Fail);
        assert_eq!(verdict("", End::Signal(9)), Verdict::Fail);
        assert_eq!(verdict(PASS, End::Signal(9)), Verdict::Fail);
        assert_eq!(verdict(PASS, End::Exit(1)), Verdict::Fail);
        assert_eq!(verdict(PASS, End::Timeout), Verdict::Fail);
        assert_eq!(verdict(&format!("{PASS}\n{PASS}"), End::Exit(0)), Verdict::Fail);
        assert_eq!(verdict(&PASS.replace("\"c\"", "\"d\""), End::Exit(0)), Verdict::Fail);
        assert_eq!(verdict("{\"check\":\"c\"}", End::Exit(0)), Verdict::Fail);
    }

    #[test]
    fn a_leak_fails_a_check_that_passed() {
        let mut with_leak = answer(PASS, End::Exit(0));
        with_leak.leaks.push("process 7 still runs: sleep".to_string());
        let result = judged(with_leak);
        assert_eq!(result.verdict, Verdict::Fail);
        assert!(result.observed.contains("process 7"));
    }

    #[test]
    fn who_takes_the_checks_room_or_files_away_has_failed() {
        let report = PASS.replace("pass", "error");
        let verdict = |most, damage: &[&str]| {
            let damage = damage.iter().map(|it| it.to_string()).collect();
            judged(Answer { most, damage, ..answer(&report, End::Exit(0)) }).verdict
        };
        assert_eq!(verdict(10, &[]), Verdict::GraderError);
        assert_eq!(verdict(A_BOMB + 1, &[]), Verdict::Fail);
        assert_eq!(verdict(10, &["the check's directory tmp was taken away"]), Verdict::Fail);
    }

    #[test]
    fn a_step_in_the_way_blocks_every_task_but_its_own() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let workbook = Workbook::load(root).unwrap();
        let met = |task: &str| CheckResult {
            task: task.to_string(),
            what: "task 2.5 is in the way of a start: too early".to_string(),
            ..result(1, Verdict::Fail)
        };
        let mut results = ["2.3", "2.4", "2.5", "2.6"].map(met);
        relate(&workbook, &mut results, |_| true);
        let by: Vec<_> = results.iter().map(|it| it.blocked_by.as_deref()).collect();
        assert_eq!(by, [Some("2.5"), Some("2.5"), None, Some("2.5")]);
        assert_eq!(results[2].verdict, Verdict::Fail);
    }

    #[test]
    fn what_cannot_be_graded_does_not_count() {
        let results = [
            result(2, Verdict::Pass),
            result(3, Verdict::Fail),
            result(4, Verdict::Blocked),
            result(8, Verdict::NotHere),
            result(16, Verdict::GraderError),
        ];
        let score = Score::of(&results);
        assert_eq!((score.points, score.out_of), (2, 9));
        assert_eq!(score.percent(), 22);
        assert_eq!(Score::default().percent(), 0);
        let almost = Score { points: 999, out_of: 1000 };
        assert_eq!(almost.percent(), 99);
    }
}
