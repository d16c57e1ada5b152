//! The doctor's report for people.

use super::{BROWSER, Report};

pub fn print_all(report: &Report) {
    println!("{}, Linux {}, uid {}", report.system, report.kernel, report.uid);
    println!();
    let mut told = None;
    // Not being root is nothing that anybody lacks.
    for finding in report.features.iter().filter(|it| it.ok || it.name != "root") {
        let word = match finding.ok {
            true => "ok",
            false if finding.name == BROWSER => "no",
            false => "lacks",
        };
        println!("  {word:<6} {}", finding.title);
        // One cause often takes many things away; it is told once.
        if finding.why.is_some() && finding.why == told {
            println!("         for the same reason");
            continue;
        }
        if let Some(why) = &finding.why {
            println!("         {why}");
        }
        if let Some(fix) = &finding.fix {
            println!("         type: {fix}");
        }
        told.clone_from(&finding.why);
    }
    println!();
    for chapter in &report.chapters {
        if chapter.lacks.is_empty() {
            println!("  {}: everything works here ({} checks)", chapter.chapter, chapter.checks);
        } else {
            println!(
                "  {}: {} of {} checks can be graded here; it lacks {}",
                chapter.chapter,
                chapter.gradable,
                chapter.checks,
                chapter.lacks.join(", ")
            );
        }
    }
    for problem in &report.problems {
        println!("  error: {problem}");
    }
}
