//! Which field stands on which line: the text read once more, as a tree that keeps lines.
//!
//! The YAML library that makes values tells no positions; this reader tells nothing else.
//! One pass for all fields: a manifest with a thousand problems is not read a thousand times.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser};

use super::{FieldPath, Step};

/// Lines of all fields of all documents of one text.
#[derive(Debug, Default)]
pub struct Lines {
    nodes: Vec<Node>,
    /// The root of each document.
    roots: Vec<usize>,
}

/// A value: on which line it starts, and what it holds.
#[derive(Debug)]
struct Node {
    line: usize,
    holds: Holds,
}

#[derive(Debug)]
enum Holds {
    Scalar,
    List(Vec<usize>),
    /// Key, line of the key, value.
    Map(HashMap<String, (usize, usize)>),
    /// What an alias stands for.
    Alias(usize),
}

/// A list or mapping that is still being read.
struct Open {
    node: usize,
    key: Option<(String, usize)>,
}

impl Lines {
    /// Reads as far as the text can be read.
    pub fn of(text: &str) -> Lines {
        let mut lines = Lines::default();
        let mut anchors = HashMap::new();
        let mut open: Vec<Open> = Vec::new();
        let mut parser = Parser::new_from_str(text);
        while let Some(Ok((event, span))) = parser.next_event() {
            let line = span.start.line();
            let (holds, anchor, text) = match event {
                Event::Scalar(text, _, anchor, _) => (Holds::Scalar, anchor, Some(text.into_owned())),
                Event::SequenceStart(.., anchor, _) => (Holds::List(Vec::new()), anchor, None),
                Event::MappingStart(.., anchor, _) => (Holds::Map(HashMap::new()), anchor, None),
                Event::Alias(anchor) => match anchors.get(&anchor) {
                    Some(node) => (Holds::Alias(*node), 0, None),
                    None => (Holds::Scalar, 0, None),
                },
                Event::SequenceEnd | Event::MappingEnd => {
                    open.pop();
                    continue;
                }
                _ => continue,
            };
            let node = lines.nodes.len();
            let opens = matches!(holds, Holds::List(_) | Holds::Map(_));
            lines.nodes.push(Node { line, holds });
            if anchor != 0 {
                anchors.insert(anchor, node);
            }
            lines.put(node, text, open.last_mut());
            if opens {
                open.push(Open { node, key: None });
            }
        }
        lines
    }

    /// A value has come: into the list or mapping that is open, or as a document.
    fn put(&mut self, node: usize, text: Option<String>, open: Option<&mut Open>) {
        let line = self.nodes[node].line;
        let Some(open) = open else { return self.roots.push(node) };
        match &mut self.nodes[open.node].holds {
            Holds::List(list) => list.push(node),
            Holds::Map(map) => match open.key.take() {
                // A key that is no text cannot be on any path.
                None => open.key = Some((text.unwrap_or_default(), line)),
                Some((key, line)) => {
                    map.insert(key, (line, node));
                }
            },
            Holds::Scalar | Holds::Alias(_) => {}
        }
    }

    /// The line (from 1) of a field of a document: of its key, or of a list's entry.
    pub fn line(&self, document: usize, field: &FieldPath) -> Option<usize> {
        let mut node = *self.roots.get(document)?;
        let mut line = self.nodes[node].line;
        for step in field.steps() {
            (line, node) = self.step(node, step)?;
        }
        Some(line)
    }

    fn step(&self, node: usize, step: &Step) -> Option<(usize, usize)> {
        match (&self.nodes[node].holds, step) {
            (Holds::Alias(target), _) => self.step(*target, step),
            (Holds::List(list), Step::Index(index)) => {
                let node = *list.get(*index)?;
                Some((self.nodes[node].line, node))
            }
            (Holds::Map(map), Step::Key(key)) => map.get(key).copied(),
            _ => None,
        }
    }
}
