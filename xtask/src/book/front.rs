//! Front matter: how long a page takes and what one can do afterwards. It is a comment of YAML
//! at the head of the page; readers see it below the title, and [`super::teaching`] makes the
//! plans for classes of it.
//!
//! ```text
//! <!--
//! minutes: 240
//! reading: 50                      of a chapter: all that is no task
//! tasks: [20, 10, 25, 20, 15, 45, 20, 35]      and each task, in their order
//! goals:
//!   - tell state, phase and condition apart
//! -->
//! ```

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::quiz;
use crate::workbook::{Chapter, Workbook};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Front {
    pub minutes: u32,
    #[serde(default)]
    pub reading: u32,
    #[serde(default)]
    pub tasks: Vec<u32>,
    pub goals: Vec<String>,
}

/// The front matter of a page, and how many lines it takes.
pub fn of(text: &str) -> Result<(Front, usize)> {
    let inner = text.strip_prefix("<!--\n").and_then(|rest| rest.split_once("\n-->\n"));
    let (yaml, _) = inner.context("a page begins with its minutes and goals (CONTRIBUTING.md says how)")?;
    let front: Front = serde_yaml::from_str(yaml).context("front matter")?;
    ensure!(front.minutes > 0, "front matter: a page takes a minute or more");
    ensure!((1..=5).contains(&front.goals.len()), "front matter: 1 to 5 goals, not {}", front.goals.len());
    if !front.tasks.is_empty() {
        let sum = front.reading + front.tasks.iter().sum::<u32>();
        ensure!(
            sum == front.minutes,
            "front matter: reading and tasks are {sum} minutes, and minutes says {}",
            front.minutes
        );
    }
    Ok((front, yaml.lines().count() + 2))
}

/// As [`of`], with what the chapters know: whose page this is, and how many tasks it has.
pub fn of_page(workbook: &Workbook, page: &str, text: &str) -> Result<(Front, usize)> {
    let (front, lines) = of(text)?;
    let tasks = chapter(workbook, page).map_or(0, |chapter| chapter.tasks.len());
    ensure!(
        front.tasks.len() == tasks,
        "front matter: the chapter has {tasks} tasks, and there are minutes for {}",
        front.tasks.len()
    );
    Ok((front, lines))
}

/// The chapter whose page this is.
pub fn chapter<'w>(workbook: &'w Workbook, page: &str) -> Option<&'w Chapter> {
    workbook.chapters.iter().find(|chapter| chapter.page == page)
}

/// What stands below the title.
pub fn head(front: &Front) -> String {
    let mut out = format!("<div class=\"page-meta\">\n<p>About {}.", time(front.minutes));
    if !front.tasks.is_empty() {
        // Writing to a String cannot fail.
        let _ = write!(out, " {} of reading, the rest is yours to write.", capital(&time(front.reading)));
    }
    out.push_str(" Afterwards you can</p>\n<ul>\n");
    for goal in &front.goals {
        let _ = writeln!(out, "<li>{}</li>", quiz::markdown(goal).replace("<p>", "").replace("</p>", ""));
    }
    out.push_str("</ul>\n</div>\n");
    out
}

/// 150 → `2 hours 30 minutes`
pub fn time(minutes: u32) -> String {
    let some = |count: u32, what: &str| match count {
        0 => String::new(),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    format!("{} {}", some(minutes / 60, "hour"), some(minutes % 60, "minute")).trim().to_owned()
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<!--\nminutes: 70\nreading: 20\ntasks: [20, 30]\ngoals:\n  - tell `a` from b\n-->\n\n# T\n";

    #[test]
    fn a_page_says_how_long_it_takes_and_what_for() {
        let (front, lines) = of(PAGE).unwrap();
        assert_eq!(lines, 7);
        let got = head(&front);
        let want = "<p>About 1 hour 10 minutes. 20 minutes of reading, the rest is yours to write. Afterwards you can</p>\n\
                    <ul>\n<li>tell <code>a</code> from b</li>";
        assert!(got.contains(want), "{got}");
    }

    #[test]
    fn mistakes_are_named() {
        let error = |from: &str, to: &str| format!("{:#}", of(&PAGE.replacen(from, to, 1)).unwrap_err());
        assert!(error("<!--", "<!-- x").contains("begins with"));
        assert!(error("70", "80").contains("are 70 minutes, and minutes says 80"));
        assert!(error("goals:\n  - tell `a` from b", "goals: []").contains("1 to 5 goals"));
        assert!(error("reading", "redaing").contains("unknown field"));
    }
}
