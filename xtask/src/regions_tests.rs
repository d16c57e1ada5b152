//! Unit tests of the task regions.

use super::*;

fn title(task: &str) -> Option<&'static str> {
    match task {
        "3.3" => Some("The phase of a pod"),
        "3.4" => Some("A \"quoted\" {title}"),
        "3.5" => Some(
            "A title that is so long that rustfmt would never let it stand on one line, however short the code around it is",
        ),
        _ => None,
    }
}

fn what(result: Result<impl std::fmt::Debug, Vec<AnchorError>>) -> String {
    let errors = result.expect_err("there is something wrong with these anchors");
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_region_becomes_a_todo_and_keeps_its_anchors() {
    let text = "fn phase() -> u8 {\n    // ANCHOR: task_3_3\n    let x = 1;\n    x\n    // ANCHOR_END: task_3_3\n}\n";
    assert_eq!(
        starter("phase.rs", text, title).unwrap(),
        "fn phase() -> u8 {\n    // ANCHOR: task_3_3\n    todo!(\"task 3.3: The phase of a pod\")\n    // ANCHOR_END: task_3_3\n}\n"
    );
}

#[test]
fn a_region_with_code_after_it_becomes_a_statement() {
    let text =
        "fn a() {\n    // ANCHOR: task_3_3\n    let x = 1;\n    // ANCHOR_END: task_3_3\n\n    // Then.\n    b();\n}\n";
    let got = starter("a.rs", text, title).unwrap();
    assert!(got.contains("    todo!(\"task 3.3: The phase of a pod\");\n"), "{got}");
}

#[test]
fn a_region_offers_its_starter_lines() {
    let text = "    // ANCHOR: task_3_3_b\n    // STARTER: let x = 0;\n    // STARTER:\n    // STARTER: todo!(\"task 3.3: \")\n    answer()\n    // ANCHOR_END: task_3_3_b\n";
    assert_eq!(
        starter("a.rs", text, title).unwrap(),
        "    // ANCHOR: task_3_3_b\n    let x = 0;\n\n    todo!(\"task 3.3: \")\n    // ANCHOR_END: task_3_3_b\n"
    );
}

#[test]
fn a_title_is_a_format_string_in_a_literal() {
    let text = "// ANCHOR: task_3_4\nx\n// ANCHOR_END: task_3_4\n";
    let got = starter("a.rs", text, title).unwrap();
    assert!(got.contains(r#"todo!("task 3.4: A \"quoted\" {{title}}")"#), "{got}");
}

#[test]
fn a_long_title_is_laid_out_as_rustfmt_would() {
    let text = "        // ANCHOR: task_3_5\n        x\n        // ANCHOR_END: task_3_5\n";
    let got = starter("a.rs", text, title).unwrap();
    assert!(got.contains("        todo!(\n            \"task 3.5: A title"), "{got}");
    assert!(got.contains("\"\n        )\n"), "{got}");
}

#[test]
fn anchors_of_the_book_alone_vanish_and_what_they_hold_stays() {
    let text = "// ANCHOR: types\nstruct A;\n// ANCHOR: task_3_3\nx\n// ANCHOR_END: task_3_3\n// ANCHOR_END: types\n";
    let got = starter("a.rs", text, title).unwrap();
    assert!(got.starts_with("struct A;\n// ANCHOR: task_3_3\n"), "{got}");
    assert!(got.ends_with("// ANCHOR_END: task_3_3\n"), "{got}");
}

#[test]
fn an_unclosed_anchor_is_an_error_with_its_line() {
    let text = "fn a() {}\n// ANCHOR: task_3_3\nx\n";
    assert_eq!(what(starter("a.rs", text, title)), "a.rs:2: anchor `task_3_3` is never closed");
}

#[test]
fn nested_regions_are_an_error() {
    let text = "// ANCHOR: task_3_3\n// ANCHOR: task_3_4\nx\n// ANCHOR_END: task_3_4\n// ANCHOR_END: task_3_3\n";
    let got = what(find("a.rs", text));
    assert!(got.contains("a.rs:2: anchor `task_3_4` is nested in `task_3_3`"), "{got}");
}

#[test]
fn an_end_without_a_start_is_an_error() {
    assert!(what(find("a.rs", "// ANCHOR_END: task_3_3\n")).contains("never opened"));
}

#[test]
fn two_regions_of_one_name_are_an_error() {
    let one = "// ANCHOR: task_3_3\nx\n// ANCHOR_END: task_3_3\n";
    assert!(what(find("a.rs", &one.repeat(2))).contains("a.rs:4: a second region"));
}

#[test]
fn an_unknown_task_is_an_error_with_its_line() {
    let text = "// ANCHOR: task_9_9\nx\n// ANCHOR_END: task_9_9\n";
    assert!(what(starter("a.rs", text, title)).starts_with("a.rs:1: region `task_9_9`"));
}

#[test]
fn a_misnamed_region_is_an_error() {
    assert!(what(find("a.rs", "// ANCHOR: task_3\n// ANCHOR_END: task_3\n")).contains("task_CHAPTER"));
}

#[test]
fn a_starter_line_outside_of_a_region_is_an_error() {
    assert!(what(find("a.rs", "// STARTER: x\n")).contains("outside of any task region"));
}

#[test]
fn an_excerpt_has_no_marks_and_no_margin() {
    let text = "mod x {\n    // ANCHOR: all\n    // ANCHOR: task_3_3\n    // STARTER: y\n    fn a() {\n        1\n    }\n    // ANCHOR_END: task_3_3\n    // ANCHOR_END: all\n}\n";
    assert_eq!(excerpt(text, "all").unwrap(), "fn a() {\n    1\n}\n");
    assert_eq!(excerpt(text, "nope").unwrap_err(), "there is no anchor `nope`");
    assert!(excerpt("// ANCHOR: a\nx\n", "a").unwrap_err().contains("never closed"));
    assert_eq!(excerpt("# ANCHOR: a\nx: 1\n# ANCHOR_END: a\n", "a").unwrap(), "x: 1\n");
}
