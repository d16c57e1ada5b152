//! How a task stands, in one word: what the report prints behind its title, and what the page
//! shows at its section.

use crate::verdict::{CheckResult, Verdict};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    NotStarted,
    /// The chapter does not compile.
    Broken,
    Failed,
    /// By a task (`3.1`) or by `chapter 2`.
    Blocked(String),
    GraderError,
    NotHere,
    PassedAsFar,
    Passed,
}

impl State {
    /// The state of a task, from the results of its checks.
    pub fn of<'a>(results: impl IntoIterator<Item = &'a CheckResult> + Clone, broken: bool) -> State {
        let any = |verdict: Verdict| results.clone().into_iter().any(|it| it.verdict == verdict);
        let all = |verdict: Verdict| results.clone().into_iter().all(|it| it.verdict == verdict);
        if results.clone().into_iter().any(|it| it.not_started) {
            State::NotStarted
        } else if broken {
            State::Broken
        } else if any(Verdict::Fail) {
            State::Failed
        } else if let Some(by) = results.clone().into_iter().find_map(|it| it.blocked_by.clone()) {
            State::Blocked(by)
        } else if any(Verdict::GraderError) {
            State::GraderError
        } else if all(Verdict::NotHere) {
            State::NotHere
        } else if any(Verdict::NotHere) {
            State::PassedAsFar
        } else {
            State::Passed
        }
    }

    /// For programs.
    pub fn name(&self) -> &'static str {
        match self {
            State::NotStarted => "not-started",
            State::Broken => "broken",
            State::Failed => "failed",
            State::Blocked(_) => "blocked",
            State::GraderError => "grader-error",
            State::NotHere => "not-here",
            State::PassedAsFar | State::Passed => "passed",
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        match self {
            State::NotStarted => "not started".to_string(),
            State::Broken => "does not compile".to_string(),
            State::Failed => "failed".to_string(),
            State::Blocked(by) => format!("blocked by {by}"),
            State::GraderError => "grader error".to_string(),
            State::NotHere => "not gradable here".to_string(),
            State::PassedAsFar => "passed, as far as it can be graded here".to_string(),
            State::Passed => "passed".to_string(),
        }
    }
}
