//! Texts that would keep the YAML library busy for hours, or fill the memory, are refused before it
//! sees them.

/// No manifest is nested as deep. The library would refuse it too, but only after
/// a time that grows with the square of the depth: hours for a few MiB of `[`.
pub const MAX_DEPTH: usize = 500;

/// No file holds as many documents.
pub const MAX_DOCUMENTS: usize = 10_000;

/// No manifest holds as many values. Each costs the library some kilobytes: a million, in
/// a file of a few MiB, more than 2 GiB.
pub const MAX_VALUES: usize = 100_000;

/// The line on which a text has too many values. They are counted generously: one for each line
/// that holds anything, and one for each comma between brackets.
pub fn too_many(text: &str) -> Option<usize> {
    let (mut values, mut flow) = (0usize, 0usize);
    for (n, line) in text.lines().enumerate() {
        values += usize::from(!line.trim_start().is_empty());
        for byte in line.bytes() {
            match byte {
                b'[' | b'{' => flow += 1,
                b']' | b'}' => flow = flow.saturating_sub(1),
                b',' if flow > 0 => values += 1,
                _ => {}
            }
        }
        if values > MAX_VALUES {
            return Some(n + 1);
        }
    }
    None
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_too_many() {
        assert_eq!(too_many(&"- 1\n".repeat(MAX_VALUES)), None);
        assert_eq!(too_many(&"- 1\n".repeat(MAX_VALUES + 1)), Some(MAX_VALUES + 1));
        assert_eq!(too_many(&format!("a: [{}]\n", "1,".repeat(MAX_VALUES))), Some(1));
        // Text is one value, however long: no brackets, and empty lines.
        assert_eq!(too_many(&format!("a: {}\n", "1,".repeat(MAX_VALUES))), None);
        assert_eq!(too_many(&"\n".repeat(MAX_VALUES + 1)), None);
    }
}
