//! Many manifests, one run of `check`: a table of cases, and what each must give.

use podcheck::{Cli, Failure, Ran, Result};
use serde_json::Value;

/// One manifest, and what `check` must say about it.
pub struct Case {
    what: String,
    text: String,
    problems: Vec<Want>,
    warnings: Vec<Want>,
    /// `None`: whatever it says is not looked at.
    pods: Vec<(String, Option<Value>)>,
}

/// A finding: its field, words that its rule holds, and its line if it matters.
struct Want {
    field: String,
    words: &'static str,
    line: Option<u64>,
}

impl Case {
    /// A manifest in which nothing is wrong, until a problem is expected.
    pub fn new(what: impl Into<String>, text: impl Into<String>) -> Case {
        Case { what: what.into(), text: text.into(), problems: vec![], warnings: vec![], pods: vec![] }
    }

    /// Expects a problem at `field`. Its rule holds each of `words` (divided by `|`; not
    /// those with a `!`).
    pub fn problem(mut self, field: impl Into<String>, words: &'static str) -> Case {
        self.problems.push(Want { field: field.into(), words, line: None });
        self
    }

    /// Expects a warning.
    pub fn warning(mut self, field: impl Into<String>, words: &'static str) -> Case {
        self.warnings.push(Want { field: field.into(), words, line: None });
        self
    }

    /// The problem expected last stands on this line.
    pub fn line(mut self, line: u64) -> Case {
        if let Some(last) = self.problems.last_mut() {
            last.line = Some(line);
        }
        self
    }

    /// Expects the pod, as it is understood, to have `value` at a JSON pointer.
    pub fn has(mut self, pointer: &str, value: impl Into<Value>) -> Case {
        self.pods.push((pointer.to_owned(), Some(value.into())));
        self
    }

    /// Expects the pod to have nothing at a JSON pointer.
    pub fn lacks(mut self, pointer: &str) -> Case {
        self.pods.push((pointer.to_owned(), None));
        self
    }

    fn command(&self) -> String {
        let show = if self.pods.is_empty() { &[][..] } else { &["--show"] };
        Cli::new("check").arg("-").args(show).stdin(self.text.clone()).reproduce()
    }

    fn failure(&self, what: &str, expected: String, observed: String) -> Failure {
        Failure::new(format!("{}: {what}", self.what), expected, observed).reproduce(self.command())
    }

    fn judge(&self, told: &Value) -> Result {
        self.same("problems", &self.problems, &told["problems"])?;
        self.same("warnings", &self.warnings, &told["warnings"])?;
        for (pointer, value) in &self.pods {
            let found = told["pods"][0].pointer(pointer);
            if found != value.as_ref() {
                let show = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
                let field = pointer.trim_start_matches('/').replace('/', ".");
                return Err(self.failure(&format!("{field} of the pod"), show(value.as_ref()), show(found)));
            }
        }
        Ok(())
    }

    /// Exactly the findings that are wanted, in any order. What fits is not told again: only
    /// what is missing, and what is one too many.
    fn same(&self, what: &str, wants: &[Want], told: &Value) -> Result {
        let mut left: Vec<&Value> = told.as_array().into_iter().flatten().collect();
        let mut missing: Vec<String> = Vec::new();
        for want in wants {
            match left.iter().position(|found| want.is(found)) {
                Some(at) => {
                    left.remove(at);
                }
                None => missing.push(format!("missing: {want}")),
            }
        }
        if missing.is_empty() && left.is_empty() && told.is_array() {
            return Ok(());
        }
        let expected = match (missing.is_empty(), wants) {
            (false, _) => missing.join("\n"),
            (true, []) => "none".to_owned(),
            (true, [one]) => format!("none but the one at {}", one.field),
            (true, many) => format!("none but {}, and those are there", many.len()),
        };
        let observed = match left.is_empty() {
            false => {
                left.iter().map(|found| format!("not expected: {}", finding(found))).collect::<Vec<_>>().join("\n")
            }
            true => format!("{} {what}, and none that fits", told.as_array().map_or(0, Vec::len)),
        };
        Err(self.failure(what, expected, observed))
    }
}

impl Want {
    fn is(&self, found: &Value) -> bool {
        let rule = found["rule"].as_str().unwrap_or_default().to_lowercase();
        found["field"] == self.field.as_str()
            && self.words.split('|').all(|word| match word.strip_prefix('!') {
                Some(word) => !rule.contains(&word.to_lowercase()),
                None => rule.contains(&word.to_lowercase()),
            })
            && self.line.is_none_or(|line| found["line"] == line)
    }
}

impl std::fmt::Display for Want {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: a rule", self.field)?;
        if !self.words.is_empty() {
            let words: Vec<String> = self
                .words
                .split('|')
                .map(|word| match word.strip_prefix('!') {
                    Some(word) => format!("not {word:?}"),
                    None => format!("{word:?}"),
                })
                .collect();
            write!(f, " with the words {}", words.join(" and "))?;
        }
        self.line.map_or(Ok(()), |line| write!(f, "; line {line}"))
    }
}

/// A finding as a person reads it.
fn finding(told: &Value) -> String {
    let text = |name: &str| told[name].as_str().unwrap_or("?");
    format!("{}: {}; line {}", text("field"), text("rule"), told["line"])
}

/// Runs `check` once over all cases, and judges each.
pub fn judge(cases: &[Case]) -> Result {
    let mut cli = Cli::new("check").args(["--format", "json"]);
    if cases.iter().any(|case| !case.pods.is_empty()) {
        cli = cli.arg("--show");
    }
    for (n, case) in cases.iter().enumerate() {
        cli = cli.manifest_text(&format!("case-{n}.yaml"), &case.text);
    }
    let Some(first) = cases.first() else { return Err(Failure::grader("no cases")) };
    let ran = cli.run().map_err(|failure| shorter(failure, first))?;
    let told: Vec<Value> = ran.stdout().lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    for (case, told) in cases.iter().zip(&told) {
        case.judge(told)?;
    }
    if told.len() < cases.len() {
        let case = &cases[told.len()];
        let observed = format!("nothing; exit status {}; on stderr:\n{}", ran.code(), ran.stderr());
        return Err(case.failure("what check says", "one JSON object for each file".into(), observed));
    }
    let code = if cases.iter().any(|case| !case.problems.is_empty()) { 2 } else { 0 };
    ran.expect_code(code)?;
    Ok(())
}

/// A failure of the whole run carries the command with all manifests; one will do.
fn shorter(failure: Failure, case: &Case) -> Failure {
    let json = failure.to_json("");
    match json["what"].as_str() {
        Some(what) if what.starts_with("task ") => Failure::new(what, "", "").reproduce(case.command()),
        _ => failure,
    }
}

/// Runs `check` on one text, for people to read.
pub fn human(text: &str) -> Result<Ran> {
    Cli::new("check").arg("-").stdin(text).run()
}

/// Runs `advise` on an application and returns the pods it names, and its reasons.
pub fn advise(text: &str) -> Result<(Ran, Value)> {
    let ran = Cli::new("advise").arg("-").args(["--format", "json"]).stdin(text).run()?;
    ran.expect_code(0)?;
    let json = ran.json()?;
    Ok((ran, json))
}

/// A pod with these fields in `spec` (one a line).
pub fn spec(fields: &str) -> String {
    let fields = indent(fields, 2);
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n{fields}  containers:\n  - {{name: c, image: 'app:1'}}\n"
    )
}

/// A pod with these fields in its one container (one a line).
pub fn container(fields: &str) -> String {
    let fields = indent(fields, 4);
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n  - name: c\n    image: app:1\n{fields}"
    )
}

/// `field` of that container.
pub fn in_c(field: &str) -> String {
    format!("spec.containers[0].{field}")
}

/// A pod with these containers, each in one line; `init ` before one makes it an init container.
pub fn pod_of(containers: &[&str]) -> String {
    let (init, regular): (Vec<&str>, Vec<&str>) =
        containers.iter().copied().partition(|text| text.starts_with("init "));
    let mut text = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n".to_owned();
    for (list, entries) in [("initContainers", init), ("containers", regular)] {
        if !entries.is_empty() {
            text += &format!("  {list}:\n");
        }
        for entry in entries {
            text += &format!("  - {{image: 'app:1', {}}}\n", entry.trim_start_matches("init "));
        }
    }
    text
}

fn indent(text: &str, by: usize) -> String {
    text.lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect()
}
