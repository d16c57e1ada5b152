//! A timetable: work, breaks and a lunch in the hours that there are, or the answer that it does
//! not fit. Nobody works for longer than [`BLOCK`] minutes at a stretch.

use std::fmt::Write as _;

use anyhow::{Result, bail};

const BLOCK: u32 = 100;
const BREAK: u32 = 15;
const LUNCH: u32 = 60;
/// Lunch begins between these, on days that go on until later than the last.
const NOON: (u32, u32) = (11 * 60 + 45, 13 * 60 + 15);

/// From when to when, in minutes after midnight.
pub struct Day {
    pub from: u32,
    pub to: u32,
}

/// Something that is done in one go.
pub struct Item {
    pub minutes: u32,
    pub what: String,
    /// A task, as a link. Tasks that follow each other make one line.
    pub task: Option<String>,
}

/// One line of the timetable.
struct Row {
    from: u32,
    minutes: u32,
    what: String,
    /// First and last.
    tasks: Option<(String, String)>,
    work: bool,
}

/// `09:30` → 570
pub fn minutes(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

/// A table for each day. Everything must find its place.
pub fn tables(days: &[Day], items: &[Item]) -> Result<String> {
    let mut out = String::new();
    let mut rest = items;
    for (index, day) in days.iter().enumerate() {
        let (rows, left) = fill(day, rest);
        rest = left;
        if days.len() > 1 {
            write!(out, "**Day {}**\n\n", index + 1)?;
        }
        table(&mut out, day, &rows)?;
    }
    if rest.is_empty() {
        return Ok(out);
    }
    let minutes: u32 = rest.iter().map(|it| it.minutes).sum();
    let first = &rest[0];
    let what = first.task.as_ref().unwrap_or(&first.what);
    bail!("the plan does not fit: from {what} on, {minutes} minutes of work find no place")
}

/// Fills a day; what finds no place is left.
fn fill<'i>(day: &Day, mut items: &'i [Item]) -> (Vec<Row>, &'i [Item]) {
    let mut rows: Vec<Row> = Vec::new();
    let mut now = day.from;
    let mut stretch = 0;
    let mut hungry = day.to > NOON.1;
    while let Some((item, rest)) = items.split_first() {
        let lunch = hungry && stretch > 0 && (now >= NOON.0 || now + item.minutes > NOON.1);
        let pause = match (lunch, stretch > 0 && stretch + item.minutes > BLOCK) {
            (true, _) => LUNCH,
            (false, true) => BREAK,
            (false, false) => 0,
        };
        if now + pause + item.minutes > day.to {
            break;
        }
        if pause > 0 {
            let what = if lunch { "Lunch" } else { "Break" }.to_owned();
            rows.push(Row { from: now, minutes: pause, what, tasks: None, work: false });
            now += pause;
            stretch = 0;
            hungry &= !lunch;
        }
        match (rows.last_mut(), &item.task) {
            (Some(Row { what, tasks: Some((_, last)), minutes, .. }), Some(task)) if *what == item.what => {
                last.clone_from(task);
                *minutes += item.minutes;
            }
            _ => rows.push(Row {
                from: now,
                minutes: item.minutes,
                what: item.what.clone(),
                tasks: item.task.clone().map(|task| (task.clone(), task)),
                work: true,
            }),
        }
        now += item.minutes;
        stretch += item.minutes;
        items = rest;
    }
    (rows, items)
}

fn table(out: &mut String, day: &Day, rows: &[Row]) -> Result<()> {
    out.push_str("| From | What | Minutes |\n|---|---|--:|\n");
    for row in rows {
        let what = match &row.tasks {
            None => row.what.clone(),
            Some((first, last)) if first == last => format!("{}, task {first}", row.what),
            Some((first, last)) => format!("{}, tasks {first} to {last}", row.what),
        };
        writeln!(out, "| {} | {what} | {} |", clock(row.from), row.minutes)?;
    }
    let end = rows.last().map_or(day.from, |row| row.from + row.minutes);
    let left = day.to - end;
    writeln!(out, "| {} | Questions, and what was too short | {left} |", clock(end))?;
    let sum = |work: bool| rows.iter().filter(|row| row.work == work).map(|row| row.minutes).sum::<u32>();
    let (work, breaks) = (sum(true), sum(false));
    let all = work + breaks + left;
    writeln!(out, "| {} | {work} of work, {breaks} of breaks, {left} to spare | {all} |\n", clock(day.to))?;
    Ok(())
}

fn clock(minutes: u32) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(from: &str, to: &str) -> Day {
        Day { from: minutes(from).unwrap(), to: minutes(to).unwrap() }
    }

    fn tasks(minutes: &[u32]) -> Vec<Item> {
        let numbered = minutes.iter().enumerate();
        numbered.map(|(n, &minutes)| Item { minutes, what: "Chapter 1".into(), task: Some(format!("1.{n}")) }).collect()
    }

    /// The lines of a table as (from, minutes).
    fn rows(table: &str) -> Vec<(u32, u32)> {
        let line = |line: &str| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            Some((minutes(cells.get(1)?)?, cells.get(3)?.parse().ok()?))
        };
        table.lines().filter_map(line).collect()
    }

    #[test]
    fn a_day_adds_up() {
        let got = tables(&[day("09:00", "17:00")], &tasks(&[60, 40, 30, 50, 90, 60])).unwrap();
        let want = "| 09:00 | Chapter 1, tasks 1.0 to 1.1 | 100 |\n| 10:40 | Break | 15 |\n\
                    | 10:55 | Chapter 1, tasks 1.2 to 1.3 | 80 |\n| 12:15 | Lunch | 60 |\n\
                    | 13:15 | Chapter 1, task 1.4 | 90 |\n| 14:45 | Break | 15 |\n\
                    | 15:00 | Chapter 1, task 1.5 | 60 |\n| 16:00 | Questions, and what was too short | 60 |\n\
                    | 17:00 | 330 of work, 90 of breaks, 60 to spare | 480 |\n";
        assert!(got.contains(want), "{got}");
        // Each line begins when the one before it has ended, and the last one is their sum.
        let (last, rows) = {
            let mut rows = rows(&got);
            (rows.pop().unwrap(), rows)
        };
        for pair in rows.windows(2) {
            assert_eq!(pair[0].0 + pair[0].1, pair[1].0);
        }
        assert_eq!(rows.iter().map(|row| row.1).sum::<u32>(), last.1);
    }

    #[test]
    fn a_plan_that_does_not_fit_is_an_error() {
        let morning = || [day("09:00", "12:30")];
        assert!(tables(&morning(), &tasks(&[100, 95])).is_ok());
        let error = tables(&morning(), &tasks(&[100, 96, 10])).unwrap_err().to_string();
        assert_eq!(error, "the plan does not fit: from 1.1 on, 106 minutes of work find no place");
        // With a second day it does.
        let got = tables(&[day("09:00", "12:30"), day("09:00", "12:30")], &tasks(&[100, 96, 10])).unwrap();
        assert!(
            got.contains("**Day 2**\n\n| From | What | Minutes |\n|---|---|--:|\n| 09:00 | Chapter 1, task 1.1 | 96 |"),
            "{got}"
        );
    }
}
