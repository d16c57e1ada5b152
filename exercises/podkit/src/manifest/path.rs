//! The way from the top of a document to a field: `spec.containers[0].name`.

use std::fmt;

/// One step down.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    Key(String),
    Index(usize),
}

/// A field, as a list of steps. Build one with [`FieldPath::key`] and [`FieldPath::index`].
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath(Vec<Step>);

impl FieldPath {
    /// The whole document.
    pub fn root() -> Self {
        FieldPath::default()
    }

    /// Parses `spec.containers[0].name`. For paths written in code.
    pub fn of(text: &str) -> Self {
        let mut path = FieldPath::root();
        for part in text.split('.').filter(|part| !part.is_empty()) {
            let mut pieces = part.split('[');
            path = path.key(pieces.next().unwrap_or_default());
            for index in pieces {
                path = path.index(index.trim_end_matches(']').parse().unwrap_or(0));
            }
        }
        path
    }

    /// The field `name` of this mapping.
    pub fn key(&self, name: impl Into<String>) -> Self {
        self.with(Step::Key(name.into()))
    }

    /// Entry `index` of this list.
    pub fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    /// `field`, seen from where this path leads.
    pub fn join(&self, field: &FieldPath) -> Self {
        FieldPath(self.0.iter().chain(&field.0).cloned().collect())
    }

    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// One step up; `None` at the top.
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(FieldPath(rest.to_vec()))
    }

    /// Does this path lie at or below `other`?
    pub fn is_within(&self, other: &FieldPath) -> bool {
        self.0.starts_with(&other.0)
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        FieldPath(steps)
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(name) if n == 0 => write!(f, "{name}")?,
                Step::Key(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
