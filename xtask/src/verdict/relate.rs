//! The second look, once all results are there: what is not started, and what is blocked.

use std::collections::BTreeMap;

use super::{CheckResult, Verdict};
use crate::workbook::Workbook;

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

    #[test]
    fn a_step_in_the_way_blocks_every_task_but_its_own() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let workbook = Workbook::load(root).unwrap();
        let met = |task: &str| CheckResult {
            task: task.to_string(),
            what: "task 2.5 is in the way of a start: too early".to_string(),
            verdict: Verdict::Fail,
            ..CheckResult::new(2, "", "c", 1)
        };
        let mut results = ["2.3", "2.4", "2.5", "2.6"].map(met);
        relate(&workbook, &mut results, |_| true);
        let by: Vec<_> = results.iter().map(|it| it.blocked_by.as_deref()).collect();
        assert_eq!(by, [Some("2.5"), Some("2.5"), None, Some("2.5")]);
        assert_eq!(results[2].verdict, Verdict::Fail);
    }
}
