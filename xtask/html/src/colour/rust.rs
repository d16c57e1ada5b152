//! Rust, as far as colours need it.

use super::Painter;

const KEYWORDS: [&str; 36] = [
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "fn", "for", "if",
    "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "Self", "static",
    "struct", "super", "trait", "type", "unsafe", "use", "where", "while",
];

const PRIMITIVES: [&str; 17] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8", "u16", "u32", "u64", "u128",
    "usize",
];

pub fn colour(code: &str, out: &mut Painter) {
    let mut at = 0;
    let mut before = "";
    while at < code.len() {
        let rest = &code[at..];
        let (class, length) = token(rest, before);
        let text = &rest[..length];
        out.put(class, text);
        if !text.trim().is_empty() {
            before = text;
        }
        at += length;
    }
}

/// The class and the length of what `rest` begins with.
fn token(rest: &str, before: &str) -> (&'static str, usize) {
    let first = rest.chars().next().unwrap_or(' ');
    let line = || rest.find('\n').unwrap_or(rest.len());
    if rest.starts_with("//") {
        return ("c", line());
    }
    if rest.starts_with("/*") {
        return ("c", rest.find("*/").map_or(rest.len(), |at| at + 2));
    }
    if rest.starts_with("#[") || rest.starts_with("#![") {
        return ("m", rest.find(']').map_or(line(), |at| at + 1));
    }
    if let Some(length) = string(rest) {
        return ("s", length);
    }
    if first == '\'' {
        return quote(rest);
    }
    if first.is_ascii_digit() {
        return ("n", number(rest));
    }
    if first.is_alphabetic() || first == '_' {
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        return (word(&rest[..length], &rest[length..], before), length);
    }
    let same = rest.find(|c: char| c.is_alphanumeric() || "_/#\"'".contains(c)).unwrap_or(rest.len());
    ("", same.max(first.len_utf8()))
}

fn word(name: &str, after: &str, before: &str) -> &'static str {
    let capital = name.starts_with(char::is_uppercase);
    let is_call = after.starts_with('(') && !capital;
    let is_macro = after.starts_with('!') && !after.starts_with("!=");
    // Not a constant, LIKE_THIS.
    let is_type = capital && (name.len() == 1 || name.contains(char::is_lowercase));
    if name == "true" || name == "false" {
        "n"
    } else if KEYWORDS.contains(&name) {
        "k"
    } else if before == "fn" || is_call || is_macro {
        "f"
    } else if is_type || PRIMITIVES.contains(&name) {
        "t"
    } else {
        ""
    }
}

/// `"..."`, `b"..."`, `r#"..."#` and the like.
fn string(rest: &str) -> Option<usize> {
    let open = rest.find('"')?;
    let prefix = &rest[..open];
    let kind = prefix.trim_end_matches('#');
    if !["", "b", "c", "r", "br", "cr"].contains(&kind) {
        return None;
    }
    if kind.ends_with('r') {
        let close = format!("\"{}", "#".repeat(prefix.len() - kind.len()));
        return Some(rest[open + 1..].find(&close).map_or(rest.len(), |at| open + 1 + at + close.len()));
    }
    if prefix.contains('#') {
        return None;
    }
    let mut escaped = false;
    for (at, c) in rest[open + 1..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(open + 1 + at + 1),
            _ => {}
        }
    }
    Some(rest.len())
}

/// A letter, or a lifetime.
fn quote(rest: &str) -> (&'static str, usize) {
    let mut chars = rest.char_indices().skip(1);
    let (_, inner) = chars.next().unwrap_or((1, ' '));
    if inner == '\\' {
        return (
            "s",
            rest[2..].find('\'').map_or(rest.len(), |at| {
                // The quote may be what is escaped: '\''
                if at == 0 { rest[3..].find('\'').map_or(rest.len(), |at| 3 + at + 1) } else { 2 + at + 1 }
            }),
        );
    }
    match chars.next() {
        Some((at, '\'')) => ("s", at + 1),
        _ => ("m", 1 + rest[1..].find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len() - 1)),
    }
}

/// `0x1f_u32`, `1.5e3`; in `0..10` the point is none of the number's.
fn number(rest: &str) -> usize {
    let mut end = 0;
    let bytes = rest.as_bytes();
    while end < bytes.len() {
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        if bytes[end].is_ascii_alphanumeric() || bytes[end] == b'_' || bytes[end] == b'.' && digit(end + 1) {
            end += 1;
        } else {
            break;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::super::tests::pieces;
    use super::*;

    #[test]
    fn each_thing_has_its_colour() {
        let got = pieces(
            colour,
            "/// Doc <x>\n#[test]\npub fn may<'a>(n: u32) -> Option<&'a str> {\n    call(0..10, 1.5, 'x', '\\'', \"a \\\" b\"); // end\n    todo!()\n}\n",
        );
        let want = [
            "c:/// Doc <x>",
            "m:#[test]",
            "k:pub",
            "k:fn",
            "f:may",
            "m:'a",
            "t:u32",
            "t:Option",
            "m:'a",
            "t:str",
            "f:call",
            "n:0",
            "n:10",
            "n:1.5",
            "s:'x'",
            "s:'\\''",
            "s:\"a \\\" b\"",
            "c:// end",
            "f:todo",
        ];
        assert_eq!(got, want);
    }

    #[test]
    fn strings_of_every_kind_and_what_is_cut_off() {
        assert_eq!(pieces(colour, "r#\"a \"b\" c\"# b\"x\" r\"\\\""), ["s:r#\"a \"b\" c\"#", "s:b\"x\"", "s:r\"\\\""]);
        assert_eq!(pieces(colour, "a != b; MAX; T; /* x"), ["t:T", "c:/* x"]);
        for odd in ["'", "\"", "r#", "/*", "#[", "파드 '", "'\\", "1."] {
            pieces(colour, odd);
        }
    }
}
