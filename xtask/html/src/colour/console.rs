//! A console: what was typed, and what was printed.
//!
//! A line that begins with `$ ` was typed. With a backslash at its end, an open quote or a
//! here-document the command goes on in the next line, as the shell says. Where no line begins
//! with a prompt, all lines are commands.

use super::Painter;

pub fn colour(code: &str, out: &mut Painter) {
    // `# ` may also begin a comment that was printed, so it is a prompt only if it comes first.
    let prompt = if code.starts_with("# ") { "# " } else { "$ " };
    let prompted = code.lines().any(|line| line.starts_with(prompt));
    let mut command = String::new();
    for (at, line) in code.split('\n').enumerate() {
        if at > 0 {
            out.put("", "\n");
        }
        let more = goes_on(&command);
        let shown = match (more, prompted) {
            (true, _) => {
                if line.starts_with("> ") {
                    "> "
                } else {
                    ""
                }
            }
            (false, true) if line.starts_with(prompt) => prompt,
            (false, false) => "",
            _ => {
                out.put("", line);
                continue;
            }
        };
        let typed = &line[shown.len()..];
        if more {
            command.push('\n');
        } else {
            command.clear();
        }
        command.push_str(typed);
        out.put("prompt", shown);
        out.put("command", typed);
    }
}

/// Whether the shell would wait for more.
fn goes_on(command: &str) -> bool {
    if let Some((_, after)) = command.split_once("<<") {
        let word = after.trim_start_matches('-').trim_start().trim_start_matches(['\'', '"']);
        let word = &word[..word.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(word.len())];
        if !word.is_empty() {
            return !command.lines().skip(1).any(|line| line.trim() == word);
        }
    }
    let mut quote = None;
    let mut escaped = false;
    for c in command.chars() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    escaped || quote.is_some()
}

#[cfg(test)]
mod tests {
    use super::super::tests::pieces;
    use super::*;

    fn typed(code: &str) -> Vec<String> {
        let got = pieces(colour, code);
        got.iter().filter_map(|it| it.strip_prefix("command:").map(str::to_owned)).collect()
    }

    #[test]
    fn what_was_printed_is_no_command() {
        assert_eq!(typed("$ echo $?\n1\n# a comment\n$ ls\na $ b"), ["echo $?", "ls"]);
        assert_eq!(pieces(colour, "$ ls"), ["prompt:$ ", "command:ls"]);
        assert_eq!(typed("# id\n0"), ["id"]);
        assert_eq!(typed("a\nb | c"), ["a", "b | c"]);
    }

    #[test]
    fn a_command_goes_on_as_in_the_shell() {
        assert_eq!(typed("$ a \\\n  b\nout"), ["a \\", "  b"]);
        assert_eq!(typed("$ sh -c 'a\n> b'\nout"), ["sh -c 'a", "b'"]);
        assert_eq!(typed("$ cat > x <<'EOF'\na: b\nEOF\n$ ls\nx"), ["cat > x <<'EOF'", "a: b", "EOF", "ls"]);
        assert_eq!(typed("$ echo \"it's\"\nit's\n$ echo it\\'s\nit's"), ["echo \"it's\"", "echo it\\'s"]);
    }
}
