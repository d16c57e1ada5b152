//! Texts that would keep the YAML library busy for hours are refused before it sees them.

/// No manifest is nested as deep. The library would refuse it too, but only after
/// a time that grows with the square of the depth: hours for a few MiB of `[`.
pub const MAX_DEPTH: usize = 500;

/// No file holds as many documents.
pub const MAX_DOCUMENTS: usize = 10_000;

/// The line on which a text gets too deep. Brackets in strings and comments count
/// as well: no manifest has hundreds of open ones there either.
pub fn too_deep(text: &str) -> Option<usize> {
    let mut flow = 0usize;
    for (n, line) in text.lines().enumerate() {
        // `- - - x` opens a list in a list in a list; so does `? ? ? x` with mappings.
        let mut indicators = 0;
        let mut only_indicators = true;
        for byte in line.bytes() {
            match byte {
                b'[' | b'{' => flow += 1,
                b']' | b'}' => flow = flow.saturating_sub(1),
                b'-' | b'?' | b':' if only_indicators => indicators += 1,
                b' ' | b'\t' => {}
                _ => only_indicators = false,
            }
        }
        if flow > MAX_DEPTH || indicators > MAX_DEPTH {
            return Some(n + 1);
        }
    }
    None
}
