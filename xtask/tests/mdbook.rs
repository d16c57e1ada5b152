//! Plain `mdbook build` works, too: mdBook starts the preprocessor as a program. (`mdbook` is
//! little more than these lines.) And what is wrong with a page fails it.

use std::path::{Path, PathBuf};

use mdbook_driver::MDBook;
use mdbook_driver::config::Config;

/// Builds the book at `book` of the workbook at `root`; returns where the pages are, or why not.
fn plain(root: &Path, out: &Path) -> Result<PathBuf, String> {
    let text = std::fs::read_to_string(root.join("book/book.toml")).unwrap();
    let mut config: Config = text.parse().unwrap();
    let command = format!("{} --root {} preprocess", env!("CARGO_BIN_EXE_xtask"), root.display());
    config.set("preprocessor.workbook.command", command).unwrap();
    config.set("build.build-dir", out).unwrap();
    let md = MDBook::load_with_config(root.join("book"), config).map_err(|error| format!("{error:#}"))?;
    md.build().map_err(|error| format!("{error:#}"))?;
    Ok(md.build_dir_for("html"))
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

#[test]
fn mdbook_builds_this_book_with_its_directives_expanded() {
    let out = tempfile::tempdir().unwrap();
    let built = plain(&repository(), out.path()).unwrap();
    let page = std::fs::read_to_string(built.join("03-lifecycle/index.html")).unwrap();
    for want in ["data-task=\"3.3\"", "class=\"quiz\"", "<figure class=\"timeline\">", "class=\"page-meta\""] {
        assert!(page.contains(want), "no {want}");
    }
    assert!(!page.contains("{{#"), "a directive was left alone");
}

#[test]
fn a_broken_page_fails_it() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let page = |directive: &str| {
        format!("<!--\nminutes: 1\ngoals:\n  - see\n-->\n\n# A\n\n{directive}\n\n## What to do next\n\nGo on.\n")
    };
    for (file, text) in [
        ("book/book.toml", "[book]\ntitle = \"x\"\n[preprocessor.workbook]\ncommand = \"replaced\"\n"),
        ("book/src/SUMMARY.md", "[A](a.md)\n"),
        ("book/src/a.md", &page("{{#code exercises/Cargo.toml}}")),
        ("exercises/Cargo.toml", "[workspace]\n"),
        ("exercises/01-a/checks.yaml", "chapter: 1\ncrate: a\ntitle: A\npage: 01-a/index.md\ntasks: []\n"),
    ] {
        std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
        std::fs::write(root.join(file), text).unwrap();
    }
    let out = tempfile::tempdir().unwrap();
    plain(root, out.path()).unwrap();
    std::fs::write(root.join("book/src/a.md"), page("{{#code exercises/none.toml}}")).unwrap();
    let error = plain(root, out.path()).unwrap_err();
    assert!(error.contains("workbook"), "{error}");
}
