//! What the supervisor's answer means for a check.

use serde::Deserialize;

use super::{CheckResult, Verdict};
use crate::supervise::{Answer, End};

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

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(answer: Answer) -> CheckResult {
        let mut result = CheckResult::new(1, "1.1", "c", 2);
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
}
