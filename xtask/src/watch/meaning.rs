//! What a change of a path means: which chapter to grade again, and whether to build the book.

use std::path::Path;

#[derive(Debug, Default, PartialEq)]
pub struct Meaning {
    pub chapter: Option<String>,
    pub book: bool,
}

/// The name of a chapter's directory begins with its number.
pub fn is_chapter(name: &str) -> bool {
    name.as_bytes().first().is_some_and(u8::is_ascii_digit)
}

/// Whether a change there is to be looked at, if only to see what is there now.
pub fn matters(root: &Path, path: &Path) -> bool {
    let is_directory_of_chapters = path.parent().is_some_and(|parent| parent == root.join("exercises"));
    is_directory_of_chapters || meaning(root, path) != Meaning::default()
}

/// What a change of a path means.
pub fn meaning(root: &Path, path: &Path) -> Meaning {
    let nothing = Meaning::default();
    let book = Meaning { chapter: None, book: true };
    let Ok(relative) = path.strip_prefix(root) else {
        return nothing;
    };
    let names: Vec<_> = relative.iter().map(|name| name.to_string_lossy()).collect();
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    if names.last().is_some_and(|name| is_an_editors(name)) {
        return nothing;
    }
    match names.as_slice() {
        // The built book is not what it is built from.
        ["book", "book", ..] => nothing,
        ["book" | "solutions", _, ..] => book,
        // The reader's own: the book shows the starter. A directory may have come whole.
        ["exercises", chapter, "src", rest @ ..] if is_chapter(chapter) => {
            let counts = rest.last().is_none_or(|name| name.ends_with(".rs") || !name.contains('.'));
            Meaning { chapter: counts.then(|| chapter.to_string()), book: false }
        }
        ["exercises", chapter, "tests", ..] | ["exercises", chapter, "checks.yaml"] if is_chapter(chapter) => {
            Meaning { chapter: Some(chapter.to_string()), book: true }
        }
        ["exercises", "target", ..] => nothing,
        ["exercises", _, _, ..] => book,
        _ => nothing,
    }
}

/// What editors write beside the file that is edited.
fn is_an_editors(name: &str) -> bool {
    name.starts_with('.')
        || name == "4913"
        || name.starts_with('#')
        || [".swp", ".swx", "~", ".tmp", ".bak"].iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_means_its_chapter_the_book_or_nothing() {
        let of = |path: &str| meaning(Path::new("/w"), &Path::new("/w").join(path));
        let chapter = |book| Meaning { chapter: Some("03-lifecycle".to_string()), book };
        assert_eq!(of("exercises/03-lifecycle/src/phase.rs"), chapter(false));
        assert_eq!(of("exercises/03-lifecycle/src"), chapter(false));
        assert_eq!(of("exercises/03-lifecycle/tests/checks.rs"), chapter(true));
        assert_eq!(of("exercises/03-lifecycle/checks.yaml"), chapter(true));
        let book = Meaning { chapter: None, book: true };
        for path in [
            "book/src/a.md",
            "book/book.toml",
            "solutions/03-lifecycle/src/lib.rs",
            "exercises/03-lifecycle/pods/a.yaml",
        ] {
            assert_eq!(of(path), book, "{path}");
        }
        for path in [
            "book/book/index.html",
            "exercises/target/debug/x.rs",
            "exercises/03-lifecycle/src/notes.txt",
            "exercises/03-lifecycle/src/.phase.rs.swp",
            "exercises/03-lifecycle/src/phase.rs~",
            "xtask/src/main.rs",
        ] {
            assert_eq!(of(path), Meaning::default(), "{path}");
        }
        assert_eq!(meaning(Path::new("/w"), Path::new("/elsewhere/book/src/a.md")), Meaning::default());
    }
}
