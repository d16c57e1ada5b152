//! The book's own theme (`book/theme/`), and what of mdBook's is left out.
//!
//! The template, the style sheets and the scripts are ours; of mdBook's own front end only the
//! search index is used. [`prepare`] adds the table of contents to the
//! template, so that it needs no script. [`finish`] works on what was built: Korean words are
//! marked as Korean, code is coloured, the page with the whole book gets one first heading, and the files that no
//! page uses are removed. What it does not find fails the build.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use mdbook_driver::MDBook;
use mdbook_preprocessor::book::{BookItem, Chapter};
use tempfile::TempDir;

use super::expand::escape;

/// Of mdBook's front end: written by it, used by no page of ours. Each is there exactly once,
/// as it is written here or with a hash, `css/general-e96d0476.css`.
const UNUSED: [(&str, &str); 14] = [
    ("css/chrome", ".css"),
    ("css/general", ".css"),
    ("css/print", ".css"),
    ("css/variables", ".css"),
    ("highlight", ".css"),
    ("highlight", ".js"),
    ("ayu-highlight", ".css"),
    ("tomorrow-night", ".css"),
    ("book", ".js"),
    ("clipboard", ".min.js"),
    ("mark", ".min.js"),
    ("searcher", ".js"),
    ("toc", ".js"),
    ("toc", ".html"),
];

/// Where the chapters begin on the page that holds them all (`theme/index.hbs`).
const CHAPTERS: &str = "<!-- the chapters -->";

/// Points the book at its theme, which is there as long as the result lives.
pub fn prepare(md: &mut MDBook, root: &Path) -> Result<TempDir> {
    let own = root.join("book/theme");
    let theme = tempfile::tempdir()?;
    std::fs::create_dir(theme.path().join("fonts"))?;
    for file in ["index.hbs", "favicon.svg", "fonts/fonts.css"] {
        std::fs::copy(own.join(file), theme.path().join(file))
            .with_context(|| format!("failed to copy book/theme/{file}"))?;
    }
    let mut contents = String::new();
    list(&md.book.items, "chapter", &mut true, &mut contents);
    std::fs::write(theme.path().join("header.hbs"), contents)?;
    md.config.set("output.html.theme", theme.path())?;
    Ok(theme)
}

/// The table of contents, as a template: where a page is, and which it is, is known when it is
/// written.
fn list(items: &[BookItem], class: &str, first: &mut bool, out: &mut String) {
    out.push_str(&format!("<ol class=\"{class}\">\n"));
    let mut apart = "";
    for item in items {
        match item {
            BookItem::Separator => apart = " apart",
            BookItem::PartTitle(title) => out.push_str(&format!("<li class=\"part-title\">{}</li>\n", text(title))),
            BookItem::Chapter(chapter) => {
                out.push_str(&format!("<li class=\"chapter-item{apart}\">{}", link(chapter, first)));
                if !chapter.sub_items.is_empty() {
                    list(&chapter.sub_items, "section", first, out);
                }
                out.push_str("</li>\n");
                apart = "";
            }
        }
    }
    out.push_str("</ol>\n");
}

fn link(chapter: &Chapter, first: &mut bool) -> String {
    let number = chapter.number.as_ref().map_or(String::new(), |number| {
        let number = number.to_string();
        format!("<span class=\"number\" aria-hidden=\"true\">{}</span> ", number.trim_end_matches('.'))
    });
    let title = format!("{number}<span class=\"chapter-title\">{}</span>", text(&chapter.name));
    let Some(path) = &chapter.path else { return format!("<span class=\"draft\">{title}</span>") };
    // The first page is also written as index.html.
    let here = if std::mem::take(first) {
        format!("(or is_index (eq path \"{}\"))", path.display())
    } else {
        format!("(eq path \"{}\")", path.display())
    };
    format!(
        "<a href=\"{{{{ path_to_root }}}}{}\"{{{{#if {here}}}}} class=\"active\" aria-current=\"page\"{{{{/if}}}}>{title}</a>",
        path.with_extension("html").display()
    )
}

/// Text in a template.
fn text(words: &str) -> String {
    escape(words).replace('{', "&#123;")
}

/// Works on every page that was built.
pub fn finish(built: &Path) -> Result<()> {
    for (stem, end) in UNUSED {
        let file = only(built, stem, end)?;
        std::fs::remove_file(&file).with_context(|| format!("failed to remove {}", file.display()))?;
    }
    // Empty by now, unless mdBook has put something new there.
    std::fs::remove_dir(built.join("css")).context("mdBook has a new style sheet in css/")?;
    let files = crate::starters::files(built)?;
    let pages = files.iter().filter(|file| file.extension().is_some_and(|it| it == "html"));
    // At the same time: the page with the whole book is as long as all the others.
    std::thread::scope(|scope| {
        let all: Vec<_> = pages.map(|file| scope.spawn(move || finish_page(built, file))).collect();
        all.into_iter().try_for_each(|one| one.join().map_err(|_| anyhow!("a page was not finished"))?)
    })
}

fn finish_page(built: &Path, file: &Path) -> Result<()> {
    let path = built.join(file);
    let before = std::fs::read_to_string(&path).with_context(|| format!("failed to read {}", file.display()))?;
    let mut after = html::finished(&before);
    if file == Path::new("print.html") {
        after = one_heading(&after)?;
    }
    if after != before {
        std::fs::write(&path, after).with_context(|| format!("failed to write {}", file.display()))?;
    }
    Ok(())
}

/// The one file `stem.end`, or `stem-HASH.end`.
fn only(built: &Path, stem: &str, end: &str) -> Result<PathBuf> {
    let whole = built.join(stem);
    let (dir, stem) = (whole.parent().unwrap_or(built), stem.rsplit('/').next().unwrap_or(stem));
    let hashed = |name: &str| {
        let middle = name.strip_prefix(stem).and_then(|rest| rest.strip_suffix(end));
        middle.is_some_and(|it| {
            it.is_empty() || it.strip_prefix('-').is_some_and(|hash| hash.bytes().all(|b| b.is_ascii_hexdigit()))
        })
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).with_context(|| format!("failed to read {}", dir.display()))? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(hashed) {
            found.push(entry.path());
        }
    }
    ensure!(found.len() == 1, "mdBook's front end has changed: {stem}{end} is there {} times, not once", found.len());
    Ok(found.remove(0))
}

/// The book's title is the first heading of the page that holds all chapters, so theirs are second.
fn one_heading(html: &str) -> Result<String> {
    let (before, chapters) = html.split_once(CHAPTERS).context("print.html: no line that begins the chapters")?;
    let mut chapters = chapters.to_owned();
    for level in (1..6).rev() {
        let (from, to) = (level.to_string(), (level + 1).to_string());
        chapters = chapters.replace(&format!("<h{from} "), &format!("<h{to} "));
        chapters = chapters.replace(&format!("<h{from}>"), &format!("<h{to}>"));
        chapters = chapters.replace(&format!("</h{from}>"), &format!("</h{to}>"));
    }
    Ok(format!("{before}{chapters}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_by_its_name_with_any_hash_and_only_once() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["toc-12ab.js", "toc.html", "book-zz.js", "a-1.css", "a-2.css"] {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        assert!(only(dir.path(), "toc", ".js").unwrap().ends_with("toc-12ab.js"));
        assert!(only(dir.path(), "toc", ".html").unwrap().ends_with("toc.html"));
        for (stem, end) in [("book", ".js"), ("a", ".css"), ("mark", ".js")] {
            assert!(only(dir.path(), stem, end).is_err(), "{stem}{end}");
        }
    }

    #[test]
    fn the_whole_book_has_one_first_heading() {
        let got = one_heading("<h1>Book</h1><!-- the chapters --><h1 id=\"a\">A</h1><h2>B</h2>").unwrap();
        assert_eq!(got, "<h1>Book</h1><h2 id=\"a\">A</h2><h3>B</h3>");
        assert!(one_heading("<h1>Book</h1>").is_err());
    }

    #[test]
    fn a_title_cannot_be_a_template() {
        assert_eq!(text("a {{b}} <c>"), "a &#123;&#123;b}} &lt;c&gt;");
    }
}
