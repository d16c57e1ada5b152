//! The report as JUnit XML: a suite a chapter, a case a check.

use std::time::Duration;

use anyhow::Result;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::grade::Grading;
use crate::verdict::{CheckResult, Score, Verdict};
use crate::workbook::Workbook;

pub fn report(workbook: &Workbook, grading: &Grading) -> Result<String> {
    let mut report = Report::new("Peas in a Pod");
    for chapter in &workbook.chapters {
        let of_chapter = grading.results.iter();
        let results: Vec<_> = of_chapter.filter(|it| it.chapter == chapter.number).collect();
        if results.is_empty() {
            continue;
        }
        let mut suite = TestSuite::new(chapter.dir.clone());
        let score = Score::of(results.iter().copied());
        suite.add_property(("points", score.points.to_string().as_str()));
        suite.add_property(("out_of", score.out_of.to_string().as_str()));
        for result in results {
            let mut case = TestCase::new(result.check.clone(), status(result));
            case.set_classname(format!("{}.task-{}", chapter.krate, result.task));
            case.set_time(Duration::from_secs_f64(result.seconds.max(0.0)));
            suite.add_test_case(case);
        }
        report.add_test_suite(suite);
    }
    Ok(report.to_string()?)
}

fn status(result: &CheckResult) -> TestCaseStatus {
    let mut status = match result.verdict {
        Verdict::Pass => return TestCaseStatus::success(),
        Verdict::Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::GraderError => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::Blocked | Verdict::NotHere => TestCaseStatus::skipped(),
    };
    let message = match &result.blocked_by {
        Some(by) => format!("blocked by {by}"),
        None => result.what.clone(),
    };
    status.set_message(message);
    let mut text = String::new();
    for (name, value) in [("expected", &result.expected), ("observed", &result.observed)] {
        if !value.is_empty() {
            text.push_str(&format!("{name}: {value}\n"));
        }
    }
    if let Some(command) = &result.reproduce {
        text.push_str(&format!("try: {command}\n"));
    }
    if !text.is_empty() {
        status.set_description(text);
    }
    status
}
