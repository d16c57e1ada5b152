//! Grade again whenever a source changes.
