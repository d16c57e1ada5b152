//! Code in the built pages is coloured here, so that it is coloured on paper and without a
//! script, and no page loads a highlighter. In a console, what was typed is told from what was
//! printed: the copy buttons take the one and leave the other.
//!
//! | class | is |
//! |---|---|
//! | `k` `t` `f` | keyword, type, function or macro |
//! | `s` `n` `c` `m` | text, number, comment, attribute (or key, in YAML) |
//! | `prompt` `command` | in a console |

mod console;
mod rust;
mod yaml;

const OPEN: &str = "<pre><code class=\"language-";
const CLOSE: &str = "</code></pre>";

/// The page with its code blocks coloured; those in other languages stay as they are.
pub fn page(html: &str) -> String {
    let mut out = String::with_capacity(html.len() * 5 / 4);
    let mut rest = html;
    while let Some(start) = rest.find(OPEN) {
        let (before, block) = rest.split_at(start);
        let Some((head, body)) = block.split_once("\">") else { break };
        let Some((code, after)) = body.split_once(CLOSE) else { break };
        let language = head[OPEN.len()..].split([' ', ',']).next().unwrap_or_default();
        out.push_str(before);
        out.push_str(head);
        out.push_str("\">");
        // With elements in it, it is done already, or has lines that mdBook hides.
        match block_of(language, code).filter(|_| !code.contains('<')) {
            Some(coloured) => out.push_str(&coloured),
            None => out.push_str(code),
        }
        out.push_str(CLOSE);
        rest = after;
    }
    out.push_str(rest);
    out
}

fn block_of(language: &str, code: &str) -> Option<String> {
    let colour: fn(&str, &mut Painter) = match language {
        "rust" => rust::colour,
        "yaml" | "yml" => yaml::colour,
        "console" => console::colour,
        _ => return None,
    };
    let mut painter = Painter::default();
    colour(&plain(code), &mut painter);
    Some(painter.out)
}

/// Collects code with its colours, as HTML.
#[derive(Default)]
struct Painter {
    out: String,
}

impl Painter {
    /// Code of a class; of none if that is empty.
    fn put(&mut self, class: &str, code: &str) {
        let text = code.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        if class.is_empty() || code.trim().is_empty() {
            self.out.push_str(&text);
        } else {
            self.out.push_str(&format!("<span class=\"{class}\">{text}</span>"));
        }
    }
}

/// HTML without elements, as the text it is.
fn plain(html: &str) -> String {
    let text = html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&#39;", "'").replace("&#x27;", "'").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_coloured_and_all_else_stays() {
        let html = "<p>fn</p><pre><code class=\"language-rust noplayground\">fn a() -&gt; B</code></pre><p>fn</p>";
        let want = "<p>fn</p><pre><code class=\"language-rust noplayground\"><span class=\"k\">fn</span> \
                    <span class=\"f\">a</span>() -&gt; <span class=\"t\">B</span></code></pre><p>fn</p>";
        assert_eq!(page(html), want);
        // Once is enough.
        assert_eq!(page(want), want);
        for html in ["<pre><code class=\"language-text\">fn</code></pre>", "<pre><code class=\"language-rust", "x"] {
            assert_eq!(page(html), html);
        }
    }

    /// What each colouring gives, as `class:text` pieces; and no letter is lost.
    pub fn pieces(colour: fn(&str, &mut Painter), code: &str) -> Vec<String> {
        let mut painter = Painter::default();
        colour(code, &mut painter);
        let mut text = String::new();
        let mut got = Vec::new();
        for part in painter.out.split_inclusive("</span>") {
            let (before, span) = part.split_once("<span class=\"").unwrap_or((part, ""));
            text.push_str(before);
            if let Some((class, inner)) = span.trim_end_matches("</span>").split_once("\">") {
                text.push_str(inner);
                got.push(format!("{class}:{}", plain(inner)));
            }
        }
        assert_eq!(plain(&text), code);
        got
    }
}
