//! mdBook's own theme, with a few changes. It is written from the library at build time and
//! patched, so no copy of it is kept here; a patch that no longer fits fails the build.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use mdbook_driver::MDBook;

/// One line of the menu of themes.
macro_rules! theme_item {
    ($id:literal, $name:literal) => {
        concat!(
            "<li role=\"none\"><button role=\"menuitem\" class=\"theme\" id=\"mdbook-theme-",
            $id,
            "\">",
            $name,
            "</button></li>"
        )
    };
}

/// Two themes instead of five: both are looked after.
const THEMES: [(&str, &str); 4] = [
    (theme_item!("rust", "Rust"), ""),
    (theme_item!("coal", "Coal"), ""),
    (theme_item!("ayu", "Ayu"), ""),
    (theme_item!("navy", "Navy"), theme_item!("navy", "Dark")),
];

/// So that the keyboard reaches everything, and screen readers hear what things are.
const INDEX: [(&str, &str); 6] = [
    (
        r#"<label id="mdbook-sidebar-toggle" class="icon-button" for="mdbook-sidebar-toggle-anchor""#,
        r#"<button id="mdbook-sidebar-toggle" class="icon-button" type="button""#,
    ),
    (
        "{{fa \"solid\" \"bars\"}}\n                        </label>",
        "{{fa \"solid\" \"bars\"}}\n                        </button>",
    ),
    (
        r#"<div id="mdbook-body-container">"#,
        "<a class=\"skip-link\" href=\"#mdbook-content\">Skip to the text</a>\n    <div id=\"mdbook-body-container\">",
    ),
    // A page has one first heading, and it is the page's own.
    (r#"<h1 class="menu-title">{{ book_title }}</h1>"#, r#"<p class="menu-title">{{ book_title }}</p>"#),
    (
        r#"aria-describedby="searchresults-header">"#,
        r#"aria-label="Search this book" aria-describedby="mdbook-searchresults-header">"#,
    ),
    (r#"<iframe class="sidebar-iframe-outer""#, r#"<iframe title="Table of contents" class="sidebar-iframe-outer""#),
];

/// It would keep the browser from going back to the page without loading it again.
const BOOK_JS: [(&str, &str); 1] = [("window.onunload = function() { };", "")];

/// Writes the patched theme below `target/` and points the book at it.
pub fn prepare(md: &mut MDBook, root: &Path) -> Result<()> {
    let stock = tempfile::tempdir()?;
    for dir in ["css", "fonts"] {
        std::fs::create_dir(stock.path().join(dir))?;
    }
    let mut html = md.config.html_config().context("book.toml has no [output.html]")?;
    html.theme = Some(stock.path().to_path_buf());
    mdbook_html::theme::Theme::copy_theme(&html, root)?;

    let theme = root.join("target/book-theme");
    std::fs::create_dir_all(theme.join("fonts"))?;
    let index: Vec<_> = INDEX.into_iter().chain(THEMES).collect();
    for (file, patches) in [("index.hbs", index.as_slice()), ("book.js", BOOK_JS.as_slice())] {
        let text = std::fs::read_to_string(stock.path().join(file))?;
        std::fs::write(theme.join(file), patch(file, text, patches)?)?;
    }
    let own = root.join("book/theme");
    for file in ["fonts/fonts.css", "head.hbs", "favicon.svg"] {
        if own.join(file).is_file() {
            std::fs::copy(own.join(file), theme.join(file))
                .with_context(|| format!("failed to copy book/theme/{file}"))?;
        }
    }
    md.config.set("output.html.theme", &theme)?;
    Ok(())
}

fn patch(file: &str, mut text: String, patches: &[(&str, &str)]) -> Result<String> {
    for (from, to) in patches {
        ensure!(text.matches(from).count() == 1, "mdBook's {file} has changed; this patch no longer fits: {from}");
        text = text.replace(from, to);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_that_does_not_fit_is_an_error() {
        assert_eq!(patch("f", "a b".into(), &[("a", "c")]).unwrap(), "c b");
        assert!(patch("f", "a a".into(), &[("a", "c")]).is_err());
        assert!(patch("f", "b".into(), &[("a", "c")]).is_err());
    }
}
