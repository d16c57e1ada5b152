//! Another program in pause's place: `run --infra PROGRAM`.

use std::convert::Infallible;
use std::ffi::CString;

use nix::errno::Errno;
use nix::unistd::{chdir, chroot, execv};
use podkit::runtime::{HOST, StepError};
use podkit::sys;

/// Runs in the pod's first process, which becomes this program of the machine.
///
/// The node has a root directory of its own, and a program of the machine does not start there: its
/// path, its libraries and its interpreter are where they are for the machine. So the machine's root
/// ([`HOST`]) becomes the root first, and the working directory.
///
/// Nothing that the node has open may stay open in the program: every pipe of the pod would
/// never end. But it must be open until the exec has succeeded
/// ([`sys::close_on_exec_from`]), since the report of an error goes through one of these pipes.
pub fn become_program(argv: &[String]) -> Result<Infallible, StepError> {
    // ANCHOR: task_6_5_b
    // STARTER: todo!("task 6.5: Another program in its place")
    chroot(HOST).map_err(failed("chroot", HOST))?;
    chdir("/").map_err(failed("chdir", "/"))?;
    sys::close_on_exec_from(3).map_err(failed("mark", "file descriptors"))?;
    let (program, arguments) = words(argv)?;
    match execv(&program, &arguments) {
        Err(errno) => Err(failed("exec", &argv[0])(errno)),
        Ok(never) => match never {},
    }
    // ANCHOR_END: task_6_5_b
}

/// For `map_err`: the step that failed, and on what. Given.
fn failed<'a>(step: &'a str, subject: &'a str) -> impl FnOnce(Errno) -> StepError + 'a {
    move |errno| StepError::new(step, subject, errno)
}

/// The program, and all its arguments (the first is the program again), as exec takes them. Given.
fn words(argv: &[String]) -> Result<(CString, Vec<CString>), StepError> {
    let word = |text: &String| CString::new(text.as_bytes()).map_err(|_| failed("exec", text)(Errno::EINVAL));
    let words: Vec<CString> = argv.iter().map(word).collect::<Result<_, _>>()?;
    match words.first() {
        Some(program) => Ok((program.clone(), words)),
        None => Err(failed("exec", "no program")(Errno::EINVAL)),
    }
}
