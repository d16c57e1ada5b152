//! The built book, held in memory.
//!
//! A request is looked up among the files, so no path can lead out of the book, and a rebuild
//! (which empties the directory first) is never seen half done. The stamp is a hash of all
//! files: a page that an earlier server sent is still good as long as the book is the same.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::{Context, Result};
use axum::body::Bytes;

use crate::starters;

/// The files of the book by their path, `/01-grouping/index.html`.
#[derive(Default)]
pub struct Book {
    pub files: BTreeMap<String, (Bytes, &'static str)>,
    pub stamp: String,
}

/// The book as it is served now.
#[derive(Clone)]
pub struct Site(Arc<RwLock<Arc<Book>>>);

impl Site {
    pub fn new(built: &Path) -> Result<Site> {
        Ok(Site(Arc::new(RwLock::new(Arc::new(load(built)?)))))
    }

    /// Serves what is built now. Returns its stamp.
    pub fn replace(&self, built: &Path) -> Result<String> {
        let book = Arc::new(load(built)?);
        let stamp = book.stamp.clone();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = book;
        Ok(stamp)
    }

    pub fn book(&self) -> Arc<Book> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn load(built: &Path) -> Result<Book> {
    let mut raw = BTreeMap::new();
    for file in starters::files(built)? {
        let bytes = std::fs::read(built.join(&file)).with_context(|| format!("failed to read {}", file.display()))?;
        raw.insert(file, bytes);
    }
    let mut hash = DefaultHasher::new();
    for (file, bytes) in &raw {
        hash.write(file.as_os_str().as_encoded_bytes());
        hash.write_usize(bytes.len());
        hash.write(bytes);
    }
    let stamp = format!("{:016x}", hash.finish());
    let files = raw.into_iter().map(|(file, bytes)| {
        let kind = kind(&file);
        let bytes = if kind.starts_with("text/html") { marked(bytes, &stamp) } else { bytes };
        (format!("/{}", file.display()), (Bytes::from(bytes), kind))
    });
    Ok(Book { files: files.collect(), stamp })
}

/// A page that knows it comes from this server: only then does its script connect.
fn marked(page: Vec<u8>, stamp: &str) -> Vec<u8> {
    const HEAD: &[u8] = b"<head>";
    match page.windows(HEAD.len()).position(|it| it == HEAD) {
        Some(at) => {
            let (before, after) = page.split_at(at + HEAD.len());
            let mark = format!("\n        <meta name=\"workbook-live\" content=\"{stamp}\">");
            [before, mark.as_bytes(), after].concat()
        }
        None => page,
    }
}

fn kind(file: &Path) -> &'static str {
    match file.extension().and_then(|it| it.to_str()).unwrap_or("") {
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
