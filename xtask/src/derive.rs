//! How an exercise follows from a solution: its manifest here, its task regions below.
//!
//! Used by `starters` (which writes the exercises) and by the grader (which stages a
//! manifest of the workbook's own, never the reader's).

use anyhow::{Result, ensure};

/// The exercise's `Cargo.toml`, made from the solution's.
///
/// Paths lose their way through `../../exercises/`, the `[[test]]` path becomes cargo's
/// default, and the lints that a half-written answer would trip are allowed: a reader in the
/// middle of a task needs errors, not advice about unused variables.
pub fn manifest(solution: &str, chapter_dir: &str) -> Result<String> {
    let text = solution
        .replace("../../exercises/podkit", "../podkit")
        .replace("../../exercises/podcheck", "../podcheck")
        .replace(&format!("../../exercises/{chapter_dir}/tests"), "tests");
    let mut out = String::new();
    let mut in_lints = false;
    let mut had_lints = false;
    for line in text.lines() {
        if line.trim_start().starts_with('[') {
            in_lints = line.trim() == "[lints]";
            if in_lints {
                had_lints = true;
                out.push_str(STARTER_LINTS);
                continue;
            }
        }
        // `path = "tests/checks.rs"` is where cargo looks anyway.
        if !in_lints && line.trim() != r#"path = "tests/checks.rs""# {
            out.push_str(line);
            out.push('\n');
        }
    }
    ensure!(had_lints, "solutions/{chapter_dir}/Cargo.toml: add `[lints]` with `workspace = true`");
    ensure!(
        !out.contains("../../"),
        "solutions/{chapter_dir}/Cargo.toml: a path leads out of solutions/ that the exercise would not have"
    );
    Ok(out)
}

const STARTER_LINTS: &str = "\
# An answer in the making leaves things unused; that is no mistake yet.
[lints.rust]
unused_variables = \"allow\"
unused_imports = \"allow\"
unused_mut = \"allow\"
dead_code = \"allow\"
unreachable_code = \"allow\"

# Nor does a signature show yet what it is for.
[lints.clippy]
ptr_arg = \"allow\"
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_derived() {
        let solution = r#"[package]
name = "lifecycle"

[dependencies]
podkit = { path = "../../exercises/podkit" }
grouping = { path = "../01-grouping" }

[[test]]
name = "checks"
path = "../../exercises/03-lifecycle/tests/checks.rs"
harness = false

[lints]
workspace = true
"#;
        let text = manifest(solution, "03-lifecycle").unwrap();
        assert!(text.contains(r#"podkit = { path = "../podkit" }"#));
        assert!(text.contains("harness = false"));
        assert!(!text.contains("workspace = true") && !text.contains("tests/checks.rs"));
        assert!(text.contains("dead_code = \"allow\""));
        assert!(manifest("[package]", "03-lifecycle").is_err());
    }
}
