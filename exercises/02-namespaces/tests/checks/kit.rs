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
        runner(&self.running).wait_for("pause", |it| it.name() == "pause")
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
            running.wait_for_line(
                &format!("the program `{command}` of the pod"),
                Duration::from_millis(300),
                |_| false,
            )?;
            Err(podcheck::Failure::new(format!("the program `{command}`"), "running", "not there"))
        }
    }
}
