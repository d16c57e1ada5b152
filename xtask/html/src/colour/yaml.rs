//! YAML, a line at a time.

use super::Painter;

pub fn colour(code: &str, out: &mut Painter) {
    // The indentation of the line whose `|` or `>` began a text of several lines.
    let mut block: Option<usize> = None;
    for line in code.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        if line.trim().is_empty() {
            out.put("", line);
            continue;
        }
        if block.is_some_and(|from| indent > from) {
            out.put("s", line);
            continue;
        }
        block = None;
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        let (line, comment) = line.split_at(comment(line));
        let dashes = line.len() - line.trim_start_matches([' ', '-']).len();
        let (lead, rest) = line.split_at(if line.starts_with("---") { 0 } else { dashes });
        out.put("", lead);
        let (key, value) = rest.split_at(key(rest).unwrap_or(0));
        out.put("m", key);
        values(value, out);
        if value.trim_start_matches([':', ' ']).starts_with(['|', '>']) {
            block = Some(indent);
        }
        out.put("c", comment);
        out.put("", end);
    }
}

/// Where the comment begins, or the line ends.
fn comment(line: &str) -> usize {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') if before.is_whitespace() => return at,
            (None, '"' | '\'') if !before.is_alphanumeric() => quote = Some(c),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
        before = c;
    }
    line.len()
}

/// The length of the key, if the line begins with one.
fn key(rest: &str) -> Option<usize> {
    if rest.starts_with(['"', '\'', '[', '{', '&', '*']) {
        return None;
    }
    let colon = rest.find(": ").or_else(|| rest.strip_suffix(':').map(str::len))?;
    (colon > 0).then_some(colon)
}

/// Words and quoted texts of a value, also of `[a, 1]` and `{ k: v }`.
fn values(text: &str, out: &mut Painter) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' | '\'' => rest[1..].find(first).map_or(rest.len(), |at| at + 2),
            _ if " ,:[]{}".contains(first) => 1,
            _ => rest.find([',', ']', '}', ' ']).unwrap_or(rest.len()).max(first.len_utf8()),
        };
        let (word, after) = rest.split_at(length);
        let class = match word {
            "true" | "false" | "null" | "~" => "n",
            _ if first == '"' || first == '\'' => "s",
            _ if word.ends_with(':') && word.len() > 1 => "m",
            _ if word.parse::<f64>().is_ok() && first.is_ascii_digit() => "n",
            _ => "",
        };
        out.put(class, word);
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::pieces;
    use super::*;

    #[test]
    fn keys_values_and_comments() {
        let got = pieces(
            colour,
            "# a pod\nkind: Pod\nspec:\n  - name: \"a # b\"  # why\n    ports: [80, x]\n    on: true\n---\n",
        );
        let want =
            ["c:# a pod", "m:kind", "m:spec", "m:name", "s:\"a # b\"", "c:# why", "m:ports", "n:80", "m:on", "n:true"];
        assert_eq!(got, want);
    }

    #[test]
    fn a_block_is_one_text() {
        let got = pieces(colour, "args:\n- |\n  echo: 1\n\n  x\ncommand: |\n    a: b\nnext: 1\n");
        assert_eq!(got, ["m:args", "s:  echo: 1\n", "s:  x\n", "m:command", "s:    a: b\n", "m:next", "n:1"]);
        for odd in ["'", "- \"", ":", "a:", "파드: '", "{"] {
            pieces(colour, odd);
        }
    }
}
