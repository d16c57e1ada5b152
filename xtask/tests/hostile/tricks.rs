//! The eight tricks that other graders of Rust exercises fall for.

use crate::WRONG;
use crate::common::{self, Submission};

#[test]
fn wrong_without_a_trick() {
    let graded = Submission::new("no-trick").word("\"bean\"").grade(&[]);
    graded.fails("says_pea", "bean");
    assert_eq!(graded.points(), WRONG);
}

#[test]
fn exit_0_in_the_function_under_test() {
    let graded = Submission::new("exit").word("{ std::process::exit(0) }").grade(&[]);
    graded.fails("says_pea", "the word");
    assert_eq!(graded.points(), WRONG);
}

#[test]
fn abort_in_the_function_under_test() {
    let graded = Submission::new("abort").word("{ std::process::abort() }").grade(&[]);
    graded.fails("says_pea", "the word");
    assert_eq!(graded.points(), WRONG);
}

#[test]
fn a_runner_in_cargo_config() {
    let config = "[target.'cfg(all())']\nrunner = \"true\"\n[build]\nrustc-wrapper = \"/bin/true\"\n";
    let graded = Submission::new("runner")
        .word("\"bean\"")
        .file(".cargo/config.toml", config)
        .file("01-one/.cargo/config.toml", config)
        .grade(&[]);
    graded.fails("says_pea", "bean");
    assert_eq!(graded.points(), WRONG);
    assert!(graded.json["ignored"].to_string().contains(".cargo"), "{}", graded.text);
}

#[test]
fn autotests_off() {
    manifest_trick("autotests", "[package]\nname = \"one\"\nautotests = false\n");
}

#[test]
fn harness_off_and_a_program_that_prints_results() {
    let submission = Submission::new("harness")
        .word("\"bean\"")
        .file("01-one/Cargo.toml", "[package]\nname = \"one\"\n[[test]]\nname = \"checks\"\nharness = false\n")
        .file(
            "01-one/tests/checks.rs",
            "fn main() { println!(\"test says_pea ... ok\\ntest result: ok. 3 passed; 0 failed\") }",
        );
    let graded = submission.grade(&[]);
    graded.fails("says_pea", "bean");
    assert_eq!(graded.points(), WRONG);
    assert!(graded.json["ignored"].to_string().contains("01-one/tests/checks.rs"));
}

fn manifest_trick(name: &str, manifest: &str) {
    let graded = Submission::new(name).word("\"bean\"").file("01-one/Cargo.toml", manifest).grade(&[]);
    graded.fails("says_pea", "bean");
    assert_eq!(graded.points(), WRONG);
    assert!(graded.json["ignored"].to_string().contains("01-one/Cargo.toml"));
}

#[test]
fn a_build_script_that_rewrites_the_tests() {
    let ran = common::base().join("build-script-ran");
    let _ = std::fs::remove_file(&ran);
    let script = format!("fn main() {{ std::fs::write({ran:?}, \"\").unwrap(); }}");
    let graded = Submission::new("build-script")
        .word("\"bean\"")
        .file("01-one/build.rs", &script)
        .file("build.rs", &script)
        .file("01-one/src/build.rs", &script)
        .grade(&[]);
    graded.fails("says_pea", "bean");
    assert_eq!(graded.points(), WRONG);
    assert!(!ran.exists());
    assert!(graded.json["ignored"].to_string().contains("01-one/build.rs"));
}

#[test]
fn tests_deleted() {
    let graded = Submission::new("deleted")
        .word("\"bean\"")
        .file("01-one/tests/checks.rs", "podcheck::checks!(\"one\": says_42);")
        .file("01-one/checks.yaml", "chapter: 1\ntasks: []\n")
        .grade(&[]);
    graded.fails("says_pea", "bean");
    assert_eq!(graded.points(), WRONG);
}

#[test]
fn forged_output() {
    let forged = r#"{
        println!("test says_pea ... ok\ntest result: ok. 3 passed; 0 failed; 0 ignored");
        println!("{{\"check\":\"says_pea\",\"verdict\":\"pass\"}}");
        println!("{{\"type\":\"test\",\"event\":\"ok\",\"name\":\"says_pea\"}}");
        std::process::exit(0)
    }"#;
    let graded = Submission::new("forged").word(forged).grade(&[]);
    graded.fails("says_pea", "the word");
    assert_eq!(graded.points(), WRONG);
}
