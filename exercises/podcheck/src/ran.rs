//! A program that has ended: what it printed and how it ended, held to what it should be.

use std::fmt::{Debug, Display};
use std::os::unix::process::ExitStatusExt;
use std::process::Output;
use std::time::Duration;

use predicates::Predicate;
use serde_json::Value;

use crate::report::{Failure, Result, expect, expect_eq};
use crate::shown::last_lines;

/// A program that has ended.
#[derive(Debug)]
pub struct Ran {
    output: Output,
    pub elapsed: Duration,
    reproduce: String,
}

impl Ran {
    pub(crate) fn new(output: Output, elapsed: Duration, reproduce: String) -> Ran {
        Ran { output, elapsed, reproduce }
    }

    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    pub fn stdout_lines(&self) -> Vec<String> {
        self.stdout().lines().map(str::to_string).collect()
    }

    /// The exit status as a shell has it: 128 + N when signal N ended the program.
    pub fn code(&self) -> i32 {
        let status = self.output.status;
        let signal = status.signal().map(|signal| 128 + signal);
        status.code().or(signal).unwrap_or(-1)
    }

    /// The signal that ended the program, if one did.
    pub fn signal(&self) -> Option<i32> {
        self.output.status.signal()
    }

    /// The run as `assert_cmd` has it. Use the `try_` methods: they give a [`Failure`]
    /// with `?`, where the others panic, which counts as a mistake of the check.
    pub fn assert(&self) -> assert_cmd::assert::Assert {
        assert_cmd::assert::Assert::new(self.output.clone())
    }

    pub fn expect_code(&self, expected: i32) -> Result<&Ran> {
        let mut observed = self.code().to_string();
        if let Some(signal) = self.signal() {
            observed = format!("{observed} (ended by signal {signal})");
        }
        for (name, printed, most) in [("stdout", self.stdout(), 4), ("stderr", self.stderr(), 8)] {
            let last = last_lines(&printed, most);
            if self.code() != expected && !last.is_empty() {
                observed = format!("{observed}\nlast on {name}:\n  {}", last.join("\n  "));
            }
        }
        self.expect("exit status", expected, self.code() == expected, observed)
    }

    /// Holds stdout to a predicate of the `predicates` crate.
    pub fn expect_stdout(&self, what: &str, is: impl Predicate<str>) -> Result<&Ran> {
        let text = self.stdout();
        self.expect(what, format!("stdout: {is}"), is.eval(&text), or_none(&text))
    }

    /// Holds stderr to a predicate of the `predicates` crate.
    pub fn expect_stderr(&self, what: &str, is: impl Predicate<str>) -> Result<&Ran> {
        let text = self.stderr();
        self.expect(what, format!("stderr: {is}"), is.eval(&text), or_none(&text))
    }

    /// As [`crate::expect`], with the command that reproduces this run.
    pub fn expect(&self, what: impl Display, expected: impl Display, ok: bool, observed: impl Display) -> Result<&Ran> {
        match expect(what, expected, ok, observed) {
            Ok(()) => Ok(self),
            Err(failure) => Err(failure.reproduce(&self.reproduce)),
        }
    }

    /// As [`crate::expect_eq`], with the command that reproduces this run.
    pub fn expect_eq<E, O>(&self, what: impl Display, expected: E, observed: O) -> Result<&Ran>
    where
        E: PartialEq<O> + Debug,
        O: Debug,
    {
        match expect_eq(what, expected, observed) {
            Ok(()) => Ok(self),
            Err(failure) => Err(failure.reproduce(&self.reproduce)),
        }
    }

    /// A failure that says how to reproduce this run.
    pub fn failure(&self, what: impl Display, expected: impl Display, observed: impl Display) -> Failure {
        Failure::new(what, expected, observed).reproduce(&self.reproduce)
    }

    /// Stdout as one JSON value.
    pub fn json(&self) -> Result<Value> {
        let text = self.stdout();
        serde_json::from_str(&text).map_err(|error| {
            let observed = format!("{error}:\n{}", or_none(&text));
            self.failure("stdout as JSON", "one JSON value", observed)
        })
    }

    /// Stdout as JSON lines: every line must be one value.
    pub fn json_lines(&self) -> Result<Vec<Value>> {
        let lines = self.stdout_lines();
        let values = lines.iter().map(|line| {
            serde_json::from_str(line).map_err(|error| {
                let observed = format!("{error}: {line}");
                self.failure("stdout as JSON lines", "one value a line", observed)
            })
        });
        values.collect()
    }
}

fn or_none(text: &str) -> &str {
    if text.trim().is_empty() { "(nothing)" } else { text }
}
