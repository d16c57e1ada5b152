//! What a line of a log says, in names and values. Two ways of writing it are understood:
//!
//! ```text
//! method=GET path="/a page" status=200
//! {"verb":"GET","url":"/a page","code":200}
//! ```

use std::collections::BTreeMap;

use serde_json::Value;

/// Names and values. Numbers are texts here, too.
pub type Fields = BTreeMap<String, String>;

/// The fields of a line; `None`, if it is written in neither way.
pub fn fields(line: &str) -> Option<Fields> {
    match line.trim_start().starts_with('{') {
        true => json(line),
        false => pairs(line),
    }
}

fn json(line: &str) -> Option<Fields> {
    let Value::Object(members) = serde_json::from_str(line).ok()? else { return None };
    let text = |value| match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is) => Some(is.to_string()),
        // No line of a log has more to say.
        _ => None,
    };
    Some(members.into_iter().filter_map(|(name, value)| Some((name, text(value)?))).collect())
}

/// `NAME=VALUE`, with blanks between; a value in quotes may have blanks in it, and `\"` and `\\`.
fn pairs(line: &str) -> Option<Fields> {
    let mut fields = Fields::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        if name.is_empty() || name.contains([' ', '"']) {
            return None;
        }
        let (value, behind) = match after.strip_prefix('"') {
            Some(after) => quoted(after)?,
            None => {
                let (value, behind) = after.split_at(after.find(' ').unwrap_or(after.len()));
                (value.to_owned(), behind)
            }
        };
        fields.insert(name.to_owned(), value);
        if !behind.is_empty() && !behind.starts_with(' ') {
            return None;
        }
        rest = behind.trim_start();
    }
    (!fields.is_empty()).then_some(fields)
}

/// Up to the quote that ends it, and what is behind that.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => match chars.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            _ => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> String {
        let Some(fields) = fields(line) else { return "none".into() };
        fields.iter().map(|(name, value)| format!("{name}={value};")).collect()
    }

    #[test]
    fn pairs_with_and_without_quotes() {
        assert_eq!(shown("a=1 b=two"), "a=1;b=two;");
        assert_eq!(shown(r#"path="/a \"b\" \\ c" status=200"#), r#"path=/a "b" \ c;status=200;"#);
        assert_eq!(shown("a= b=2"), "a=;b=2;");
        assert_eq!(shown("hello"), "none");
        assert_eq!(shown("a=\"open"), "none");
        assert_eq!(shown("a=\"x\"y=1"), "none");
        assert_eq!(shown(""), "none");
    }

    #[test]
    fn json_objects() {
        assert_eq!(shown(r#"{"url":"/x","code":200,"ok":true,"more":[1]}"#), "code=200;ok=true;url=/x;");
        assert_eq!(shown("{\"url\":"), "none");
    }
}
