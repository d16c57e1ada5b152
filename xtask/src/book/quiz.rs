//! A chapter's quiz: questions on the misunderstandings people have. Plain HTML with the
//! answers folded, so it works without JavaScript, and the style sheet unfolds it in print.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use pulldown_cmark::{Parser, html};
use serde::Deserialize;

use super::directives::Page;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    question: String,
    options: Vec<String>,
    /// The letter of the right option: a, b, ...
    answer: String,
    why: String,
}

/// `{{#quiz FILE.yaml}}`, beside the page.
pub fn quiz(page: &Page, file: &str) -> Result<String> {
    let text = std::fs::read_to_string(page.dir().join(file)).with_context(|| format!("cannot read {file}"))?;
    render(&text).with_context(|| file.to_owned())
}

fn render(yaml: &str) -> Result<String> {
    let questions: Vec<Question> = serde_yaml::from_str(yaml)?;
    ensure!((4..=6).contains(&questions.len()), "a quiz has 4 to 6 questions, this has {}", questions.len());
    let mut out = String::from("<ol class=\"quiz\">\n");
    for (index, question) in questions.iter().enumerate() {
        let number = index + 1;
        let letters: Vec<char> = ('a'..='z').take(question.options.len()).collect();
        ensure!(letters.len() >= 2, "question {number}: at least two options");
        let letter = question.answer.trim();
        let right = letters.iter().position(|it| it.to_string() == letter).with_context(|| {
            format!("question {number}: the answer is `{letter}`, which is the letter of no option")
        })?;
        ensure!(!question.why.trim().is_empty(), "question {number}: say why");
        writeln!(out, "<li>{}\n<ol type=\"a\">", markdown(&question.question))?;
        for option in &question.options {
            writeln!(out, "<li>{}</li>", markdown(option))?;
        }
        // The letter goes into the option's own paragraph.
        let right = markdown(&question.options[right]).replacen("<p>", &format!("<p><strong>{letter}.</strong> "), 1);
        writeln!(
            out,
            "</ol>\n<details><summary>Answer</summary>\n<div class=\"option\">{right}</div>\n{}\n</details></li>",
            markdown(&question.why)
        )?;
    }
    out.push_str("</ol>\n");
    Ok(out)
}

/// Markdown to HTML without blank lines, which would end the block it goes into.
pub fn markdown(text: &str) -> String {
    let mut out = String::new();
    html::push_html(&mut out, Parser::new(text.trim()));
    while out.contains("\n\n") {
        out = out.replace("\n\n", "\n&#8203;\n");
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yaml(answer: &str, count: usize) -> String {
        let one = format!(
            "- question: Is `a < b`?\n  options: [yes it is, \"no, *never*\"]\n  answer: {answer}\n  why: Because.\n"
        );
        one.repeat(count)
    }

    #[test]
    fn a_quiz_is_html_with_folded_answers() {
        let got = render(&yaml("b", 4)).unwrap();
        assert_eq!(got.matches("<details>").count(), 4);
        assert!(got.contains("<code>a &lt; b</code>"), "{got}");
        assert!(got.contains("<strong>b.</strong>"), "{got}");
        assert!(!got.contains("\n\n"), "{got}");
    }

    #[test]
    fn mistakes_are_named() {
        assert!(render(&yaml("b", 3)).unwrap_err().to_string().contains("4 to 6"));
        assert!(render(&yaml("c", 4)).unwrap_err().to_string().contains("question 1"));
        assert!(render("- question: x\n").is_err());
    }
}
