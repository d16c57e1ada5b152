//! Mutated manifests, read by chapter 1's solution: no panic, no hang, and always an answer.
//!
//! 2,000 cases; more with `PEAPOD_FUZZ_CASES=100000 cargo test -p fuzz --release`.

use std::path::Path;
use std::time::{Duration, Instant};

use podkit::advice::Application;
use podkit::manifest::{Document, FieldPath};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

/// No manifest of a few kilobytes may take longer, on a slow machine in a debug build.
const PATIENCE: Duration = Duration::from_secs(5);

/// Pieces of text that are worth trying in any place.
const PIECES: &[&str] = &[
    "0",
    "-1",
    "65536",
    "9223372036854775808",
    "1e400",
    ".nan",
    "null",
    "~",
    "true",
    "''",
    "\"\\x00\"",
    "[]",
    "{}",
    "[[[",
    "}}}",
    "&a ",
    "*a",
    "<<: *a",
    "<<: [*a, *a]",
    "!!binary x",
    "!Tag ",
    "- ",
    "? ",
    ": ",
    "\n",
    "\n---\n",
    "\n...\n",
    "\r\n",
    "\t",
    "#",
    "|\n",
    ">-\n",
    "a_b",
    "é",
    "\u{feff}",
    "\u{2028}",
    "metadata",
    "spec",
    "containers",
    "name: x",
    "kind: Pod",
    "containerPort: 80",
    "valueFrom: {}",
    "httpGet: {port: x}",
    "restartPolicy: Always",
    "%YAML 1.2\n",
    "%",
];

/// One change to a text: what to do, where (a share of its length), and with which piece.
type Change = (u8, f64, f64, usize);

fn seeds() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../exercises");
    let mut seeds = Vec::new();
    for chapter in std::fs::read_dir(&root).into_iter().flatten().flatten() {
        for file in std::fs::read_dir(chapter.path().join("pods")).into_iter().flatten().flatten() {
            seeds.extend(std::fs::read_to_string(file.path()));
        }
    }
    seeds.sort();
    assert!(seeds.len() >= 6, "there are too few manifests in {}", root.display());
    seeds
}

fn mutated(seed: &str, other: &str, changes: &[Change]) -> String {
    let mut text = seed.to_owned();
    for &(what, from, to, piece) in changes {
        let (mut from, mut to) = (at(&text, from), at(&text, to));
        if from > to {
            std::mem::swap(&mut from, &mut to);
        }
        // Cuts and copies stay short, or little is left of the manifest.
        to = at_boundary(&text, to.min(from + 60));
        let piece = PIECES[piece % PIECES.len()];
        match what % 7 {
            0 => text.insert_str(from, piece),
            1 => text.replace_range(from..to, ""),
            2 => text.replace_range(from..to, piece),
            3 => {
                let copy = text[from..to].to_owned();
                text.insert_str(from, &copy);
            }
            4 => text.insert_str(from, &other[..at(other, 0.5)]),
            // Whole lines: one gets another depth, or is there twice.
            5 => text.insert_str(line_start(&text, from), "  "),
            _ => {
                let (start, end) = (line_start(&text, from), line_end(&text, from));
                let copy = text[start..end].to_owned();
                text.insert_str(start, &copy);
            }
        }
    }
    text
}

fn at(text: &str, share: f64) -> usize {
    at_boundary(text, (text.len() as f64 * share) as usize)
}

fn at_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0)
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |n| n + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |n| at + n + 1)
}

fn read(text: &str) -> Result<(), TestCaseError> {
    let started = Instant::now();
    let lines = text.lines().count();
    for document in Document::parse(text).unwrap_or_default() {
        let read = (grouping::runner().read)(&document);
        for problem in read.problems.iter().chain(&read.warnings) {
            let line = problem.line.or_else(|| document.line(&problem.field));
            prop_assert!(line.is_none_or(|line| (1..=lines + 1).contains(&line)), "line {line:?} of {lines}");
            prop_assert!(!problem.rule.is_empty());
        }
        for field in &read.unknown {
            document.line(field);
        }
        // What is accepted has its defaults, and reading it twice gives the same.
        if read.problems.is_empty() {
            prop_assert!(read.pod.spec.restart_policy.is_some());
            prop_assert_eq!(&(grouping::runner().read)(&document).pod, &read.pod);
        }
        document.line(&FieldPath::of("spec.containers[0].name"));
        if let Ok(application) = document.decode::<Application>() {
            let _ = (grouping::runner().advise)(&application.value);
        }
    }
    prop_assert!(started.elapsed() < PATIENCE, "it took {:?}", started.elapsed());
    Ok(())
}

#[test]
fn mutated_manifests_are_answered() {
    let seeds = seeds();
    let cases = std::env::var("PEAPOD_FUZZ_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(2000);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let change = (any::<u8>(), 0.0..1.0, 0.0..1.0, any::<usize>());
    let changes = proptest::collection::vec(change, 1..12);
    let strategy = (any::<usize>(), any::<usize>(), changes);
    let outcome = TestRunner::new(config).run(&strategy, |(seed, other, changes)| {
        let text = mutated(&seeds[seed % seeds.len()], &seeds[other % seeds.len()], &changes);
        read(&text).map_err(|error| TestCaseError::fail(format!("{error}\nthe manifest:\n{text}")))
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

/// Deep, wide and self-repeating texts.
#[test]
fn odd_shapes_are_answered() {
    let bare = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n";
    let laughs: String =
        (1..30).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", "))).collect();
    for text in [
        format!("{bare}{}", "  - {name: a, image: b}\n".repeat(5000)),
        format!("{bare}{}", (0..5000).map(|n| format!("  - {{name: {n}, image: 1, x: y}}\n")).collect::<String>()),
        format!("{bare}  - {{name: a, image: b, args: {}{}}}\n", "[".repeat(400), "]".repeat(400)),
        "[".repeat(100_000),
        "a: &a [*a]\n".to_owned(),
        format!("a0: &a0 x\n{laughs}"),
        "---\n".repeat(20_000),
        "\u{0}".to_owned(),
    ] {
        if let Err(error) = read(&text) {
            panic!("{error}");
        }
    }
}
