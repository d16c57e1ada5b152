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
//! went wrong because the program it judges took away its files or its room ([`judge`]).
//! And both are believed only of a check that ran alone ([`crate::run`]).

mod judge;
mod relate;

use serde::{Deserialize, Serialize};

pub use judge::{A_BOMB, judge};
pub use relate::{passed_tasks, relate};

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
    /// Of a check that has not run: nobody's mistake but the grader's.
    pub fn new(chapter: u32, task: &str, check: &str, points: u32) -> CheckResult {
        CheckResult {
            chapter,
            task: task.to_string(),
            check: check.to_string(),
            points,
            verdict: Verdict::GraderError,
            not_started: false,
            what: "the check did not run".to_string(),
            expected: String::new(),
            observed: String::new(),
            reproduce: None,
            leaks: Vec::new(),
            blocked_by: None,
            seconds: 0.0,
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    fn result(points: u32, verdict: Verdict) -> CheckResult {
        CheckResult { verdict, ..CheckResult::new(1, "1.1", "c", points) }
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
