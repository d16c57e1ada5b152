//! Unit tests of the directives, on a repository of a few files.

use super::*;

fn put(root: &Path, path: &str, text: &str) {
    std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
    std::fs::write(root.join(path), text).unwrap();
}

const CHECKS: &str = r#"chapter: 3
crate: lifecycle
title: Life cycle
page: 03-lifecycle/index.md
tasks:
  - id: "3.1"
    title: The phase
    file: src/lib.rs
    section: task-3-1
    hints: [a, b, c]
    checks:
      - { name: a_check, points: 2 }
      - { name: b_check, points: 3 }
"#;

const SOLUTION: &str = "\
//! Chapter 3.

/// The phase of a pod.
///
/// From the states of its containers.
pub fn phase(
    running: bool,
) -> u8 {
    // ANCHOR: task_3_1
    if running { 1 } else { 0 }
    // ANCHOR_END: task_3_1
}

// ANCHOR: other
fn other() {}
// ANCHOR_END: other
";

fn expand_page(text: &str) -> Result<String, String> {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    put(root, "exercises/Cargo.toml", "");
    put(root, "exercises/03-lifecycle/checks.yaml", CHECKS);
    put(root, "exercises/03-lifecycle/pods/one.yaml", "kind: Pod\n");
    put(root, "solutions/03-lifecycle/Cargo.toml", "[lints]\n");
    put(root, "solutions/03-lifecycle/src/lib.rs", SOLUTION);
    put(root, "book/src/03-lifecycle/index.md", HEAD);
    put(root, "book/src/03-lifecycle/out.txt", "$ ls\n```\n");
    put(root, "book/src/03-lifecycle/bad.txt", "no command\n");
    put(root, "book/src/03-lifecycle/a.svg", "<svg width=\"1\">\n\n</svg>\n");
    let given = Given::load(root);
    let page = Page { root, given: &given, path: Path::new("03-lifecycle/index.md") };
    let (text, problems) = page_text(&page, text);
    if problems.is_empty() { Ok(text) } else { Err(problems.join("\n")) }
}

/// A whole page around a few lines, which begin at line 11.
fn page(lines: &str) -> String {
    format!("{HEAD}# T\n\n{lines}\n\n{}\n", lint::NEXT)
}

const HEAD: &str = "<!--\nminutes: 30\nreading: 10\ntasks: [20]\ngoals:\n  - see\n-->\n\n";

fn ok(lines: &str) -> String {
    expand_page(&page(lines)).unwrap()
}

fn wrong(lines: &str) -> String {
    let error = expand_page(&page(lines)).unwrap_err();
    assert!(error.starts_with("book/src/03-lifecycle/index.md:11: "), "{error}");
    error
}

#[test]
fn the_tasks_are_a_list_with_folded_checks_and_hints() {
    let got = ok("{{#tasks 03-lifecycle}}");
    for want in [
        "<section class=\"tasks\" data-chapter=\"03-lifecycle\"",
        "<li class=\"task\" data-task=\"3.1\">",
        "<a href=\"#task-3-1\">3.1: The phase</a>",
        "<code>src/lib.rs</code>",
        "<span class=\"points\">5 points</span> <span class=\"minutes\">about 20 minutes</span>",
        "<li class=\"check\" data-check=\"b_check\"><span class=\"check-title\">b check</span> <span class=\"points\">3 points</span>",
        "$ cargo xtask grade 3",
    ] {
        assert!(got.contains(want), "want {want} in\n{got}");
    }
    // Each hint lies inside the one before it, so it is seen only after that one.
    let order = ["data-hint=\"1\"", "<p>a</p>", "data-hint=\"2\"", "<p>b</p>", "data-hint=\"3\"", "<p>c</p>"];
    let at: Vec<usize> = order.iter().map(|it| got.find(it).unwrap()).collect();
    assert!(at.is_sorted(), "{got}");
    assert!(got.contains("</details></details></details>"), "{got}");
    assert!(wrong("{{#tasks 09-none}}").contains("no chapter"));
}

#[test]
fn code_is_taken_from_its_file() {
    let got = ok("{{#code solutions/03-lifecycle/src/lib.rs:other}}");
    assert!(got.contains("```rust,noplayground\nfn other() {}\n```"), "{got}");
    // Given: in the reader's own file, too.
    assert!(got.contains("<code>exercises/03-lifecycle/src/lib.rs</code>"), "{got}");
    let got = ok("{{#code solutions/03-lifecycle/src/lib.rs:task_3_1}}");
    assert!(got.contains("<code>solutions/03-lifecycle/src/lib.rs</code>"), "{got}");
    assert!(wrong("{{#code solutions/03-lifecycle/src/lib.rs:nope}}").contains("no anchor `nope`"));
    assert!(wrong("{{#code solutions/none.rs:x}}").contains("cannot read"));
    assert!(wrong("{{#code ../secret:x}}").contains("from the repository's root"));
}

#[test]
fn a_starter_is_the_whole_function_with_its_comment() {
    let got = ok("{{#starter 3.1}}");
    let want = "/// The phase of a pod.\n///\n/// From the states of its containers.\npub fn phase(\n    running: bool,\n) -> u8 {\n    todo!(\"task 3.1: The phase\")\n}\n```";
    assert!(got.contains(want), "{got}");
    assert!(got.contains("exercises/03-lifecycle/src/lib.rs"), "{got}");
    assert!(wrong("{{#starter 3.9}}").contains("no task 3.9"));
}

#[test]
fn a_manifest_comes_with_its_command() {
    let path = "exercises/03-lifecycle/pods/one.yaml";
    let got = ok(&format!("{{{{#manifest {path} cargo run -p lifecycle -- run 03-lifecycle/pods/one.yaml}}}}"));
    assert!(got.contains("```yaml\nkind: Pod\n```"), "{got}");
    assert!(got.contains("```console\n$ cargo run -p lifecycle -- run"), "{got}");
    assert!(wrong(&format!("{{{{#manifest {path} cargo run -- two.yaml}}}}")).contains("does not name the file"));
}

#[test]
fn output_begins_with_its_command_and_may_hold_a_fence() {
    assert!(ok("{{#output out.txt}}").contains("````console\n$ ls\n```\n````"));
    assert!(wrong("{{#output bad.txt}}").contains("first line"));
}

#[test]
fn a_figure_needs_words() {
    let got = ok("{{#figure a.svg Two containers in a pod | The pod}}");
    assert!(got.contains("aria-label=\"Two containers in a pod\""), "{got}");
    assert!(got.contains("<figcaption>The pod</figcaption>"), "{got}");
    assert!(wrong("{{#figure a.svg}}").contains("alternative text"));
    assert!(wrong("![](a.png)").contains("alternative text"));
}

#[test]
fn what_is_not_known_or_not_there_is_an_error() {
    assert!(wrong("{{#figrue a.svg x}}").contains("unknown directive"));
    assert!(wrong("See {{#code a:b}} there").contains("alone on its line"));
    assert!(wrong("{{#include nope.rs}}").contains("cannot include"));
    assert!(wrong("{{#include out.txt:nope}}").contains("no anchor"));
}

#[test]
fn fenced_code_and_code_spans_are_left_alone() {
    let text =
        "```text\n{{#code x:y}}\n# not a title\n![](a.png)\n```\n\nAs `{{#code x:y}}` here, and \\{{#include x}}.\n";
    assert!(ok(text).contains(text));
    assert!(ok("{{#title x}}").contains("\n{{#title x}}\n"));
}

#[test]
fn a_page_has_one_title_a_head_and_a_way_on() {
    let good = page("Text.");
    let got = expand_page(&good).unwrap();
    assert!(got.starts_with("\n# T\n\n<div class=\"page-meta\">\n<p>About 30 minutes."), "{got}");
    let wrong = |text: &str| expand_page(text).unwrap_err();
    assert!(wrong(&good.replace("# T", "T")).contains(".md:1: a page has exactly one `# ` heading, this has 0"));
    assert!(wrong(&good.replace("Text.", "# U")).contains("this has 2"));
    assert!(wrong(&good.replace(lint::NEXT, "")).contains(".md:13: a page ends with `## What to do next`"));
    assert!(wrong(good.strip_prefix(HEAD).unwrap()).contains(".md:1: a page begins with its minutes"));
    assert!(wrong(&good.replace("[20]", "[10, 10]")).contains(".md:1: front matter: the chapter has 1 tasks"));
}

#[test]
fn everything_that_is_wrong_with_a_page_is_told_at_once() {
    let text = page("{{#figrue x}}\n\n{{#output none.txt}}\n\n![](a.png) ![](b.png)");
    let error = expand_page(&text).unwrap_err();
    for want in
        [":11: {{#figrue x}}: unknown", ":13: {{#output none.txt}}: cannot read", ":15: ![](a.png)", ":15: ![](b.png)"]
    {
        assert!(error.contains(want), "want {want} in\n{error}");
    }
}
