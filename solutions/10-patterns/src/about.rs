//! Values of the pod's own, as chapter 9 finds them. Given.

use podkit::environment::{Around, LOOPBACK, Missing};
use podkit::image::Image;
use podkit::pod::{Container, ResourceFieldRef};
use podkit::volumes::Contents;

/// The value of a field of `metadata`.
pub fn field(contents: &Contents, path: &str) -> Result<String, Missing> {
    let container = Container::default();
    let value = ask(contents, &container, |around| Ok(env::fields::field(around, path)));
    value?.ok_or_else(|| Missing(format!("no file can be made of {path}")))
}

/// How often the divisor goes into the amount of a resource of the container that the reference names.
pub fn amount(contents: &Contents, reference: &ResourceFieldRef) -> Result<String, Missing> {
    let container = Container::default();
    ask(contents, &container, |around| env::amounts::amount(around, reference))
}

/// Chapter 9 asks for one container. A volume is of none; what names one says which.
fn ask<T>(
    contents: &Contents,
    container: &Container,
    question: impl FnOnce(&Around) -> Result<T, Missing>,
) -> Result<T, Missing> {
    let Contents { pod, node, objects } = *contents;
    let image = Image::host();
    question(&Around { pod, container, image: &image, node, pod_ips: &[LOOPBACK.to_owned()], objects })
}

/// A text between quotation marks, as Go writes it (`%q`): on one line, whatever it holds.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{b}' => quoted.push_str("\\v"),
            '\u{c}' => quoted.push_str("\\f"),
            c if c < ' ' || c == '\u{7f}' => quoted.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}
