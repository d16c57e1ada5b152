//! `$(NAME)`: a variable's value in the middle of a text.
//!
//! It looks like a shell's. But no shell is asked: the kubelet does it before the program starts, by four
//! rules of its own.

/// The text with the values of variables put in. `value_of` gives a variable's value, if there is such a variable.
///
/// From left to right:
///
/// - `$$` is one `$`, and what follows is read on from there;
/// - `$(NAME)` is the value of NAME, which is everything up to the next `)`. If there is no such variable, it
///   stays as it is;
/// - any other `$` is a `$`.
///
/// A value that was put in is not looked at again.
pub fn expand(text: &str, value_of: &dyn Fn(&str) -> Option<String>) -> String {
    // ANCHOR: task_9_1
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        let reference = after.strip_prefix('(').and_then(|inside| inside.split_once(')'));
        rest = match (after.strip_prefix('$'), reference) {
            (Some(after), _) => {
                expanded.push('$');
                after
            }
            (None, Some((name, after))) => {
                expanded.push_str(&value_of(name).unwrap_or_else(|| format!("$({name})")));
                after
            }
            (None, None) => {
                expanded.push('$');
                after
            }
        };
    }
    expanded + rest
    // ANCHOR_END: task_9_1
}
