//! Manifests: text in, documents out, and where in the text a field stands.
//!
//! The only module that knows which YAML library is used. A [`Document`] is
//! one parsed document of a file; [`Document::decode`] makes a typed value of
//! it; [`Document::line`] finds the line of a field.

mod depth;
mod document;
mod locate;
mod path;
mod problem;

pub use document::{Decoded, Document, MAX_BYTES, to_yaml};
pub use path::{FieldPath, Step};
pub use problem::Problem;
