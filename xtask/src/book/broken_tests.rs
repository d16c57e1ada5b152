//! Books with something wrong in them. Each is a small whole book that builds, with one change.

use std::path::Path;

use super::{build, build_page, build_to_serve};

fn put(root: &Path, path: &str, text: &str) {
    std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
    std::fs::write(root.join(path), text).unwrap();
}

const CHECKS: &str = "\
chapter: 3
crate: lifecycle
title: Life cycle
page: 03-lifecycle/index.md
tasks:
  - id: \"3.1\"
    title: The phase
    file: src/lib.rs
    section: task-3-1
    hints: [a, b, c]
    checks:
      - { name: a_check, points: 2 }
";

const SOLUTION: &str = "\
pub fn phase() -> u8 {
    // ANCHOR: task_3_1
    1
    // ANCHOR_END: task_3_1
}

// ANCHOR: shown
fn shown() {}
// ANCHOR_END: shown
";

const FIRST: &str = "\
<!--
minutes: 5
goals:
  - begin
-->

# First

See [the chapter](03-lifecycle/index.md#task-3-1), [a part](#a-part) and ![a pod](pod.png).

## A part

{{#include shared.txt}}

## What to do next

Go on.
";

const CHAPTER: &str = "\
<!--
minutes: 30
reading: 10
tasks: [20]
goals:
  - see
-->

# Chapter

{{#tasks 03-lifecycle}}

## Task 3.1: The phase {#task-3-1}

{{#starter 3.1}}

{{#code solutions/03-lifecycle/src/lib.rs:shown}}

{{#figure pod.svg A pod}}

## What to do next

[Back](../first.md).
";

/// A book that is right.
fn good(root: &Path) {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../book");
    for file in crate::starters::files(&own.join("theme")).unwrap() {
        let text = std::fs::read_to_string(own.join("theme").join(&file)).unwrap();
        put(root, &format!("book/theme/{}", file.display()), &text);
    }
    put(root, "book/book.toml", &std::fs::read_to_string(own.join("book.toml")).unwrap());
    put(root, "exercises/Cargo.toml", "");
    put(root, "exercises/03-lifecycle/checks.yaml", CHECKS);
    put(root, "solutions/03-lifecycle/Cargo.toml", "[lints]\n");
    put(root, "solutions/03-lifecycle/src/lib.rs", SOLUTION);
    put(root, "exercises/03-lifecycle/open.yaml", "# ANCHOR: open\nkind: Pod\n");
    put(root, "book/src/SUMMARY.md", "# Summary\n\n[First](first.md)\n\n- [Chapter](03-lifecycle/index.md)\n");
    put(root, "book/src/first.md", FIRST);
    put(root, "book/src/shared.txt", "Shared.\n");
    put(root, "book/src/pod.png", "");
    put(root, "book/src/03-lifecycle/index.md", CHAPTER);
    put(root, "book/src/03-lifecycle/pod.svg", "<svg width=\"1\">\n</svg>\n");
}

/// What the build says to a book with these changes: (file, what is there once, what is put there).
fn said(changes: &[(&str, &str, &str)]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    good(root);
    for (file, from, to) in changes {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from}");
        put(root, file, &text.replace(from, to));
    }
    match build(root) {
        Ok(_) => String::new(),
        Err(error) => format!("{error:#}"),
    }
}

const ONE: &str = "book/src/first.md";
const TWO: &str = "book/src/03-lifecycle/index.md";

/// One change, and what must be said of it; and nothing else may be.
fn broken(file: &str, from: &str, to: &str, want: &str) {
    let said = said(&[(file, from, to)]);
    assert!(said.contains(want), "want {want} in\n{said}");
    let told = said.lines().filter(|line| line.trim_start().starts_with("book/src/"));
    assert_eq!(told.count(), 1, "{said}");
}

#[test]
fn a_good_book_is_built() {
    assert_eq!(said(&[]), "");
}

#[test]
fn a_page_alone_is_what_it_is_in_the_whole_book() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    good(root);
    let built = build_to_serve(root).unwrap();
    let alone = |page: &str| build_page(root, Path::new(page));
    let files: Vec<_> = ["first.md", "03-lifecycle/index.md"].iter().flat_map(|page| alone(page).unwrap()).collect();
    let names: Vec<_> = files.iter().map(|(file, _)| file.to_str().unwrap()).collect();
    assert_eq!(names, ["index.html", "first.html", "03-lifecycle/index.html"]);
    for (file, html) in &files {
        assert!(std::fs::read(built.join(file)).unwrap() == *html, "{}", file.display());
    }
    assert!(alone("shared.md").is_err(), "it is not in the book");
    put(root, TWO, &CHAPTER.replace("{{#starter 3.1}}", "{{#starter 3.9}}"));
    assert!(alone("03-lifecycle/index.md").is_err(), "what is wrong in it");
    assert!(alone("first.md").is_ok(), "what is wrong elsewhere");
}

#[test]
fn a_broken_include() {
    broken(ONE, "shared.txt", "none.txt", "book/src/first.md:13: cannot include none.txt: No such file");
    broken(
        ONE,
        "shared.txt",
        "shared.txt:part",
        "book/src/first.md:13: cannot include shared.txt: there is no anchor `part`",
    );
}

#[test]
fn an_unknown_directive() {
    broken(
        TWO,
        "{{#figure",
        "{{#figrue",
        "book/src/03-lifecycle/index.md:19: {{#figrue pod.svg A pod}}: unknown directive",
    );
    broken(TWO, "{{#figure", "So: {{#figure", "book/src/03-lifecycle/index.md:19: {{#figure ...}} must stand alone");
}

#[test]
fn a_missing_and_an_unclosed_anchor() {
    let lib = "solutions/03-lifecycle/src/lib.rs";
    let want = format!("index.md:17: {{{{#code {lib}:none}}}}: {lib}: there is no anchor `none`");
    broken(TWO, "lib.rs:shown", "lib.rs:none", &want);
    let open = "exercises/03-lifecycle/open.yaml";
    let want = format!("index.md:17: {{{{#code {open}:open}}}}: {open}: anchor `open` is never closed");
    broken(TWO, &format!("{lib}:shown"), &format!("{open}:open"), &want);
}

#[test]
fn a_dead_link_and_a_dead_fragment() {
    broken(
        ONE,
        "03-lifecycle/index.md#",
        "03-lifecycle/none.md#",
        "book/src/first.md:9: link 03-lifecycle/none.html#task-3-1: there is no 03-lifecycle/none.html",
    );
    broken(
        ONE,
        "#task-3-1",
        "#task-3-9",
        "book/src/first.md:9: link 03-lifecycle/index.html#task-3-9: nothing in 03-lifecycle/index.html has the id `task-3-9`",
    );
    broken(ONE, "(#a-part)", "(#none)", "book/src/first.md:9: link #none: nothing in first.html has the id `none`");
    broken(ONE, "(#a-part)", "[none]", "book/src/first.md:9: [a part][none]: nothing says where `none` is");
    // What a directive gives is told of its line.
    let said = said(&[(TWO, " {#task-3-1}", " {#task-3-one}")]);
    for want in ["book/src/first.md:9: link 03-life", "book/src/03-lifecycle/index.md:11: link #task-3-1: nothing"] {
        assert!(said.contains(want), "want {want} in\n{said}");
    }
}

#[test]
fn a_dead_image_and_one_without_words() {
    broken(ONE, "(pod.png)", "(none.png)", "book/src/first.md:9: link none.png: there is no none.png");
    broken(ONE, "![a pod]", "![]", "book/src/first.md:9: ![](pod.png): an image needs alternative text");
    broken(
        ONE,
        "![a pod](pod.png)",
        "<img src=\"pod.png\">",
        "book/src/first.md:9: image pod.png has no alternative text",
    );
    broken(TWO, "pod.svg A pod", "none.svg A pod", "index.md:19: {{#figure none.svg A pod}}: cannot read none.svg");
    broken(TWO, "pod.svg A pod", "pod.svg", "index.md:19: {{#figure pod.svg}}: a figure needs alternative text");
}

#[test]
fn an_id_that_is_there_twice_and_a_page_that_is_not_in_the_book() {
    let said = said(&[(TWO, "## What to do", "## Twice {#task-3-1}\n\n## What to do")]);
    assert!(said.contains("index.md:13: the id `task-3-1` is there twice"), "{said}");
    assert!(said.contains("index.md:21: the id `task-3-1` is there twice"), "{said}");
    let lost = self::said(&[("book/src/SUMMARY.md", "- [Chapter](03-lifecycle/index.md)", "")]);
    assert!(lost.contains("book/src/SUMMARY.md:1: 03-lifecycle/index.md is not in it"), "{lost}");
}

#[test]
fn a_summary_that_names_a_page_that_is_not_there() {
    let got = said(&[("book/src/SUMMARY.md", "(first.md)", "(none.md)")]);
    assert!(got.contains("book/src/SUMMARY.md:3: there is no none.md"), "{got}");
}

#[test]
fn everything_is_told_at_once() {
    let said = said(&[
        (ONE, "shared.txt", "none.txt"),
        (ONE, "(#a-part)", "(#none)"),
        (ONE, "![a pod]", "![]"),
        (TWO, "lib.rs:shown", "lib.rs:none"),
        (TWO, "{{#figure", "{{#figrue"),
        (TWO, "../first.md", "../last.md"),
    ]);
    for want in [
        "first.md:13: cannot include",
        "first.md:9: link #none",
        "first.md:9: ![]",
        "index.md:17: {{#code",
        "index.md:19: {{#figrue",
        "index.md:23: link ../last.html",
    ] {
        assert!(said.contains(want), "want {want} in\n{said}");
    }
    assert!(said.starts_with("6 problems in the book\n"), "{said}");
}
