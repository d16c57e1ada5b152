//! Labels and annotations: keys and values. Given.

use podkit::manifest::FieldPath;
use podkit::pod::Metadata;

use crate::findings::Findings;
use crate::names;

/// All annotations of an object together may not be larger (256 KiB).
const ANNOTATIONS: usize = 256 << 10;

/// Labels select pods, so keys and values are short. Annotations may hold anything.
pub fn check(metadata: &Metadata, found: &mut Findings) {
    let labels = FieldPath::of("metadata.labels");
    for (name, value) in &metadata.labels {
        if let Err(rule) = key(name) {
            found.problem(labels.key(name), rule);
        }
        if !value.is_empty() && !is_word(value) {
            let rule = "must be a label value: at most 63 letters, digits, '-', '_' or '.', with a letter or digit at both ends";
            found.problem(labels.key(name), rule);
        }
    }
    let annotations = FieldPath::of("metadata.annotations");
    for name in metadata.annotations.keys() {
        // Keys of annotations may have capital letters, also before the slash.
        if let Err(rule) = key(&name.to_ascii_lowercase()) {
            found.problem(annotations.key(name), rule);
        }
    }
    if metadata.annotations.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > ANNOTATIONS {
        found.problem(annotations, format!("must be at most {ANNOTATIONS} bytes in all"));
    }
}

/// `app`, or `example.com/app`: an optional DNS name, a slash, a word.
pub fn key(key: &str) -> Result<(), &'static str> {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    if prefix.is_some_and(|prefix| names::subdomain(prefix).is_err()) {
        Err("must have a DNS name (RFC 1123) before the '/' of its key")
    } else if !is_word(name) {
        Err("must have a key of at most 63 letters, digits, '-', '_' or '.', with a letter or digit at both ends")
    } else {
        Ok(())
    }
}

/// 1 to 63 letters, digits, `-`, `_` or `.`, with a letter or digit at both ends.
fn is_word(text: &str) -> bool {
    let ends = |c: char| c.is_ascii_alphanumeric();
    (1..=63).contains(&text.len())
        && text.starts_with(ends)
        && text.ends_with(ends)
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}
