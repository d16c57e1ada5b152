//! The harness, run by itself: `sh` stands for the binary under test.

use std::time::Duration;

use podcheck::{Cli, Failure, Result, expect, expect_eq};

fn an_exit_status_is_seen() -> Result {
    Cli::new("-c").arg("exit 3").run()?.expect_code(3)?;
    let failure = Cli::new("-c").arg("echo no >&2; exit 3").run()?;
    let failure = failure.expect_code(0).map(|_| ()).unwrap_err().to_string();
    let words: Vec<&str> = failure.split_whitespace().collect();
    let told = words.windows(6).any(|it| it == ["observed:", "3", "last", "on", "stderr:", "no"]);
    expect("the failure", "says 3 and no", told, &failure)?;
    expect(
        "the failure",
        "says how to reproduce it",
        failure.contains("cargo run -p harness -- -c 'echo no >&2; exit 3'"),
        &failure,
    )
}

fn a_signal_is_seen() -> Result {
    Cli::new("-c").arg("kill -9 $$").run()?.expect_code(137)?;
    Ok(())
}

fn a_flood_is_stopped() -> Result {
    let failure = Cli::new("-c").arg("yes").run().err();
    let text = failure.map(|it| it.to_string()).unwrap_or_default();
    expect("a flood", "is a failure", text.contains("8 MiB"), text)
}

fn an_endless_run_is_stopped() -> Result {
    let cli = Cli::new("-c").arg("echo here; sleep 1000");
    let failure = cli.timeout(Duration::from_millis(300)).run().err();
    let text = failure.map(|it| it.to_string()).unwrap_or_default();
    let ok = text.contains("still running") && text.contains("here");
    expect("an endless run", "is a failure", ok, text)
}

fn a_task_not_started_is_named() -> Result {
    let script = "echo 'task 3.3 is not started: The phase' >&2; exit 70";
    let failure = Cli::new("-c").arg(script).run().err();
    let text = failure.map(|it| it.to_string()).unwrap_or_default();
    expect("the failure", "names it", text.starts_with("task 3.3 is not started"), text)
}

fn a_line_is_waited_for() -> Result {
    let script = "echo one; sleep 0.1; echo '{\"type\":\"x\"}'; sleep 100";
    let mut running = Cli::new("-c").arg(script).spawn()?;
    let second = Duration::from_secs(5);
    running.wait_for_line("one", second, |line| line == "one")?;
    let value = running.wait_for_json("x", second, |it| it["type"] == "x")?;
    expect_eq("the value", "x", value["type"].as_str().unwrap_or(""))?;
    let missing = running.wait_for_line("two", Duration::from_millis(50), |it| it == "two");
    expect("a line that never comes", "a failure", missing.is_err(), "none")?;
    running.signal(nix::sys::signal::Signal::SIGTERM)?;
    running.wait(second)?.expect_code(143)?;
    Ok(())
}

fn stdin_and_manifests_arrive() -> Result {
    let ran = Cli::new("-c").arg("cat $0 -").manifest("a/b.yaml", "file\n").stdin("typed").run()?;
    expect_eq("stdout", "file\ntyped", ran.stdout().as_str())?;
    ran.assert().try_success()?;
    ran.expect_stdout("file", predicates::str::contains("file"))?;
    expect("a predicate that fails", "fails", ran.assert().try_code(4).is_err(), "passed")
}

fn some_checks_are_not_for_this_machine() -> Result {
    Err(Failure::not_here("this is the check of `ignored`"))
}

// `PEAPOD_BIN` is not set by cargo here; a check program for `sh` sets it itself.
mod program {
    use super::*;
    podcheck::checks!(
        "harness": an_exit_status_is_seen, a_signal_is_seen, a_flood_is_stopped,
        an_endless_run_is_stopped, a_task_not_started_is_named, a_line_is_waited_for,
        stdin_and_manifests_arrive, some_checks_are_not_for_this_machine
    );
    pub fn run() -> std::process::ExitCode {
        main()
    }
}

fn main() -> std::process::ExitCode {
    // SAFETY: the process has one thread yet.
    unsafe { std::env::set_var("PEAPOD_BIN", "/bin/sh") };
    program::run()
}
