//! Annotations for GitHub Actions.

use crate::grade::Grading;
use crate::verdict::Verdict;
use crate::workbook::Workbook;

pub fn report(workbook: &Workbook, grading: &Grading) -> String {
    let mut out = String::new();
    for result in &grading.results {
        let level = match result.verdict {
            Verdict::Pass | Verdict::Blocked => continue,
            Verdict::Fail => "error",
            Verdict::NotHere => "notice",
            Verdict::GraderError => "warning",
        };
        let Some((chapter, task)) = workbook.task(&result.task) else {
            continue;
        };
        let file = format!("exercises/{}/{}", chapter.dir, task.file);
        let title = format!("{} {}", result.task, result.check);
        let mut message = result.what.clone();
        for (name, text) in [("expected", &result.expected), ("observed", &result.observed)] {
            if !text.is_empty() {
                message.push_str(&format!("\n{name}: {text}"));
            }
        }
        out.push_str(&format!("::{level} file={},title={}::{}\n", property(&file), property(&title), data(&message)));
    }
    out
}

/// A message's text must not be able to start a command of its own.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
