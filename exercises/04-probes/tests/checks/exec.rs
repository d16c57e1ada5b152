//! Task 4.5: commands in the container.

use crate::answers::Comes::{Error, Failure, Success};
use crate::answers::judge;
use podcheck::Result;

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

/// Over the time limit is a failure, whatever it would have said.
pub fn a_command_has_so_much_time() -> Result {
    judge(
        &[
            ("hangs", "exec: { command: [sleep, \"60\"] }", Failure("time")),
            ("writes", "exec: { command: [\"yes\"] }", Failure("")),
            ("slow", "exec: { command: [sleep, \"1.3\"] }\n        timeoutSeconds: 3", Success),
        ],
        "",
    )
    .map(|_| ())
}

/// The message of a failure is what the command has printed; without that, its exit code.
pub fn what_a_command_says_is_told() -> Result {
    judge(
        &[
            ("says", "exec: { command: [sh, -c, \"echo too busy; exit 3\"] }", Failure("too busy")),
            ("complains", "exec: { command: [sh, -c, \"echo no disk >&2; exit 3\"] }", Failure("no disk")),
            ("silent", "exec: { command: [sh, -c, \"exit 7\"] }", Failure("7")),
        ],
        "",
    )
    .map(|_| ())
}
