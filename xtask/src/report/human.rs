//! The report for people: by chapter and task; of what failed, what was expected and what
//! was observed, the command that shows it, and where to read.

use std::fmt::Write;
use std::io::IsTerminal;

use super::command;
use super::state::State;
use super::text::{clean, in_short, indent, side_by_side};
use crate::grade::Grading;
use crate::stage::Subject;
use crate::verdict::{CheckResult, Score, Verdict};
use crate::workbook::{Chapter, Task, Workbook};

const OUR_MISTAKE: &str = "(a mistake of the workbook, not yours; please report it)";

/// Colours, where they are wanted.
struct Paint(bool);

impl Paint {
    fn new() -> Paint {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty());
        Paint(wanted && std::io::stdout().is_terminal())
    }

    fn with(&self, code: &str, text: &str) -> String {
        match self.0 {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.to_string(),
        }
    }

    fn good(&self, text: &str) -> String {
        self.with("32", text)
    }

    fn bad(&self, text: &str) -> String {
        self.with("31", text)
    }

    fn bold(&self, text: &str) -> String {
        self.with("1", text)
    }

    fn faint(&self, text: &str) -> String {
        self.with("2", text)
    }
}

pub fn report(workbook: &Workbook, grading: &Grading) -> String {
    let paint = Paint::new();
    let mut out = String::new();
    notes(&mut out, &paint, grading);
    for chapter in &workbook.chapters {
        let results: Vec<&CheckResult> = grading.results.iter().filter(|it| it.chapter == chapter.number).collect();
        if !results.is_empty() {
            self::chapter(&mut out, &paint, workbook, chapter, &results, grading);
        }
    }
    // Writing to a String cannot fail.
    for (by_cargo, program) in &grading.programs_ahead {
        let _ = writeln!(out, "To try it, type this in place of `{by_cargo}`:\n  {program}\n");
    }
    if let Some(line) = skip_ahead(workbook, grading) {
        let _ = writeln!(out, "{line}\n");
    }
    let _ = writeln!(out, "{}", paint.bold(&last_line(grading)));
    out
}

/// `Score: 12 of 40 points (30 %)`, and what does not count.
pub fn last_line(grading: &Grading) -> String {
    let score = Score::of(&grading.results);
    let count = |verdict| {
        let is = |it: &&CheckResult| it.verdict == verdict;
        grading.results.iter().filter(is).count()
    };
    let mut line = format!("Score: {} of {} points ({} %)", score.points, score.out_of, score.percent());
    for (n, what) in
        [(count(Verdict::NotHere), "not gradable on this machine"), (count(Verdict::GraderError), "grader errors")]
    {
        if n > 0 {
            let _ = write!(line, "; {n} {what}, not counted");
        }
    }
    line
}

/// Where an earlier chapter's task stands in the way: how to go on without it.
fn skip_ahead(workbook: &Workbook, grading: &Grading) -> Option<String> {
    let request = &grading.request;
    if request.skip_ahead || request.subject == Subject::Solutions {
        return None;
    }
    let behind = |it: &&CheckResult| {
        let by = it.blocked_by.as_deref().unwrap_or("");
        let by = by.strip_prefix("chapter ").or(by.split_once('.').map(|(chapter, _)| chapter));
        by.and_then(|by| by.parse::<u32>().ok()).is_some_and(|by| by < it.chapter)
    };
    let blocked = grading.results.iter().find(behind)?;
    let asked = request.asked.iter().find(|it| workbook.chapters[it.chapter].number == blocked.chapter);
    let asked = asked.and_then(|it| it.task.clone()).unwrap_or(blocked.chapter.to_string());
    let own = match &request.subject {
        Subject::From(dir) => format!(" --from {}", command::shown(dir)),
        _ => String::new(),
    };
    Some(format!(
        "Blocked by an earlier chapter? This takes those from the reference solutions:\n  \
         cargo xtask grade {asked} --skip-ahead{own}"
    ))
}

fn notes(out: &mut String, paint: &Paint, grading: &Grading) {
    let list = |out: &mut String, title: &str, items: &[String]| {
        if !items.is_empty() {
            let _ = writeln!(out, "{}", paint.bold(title));
            for item in items.iter().take(10) {
                let _ = writeln!(out, "  {item}");
            }
            if items.len() > 10 {
                let _ = writeln!(out, "  and {} more", items.len() - 10);
            }
            let _ = writeln!(out);
        }
    };
    list(out, "Handed in but not graded (only src/**/*.rs takes part):", &grading.ignored);
    list(out, "Warning: files of the workbook have been changed, so this score may mean nothing:", &grading.modified);
}

fn chapter(
    out: &mut String,
    paint: &Paint,
    workbook: &Workbook,
    chapter: &Chapter,
    results: &[&CheckResult],
    grading: &Grading,
) {
    let score = Score::of(results.iter().copied());
    let title = format!("{}. {}", chapter.number, chapter.title);
    let points = format!("{} of {} points", score.points, score.out_of);
    let _ = writeln!(out, "{}", paint.bold(&format!("{title:<58} {points}")));
    if let Some((_, words)) = grading.broken.iter().find(|(dir, _)| *dir == chapter.dir) {
        let _ = writeln!(out, "  {}", paint.bad("does not compile:"));
        for line in words.lines() {
            let _ = writeln!(out, "    {line}");
        }
    }
    // What makes the whole chapter ungradable is said once.
    let first = results.first().filter(|it| it.verdict == Verdict::GraderError);
    let common = first.filter(|it| results.iter().all(|other| other.what == it.what));
    if let Some(result) = common {
        let _ = writeln!(out, "  {} {OUR_MISTAKE}", paint.bad("grader error:"));
        let _ = writeln!(out, "    {}\n", indent(&result.what, 4));
        return;
    }
    for task in &chapter.tasks {
        let of_task: Vec<_> = results.iter().filter(|it| it.task == task.id).copied().collect();
        if !of_task.is_empty() {
            self::task(out, paint, workbook, (chapter, task), &of_task, grading);
        }
    }
    let _ = writeln!(out);
}

fn task(
    out: &mut String,
    paint: &Paint,
    workbook: &Workbook,
    (chapter, task): (&Chapter, &Task),
    results: &[&CheckResult],
    grading: &Grading,
) {
    let score = Score::of(results.iter().copied());
    let is = |verdict: Verdict| move |it: &&CheckResult| it.verdict == verdict;
    let broken = grading.broken.iter().any(|(dir, _)| *dir == chapter.dir);
    let failed = results.iter().any(|it| it.verdict == Verdict::Fail);
    let state = State::of(results.iter().copied(), broken);
    let text = state.text();
    let state = match state {
        State::NotStarted | State::Blocked(_) | State::NotHere => paint.faint(&text),
        State::Broken | State::Failed | State::GraderError => paint.bad(&text),
        State::PassedAsFar | State::Passed => paint.good(&text),
    };
    let title: String = format!("{} {}", task.id, task.title).chars().take(56).collect();
    let points = match score.out_of {
        0 => String::new(),
        out_of => format!("{} of {out_of}  ", score.points),
    };
    let _ = writeln!(out, "  {title:<56} {points:<10}{state}");
    let mut helped = false;
    for result in results {
        let quiet = result.not_started || broken && result.verdict == Verdict::Fail;
        match result.verdict {
            Verdict::Fail if !quiet => {
                let _ = writeln!(out, "    {} {}", paint.bad("failed:"), result.check);
                details(out, paint, workbook, result);
                helped = true;
            }
            // Another task of this chapter is not right yet, and may be the cause. What was
            // seen is told all the same, in short.
            Verdict::Blocked if seen_all_the_same(chapter, result) => {
                let by = result.blocked_by.as_deref().unwrap_or("");
                let _ = writeln!(out, "    blocked by {by}: {}", result.check);
                let _ = writeln!(out, "      {}", in_short(&result.what));
                for (name, text) in [("expected", &result.expected), ("observed", &result.observed)] {
                    let _ = writeln!(out, "      {}  {}", paint.faint(name), in_short(text));
                }
            }
            Verdict::GraderError => {
                let label = paint.bad("grader error:");
                let _ = writeln!(out, "    {label} {} {OUR_MISTAKE}", result.check);
                let _ = writeln!(out, "      {}", indent(&result.what, 6));
            }
            Verdict::NotHere => {
                let _ = writeln!(out, "    not gradable here: {}", result.check);
                let _ = writeln!(out, "      {}", indent(&result.what, 6));
            }
            _ => {}
        }
    }
    let blocked = results.iter().filter(|it| is(Verdict::Blocked)(it)).count();
    if failed && blocked > 0 {
        let _ = writeln!(out, "    and {blocked} blocked");
    }
    if helped && grading.request.subject != Subject::Solutions {
        let page = format!("book/src/{}#{}", chapter.page, task.section);
        let _ = writeln!(out, "    read  {page}");
        let _ = writeln!(out, "    hint  cargo xtask hint {}", task.id);
    }
}

/// Whether a check that is blocked by a task of its own chapter did see something wrong.
fn seen_all_the_same(chapter: &Chapter, result: &CheckResult) -> bool {
    let by = result.blocked_by.as_deref().unwrap_or("");
    chapter.task(by).is_some() && !(result.expected.is_empty() && result.observed.is_empty())
}

/// What, expected, observed, and the command.
fn details(out: &mut String, paint: &Paint, workbook: &Workbook, result: &CheckResult) {
    let _ = writeln!(out, "      {}", indent(&result.what, 6));
    let (expected, observed) = (result.expected.trim_end(), result.observed.trim_end());
    if let Some(columns) = side_by_side(expected, observed) {
        out.push_str(&columns);
    } else {
        for (name, text) in [("expected", expected), ("observed", observed)] {
            if !text.is_empty() {
                let _ = writeln!(out, "      {}  {}", paint.faint(name), indent(text, 16));
            }
        }
    }
    if let Some(command) = &result.reproduce {
        let command = command::for_the_screen(workbook, &result.check, command);
        let _ = writeln!(out, "      {}       (in exercises/)", paint.faint("try"));
        if command.contains('\n') {
            // A here-document ends with a word at the start of a line, so nothing is moved.
            let _ = writeln!(out, "{}", clean(&command));
        } else {
            let _ = writeln!(out, "        {}", clean(&command));
        }
    }
}
