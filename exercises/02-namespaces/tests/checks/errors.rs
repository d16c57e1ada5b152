//! What cannot be started says which step failed, and why.

use podcheck::{Cli, Result};
use predicates::prelude::*;

use crate::kit::pod;

fn says(cli: Cli, what: &str, words: &[&str]) -> Result<podcheck::Ran> {
    let ran = cli.run()?;
    ran.expect_code(1)?;
    for word in words {
        ran.expect_stderr(what, predicate::str::contains(*word))?;
    }
    Ok(ran)
}

/// The step, the program and the kernel's word; and the other container runs.
pub fn a_missing_program() -> Result {
    let ran = says(pod!("run", "cannot-start.yaml"), "the error", &["exec no-such-program", "ENOENT", "PATH"])?;
    ran.expect_eq("the output", vec!["[good] I could start"], ran.stdout_lines())?;
    Ok(())
}

/// Other steps have other words.
pub fn other_steps() -> Result {
    says(pod!("run", "no-directory.yaml"), "the error", &["chdir /nowhere", "ENOENT"])?;
    says(pod!("run", "no-program.yaml"), "the error", &["exec /etc/hosts", "EACCES"])?;
    Ok(())
}

/// A program that starts is no error.
pub fn success_is_silent() -> Result {
    let ran = pod!("run", "look.yaml").run()?;
    ran.expect_code(0)?;
    ran.expect_stderr("stderr of a run without errors", predicate::str::contains("rror").not())?;
    Ok(())
}
