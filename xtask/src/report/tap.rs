//! The report in the Test Anything Protocol, version 13.

use std::fmt::Write;

use crate::grade::Grading;
use crate::verdict::Verdict;

pub fn report(grading: &Grading) -> String {
    let mut out = format!("TAP version 13\n1..{}\n", grading.results.len());
    for (index, result) in grading.results.iter().enumerate() {
        let (word, more) = match result.verdict {
            Verdict::Pass => ("ok", String::new()),
            Verdict::Fail => ("not ok", String::new()),
            Verdict::Blocked => {
                let by = result.blocked_by.as_deref().unwrap_or("");
                ("not ok", format!(" # TODO blocked by {by}"))
            }
            Verdict::NotHere => ("ok", format!(" # SKIP {}", one_line(&result.what))),
            // Nobody's points, but nothing that anybody should take for a success.
            Verdict::GraderError => ("not ok", String::new()),
        };
        // Writing to a String cannot fail.
        let number = index + 1;
        let _ = writeln!(out, "{word} {number} - {} {}{more}", result.task, result.check);
        if result.verdict == Verdict::GraderError {
            let _ = writeln!(out, "# grader error: {}", one_line(&result.what));
        }
        if result.verdict == Verdict::Fail {
            for (name, text) in [("what", &result.what), ("expected", &result.expected), ("observed", &result.observed)]
            {
                if !text.is_empty() {
                    let _ = writeln!(out, "# {name}: {}", one_line(text));
                }
            }
        }
    }
    let last = super::human::last_line(grading);
    let _ = writeln!(out, "# {last}");
    out
}

fn one_line(text: &str) -> String {
    text.replace('\n', " / ").replace('#', "")
}
