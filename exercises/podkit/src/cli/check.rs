//! `check`: what is wrong with a manifest, what is doubtful, and what will not be honoured.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::{Format, REFUSED, input, print};
use crate::manifest::{Document, Problem, to_yaml};
use crate::objects::{self, ReadObject};
use crate::pod::Pod;
use crate::runner::Runner;
use crate::support;

/// What was found in one file.
#[derive(Default)]
struct Findings {
    problems: Vec<Found>,
    warnings: Vec<Found>,
    not_honoured: Vec<Found>,
    pods: Vec<Pod>,
}

/// One finding, in the document with this number (from 0) and about this pod or object.
struct Found {
    document: usize,
    /// `pod "web"`; empty where it has no name.
    subject: String,
    problem: Problem,
}

/// Exit status 0 if every manifest may be run, else 2.
pub fn check(runner: &Runner, files: &[PathBuf], format: Format, show: bool) -> ExitCode {
    let mut refused = false;
    for file in files {
        let findings = match input::text(file) {
            Ok(text) => findings(runner, &text),
            Err(message) => Findings { problems: vec![Found::of_file(message)], ..Findings::default() },
        };
        refused |= !findings.problems.is_empty();
        match format {
            Format::Human => findings.tell(file, show),
            Format::Json => print(findings.json(file, show)),
        }
    }
    if refused { ExitCode::from(REFUSED) } else { ExitCode::SUCCESS }
}

fn findings(runner: &Runner, text: &str) -> Findings {
    let mut all = Findings::default();
    match input::documents_and_items(runner, text) {
        Ok(documents) => documents.iter().for_each(|document| all.add(runner, document)),
        Err(problem) => all.problems.push(Found { document: 0, subject: String::new(), problem }),
    }
    for list in [&mut all.problems, &mut all.warnings, &mut all.not_honoured] {
        list.sort_by_key(|found| (found.document, found.problem.line));
    }
    all
}

impl Findings {
    fn add(&mut self, runner: &Runner, document: &Document) {
        if runner.env.is_some()
            && let Some(read) = objects::read(document)
        {
            return self.add_object(document, read);
        }
        let read = input::read_pod(runner, document);
        let name = &read.pod.metadata.name;
        let subject = if name.is_empty() { String::new() } else { format!("pod {name:?}") };
        let found = |problem| Found { document: document.index(), subject: subject.clone(), problem };
        let unknown =
            read.unknown.iter().map(|field| (field.clone(), "no field of a v1 Pod that this runner knows".to_owned()));
        let gaps = support::gaps(runner, &read.pod).into_iter().map(|gap| (gap.field, gap.why));
        let not_honoured = unknown.chain(gaps).map(|(field, why)| {
            let line = document.line(&field);
            found(Problem { line, ..Problem::new(field, why) })
        });
        self.not_honoured.extend(not_honoured);
        self.problems.extend(read.problems.into_iter().map(found));
        self.warnings.extend(read.warnings.into_iter().map(found));
        self.pods.push(read.pod);
    }

    fn add_object(&mut self, document: &Document, read: ReadObject) {
        let subject = format!("{} {:?}", read.object.kind(), read.object.name());
        let found = |problem| Found { document: document.index(), subject: subject.clone(), problem };
        self.problems.extend(read.problems.into_iter().map(found));
        let unknown = read.unknown.into_iter().map(|field| {
            let line = document.line(&field);
            found(Problem { line, ..Problem::new(field, "no field that this runner knows") })
        });
        self.not_honoured.extend(unknown);
    }

    fn tell(&self, file: &Path, show: bool) {
        let verdict = match self.problems.len() {
            0 => "ok".to_owned(),
            1 => "1 problem".to_owned(),
            n => format!("{n} problems"),
        };
        print(format_args!("{}: {verdict}", file.display()));
        for (kind, list) in
            [("", &self.problems), ("warning: ", &self.warnings), ("not honoured: ", &self.not_honoured)]
        {
            for found in list {
                print(format_args!("  {kind}{found}"));
            }
        }
        if show {
            self.pods.iter().for_each(|pod| print(format_args!("---\n{}", to_yaml(pod).trim_end())));
        }
    }

    fn json(&self, file: &Path, show: bool) -> Value {
        let list = |found: &[Found], word: &str| found.iter().map(|f| f.json(word)).collect::<Vec<_>>();
        let mut found = json!({
            "file": file.display().to_string(),
            "problems": list(&self.problems, "rule"),
            "warnings": list(&self.warnings, "rule"),
            "not_honoured": list(&self.not_honoured, "why"),
        });
        if show {
            found["pods"] = json!(self.pods);
        }
        found
    }
}

impl Found {
    fn of_file(message: String) -> Found {
        let problem = Problem::new(crate::manifest::FieldPath::root(), message);
        Found { document: 0, subject: String::new(), problem }
    }

    fn json(&self, word: &str) -> Value {
        let Problem { field, rule, line } = &self.problem;
        json!({ "document": self.document, "field": field.to_string(), word: rule, "line": line })
    }
}

impl std::fmt::Display for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.subject.is_empty() {
            true => write!(f, "{}", self.problem),
            false => write!(f, "{}: {}", self.subject, self.problem),
        }
    }
}
