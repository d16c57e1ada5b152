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
    let text = include_str!("../../pods/no-program.yaml").replace("/etc/hosts", "/no/such/program");
    let cli = Cli::new("run").manifest_text("no-file.yaml", &text);
    let ran = says(cli, "the error", &["exec /no/such/program", "ENOENT"])?;
    ran.expect_stderr("the error", predicate::str::contains("interpreter").not())?;
    let text = format!("{text}      terminationMessagePath: /usr/nowhere/log\n");
    let cli = Cli::new("run").manifest_text("read-only.yaml", &text);
    says(cli, "the error", &["make directory of /usr/nowhere/log", "EROFS"])?;
    Ok(())
}

/// A limit of the kernel's is told as what it is.
pub fn a_limit_of_the_kernel() -> Result {
    let binary = podcheck::cli::binary()?.display().to_string();
    let script = "echo 0 > /proc/sys/user/max_user_namespaces; exec \"$0\" unshare /bin/true";
    let ran = Cli::new("unshare").single_id().args(["/bin/sh", "-c", script, &binary]).run()?;
    ran.expect_code(2)?;
    for word in ["clone with CLONE_NEW", "ENOSPC", "max_*_namespaces"] {
        ran.expect_stderr("the error", predicate::str::contains(word))?;
    }
    Ok(())
}

/// A program that starts is no error.
pub fn success_is_silent() -> Result {
    let ran = pod!("run", "look.yaml").run()?;
    ran.expect_code(0)?;
    ran.expect_stderr("stderr of a run without errors", predicate::str::contains("rror").not())?;
    Ok(())
}
