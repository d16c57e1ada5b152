//! A chapter's quiz: questions on the misunderstandings people have. It is plain HTML, a list
//! with the answers folded, so it works without JavaScript and in print. `theme/quiz.js` makes
//! radio buttons of it, and shows the explanation of the option that was chosen.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use pulldown_cmark::{Parser, html};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::directives::Page;
use super::expand::escape;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    question: String,
    options: Vec<Choice>,
    /// The letter of the right option: a, b, ...
    answer: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    text: String,
    /// Why it is right, or what those who choose it have overlooked.
    why: String,
}

/// `{{#quiz FILE.yaml}}`, beside the page.
pub fn quiz(page: &Page, file: &str) -> Result<String> {
    let text = std::fs::read_to_string(page.dir().join(file)).with_context(|| format!("cannot read {file}"))?;
    // The same wherever the page is read, so that the browser remembers the answers.
    let name = page.path.with_file_name(file).with_extension("");
    render(&text, &name.to_string_lossy()).with_context(|| file.to_owned())
}

fn render(yaml: &str, name: &str) -> Result<String> {
    let questions: Vec<Question> = serde_yaml::from_str(yaml)?;
    ensure!((4..=6).contains(&questions.len()), "a quiz has 4 to 6 questions, this has {}", questions.len());
    let mut out = format!("<ol class=\"quiz\" data-quiz=\"{}\">\n", escape(name));
    for (index, question) in questions.iter().enumerate() {
        one(&mut out, question).with_context(|| format!("question {}", index + 1))?;
    }
    out.push_str("</ol>\n");
    Ok(out)
}

fn one(out: &mut String, question: &Question) -> Result<()> {
    let options: Vec<(char, &Choice)> = ('a'..='z').zip(&question.options).collect();
    ensure!(options.len() >= 2, "at least two options");
    let answer = question.answer.trim();
    let (right, others): (Vec<_>, Vec<_>) = options.iter().partition(|(letter, _)| letter.to_string() == answer);
    ensure!(!right.is_empty(), "the answer is `{answer}`, which is the letter of no option");
    // Changes with the question: an answer to the one before means nothing then.
    let id: String = Sha256::digest(&question.question)[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    writeln!(
        out,
        "<li class=\"question\" data-question=\"{id}\" data-answer=\"{answer}\">\n<p class=\"ask\">{}</p>\n\
         <ol type=\"a\" class=\"options\">",
        line(&question.question)?
    )?;
    for (letter, choice) in &options {
        writeln!(out, "<li class=\"option\" data-option=\"{letter}\">{}</li>", line(&choice.text)?)?;
    }
    out.push_str("</ol>\n<details class=\"answer\"><summary>Answer</summary>\n");
    for (letter, choice) in right.iter().chain(&others) {
        let why = line(&choice.why).with_context(|| format!("option {letter}: why"))?;
        let verdict =
            if letter.to_string() == answer { format!("{letter} is right.") } else { format!("Not {letter}.") };
        writeln!(out, "<p class=\"why\" data-option=\"{letter}\"><strong>{verdict}</strong> {why}</p>")?;
    }
    out.push_str("</details>\n</li>\n");
    Ok(())
}

/// Markdown of one paragraph: it goes into a `<legend>` or `<label>`, which hold no more.
fn line(text: &str) -> Result<String> {
    let html = markdown(text);
    let inner = html.strip_prefix("<p>").and_then(|html| html.strip_suffix("</p>"));
    let inner = inner.filter(|html| !html.contains("<p>")).context("must be one paragraph of text")?;
    Ok(inner.to_owned())
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
            "- question: Is `a < b`?\n  options:\n    - text: yes it is\n      why: One.\n    \
             - text: no, *never*\n      why: Two.\n  answer: {answer}\n"
        );
        one.repeat(count)
    }

    #[test]
    fn a_quiz_is_html_with_folded_answers() {
        let got = render(&yaml("b", 4), "03-lifecycle/quiz").unwrap();
        assert!(got.starts_with("<ol class=\"quiz\" data-quiz=\"03-lifecycle/quiz\">"), "{got}");
        assert_eq!(got.matches("<details class=\"answer\">").count(), 4);
        assert!(got.contains("<code>a &lt; b</code>"), "{got}");
        let answer = "<p class=\"why\" data-option=\"b\"><strong>b is right.</strong> Two.</p>\n\
                      <p class=\"why\" data-option=\"a\"><strong>Not a.</strong> One.</p>";
        assert!(got.contains(answer), "{got}");
        assert!(!got.contains("\n\n"), "{got}");
    }

    #[test]
    fn mistakes_are_named() {
        let error = |yaml: &str| format!("{:#}", render(yaml, "q").err().unwrap());
        assert!(error(&yaml("b", 3)).contains("4 to 6"));
        assert!(error(&yaml("c", 4)).contains("question 1: the answer is `c`"));
        assert!(error(&yaml("b", 4).replacen("One.", "''", 1)).contains("question 1: option a: why"));
        assert!(error(&yaml("b", 4).replacen("yes it is", "\"a\\n\\nb\"", 1)).contains("one paragraph"));
        assert!(error("- question: x\n").contains("missing field"));
    }
}
