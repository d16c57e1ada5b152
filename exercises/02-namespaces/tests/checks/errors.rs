//! What cannot be started says which step failed, and why.

use podcheck::{Cli, Result};

use crate::kit::pod;

fn says(cli: Cli, what: &str, words: &[&str]) -> Result<podcheck::Ran> {
    let ran = cli.run()?;
    ran.expect_code(1)?;
    contains(&ran, what, words)?;
    Ok(ran)
}

/// Every word is in what is said, and the error has come as it was sent: `from_json`'s own
/// words are for what is none.
pub fn contains(ran: &podcheck::Ran, what: &str, words: &[&str]) -> Result {
    let said = ran.stderr();
    for word in words {
        ran.expect(what, format!("`{word}` is on standard error"), said.contains(word), &said)?;
    }
    let sent = !said.contains("the child's report") && !said.contains("EBADMSG");
    ran.expect(what, "the step, its subject and errno, as `to_json` writes them", sent, &said)?;
    Ok(())
}

/// The step, the program and the kernel's word; and the other container runs.
pub fn a_missing_program() -> Result {
    let ran = says(
        pod!("run", "cannot-start.yaml"),
        "the error",
        &["bad: Failed: Error: exec no-such-program: ", "ENOENT", "PATH"],
    )?;
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
    let said = ran.stderr();
    ran.expect(
        "the error of a file that is not there",
        "no word about an interpreter",
        !said.contains("interpreter"),
        &said,
    )?;
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
    contains(&ran, "the error", &["clone with CLONE_NEW", "ENOSPC", "max_*_namespaces"])
}

/// A program that starts is no error.
pub fn success_is_silent() -> Result {
    let ran = pod!("run", "look.yaml").run()?;
    ran.expect_code(0)?;
    let said = ran.stderr();
    ran.expect("standard error of a run without errors", "the word Error is not there", !said.contains("rror"), &said)?;
    Ok(())
}
