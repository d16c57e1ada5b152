//! Unit tests of the link check, on two pages.

use super::*;

fn book(one: &str, two: &str) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let built = dir.path().join("built");
    let source = dir.path().join("book/src/sub");
    std::fs::create_dir_all(built.join("sub")).unwrap();
    std::fs::create_dir_all(&source).unwrap();
    std::fs::write(built.join("index.html"), one).unwrap();
    std::fs::write(built.join("sub/two.html"), two).unwrap();
    std::fs::write(source.join("two.md"), "# Two\n\nSee [x](../index.md#nope).\n").unwrap();
    let pages = [("index.html", "index.md"), ("sub/two.html", "sub/two.md")]
        .map(|(html, markdown)| Source { html: html.into(), markdown: markdown.into() });
    check(dir.path(), &built, &pages).unwrap()
}

#[test]
fn links_that_lead_somewhere_are_fine() {
    let one = "<h1 id=\"한\">x</h1><a href=\"sub/two.html#a\">x</a><a href=\"https://example.org/#q\">x</a>\
               <script>let s = '<a href=\"no.html\">';</script><a href=\"#%ED%95%9C\">y</a>";
    let two = "<p id=a><a href=\"../index.html\">up</a><a href=\"#a\">here</a><img src=\"../index.html\" alt=\"x\">";
    assert_eq!(book(one, two), Vec::<String>::new());
}

#[test]
fn a_dead_file_a_dead_fragment_and_a_silent_image_are_found() {
    let one = "<a href=\"no.html\">x</a><a href=\"sub/../../etc\">out</a><img src=\"index.html\">";
    let two = "<a href=\"../index.html#nope\">x</a><i id=a></i><b id=a></b>";
    let got = book(one, two).join("\n");
    for want in [
        "book/src/index.md: link no.html: there is no no.html",
        "leads out of the book",
        "image index.html has no alternative text",
        "book/src/sub/two.md:3: link ../index.html#nope: nothing in index.html has the id `nope`",
        "the id `a` is there twice",
    ] {
        assert!(got.contains(want), "want {want} in\n{got}");
    }
}

#[test]
fn percent_signs_are_decoded() {
    assert_eq!(decode("a%20b%"), "a b%");
    assert_eq!(decode("%ED%95%9C"), "한");
}
