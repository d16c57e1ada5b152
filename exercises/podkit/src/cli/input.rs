//! Files in.

use std::io::Read;
use std::path::Path;

use crate::manifest::{Document, FieldPath, MAX_BYTES, Problem};
use crate::runner::{Read as ReadPod, Runner};

/// The text of a file, or of standard input for `-`.
///
/// # Errors
/// Not readable, too large, not UTF-8: one line that names the file.
pub fn text(file: &Path) -> Result<String, String> {
    let limit = MAX_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    let read = match file.as_os_str() == "-" {
        true => std::io::stdin().take(limit).read_to_end(&mut bytes),
        false => std::fs::File::open(file).and_then(|file| file.take(limit).read_to_end(&mut bytes)),
    };
    let name = file.display();
    read.map_err(|error| format!("reading {name}: {error}"))?;
    if bytes.len() > MAX_BYTES {
        return Err(format!("reading {name}: larger than {MAX_BYTES} bytes, the most the kubelet reads"));
    }
    // A byte order mark is no part of the document.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    String::from_utf8(bytes.to_vec()).map_err(|_| format!("reading {name}: not UTF-8 text"))
}

/// One document, read by the runner's own `read`, with a line for every problem.
pub fn read_pod(runner: &Runner, document: &Document) -> ReadPod {
    let mut read = (runner.read)(document);
    for problem in read.problems.iter_mut().chain(&mut read.warnings) {
        problem.line = problem.line.or_else(|| document.line(&problem.field));
    }
    read
}

/// All documents of a text, or the one problem that keeps them from being read.
pub fn documents(text: &str) -> Result<Vec<Document>, Problem> {
    match Document::parse(text) {
        Ok(documents) if documents.is_empty() => {
            Err(Problem::new(FieldPath::root(), "must hold a v1 Pod, and holds no document"))
        }
        other => other,
    }
}
