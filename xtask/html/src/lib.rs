//! What is done to the built pages, and what is read from them.
//!
//! Apart from the harness, so that it can be compiled with care: these go over every letter of the
//! book, each time a page is saved.

pub mod colour;
pub mod hangul;
pub mod links;

/// A page as mdBook wrote it, with its Korean words marked and its code coloured.
pub fn finished(page: &str) -> String {
    colour::page(&hangul::mark(page))
}
