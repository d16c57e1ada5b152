//! Unit tests of `starters`, on a workbook of one tiny chapter.

use super::*;

const CHECKS: &str = r#"chapter: 1
crate: grouping
title: Grouping
page: 01-grouping/index.md
tasks:
  - id: "1.1"
    title: Names
    file: src/lib.rs
    section: task-1-1
    hints: [a, b, c]
    checks:
      - { name: a_check, points: 1 }
"#;

fn workbook() -> (tempfile::TempDir, Workbook) {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("exercises/Cargo.toml", "[workspace]\n"),
        ("exercises/.cargo/config.toml", "[build]\n"),
        ("exercises/podkit/src/lib.rs", "//! podkit\n"),
        ("exercises/01-grouping/checks.yaml", CHECKS),
        ("exercises/01-grouping/tests/checks.rs", "// checks\n"),
        ("solutions/01-grouping/Cargo.toml", "[package]\n[lints]\nworkspace = true\n"),
        (
            "solutions/01-grouping/src/lib.rs",
            "fn a() -> u8 {\n    // ANCHOR: task_1_1\n    1\n    // ANCHOR_END: task_1_1\n}\n",
        ),
    ] {
        put(dir.path(), path, text);
    }
    let workbook = Workbook::load(dir.path()).unwrap();
    (dir, workbook)
}

fn put(root: &Path, path: &str, text: &str) {
    std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
    std::fs::write(root.join(path), text).unwrap();
}

fn states(workbook: &Workbook) -> Vec<State> {
    let chapter = &workbook.chapters[0];
    let derived = exercise(workbook, chapter).unwrap();
    let states = compare(&workbook.root, chapter, &derived).unwrap();
    states.into_iter().map(|(_, state)| state).collect()
}

#[test]
fn an_exercise_is_written_and_then_in_sync() {
    let (dir, workbook) = workbook();
    assert_eq!(states(&workbook), [State::Missing, State::Missing]);
    overwrite(&workbook, &workbook.chapters[0]).unwrap();
    assert_eq!(states(&workbook), [State::Same, State::Same]);
    let text = std::fs::read_to_string(dir.path().join("exercises/01-grouping/src/lib.rs"));
    assert!(text.unwrap().contains("    todo!(\"task 1.1: Names\")\n"));
}

#[test]
fn what_a_reader_wrote_is_told_from_what_went_stale() {
    let (dir, workbook) = workbook();
    overwrite(&workbook, &workbook.chapters[0]).unwrap();
    let solution = dir.path().join("solutions/01-grouping/src/lib.rs");
    let text = std::fs::read_to_string(&solution).unwrap();
    std::fs::write(&solution, format!("//! New.\n{text}")).unwrap();
    assert_eq!(states(&workbook), [State::Same, State::Stale]);
    put(dir.path(), "exercises/01-grouping/src/lib.rs", "fn a() -> u8 { 1 }\n");
    put(dir.path(), "exercises/01-grouping/src/own.rs", "// own\n");
    assert_eq!(states(&workbook), [State::Same, State::Edited, State::Extra]);
    let kept = back_up(dir.path(), &workbook.chapters[0]).unwrap();
    assert_eq!(kept, Path::new("exercises/01-grouping/src.1.bak"));
    overwrite(&workbook, &workbook.chapters[0]).unwrap();
    // The reader's own file is not the workbook's to remove.
    assert!(dir.path().join("exercises/01-grouping/src/own.rs").exists());
    assert!(dir.path().join(kept).join("lib.rs").exists());
}

#[test]
fn a_task_without_a_region_is_named_with_its_line() {
    let (dir, workbook) = workbook();
    put(dir.path(), "solutions/01-grouping/src/lib.rs", "fn a() {}\n");
    let error = exercise(&workbook, &workbook.chapters[0]).err().unwrap().to_string();
    assert!(error.contains("checks.yaml:6: task 1.1 has no region"), "{error}");
}

#[test]
fn a_region_in_another_file_than_the_task_says_is_an_error() {
    let (dir, workbook) = workbook();
    let home = dir.path().join("solutions/01-grouping/src");
    std::fs::rename(home.join("lib.rs"), home.join("other.rs")).unwrap();
    let error = exercise(&workbook, &workbook.chapters[0]).err().unwrap().to_string();
    assert!(error.contains("its region is in src/other.rs"), "{error}");
}

#[test]
fn sums_are_of_the_workbook_and_not_of_the_reader() {
    let (dir, workbook) = workbook();
    overwrite(&workbook, &workbook.chapters[0]).unwrap();
    let text = sums::of(dir.path()).unwrap();
    for owned in [
        ".cargo/config.toml",
        "Cargo.toml",
        "podkit/src/lib.rs",
        "01-grouping/checks.yaml",
        "01-grouping/tests/checks.rs",
    ] {
        assert!(text.contains(&format!("  {owned}\n")), "{owned} in {text}");
    }
    assert!(!text.contains("01-grouping/src/"), "{text}");
    put(dir.path(), "exercises/SHA256SUMS", &text);
    assert_eq!(sums::modified(dir.path()), [""; 0]);
    put(dir.path(), "exercises/.cargo/config.toml", "[build]\nrustc = \"own\"\n");
    assert_eq!(sums::modified(dir.path()), ["exercises/.cargo/config.toml"]);
}
