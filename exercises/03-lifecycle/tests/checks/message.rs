//! Task 3.5: a container's last words.

use crate::sim::{Sim, of, scenario, simulate};
use podcheck::Result;

const FALL_BACK: &str = "terminationMessagePolicy: FallbackToLogsOnError";

fn said(sim: &Sim, container: &str) -> String {
    let end = &of(sim.last(), container)["state"]["terminated"];
    match end.get("message").and_then(|it| it.as_str()) {
        Some(message) => message.to_owned(),
        None => "(none)".to_owned(),
    }
}

fn one(fields: &str, script: &str) -> Result<Sim> {
    scenario("Never").container_with("app", fields, script).run()
}

/// Long texts are told by their length and their ends.
fn brief(text: &str) -> String {
    if text.len() < 100 {
        return text.to_owned();
    }
    let start: String = text.chars().take(8).collect();
    let end: String = text.chars().skip(text.chars().count() - 8).collect();
    format!("{} bytes, from {start:?} to {end:?}", text.len())
}

fn expect_text(sim: &Sim, what: &str, expected: &str, observed: &str) -> Result {
    sim.expect_that(what, &brief(expected), expected == observed, brief(observed))
}

/// The file's content, whatever the exit code; an empty file is no message.
pub fn the_file_is_the_message() -> Result {
    for code in [0, 1] {
        let sim = one("", &format!("runs: [{{ lasts: 1s, exits: {code} }}], message: bye, log: noise"))?;
        sim.expect(&format!("the message with exit code {code}"), "bye", said(&sim, "app"))?;
    }
    let sim = one("", "runs: [{ lasts: 1s, exits: 1 }], log: noise")?;
    sim.expect("the message where the file is empty", "(none)", said(&sim, "app"))
}

/// Of a long file the last 4096 bytes.
pub fn the_last_4096_bytes() -> Result {
    let text = format!("start{}end", "x".repeat(4096));
    let sim = one("", &format!("runs: [{{ lasts: 1s, exits: 1 }}], message: {text}"))?;
    let expected = &text[text.len() - 4096..];
    expect_text(&sim, "the message of a file of 4104 bytes", expected, &said(&sim, "app"))?;
    let sim = one("", &format!("runs: [{{ lasts: 1s, exits: 1 }}], message: {expected}"))?;
    expect_text(&sim, "the message of a file of 4096 bytes", expected, &said(&sim, "app"))
}

/// FallbackToLogsOnError: only after a failure, and only if the file is empty.
pub fn the_log_is_only_a_fallback() -> Result {
    let cases = [
        (FALL_BACK, "exits: 1", "", "noise"),
        (FALL_BACK, "exits: 0", "", "(none)"),
        (FALL_BACK, "signal: 9", "", "noise"),
        (FALL_BACK, "exits: 1", "message: bye, ", "bye"),
        ("terminationMessagePolicy: File", "exits: 1", "", "(none)"),
    ];
    for (fields, exit, message, expected) in cases {
        let sim = one(fields, &format!("runs: [{{ lasts: 1s, {exit} }}], {message}log: noise"))?;
        sim.expect(&format!("the message with {fields}, {exit} {message}"), expected, said(&sim, "app"))?;
    }
    Ok(())
}

/// Of a log at most the last 80 lines, and of those at most the last 2048 bytes.
pub fn eighty_lines_and_2048_bytes() -> Result {
    for (lines, end) in [(81, "\\n"), (81, ""), (80, "\\n"), (80, ""), (200, "\\n")] {
        let all: Vec<String> = (1..=lines).map(|n| format!("l{n}")).collect();
        let log = format!("\"{}{end}\"", all.join("\\n"));
        let sim = one(FALL_BACK, &format!("runs: [{{ lasts: 1s, exits: 1 }}], log: {log}"))?;
        let first = word_of_line(&said(&sim, "app"));
        let what = format!("lines from and to of a log of {lines} lines (end of the last one: {end:?})");
        sim.expect(&what, &format!("l{} to l{lines}", lines - 79), first)?;
    }
    for log in ["one\\ntwo\\n", "one\\ntwo"] {
        let sim = one(FALL_BACK, &format!("runs: [{{ lasts: 1s, exits: 1 }}], log: \"{log}\""))?;
        let told = said(&sim, "app").replace('\n', "\\n");
        sim.expect("the message from a short log: all of it, with every newline", log, told)?;
    }
    let long = format!("{}end", "y".repeat(3000));
    let sim = one(FALL_BACK, &format!("runs: [{{ lasts: 1s, exits: 1 }}], log: {long}"))?;
    expect_text(
        &sim,
        "the message from a log of one line of 3003 bytes",
        &long[long.len() - 2048..],
        &said(&sim, "app"),
    )
}

fn word_of_line(text: &str) -> String {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or("");
    format!("{first} to {}", lines.last().unwrap_or(first))
}

/// Bytes that are no text do no harm.
pub fn bytes_that_are_no_text() -> Result {
    let sim = one("", "runs: [{ lasts: 1s, exits: 1 }], message: [104, 105, 255, 33]")?;
    sim.expect("the message of the bytes 104 105 255 33", "hi\u{fffd}!", said(&sim, "app"))
}

const MANY: &str = include_str!("../../pods/many-words-scenario.yaml");

/// All containers of a pod share 12 KiB; of each message its beginning stays.
pub fn the_pod_shares_12_kib() -> Result {
    let sim = simulate("03-lifecycle/pods/many-words-scenario.yaml", MANY)?;
    for (container, what, expected) in [
        ("fits", "a message of 768 bytes, the share of each of 16 containers", "768 bytes, all of them"),
        ("long", "a message of 802 bytes, with 16 containers", "768 bytes, from the beginning"),
        ("accents", "801 bytes; the 768th is the first half of a character", "767 bytes, from the beginning"),
    ] {
        let (told, whole) = (said(&sim, container), words_of(container));
        let how = match told.as_str() {
            told if told == whole => "all of them",
            told if whole.starts_with(told) => "from the beginning",
            told if whole.ends_with(told) => "from the end",
            _ => "which are not the program's",
        };
        sim.expect(&format!("{container}: {what}"), expected, format!("{} bytes, {how}", told.len()))?;
    }
    // Three containers have 4096 bytes each: as much as is read of a file.
    let text = "x".repeat(4096);
    let script = format!("runs: [{{ lasts: 1s, exits: 1 }}], message: {text}");
    let sim = scenario("Never").container("a", &script).container("b", "").container("c", "").until("5s").run()?;
    expect_text(&sim, "a message of 4096 bytes with three containers", &text, &said(&sim, "a"))
}

/// What the containers of that scenario write.
fn words_of(container: &str) -> String {
    match container {
        "fits" => "word ".repeat(153) + "end",
        "long" => "word ".repeat(159) + "the end",
        _ => format!("x{}", "é".repeat(400)),
    }
}
