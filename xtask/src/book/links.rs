//! The check of what was built: every internal link, every fragment and every image is there,
//! every image has words. Reads the HTML as a browser would; uses no network.

use std::cell::LazyCell;
use std::collections::{BTreeSet, HashMap};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use html::links::{Found, read};
use mdbook_driver::MDBook;

use super::directives::{Given, Page};
use super::locate;

/// A built page and the Markdown it comes from, relative to `book/src`.
pub struct Source {
    pub html: PathBuf,
    pub markdown: PathBuf,
}

/// The pages of a book.
pub fn pages(md: &MDBook) -> Vec<Source> {
    let chapters = md.book.chapters();
    chapters
        .filter_map(|chapter| {
            Some(Source { html: chapter.path.as_ref()?.with_extension("html"), markdown: chapter.source_path.clone()? })
        })
        .collect()
}

/// Everything that is wrong, with the page and the line where that can be told.
pub fn check(root: &Path, built: &Path, pages: &[Source]) -> Result<Vec<String>> {
    let read_page = |page: &Source| -> Result<(PathBuf, Found)> {
        let path = built.join(&page.html);
        let text = std::fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?;
        Ok((page.html.clone(), read(&text)))
    };
    let found: HashMap<PathBuf, Found> = std::thread::scope(|scope| {
        let all: Vec<_> = pages.iter().map(|page| scope.spawn(move || read_page(page))).collect();
        all.into_iter().map(|one| one.join().map_err(|_| anyhow!("a page was not read"))?).collect::<Result<_>>()
    })?;
    let given = LazyCell::new(|| Given::load(root));
    let mut problems = Vec::new();
    for source in pages {
        let here = &found[&source.html];
        let mut said: BTreeSet<(Thing, String)> = BTreeSet::new();
        for link in &here.links {
            said.extend(dead(built, &source.html, link, &found).map(|what| (Thing::Link(link.clone()), what)));
        }
        for image in &here.silent {
            said.insert((Thing::Link(image.clone()), format!("image {image} has no alternative text")));
        }
        for id in &here.twice {
            said.insert((Thing::Id(id.clone()), format!("the id `{id}` is there twice")));
        }
        if said.is_empty() {
            continue;
        }
        let text = std::fs::read_to_string(root.join("book/src").join(&source.markdown)).unwrap_or_default();
        let page = Page { root, given: &given, path: &source.markdown };
        for (thing, what) in said {
            let lines = match &thing {
                Thing::Link(link) => locate::link(&page, &text, link),
                Thing::Id(id) => locate::id(&page, &text, id),
            };
            let path = source.markdown.display();
            if lines.is_empty() {
                problems.push(format!("book/src/{path}: {what}"));
            }
            problems.extend(lines.iter().map(|line| format!("book/src/{path}:{line}: {what}")));
        }
    }
    Ok(problems)
}

/// What a problem is about; by it the line is found.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Link(String),
    Id(String),
}

/// Why a link leads nowhere; `None` if it leads somewhere, or out of the book.
fn dead(built: &Path, page: &Path, link: &str, found: &HashMap<PathBuf, Found>) -> Option<String> {
    let scheme = link.split(['/', '?', '#']).next().is_some_and(|it| it.contains(':'));
    if scheme || link.starts_with("//") {
        return None;
    }
    let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
    let path = decode(path.split('?').next().unwrap_or(""));
    let mut target = if path.is_empty() {
        page.to_path_buf()
    } else {
        let from = page.parent().unwrap_or(Path::new(""));
        match within(&from.join(path.trim_start_matches('/'))) {
            Some(target) if !path.starts_with('/') => target,
            _ => return Some(format!("link {link} leads out of the book")),
        }
    };
    if path.ends_with('/') || target.as_os_str().is_empty() {
        target.push("index.html");
    }
    if !built.join(&target).is_file() {
        return Some(format!("link {link}: there is no {}", target.display()));
    }
    let there = found.get(&target)?;
    let fragment = decode(fragment);
    (!fragment.is_empty() && !there.ids.contains(&fragment))
        .then(|| format!("link {link}: nothing in {} has the id `{fragment}`", target.display()))
}

/// `a/../b` → `b`; `None` if it leads out.
fn within(path: &Path) -> Option<PathBuf> {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => out.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !out.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(out)
}

/// `%20` and the like.
pub fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match hex {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
#[path = "links_tests.rs"]
mod tests;
