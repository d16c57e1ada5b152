//! What the checks of this chapter have in common.

use std::time::Duration;

use podcheck::{Cli, Process, Result, Running};

pub const SOON: Duration = Duration::from_secs(5);

/// A manifest by its file name, from exercises/02-namespaces/pods.
macro_rules! pod {
    ($command:literal, $name:literal) => {
        podcheck::Cli::new($command)
            .manifest(concat!("02-namespaces/pods/", $name), include_str!(concat!("../../pods/", $name)))
    };
}
pub(crate) use pod;

/// A check of processes: what a reader can type to have the same processes to look at.
pub fn tried(check: impl FnOnce() -> Result) -> Result {
    check().map_err(|failure| failure.reproduce("cargo run -p namespaces -- run 02-namespaces/pods/two.yaml"))
}

/// The same, and what to type in a second terminal while it runs.
pub fn looked_at(command: &str, check: impl FnOnce() -> Result) -> Result {
    const RUN: &str = "cargo run -p namespaces -- run 02-namespaces/pods/two.yaml";
    check().map_err(|failure| failure.reproduce(format!("{RUN}\n{command}    # in a second terminal")))
}

/// The run of `two.yaml`, with both its programs running.
pub struct Two {
    pub running: Running,
    pub left: Process,
    pub right: Process,
}

impl Two {
    pub fn start() -> Result<Two> {
        Two::of(pod!("run", "two.yaml"))
    }

    pub fn of(cli: Cli) -> Result<Two> {
        let mut running = cli.spawn()?;
        let left = program(&mut running, "sleep 61")?;
        let right = program(&mut running, "sleep 62")?;
        Ok(Two { running, left, right })
    }

    pub fn node(&self) -> Result<Process> {
        node(&self.running)
    }

    pub fn pause(&self) -> Result<Process> {
        runner(&self.running).wait_for("a pause process", |it| it.name() == "pause")
    }
}

pub fn runner(running: &Running) -> Process {
    Process(running.id())
}

/// The node: the one child of the process outside that is PID 1 of a namespace.
pub fn node(running: &Running) -> Result<Process> {
    let me = runner(running);
    me.wait_for("the node", |it| it.parent() == Some(me) && it.numbers().is_ok_and(|it| it.last() == Some(&1)))
}

/// The process of a run with exactly this command line. If the run ends before
/// there is one, what it said is the failure.
pub fn program(running: &mut Running, command: &str) -> Result<Process> {
    let me = runner(running);
    let mut ended = false;
    let mut found = None;
    podcheck::wait_until(SOON, || {
        ended = running.try_wait().is_some();
        found = me.descendants().into_iter().find(|it| it.is_alive() && it.command() == command);
        ended || found.is_some()
    });
    match found {
        Some(process) => Ok(process),
        None => {
            // A task that is not started says so: that goes before everything else.
            running.expect_started()?;
            let observed = if ended { "the runner ended before that" } else { "there is no such process" };
            let observed = running.tail(observed);
            // The caller's command says more than the one with this check's own paths.
            Err(podcheck::Failure::new(
                format!("the program `{command}`"),
                format!("`{command}` runs in the pod"),
                observed,
            ))
        }
    }
}

/// The steps of a start, and who makes them. A line of the table: words of the error that all
/// must be there (the first one wins), the task, its function and what may be wrong with it.
const STEPS: [(&[&str], &str, &str); 18] = [
    (
        &["entering the node: ", " newuidmap"],
        "2.2",
        "`subordinate_range` in src/idmap.rs chose a range that is refused",
    ),
    (
        &["entering the node: ", " newgidmap"],
        "2.2",
        "`subordinate_range` in src/idmap.rs chose a range that is refused",
    ),
    (&["entering the node: write "], "2.1", "`map_single` in src/idmap.rs wrote what the kernel refuses"),
    (
        &[": read the child's report"],
        "2.3",
        "`send` in src/report.rs wrote something else than the error's JSON, or `receive` took something else for it",
    ),
    (&["FailedCreatePodSandBox: write "], "2.4", "`pod_map` in src/idmap.rs makes a map that the kernel refuses"),
    (&["FailedCreatePodSandBox: "], "2.4", "`furnish` in src/sandbox.rs did something that fails"),
    (
        &["Error: setns ", "EPERM"],
        "2.4",
        "`shared_namespaces` in src/sandbox.rs leaves one out, so a container tries to join the machine's own",
    ),
    (&["Error: setns "], "2.5", "`shared` or `user` in src/join.rs joins what cannot be joined there"),
    (&["Error: mount tmpfs /:", "EPERM"], "2.5", "`shared` in src/join.rs joins the user namespace too early"),
    (&["Error: mount tmpfs /dev"], "2.7", "the plan of `dev` in src/mounts.rs has a step that fails"),
    (&["Error: mount "], "2.7", "the plan in src/mounts.rs has a step that fails"),
    (&["Error: bind "], "2.7", "the plan in src/mounts.rs has a step that fails"),
    (&["Error: pivot_root "], "2.6", "`enter` in src/root.rs has a step that fails"),
    (&["Error: unmount "], "2.6", "`enter` in src/root.rs has a step that fails"),
    (&["Error: umount"], "2.6", "`enter` in src/root.rs has a step that fails"),
    (&["Error: set ", "no_new_privs"], "2.8", "`drop_capabilities` in src/privileges.rs has a step that fails"),
    (&["Error: set capabilities"], "2.8", "`drop_capabilities` in src/privileges.rs has a step that fails"),
    (&["Error: drop "], "2.8", "`drop_capabilities` in src/privileges.rs has a step that fails"),
];

/// If a step of the start is behind a failure, that is said first: nobody shall look for it
/// in the wrong file.
pub fn blamed(check: impl FnOnce() -> Result) -> Result {
    check().map_err(|failure| failure.because(guilty))
}

fn guilty(observed: &str) -> Option<String> {
    observed.lines().find_map(|line| {
        let (_, task, cause) = STEPS.iter().find(|(words, ..)| words.iter().all(|word| line.contains(word)))?;
        Some(format!("task {task} is in the way: {cause}"))
    })
}
