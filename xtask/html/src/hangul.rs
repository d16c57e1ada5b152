//! Korean words in the built pages are marked as Korean, so that a screen reader says them in
//! Korean, and a browser takes the right font and breaks lines between words.

/// Nothing is marked inside these: it is not read aloud as text, or cannot hold an element.
const LEFT_ALONE: [&str; 8] = ["script", "style", "title", "textarea", "svg", "code", "pre", "template"];

/// The page with each run of Korean words as `<span lang="ko">`. A page, or an element, that is
/// said to be Korean stays as it is.
pub fn mark(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    // The element inside which nothing is marked, and how many of its name are open.
    let mut alone: Option<(String, usize)> = None;
    let mut rest = html;
    while !rest.is_empty() {
        let (text, tag) = match rest.find('<') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        match alone {
            None => spans(text, &mut out),
            Some(_) => out.push_str(text),
        }
        if tag.is_empty() {
            break;
        }
        let end = tag_end(tag);
        let (tag, after) = tag.split_at(end);
        out.push_str(tag);
        rest = after;
        let (closing, name) = name(tag);
        match &mut alone {
            Some((inside, open)) if *inside == name => {
                if closing {
                    *open -= 1;
                } else if !tag.ends_with("/>") {
                    *open += 1;
                }
                if *open == 0 {
                    alone = None;
                }
            }
            None if !closing && !tag.ends_with("/>") && left_alone(&name, tag) => alone = Some((name, 1)),
            _ => {}
        }
    }
    out
}

fn left_alone(name: &str, tag: &str) -> bool {
    LEFT_ALONE.contains(&name) || tag.contains("lang=\"ko\"")
}

/// Where the tag, or the comment, at the start of `html` ends.
fn tag_end(html: &str) -> usize {
    if html.starts_with("<!--") {
        return html.find("-->").map_or(html.len(), |at| at + 3);
    }
    let mut quote = None;
    for (at, byte) in html.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    html.len()
}

/// Whether a tag closes, and the name of its element.
fn name(tag: &str) -> (bool, String) {
    let inner = tag.trim_start_matches('<');
    let (closing, inner) = inner.strip_prefix('/').map_or((false, inner), |inner| (true, inner));
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(inner.len());
    (closing, inner[..end].to_ascii_lowercase())
}

/// Text with its runs of Korean words; the spaces between them belong to the run.
fn spans(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(start) = rest.find(is_hangul) {
        let run = &rest[start..];
        let gap = run.find(|c: char| !is_hangul(c) && c != ' ').unwrap_or(run.len());
        let run = run[..gap].trim_end_matches(' ');
        out.push_str(&rest[..start]);
        out.push_str("<span lang=\"ko\">");
        out.push_str(run);
        out.push_str("</span>");
        rest = &rest[start + run.len()..];
    }
    out.push_str(rest);
}

/// Syllables, and the letters they are made of.
fn is_hangul(c: char) -> bool {
    matches!(c, '\u{AC00}'..='\u{D7A3}' | '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{A960}'..='\u{A97F}' | '\u{D7B0}'..='\u{D7FF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn korean_words_are_marked_once_a_run() {
        assert_eq!(mark("a (파드) b"), "a (<span lang=\"ko\">파드</span>) b");
        assert_eq!(mark("<p>부분 격리 is</p>"), "<p><span lang=\"ko\">부분 격리</span> is</p>");
        assert_eq!(mark("파드, 단계"), "<span lang=\"ko\">파드</span>, <span lang=\"ko\">단계</span>");
    }

    #[test]
    fn code_pictures_attributes_and_korean_elements_stay() {
        for html in [
            "<code>파드</code>",
            "<svg><text>파드</text><path/></svg>",
            "<p title=\"a > 파드\">x</p>",
            "<!-- 파드 > --> x",
            "<script>if (a < b) '파드'</script>",
            "<html lang=\"ko\"><p>파드</p></html>",
            "<span lang=\"ko\">파드 <span>단계</span> 조건</span>",
            "no tag < here",
        ] {
            assert_eq!(mark(html), html);
        }
        assert_eq!(mark("<code>x</code>파드"), "<code>x</code><span lang=\"ko\">파드</span>");
    }
}
