//! A program's output, made fit for a screen.

use super::command::{MOST_COLUMNS, MOST_LINES};

/// Two columns, when there is more than a line to compare and it fits.
pub fn side_by_side(expected: &str, observed: &str) -> Option<String> {
    const WIDTH: usize = 44;
    let (expected, observed) = (clean(expected), clean(observed));
    let left: Vec<_> = expected.lines().collect();
    let right: Vec<_> = observed.lines().collect();
    let fits = |lines: &[&str]| lines.iter().all(|it| it.chars().count() <= WIDTH);
    let several = left.len() > 1 && right.len() > 1 && left.len().max(right.len()) <= MOST_LINES;
    if !several || !fits(&left) || !fits(&right) {
        return None;
    }
    let mut out = format!("      {:<WIDTH$}   observed\n", "expected");
    for at in 0..left.len().max(right.len()) {
        let (l, r) = (left.get(at), right.get(at));
        let mark = if l == r { ' ' } else { '|' };
        let (l, r) = (l.copied().unwrap_or(""), r.copied().unwrap_or(""));
        let line = format!("        {l:<WIDTH$} {mark} {r}");
        out.push_str(line.trim_end());
        out.push('\n');
    }
    Some(out)
}

/// The lines after the first, moved to where the first stands; what is too much for a screen
/// is left out, and said to be.
pub fn indent(text: &str, by: usize) -> String {
    let clean = clean(text);
    let lines: Vec<_> = clean.lines().collect();
    let mut shown: Vec<String> = lines.iter().take(MOST_LINES).map(|line| cut(line, MOST_COLUMNS)).collect();
    if lines.len() > shown.len() {
        shown.push(format!("... and {} lines more (--format json has more of it)", lines.len() - MOST_LINES));
    }
    shown.join(&format!("\n{}", " ".repeat(by)))
}

/// The first line, and not too much of that.
pub fn in_short(text: &str) -> String {
    let clean = clean(text);
    let mut lines = clean.lines();
    let first = cut(lines.next().unwrap_or(""), 90);
    match lines.count() {
        0 => first,
        more => format!("{first} ... and {more} lines more"),
    }
}

fn cut(line: &str, at: usize) -> String {
    let length = line.chars().count();
    // A few more are no flood, and the difference may be among them.
    if length <= at + 60 {
        return line.to_string();
    }
    let start: String = line.chars().take(at).collect();
    format!("{start} ... and {} characters more", length - at)
}

/// No control characters from a program's output.
pub fn clean(text: &str) -> String {
    text.trim_end().chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '?' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_stand_side_by_side() {
        let text = side_by_side("a\nb", "a\nc").unwrap();
        assert!(text.contains("b") && text.contains("| c"), "{text}");
        assert!(side_by_side("one", "two").is_none());
        assert!(side_by_side(&"x\n".repeat(40), &"y\n".repeat(40)).is_none());
    }

    #[test]
    fn a_flood_is_cut() {
        let text = indent(&"line\n".repeat(100), 2);
        assert!(text.lines().count() == 21 && text.ends_with("80 lines more (--format json has more of it)"), "{text}");
        let text = indent(&"x".repeat(1000), 2);
        assert!(text.len() < 300 && text.ends_with("800 characters more"), "{text}");
        assert_eq!(in_short("one\ntwo\nthree"), "one ... and 2 lines more");
    }

    #[test]
    fn a_program_cannot_paint_the_report() {
        assert_eq!(indent("\x1b[2Jgone\nb", 2), "?[2Jgone\n  b");
        let columns = side_by_side("a\nb", "\x1b[2Jgone\nb").unwrap();
        assert!(columns.contains("?[2Jgone") && !columns.contains('\x1b'), "{columns}");
    }
}
