//! What Kubernetes allows as a name.
//!
//! Names of pods end up in host names, and names of host names are older than
//! Kubernetes: RFC 1123 allows letters, digits and `-`, and DNS does not tell `A`
//! from `a`, so Kubernetes takes lower-case letters only. An underscore is never
//! allowed.

/// What a label must be, in words.
pub const LABEL: &str =
    "must be lower-case letters, digits or '-', with a letter or digit at both ends (RFC 1123 label)";
/// What a subdomain must be, in words.
pub const SUBDOMAIN: &str =
    "must be lower-case letters, digits, '-' or '.', with a letter or digit at both ends of each part (RFC 1123)";

/// One label: the name of a container, a volume or a namespace.
///
/// At most 63 bytes; `a` to `z`, `0` to `9` and `-`; no `-` at either end.
///
/// # Errors
/// The rule that `name` breaks, in words.
pub fn label(name: &str) -> Result<(), &'static str> {
    // ANCHOR: task_1_1
    todo!("task 1.1: What may be a name")
    // ANCHOR_END: task_1_1
}

/// Labels with dots between them: the name of a pod.
///
/// At most 253 bytes in all. The single parts may be longer than 63.
///
/// # Errors
/// The rule that `name` breaks, in words.
pub fn subdomain(name: &str) -> Result<(), &'static str> {
    // ANCHOR: task_1_1_b
    todo!("task 1.1: What may be a name")
    // ANCHOR_END: task_1_1_b
}

/// The characters of a label, of any length but zero.
fn is_label(text: &str) -> bool {
    // ANCHOR: task_1_1_c
    todo!("task 1.1: What may be a name")
    // ANCHOR_END: task_1_1_c
}
