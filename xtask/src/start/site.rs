//! The built book, held in memory.
//!
//! A request is looked up among the files, so no path can lead out of the book, and a rebuild
//! (which empties the directory first) is never seen half done. A page's stamp is `LOOK-TEXT`: a
//! hash of the styles and scripts, and one of the page. A page that an earlier server sent, or
//! that was built before an edit elsewhere, is still good as long as its stamp is the same.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::{Context, Result};
use axum::body::Bytes;

use crate::{book::escape, starters};

/// The pages' stamps by their path, `/01-grouping/index.html`.
pub type Stamps = BTreeMap<String, String>;

/// The files of the book by their path.
#[derive(Clone, Default)]
pub struct Book {
    pub files: BTreeMap<String, (Bytes, &'static str)>,
    pub stamps: Stamps,
    /// A hash of the styles and scripts.
    look: u64,
}

/// The book as it is served now.
#[derive(Clone)]
pub struct Site(Arc<RwLock<Arc<Book>>>);

impl Site {
    pub fn new(built: &Path) -> Result<Site> {
        Ok(Site(Arc::new(RwLock::new(Arc::new(load(built)?)))))
    }

    /// Serves what is built now.
    pub fn replace(&self, built: &Path) -> Result<()> {
        self.put(load(built)?);
        Ok(())
    }

    /// Serves these pages, and the others as they are.
    pub fn replace_pages(&self, pages: Vec<(PathBuf, Vec<u8>)>) {
        let mut book = Book::clone(&self.book());
        pages.into_iter().for_each(|(file, bytes)| book.add(&file, bytes));
        self.put(book);
    }

    pub fn book(&self) -> Arc<Book> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, book: Book) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(book);
    }
}

fn load(built: &Path) -> Result<Book> {
    let mut raw = BTreeMap::new();
    for file in starters::files(built)? {
        let bytes = std::fs::read(built.join(&file)).with_context(|| format!("failed to read {}", file.display()))?;
        raw.insert(file, bytes);
    }
    // The search index holds the text of all pages, and none of them shows it.
    let of_all_pages = |file: &PathBuf| file.to_string_lossy().starts_with("searchindex");
    let look = raw.iter().filter(|(file, _)| matches!(ending(file), "css" | "js") && !of_all_pages(file));
    let look = hash(look.map(|(_, bytes)| bytes.as_slice()));
    let mut book = Book { look, ..Book::default() };
    raw.into_iter().for_each(|(file, bytes)| book.add(&file, bytes));
    Ok(book)
}

impl Book {
    fn add(&mut self, file: &Path, mut bytes: Vec<u8>) {
        let path = format!("/{}", file.display());
        let kind = kind(file);
        if kind.starts_with("text/html") {
            let stamp = format!("{:016x}-{:016x}", self.look, hash([bytes.as_slice()]));
            bytes = marked(&bytes, &path, &stamp);
            self.stamps.insert(path.clone(), stamp);
        }
        self.files.insert(path, (bytes.into(), kind));
    }
}

fn hash<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    let mut hash = DefaultHasher::new();
    for part in parts {
        hash.write_usize(part.len());
        hash.write(part);
    }
    hash.finish()
}

/// A page that knows it comes from this server, and which it is: only then does its script connect.
fn marked(page: &[u8], path: &str, stamp: &str) -> Vec<u8> {
    const HEAD: &[u8] = b"<head>";
    match page.windows(HEAD.len()).position(|it| it == HEAD) {
        Some(at) => {
            let (before, after) = page.split_at(at + HEAD.len());
            let path = escape(path);
            let mark = format!("\n        <meta name=\"workbook-live\" content=\"{stamp}\" data-page=\"{path}\">");
            [before, mark.as_bytes(), after].concat()
        }
        None => page.to_vec(),
    }
}

fn kind(file: &Path) -> &'static str {
    match ending(file) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" => "application/json",
        _ => "text/plain; charset=utf-8",
    }
}

fn ending(file: &Path) -> &str {
    file.extension().and_then(|it| it.to_str()).unwrap_or("")
}
