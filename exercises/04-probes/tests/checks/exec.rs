//! Task 4.5: commands in the container.

use std::time::Duration;

use crate::answers::Comes::{Error, Failure, Success};
use crate::answers::judge;
use crate::real;
use podcheck::proc::{Process, wait_until};
use podcheck::{Result, Running};

/// 0 is a success, any other exit code is not; a program that is not there answers nothing.
pub fn exit_code_0_is_a_success() -> Result {
    judge(
        &[
            ("zero", "exec: { command: [\"true\"] }", Success),
            ("talks", "exec: { command: [sh, -c, \"echo all is well\"] }", Success),
            ("one", "exec: { command: [\"false\"] }", Failure("")),
            ("many", "exec: { command: [sh, -c, \"exit 250\"] }", Failure("")),
            ("no-program", "exec: { command: [/no/such/program] }", Error("")),
        ],
        "",
    )
    .map(|_| ())
}

/// Over the time limit is a failure, whatever it would have said. It ends with all that it has started.
pub fn a_command_has_so_much_time() -> Result {
    let running = judge(
        &[
            ("hangs", "exec: { command: [sleep, \"60\"] }", Failure("time")),
            ("writes", "exec: { command: [\"yes\"] }", Failure("")),
            ("slow", "exec: { command: [sleep, \"1.3\"] }\n        timeoutSeconds: 3", Success),
            ("starts", "exec: { command: [sh, -c, \"sleep 60.5 & sleep 60.5; true\"] }", Failure("time")),
        ],
        "",
    )?;
    only_one_look_is_out(running)
}

/// After some looks of container `starts`, no more is there of what they have started than one look starts.
fn only_one_look_is_out(mut running: Running) -> Result {
    for _ in 0..2 {
        real::event(&mut running, "starts", "Unhealthy")?;
    }
    let me = Process(running.id());
    let is_one = |it: &Process| it.is_alive() && it.command() == "sleep 60.5";
    me.wait_for("`sleep 60.5`, which the probe of container starts runs twice at a time", |it| is_one(&it))?;
    let count = || me.descendants().iter().filter(|it| is_one(it)).count();
    let mut least = usize::MAX;
    wait_until(Duration::from_secs(3), || {
        least = least.min(count());
        least <= 2
    });
    if least > 2 {
        let what = "processes `sleep 60.5`: the probe of container starts runs two at a time, and is ended after 1 s";
        return Err(running.failure(what, "0 to 2", least));
    }
    Ok(())
}

/// The message of a failure is what the command has printed; without that, its exit code.
pub fn what_a_command_says_is_told() -> Result {
    judge(
        &[
            ("says", "exec: { command: [sh, -c, \"echo too busy; exit 3\"] }", Failure("too busy")),
            ("complains", "exec: { command: [sh, -c, \"echo no disk >&2; exit 3\"] }", Failure("no disk")),
            ("silent", "exec: { command: [sh, -c, \"exit 7\"] }", Failure("exit code 7")),
        ],
        "",
    )
    .map(|_| ())
}
