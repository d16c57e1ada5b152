//! What a check answers: nothing to say, or a [`Failure`] a reader can act on.

use std::fmt::{self, Debug, Display};

use serde_json::{Value, json};

/// `Ok(())` is the only way to pass.
pub type Result<T = ()> = std::result::Result<T, Failure>;

/// Why a check did not pass.
#[derive(Debug, Clone)]
pub struct Failure {
    kind: Kind,
    what: String,
    expected: String,
    observed: String,
    reproduce: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The program judged is wrong.
    Fail,
    /// This machine cannot run the check.
    NotHere,
    /// The check itself went wrong.
    Error,
}

impl Failure {
    /// The program judged is wrong: what was looked at, what it should be, what it is.
    pub fn new(what: impl Display, expected: impl Display, observed: impl Display) -> Failure {
        Failure {
            kind: Kind::Fail,
            what: what.to_string(),
            expected: expected.to_string(),
            observed: observed.to_string(),
            reproduce: None,
        }
    }

    /// The check cannot be made on this machine. Costs no points, so it must depend on the
    /// machine alone, never on what the program judged does.
    pub fn not_here(reason: impl Display) -> Failure {
        Failure { kind: Kind::NotHere, ..Failure::new(reason, "", "") }
    }

    /// The check itself went wrong (it could not write its own file, say). Costs no points,
    /// so never use it for anything the program judged can cause.
    pub fn grader(what: impl Display) -> Failure {
        Failure { kind: Kind::Error, ..Failure::new(what, "", "") }
    }

    /// The command that shows the same failure by hand. The first one given stays.
    pub fn reproduce(mut self, command: impl Display) -> Failure {
        self.reproduce.get_or_insert(command.to_string());
        self
    }

    /// Another command than the one that was given first.
    pub(crate) fn instead(self, command: String) -> Failure {
        Failure { reproduce: Some(command), ..self }
    }

    /// Says when it happened: `about("second run")` gives `second run: exit status`.
    pub fn about(mut self, context: impl Display) -> Failure {
        self.what = format!("{context}: {}", self.what);
        self
    }

    /// If `cause` finds in what was observed that something else is behind it, that is what
    /// failed, and what was looked at stands below. The grader knows the words
    /// `task ID is in the way`: they block the checks of other tasks.
    pub fn because(self, cause: impl FnOnce(&str) -> Option<String>) -> Failure {
        match cause(&self.observed) {
            Some(cause) if self.kind == Kind::Fail => {
                Failure { expected: format!("{}: {}", self.what, self.expected), what: cause, ..self }
            }
            _ => self,
        }
    }

    pub fn is_not_here(&self) -> bool {
        self.kind == Kind::NotHere
    }

    /// The line for the grader. See [`crate::harness`].
    pub fn to_json(&self, check: &str) -> Value {
        let verdict = match self.kind {
            Kind::Fail => "fail",
            Kind::NotHere => "not_here",
            Kind::Error => "error",
        };
        json!({
            "check": check,
            "verdict": verdict,
            "what": clip(&self.what),
            "expected": clip(&self.expected),
            "observed": clip(&self.observed),
            // To be copied, so whole or not at all (see `Cli::reproduce`).
            "try": self.reproduce.as_deref().filter(|it| it.len() <= crate::shown::MOST_COMMAND),
        })
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what)?;
        if !self.expected.is_empty() {
            write!(f, "\n  expected: {}", indent(&self.expected))?;
        }
        if !self.observed.is_empty() {
            write!(f, "\n  observed: {}", indent(&self.observed))?;
        }
        match &self.reproduce {
            // A here-document ends with a word at the start of a line, so nothing is moved.
            Some(command) if command.contains('\n') => write!(f, "\n  try (in exercises/):\n{command}"),
            Some(command) => write!(f, "\n  try:      {command}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

/// So that `ran.assert().try_success()?` reads well.
impl From<assert_cmd::assert::AssertError> for Failure {
    fn from(error: assert_cmd::assert::AssertError) -> Failure {
        Failure::new("what the program printed", "see right", error)
    }
}

/// The lines below one another; of a flood, the beginning.
fn indent(text: &str) -> String {
    const MOST_LINES: usize = 20;
    const MOST_COLUMNS: usize = 200;
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let cut = |line: &&str| match line.char_indices().nth(MOST_COLUMNS) {
        Some((at, _)) => format!("{} ... and {} characters more", &line[..at], line[at..].chars().count()),
        None => line.to_string(),
    };
    let mut shown: Vec<String> = lines.iter().take(MOST_LINES).map(cut).collect();
    if lines.len() > MOST_LINES {
        shown.push(format!("... and {} lines more", lines.len() - MOST_LINES));
    }
    shown.join("\n            ")
}

/// A report is read by a person: a few thousand characters are enough, and a submission
/// must not be able to fill the pipe that carries it.
fn clip(text: &str) -> String {
    const MOST: usize = 4000;
    if text.chars().count() <= MOST {
        return text.to_string();
    }
    let start: String = text.chars().take(MOST).collect();
    format!("{start}\n[... and {} bytes more]", text.len() - start.len())
}

/// Fails unless `ok`. `expected` says what would be right, `observed` what was there.
pub fn expect(what: impl Display, expected: impl Display, ok: bool, observed: impl Display) -> Result {
    if ok { Ok(()) } else { Err(Failure::new(what, expected, observed)) }
}

/// Fails unless the two are equal.
pub fn expect_eq<E, O>(what: impl Display, expected: E, observed: O) -> Result
where
    E: PartialEq<O> + Debug,
    O: Debug,
{
    let ok = expected == observed;
    expect(what, plain(&expected), ok, plain(&observed))
}

/// A string without its quotes and escapes, anything else as `Debug` has it: what is in a JSON value or an `Option`,
/// without their names.
fn plain(value: &impl Debug) -> String {
    let whole = format!("{value:?}");
    let mut text = whole.as_str();
    while let Some(inner) = ["String(", "Number(", "Bool(", "Some("].iter().find_map(|it| text.strip_prefix(it))
        && let Some(inner) = inner.strip_suffix(')')
    {
        text = inner;
    }
    let inner = text.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    match inner {
        Some(inner) if !inner.is_empty() && !inner.contains('\\') => inner.to_string(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_is_silent_and_different_says_both() {
        assert!(expect_eq("exit status", 0, 0).is_ok());
        let failure = expect_eq("phase", "Running", "Pending".to_string()).unwrap_err();
        let json = failure.reproduce("cargo run").to_json("a_check");
        assert_eq!(json["verdict"], "fail");
        assert_eq!(json["expected"], "Running");
        assert_eq!(json["observed"], "Pending");
        assert_eq!(json["try"], "cargo run");
    }

    #[test]
    fn long_output_is_clipped() {
        let failure = Failure::new("x", "", "y".repeat(1 << 20));
        let json = failure.to_json("c").to_string();
        assert!(json.len() < 5000, "{}", json.len());
    }
    #[test]
    fn a_here_document_can_be_copied_and_a_flood_is_cut() {
        let failure = Failure::new("x", "", "y\n".repeat(100)).reproduce("sh - <<'EOF'\na\nEOF");
        let text = failure.to_string();
        assert!(text.ends_with("\nsh - <<'EOF'\na\nEOF"), "{text}");
        assert!(text.contains("... and 80 lines more"), "{text}");
    }
}
