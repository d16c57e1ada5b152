//! From something in the built page back to the lines of its Markdown.

use super::directives::{self, Page};
use super::lint;

/// The lines on which a link (or an image's address) is written as such, else the directive
/// that gives it. Empty if it is from the theme.
pub fn link(page: &Page, text: &str, link: &str) -> Vec<usize> {
    // Pages are linked to by the names of their sources.
    let as_markdown = link.replacen(".html", ".md", 1);
    let written = lines(text, |line| holds(line, link) || holds(line, &as_markdown));
    if written.is_empty() { given(page, text, &format!("\"{link}\"")) } else { written }
}

/// The lines that give an element its id.
pub fn id(page: &Page, text: &str, id: &str) -> Vec<usize> {
    let (short, long) = (format!("{{#{id}}}"), format!("id=\"{id}\""));
    let mut found = lines(text, |line| {
        let heading = line.strip_prefix('#').map(|rest| rest.trim_start_matches('#'));
        line.contains(&short) || line.contains(&long) || heading.is_some_and(|it| slug(it) == id)
    });
    found.extend(given(page, text, &long));
    found.sort_unstable();
    found
}

/// Lines outside of fenced code for which something holds; they count from 1.
fn lines(text: &str, holds: impl Fn(&str) -> bool) -> Vec<usize> {
    let mut fence = lint::Fence::default();
    let numbered = text.lines().enumerate();
    numbered.filter(|(_, line)| !fence.is_in_code(line) && holds(line)).map(|(index, _)| index + 1).collect()
}

/// Lines whose directive gives this. Expands them again, which only costs when a book is broken.
fn given(page: &Page, text: &str, want: &str) -> Vec<usize> {
    lines(text, |line| {
        let text = lint::directive(line).and_then(|(name, args)| directives::expand(page, name, args).ok());
        text.is_some_and(|text| text.contains(want))
    })
}

/// Does the line have this address, and not only as the beginning of a longer one?
fn holds(line: &str, link: &str) -> bool {
    let ends = |rest: &str| rest.is_empty() || rest.starts_with([')', '"', '\'', '>', ' ', '\t']);
    let begins = |before: &str| before.is_empty() || before.ends_with(['(', '"', '\'', '<', ' ', '\t']);
    line.match_indices(link).any(|(at, _)| begins(&line[..at]) && ends(&line[at + link.len()..]))
}

/// The id that mdBook gives a heading without one.
fn slug(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_whole_or_not_at_all() {
        assert!(holds("See [x](a.md#b).", "a.md#b"));
        assert!(holds("[x]: a.md", "a.md"));
        assert!(holds("<img src=\"a.png\">", "a.png"));
        assert!(!holds("See [x](a.md#bc).", "a.md#b"));
        assert!(!holds("See [x](aa.md).", "a.md"));
        assert_eq!(lines("a\n```\na\n```\na", |line| line == "a"), [1, 5]);
        assert_eq!(slug(" What real Kubernetes does, more"), "what-real-kubernetes-does-more");
    }
}
