//! From a process that has been set up to the program that was asked for.

use std::convert::Infallible;
use std::ffi::CString;
use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use nix::errno::Errno;
use nix::unistd::{chdir, dup2_stderr, dup2_stdin, dup2_stdout, execve};
use podkit::runtime::StepError;
use podkit::sys;

use crate::node::step;

/// Where programs are looked for if the environment does not say.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Runs in the child, the point of no return: only an error comes back.
pub fn run(
    argv: &[String],
    env: &[String],
    cwd: &Path,
    [stdin, stdout, stderr]: [Option<&OwnedFd>; 3],
) -> Result<Infallible, StepError> {
    let place = cwd.display().to_string();
    chdir(cwd).map_err(step("chdir", &place))?;
    if let Some(stdin) = stdin {
        dup2_stdin(stdin.as_fd()).map_err(step("dup2", "standard input"))?;
    } else if let Ok(null) = File::open("/dev/null") {
        // Reading nothing, not the terminal. An image without /dev/null keeps what is there.
        dup2_stdin(null.as_fd()).map_err(step("dup2", "standard input"))?;
    }
    if let Some(stdout) = stdout {
        dup2_stdout(stdout.as_fd()).map_err(step("dup2", "standard output"))?;
    }
    if let Some(stderr) = stderr {
        dup2_stderr(stderr.as_fd()).map_err(step("dup2", "standard error"))?;
    }
    // Closed by the exec, not now: if the exec fails, the report needs its pipe.
    sys::close_on_exec_from(3).map_err(step("mark", "file descriptors"))?;
    sys::reset_signals().map_err(step("reset", "signals"))?;

    let program = argv.first().map_or("", String::as_str);
    let args = strings(argv)?;
    let vars = strings(env)?;
    let mut denied = false;
    for candidate in candidates(program, env) {
        match execve(&strings(&[candidate])?.remove(0), &args, &vars) {
            // As a shell does: look further, and remember what was not allowed.
            Err(Errno::EACCES) => denied = true,
            Err(Errno::ENOENT | Errno::ENOTDIR) => {}
            Err(errno) => return Err(StepError::new("exec", program, errno)),
            Ok(never) => match never {},
        }
    }
    Err(not_found(program, denied))
}

/// The paths to try: a name without a slash is looked up in PATH.
fn candidates(program: &str, env: &[String]) -> Vec<String> {
    if program.contains('/') {
        return vec![program.to_owned()];
    }
    let path = env.iter().find_map(|var| var.strip_prefix("PATH=")).unwrap_or(PATH);
    path.split(':').map(|dir| format!("{dir}/{program}")).collect()
}

fn not_found(program: &str, denied: bool) -> StepError {
    match (denied, program.contains('/')) {
        (true, _) => StepError::new("exec", program, Errno::EACCES),
        (false, false) => StepError::new("exec", program, Errno::ENOENT).hint("not found in PATH"),
        // The file may be there all the same: a script's or a program's interpreter is not.
        (false, true) if Path::new(program).exists() => {
            StepError::new("exec", program, Errno::ENOENT).hint("it is there, but its interpreter is not")
        }
        (false, true) => StepError::new("exec", program, Errno::ENOENT),
    }
}

fn strings(list: &[String]) -> Result<Vec<CString>, StepError> {
    let string = |text: &String| {
        CString::new(text.as_bytes()).map_err(|_| StepError::new("exec", format!("{text:?}"), Errno::EINVAL))
    };
    list.iter().map(string).collect()
}
