//! A container's last words: its termination message.

use podkit::engine::Ended;
use podkit::pod::Container;

/// The most that is read of a termination message file: its last bytes.
pub const FILE_BYTES: usize = 4096;
/// The most that is taken of a log: the last bytes of its last lines.
pub const LOG_BYTES: usize = 2048;
pub const LOG_LINES: usize = 80;
/// What all containers of a pod share.
pub const POD_BYTES: usize = 12 << 10;

/// The message of a container that has ended.
///
/// The end of its message file. Only if that file is empty, the container has
/// failed, and its `terminationMessagePolicy` is FallbackToLogsOnError: the end of
/// its log. An empty message is none. Bytes that are no UTF-8 are replaced
/// ([`String::from_utf8_lossy`]).
pub fn message(container: &Container, ended: &Ended) -> Option<String> {
    // ANCHOR: task_3_5
    // STARTER: // No last words, until you have written it.
    // STARTER: None
    let falls_back = container.termination_message_policy.as_deref() == Some("FallbackToLogsOnError");
    let bytes = if ended.message_file.is_empty() && falls_back && ended.exit.code() != 0 {
        log_end(&ended.log_tail)
    } else {
        last(&ended.message_file, FILE_BYTES)
    };
    (!bytes.is_empty()).then(|| String::from_utf8_lossy(bytes).into_owned())
    // ANCHOR_END: task_3_5
}

/// The last [`LOG_LINES`] lines, and of those the last [`LOG_BYTES`] bytes.
/// The newline that ends the last line begins no line of its own; it stays in the message.
pub fn log_end(log: &[u8]) -> &[u8] {
    // ANCHOR: task_3_5_b
    let without_end = log.strip_suffix(b"\n").unwrap_or(log);
    let mut ends = without_end.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at);
    let start = ends.nth(LOG_LINES - 1).map_or(0, |end| end + 1);
    last(&log[start..], LOG_BYTES)
    // ANCHOR_END: task_3_5_b
}

/// At most the last `most` bytes. Given.
pub fn last(bytes: &[u8], most: usize) -> &[u8] {
    &bytes[bytes.len().saturating_sub(most)..]
}

/// Cuts a message to its share of [`POD_BYTES`] among `containers` containers.
/// Its beginning stays. A character is not cut in two.
pub fn cut(message: &mut String, containers: usize) {
    // ANCHOR: task_3_5_c
    // STARTER: // Every message as it is, until you have written it.
    let share = POD_BYTES / containers.max(1);
    let end = (0..=share.min(message.len())).rev().find(|end| message.is_char_boundary(*end));
    message.truncate(end.unwrap_or(0));
    // ANCHOR_END: task_3_5_c
}
