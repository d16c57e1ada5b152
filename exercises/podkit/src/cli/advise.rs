//! `advise`: one pod or several?

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::{Format, input, print, refuse};
use crate::advice::Application;
use crate::manifest::{Document, Problem};
use crate::runner::Runner;

/// Prints the pods to make, and why.
pub fn advise(runner: &Runner, file: &Path, format: Format) -> ExitCode {
    let (document, application) = match application(file) {
        Ok(read) => read,
        Err(message) => return refuse(message),
    };
    let pods = match (runner.advise)(&application) {
        Ok(pods) => pods,
        Err(problems) => {
            for mut problem in problems {
                problem.line = problem.line.or_else(|| document.line(&problem.field));
                eprintln!("{}: {problem}", file.display());
            }
            return ExitCode::from(super::REFUSED);
        }
    };
    match format {
        Format::Json => print(json!({ "pods": pods })),
        Format::Human => {
            print(format_args!("{} pod{}", pods.len(), if pods.len() == 1 { "" } else { "s" }));
            for (n, advice) in pods.iter().enumerate() {
                print(format_args!("  pod {}: {}", n + 1, advice.pod.join(", ")));
                for reason in &advice.because {
                    print(format_args!("    - {reason}"));
                }
            }
        }
    }
    ExitCode::SUCCESS
}

fn application(file: &Path) -> Result<(Document, Application), String> {
    let name = file.display();
    let at = |problem: Problem| format!("{name}: {problem}");
    let text = input::text(file)?;
    let documents = input::documents(&text).map_err(at)?;
    let [document] = documents.as_slice() else {
        return Err(format!("{name}: must hold one application, and holds {} documents", documents.len()));
    };
    let decoded = document.decode::<Application>().map_err(at)?;
    match decoded.unknown.first() {
        Some(field) => {
            let line = document.line(field);
            Err(at(Problem { line, ..Problem::new(field.clone(), "is no field of an application") }))
        }
        None => Ok((document.clone(), decoded.value)),
    }
}
