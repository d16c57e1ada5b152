//! Files in.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::manifest::{Document, FieldPath, MAX_BYTES, Problem};
use crate::runner::{Read as ReadPod, Runner};

/// The text of a file, or of standard input for `-`.
///
/// # Errors
/// Not readable, too large, not UTF-8: one line that names the file.
pub fn text(file: &Path) -> Result<String, String> {
    match file.as_os_str() == "-" {
        true => text_of(std::io::stdin(), file),
        false => text_of(File::open(file).map_err(|error| cannot_read(file, &error))?, file),
    }
}

/// The text of a file that lies in a directory where anybody may put something else in its place at any time:
/// a FIFO would be waited for without end.
///
/// # Errors
/// As [`text`]; and what is no regular file.
pub fn text_of_regular(file: &Path) -> Result<String, String> {
    let open = File::options().read(true).custom_flags(libc::O_NONBLOCK).open(file);
    let open = open.map_err(|error| cannot_read(file, &error))?;
    match open.metadata().map_err(|error| cannot_read(file, &error))?.is_file() {
        true => text_of(open, file),
        false => Err(format!("reading {}: not a regular file", file.display())),
    }
}

fn cannot_read(file: &Path, error: &std::io::Error) -> String {
    format!("reading {}: {error}", file.display())
}

fn text_of(from: impl Read, file: &Path) -> Result<String, String> {
    let name = file.display();
    let mut bytes = Vec::new();
    from.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|error| cannot_read(file, &error))?;
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

/// The same with all that stands in Lists; they came with the objects of chapter 9.
pub fn documents_and_items(runner: &Runner, text: &str) -> Result<Vec<Document>, Problem> {
    let documents = documents(text)?;
    if runner.env.is_none() {
        return Ok(documents);
    }
    let lists = documents.into_iter().map(Document::items).collect::<Result<Vec<_>, Problem>>()?;
    Ok(lists.into_iter().flatten().collect())
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
