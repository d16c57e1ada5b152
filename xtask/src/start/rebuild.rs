//! Builds the book again when a file that goes into it is saved, and tells the pages that are
//! not as they were.
//!
//! First each page whose own text is new, alone and at once; then, when nobody has saved for a
//! moment, the whole book: what else shows that text, the search, the page to print, the links.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use super::hub::Hub;
use super::site::{Site, Stamps};
use crate::{book, starters};

/// Who has just saved a page often saves it again.
const MOMENT: Duration = Duration::from_millis(250);

pub struct Rebuilder {
    root: PathBuf,
    pub site: Site,
    hub: Hub,
    /// The pages' texts, as they were last built, by their path in `book/src`.
    texts: BTreeMap<PathBuf, Vec<u8>>,
}

impl Rebuilder {
    /// Builds the book for the first time.
    pub fn new(root: &Path, hub: &Hub) -> Result<Rebuilder> {
        let texts = texts(root);
        let site = Site::new(&book::build_to_serve(root)?)?;
        hub.say("book", "", &json!(site.book().stamps));
        Ok(Rebuilder { root: root.to_path_buf(), site, hub: hub.clone(), texts })
    }

    /// Until nobody is left to ask for it.
    pub fn run(mut self, asked: &Receiver<()>) {
        while asked.recv().is_ok() {
            let before = self.site.book().stamps.clone();
            while self.pages() {
                match asked.recv_timeout(MOMENT) {
                    Ok(()) => {}
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
            match book::build_to_serve(&self.root).and_then(|built| self.site.replace(&built)) {
                Ok(()) if self.tell(&before) => println!("The book is built again."),
                Ok(()) => {}
                Err(error) => eprintln!("The book is not built again, because of your edit: {error:#}"),
            }
        }
    }

    /// The pages whose text is new. Returns whether there are any.
    fn pages(&mut self) -> bool {
        let before = self.site.book().stamps.clone();
        let texts = texts(&self.root);
        let is_new = |(page, text): &(&PathBuf, &Vec<u8>)| self.texts.get(*page) != Some(*text);
        let new: Vec<_> = texts.iter().filter(is_new).map(|(page, _)| page.clone()).collect();
        self.texts = texts;
        for page in &new {
            // What is wrong with it is told when the whole book is built.
            if let Ok(files) = book::build_page(&self.root, page) {
                self.site.replace_pages(files);
                self.tell(&before);
            }
        }
        !new.is_empty()
    }

    /// Tells the pages, unless they are as they were. Returns whether they are not.
    fn tell(&self, before: &Stamps) -> bool {
        let stamps = &self.site.book().stamps;
        let is_new = stamps != before;
        if is_new {
            self.hub.say("book", "", &json!(stamps));
        }
        is_new
    }
}

fn texts(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let src = root.join("book/src");
    let files = starters::files(&src).unwrap_or_default().into_iter();
    let pages = files.filter(|file| file.extension().is_some_and(|it| it == "md"));
    pages.filter_map(|file| Some((file.clone(), std::fs::read(src.join(file)).ok()?))).collect()
}
