//! What is wrong with a manifest, and where.

use std::fmt;

use super::FieldPath;

/// One thing to tell about a field: a broken rule, a warning, or a field that is not honoured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub field: FieldPath,
    /// What must hold, as a sentence without a full stop: "must be ...".
    pub rule: String,
    /// Line in the file, from 1; filled in by the command line where it is `None`
    /// (see [`super::Document::line`]).
    pub line: Option<usize>,
}

impl Problem {
    pub fn new(field: FieldPath, rule: impl Into<String>) -> Self {
        Problem { field, rule: rule.into(), line: None }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.steps().is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.rule)?;
        match self.line {
            Some(line) => write!(f, "; line {line}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}
