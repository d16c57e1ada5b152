//! One document of a manifest file.

use std::cell::OnceCell;
use std::rc::Rc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_yaml::{Deserializer, Mapping, Value};

use super::locate::Lines;
use super::{FieldPath, Problem, Step, depth};

/// The kubelet reads no manifest larger than this (10 MiB).
pub const MAX_BYTES: usize = 10 << 20;

/// One parsed YAML (or JSON) document, and the text it came from.
#[derive(Clone, Debug)]
pub struct Document {
    value: Value,
    text: Rc<Text>,
    /// Which document of the text, from 0.
    index: usize,
    /// Where in that document this one stands, if it is a part of it.
    base: FieldPath,
}

/// A text, and its lines once somebody has asked for them.
#[derive(Debug)]
struct Text {
    text: String,
    lines: OnceCell<Lines>,
}

/// A typed value, and what its type did not know.
#[derive(Debug)]
pub struct Decoded<T> {
    pub value: T,
    /// Fields that `T` has no place for. They are still in the document.
    pub unknown: Vec<FieldPath>,
}

impl Document {
    /// All documents of a text, empty ones left out.
    ///
    /// # Errors
    /// Not YAML, too large, a key that stands twice in one mapping, aliases
    /// that repeat without end: one problem, with its line.
    pub fn parse(text: &str) -> Result<Vec<Document>, Problem> {
        if text.len() > MAX_BYTES {
            let rule = format!("must be at most {MAX_BYTES} bytes, and is {}", text.len());
            return Err(Problem::new(FieldPath::root(), rule));
        }
        if let Some(line) = depth::too_deep(text) {
            let rule = format!("must not be nested deeper than {} levels", depth::MAX_DEPTH);
            return Err(Problem { line: Some(line), ..Problem::new(FieldPath::root(), rule) });
        }
        if let Some(line) = depth::too_many(text) {
            let rule = format!("must hold at most {} values", depth::MAX_VALUES);
            return Err(Problem { line: Some(line), ..Problem::new(FieldPath::root(), rule) });
        }
        let text = Rc::new(Text { text: text.to_owned(), lines: OnceCell::new() });
        let mut documents = Vec::new();
        for (index, document) in Deserializer::from_str(&text.text).enumerate() {
            if index == depth::MAX_DOCUMENTS {
                let rule = format!("must hold at most {} documents", depth::MAX_DOCUMENTS);
                return Err(Problem::new(FieldPath::root(), rule));
            }
            match Value::deserialize(document) {
                Ok(Value::Null) => {}
                Ok(mut value) => {
                    value.apply_merge().map_err(not_yaml)?;
                    documents.push(Document {
                        value: plain(value),
                        text: text.clone(),
                        index,
                        base: FieldPath::root(),
                    });
                }
                // The rest of a broken stream cannot be told apart into documents.
                Err(error) => return Err(not_yaml(error)),
            }
        }
        Ok(documents)
    }

    /// `kind`, where it is a string.
    pub fn kind(&self) -> Option<&str> {
        self.value.get("kind")?.as_str()
    }

    /// A part of this document as a document of its own, such as the pod in a
    /// scenario. Its lines are still those of the whole text.
    pub fn part(&self, key: &str) -> Option<Document> {
        let value = self.value.get(key)?.clone();
        Some(Document { value, text: self.text.clone(), index: self.index, base: self.base.key(key) })
    }

    /// What a List holds, each as a document of its own, and so on for Lists in it. Any other document is itself.
    ///
    /// # Errors
    /// `items` is no list.
    pub fn items(self) -> Result<Vec<Document>, Problem> {
        let kind = self.kind().unwrap_or_default();
        let Some(of_one) = kind.strip_suffix("List") else { return Ok(vec![self]) };
        // An item of a PodList need not say that it is a Pod.
        let filled = |item: &Value| {
            let mut item = item.clone();
            if let (Some(map), false) = (item.as_mapping_mut(), of_one.is_empty()) {
                for (key, value) in
                    [("kind", Some(of_one)), ("apiVersion", self.value.get("apiVersion").and_then(Value::as_str))]
                {
                    if let (false, Some(value)) = (map.contains_key(key), value) {
                        map.insert(key.into(), value.into());
                    }
                }
            }
            item
        };
        let items: Vec<Document> = match self.value.get("items") {
            None => Vec::new(),
            Some(Value::Sequence(items)) => {
                let base = self.base.key("items");
                let one = |(at, item): (usize, &Value)| Document {
                    value: filled(item),
                    text: self.text.clone(),
                    index: self.index,
                    base: base.index(at),
                };
                items.iter().enumerate().map(one).collect()
            }
            Some(_) => return Err(self.problem_at(FieldPath::of("items"), "must be a list".to_owned())),
        };
        let lists = items.into_iter().map(Document::items).collect::<Result<Vec<_>, Problem>>()?;
        Ok(lists.into_iter().flatten().collect())
    }

    /// Which document of its text this is, from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// This document as a `T`, with the paths that `T` does not know.
    ///
    /// # Errors
    /// The *first* field whose type is wrong. To see them all, [`Document::remove`]
    /// that field and decode again.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<Decoded<T>, Problem> {
        let mut unknown = Vec::new();
        let mut track = serde_path_to_error::Track::new();
        let mut note = |path: serde_ignored::Path<'_>| unknown.push(ignored(&path));
        let tracked = serde_path_to_error::Deserializer::new(&self.value, &mut track);
        let decoded = T::deserialize(serde_ignored::Deserializer::new(tracked, &mut note));
        match decoded {
            Ok(value) => Ok(Decoded { value, unknown }),
            Err(error) => Err(self.problem_at(steps_of(&track.path()), error.to_string())),
        }
    }

    /// Cuts a field out of this copy of the document. Lines stay those of the text.
    /// An entry of a list is replaced, not removed, so that later paths stay true: by an
    /// empty string, and when that is cut too by an empty mapping. So one wrong entry may be
    /// reported twice; the first report is the true one. Returns whether anything changed.
    pub fn remove(&mut self, field: &FieldPath) -> bool {
        let Some((last, way)) = field.steps().split_last() else { return false };
        let mut value = &mut self.value;
        for step in way {
            let next = match step {
                Step::Key(key) => value.get_mut(key.as_str()),
                Step::Index(index) => value.get_mut(*index),
            };
            match next {
                Some(next) => value = next,
                None => return false,
            }
        }
        match last {
            Step::Key(key) => value.as_mapping_mut().and_then(|map| map.remove(key.as_str())).is_some(),
            Step::Index(index) => match value.get_mut(*index) {
                Some(entry) if *entry == Value::Mapping(Mapping::new()) => false,
                Some(entry) if entry.as_str() == Some("") => {
                    *entry = Value::Mapping(Mapping::new());
                    true
                }
                Some(entry) => {
                    *entry = Value::String(String::new());
                    true
                }
                None => false,
            },
        }
    }

    /// The line of a field, or of the nearest field above it that is there.
    pub fn line(&self, field: &FieldPath) -> Option<usize> {
        let lines = self.text.lines.get_or_init(|| Lines::of(&self.text.text));
        let mut field = self.base.join(field);
        loop {
            if let Some(line) = lines.line(self.index, &field) {
                return Some(line);
            }
            field = field.parent()?;
        }
    }

    fn problem_at(&self, field: FieldPath, rule: String) -> Problem {
        Problem { line: self.line(&field), ..Problem::new(field, rule) }
    }
}

/// What Kubernetes makes of the value: `!Tag value` means nothing in a manifest, so keep
/// the value; `labels:` with nothing after it is as good as left out.
fn plain(value: Value) -> Value {
    match value {
        Value::Tagged(tagged) => plain(tagged.value),
        Value::Sequence(list) => Value::Sequence(list.into_iter().map(plain).collect()),
        Value::Mapping(map) => {
            map.into_iter().map(|(k, v)| (plain(k), plain(v))).filter(|(_, v)| !v.is_null()).collect::<Mapping>().into()
        }
        scalar => scalar,
    }
}

/// A value as YAML text, for people.
pub fn to_yaml(value: &impl serde::Serialize) -> String {
    serde_yaml::to_string(value).unwrap_or_else(|error| format!("# {error}\n"))
}

fn not_yaml(error: serde_yaml::Error) -> Problem {
    let line = error.location().map(|at| at.line());
    let text = error.to_string();
    // The library appends the place; ours stands at the end of the line already.
    let text = text.split(" at line ").next().unwrap_or(&text).to_owned();
    Problem { line, ..Problem::new(FieldPath::root(), format!("not valid YAML: {text}")) }
}

fn steps_of(path: &serde_path_to_error::Path) -> FieldPath {
    use serde_path_to_error::Segment;
    path.iter().fold(FieldPath::root(), |at, segment| match segment {
        Segment::Seq { index } => at.index(*index),
        Segment::Map { key } => at.key(key.clone()),
        Segment::Enum { .. } | Segment::Unknown => at,
    })
}

fn ignored(path: &serde_ignored::Path<'_>) -> FieldPath {
    use serde_ignored::Path;
    match path {
        Path::Root => FieldPath::root(),
        Path::Seq { parent, index } => ignored(parent).index(*index),
        Path::Map { parent, key } => ignored(parent).key(key.clone()),
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => ignored(parent),
    }
}
