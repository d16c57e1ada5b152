//! From a document to a typed pod, with every wrong type in one go.

use podkit::manifest::{Document, FieldPath, Problem};
use podkit::pod::Pod;

/// What a document gave.
#[derive(Default)]
pub struct Typed {
    /// The pod without the fields that could not be read.
    pub pod: Pod,
    /// Fields that are no part of a pod.
    pub unknown: Vec<FieldPath>,
    /// Fields of the wrong type.
    pub problems: Vec<Problem>,
}

/// More wrong types than this are not looked for: each costs one more pass.
pub const MOST: usize = 200;

/// Decodes a document as far as it can be read.
///
/// [`Document::decode`] stops at the first field whose type is wrong. Note the problem, cut
/// the field out of a copy of the document ([`Document::remove`]), and decode again: until
/// nothing is wrong any more, or nothing can be cut out.
pub fn decode(document: &Document) -> Typed {
    // ANCHOR: task_1_3
    // STARTER: // What a manifest without wrong types needs. Yours begins at the first wrong type.
    // STARTER: match document.decode::<Pod>() {
    // STARTER:     Ok(decoded) => Typed { pod: decoded.value, unknown: decoded.unknown, problems: Vec::new() },
    // STARTER:     Err(first) => todo!("task 1.3: Every wrong type in one go"),
    // STARTER: }
    let mut rest = document.clone();
    let mut problems: Vec<Problem> = Vec::new();
    // An entry of a list may take two cuts, see `Document::remove`.
    for _ in 0..2 * MOST {
        let problem = match rest.decode::<Pod>() {
            Ok(decoded) => return Typed { pod: decoded.value, unknown: decoded.unknown, problems },
            Err(problem) => problem,
        };
        let could_cut = rest.remove(&problem.field);
        if !problems.iter().any(|known| known.field == problem.field) {
            problems.push(problem);
        }
        if !could_cut {
            break;
        }
    }
    Typed { problems, ..Typed::default() }
    // ANCHOR_END: task_1_3
}

/// The parser's `invalid type: integer `5`, expected a string`, said as a rule.
pub fn in_our_words(rule: &str) -> String {
    if rule.ends_with("untagged enum Quantity") {
        return "must be a number, or a quantity such as 500m or 1Gi".to_owned();
    }
    if rule.ends_with("untagged enum IntOrString") {
        return "must be the number or the name of a port".to_owned();
    }
    let parts = rule.strip_prefix("invalid ").and_then(|rest| rest.split_once(": "));
    let Some((found, expected)) = parts.and_then(|(_, rest)| rest.rsplit_once(", expected ")) else {
        return rule.to_owned();
    };
    let expected = match expected {
        "a string" => "a string",
        "i64" => "a whole number",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "a mapping",
        _ => "a mapping of fields",
    };
    let found = match found {
        "map" => "a mapping",
        "sequence" => "a list",
        other => other,
    };
    let is_scalar = ["integer", "floating point", "boolean"].iter().any(|kind| found.starts_with(kind));
    let hint = if expected == "a string" && is_scalar { ": put it in quotes" } else { "" };
    format!("must be {expected}, and is {found}{hint}")
}
