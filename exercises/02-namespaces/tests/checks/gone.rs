//! Nothing is left, however a run ends.

use std::fs;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use podcheck::{Cli, Process, Result, Running, expect, expect_eq, wait_until};

use crate::kit::{SOON, pod, program, runner};

/// Where everything that a run makes outside its namespaces would lie.
struct Place {
    dir: tempfile::TempDir,
    mounts: String,
}

impl Place {
    fn new() -> Result<Place> {
        let dir =
            tempfile::tempdir().map_err(|error| podcheck::Failure::grader(format!("make a directory: {error}")))?;
        Ok(Place { dir, mounts: Process::me().read("mountinfo")? })
    }

    fn start(&self, cli: Cli) -> Result<Running> {
        cli.env("TMPDIR", self.dir.path()).spawn()
    }

    /// `processes` and everything below them.
    fn expect_nothing(&self, processes: &[Process]) -> Result {
        let mut left = Vec::new();
        wait_until(Duration::from_secs(3), || {
            left = processes.iter().filter(|it| it.is_alive()).map(|it| it.command()).collect();
            left.is_empty()
        });
        expect("processes after the end", "none", left.is_empty(), left.join("\n"))?;
        expect_eq("mounts of the machine after the end", &self.mounts, &Process::me().read("mountinfo")?)?;
        let files = fs::read_dir(self.dir.path()).map_or(0, Iterator::count);
        expect_eq("temporary files after the end", 0, files)
    }
}

/// A run that ends by itself, and one that could not start its program.
pub fn gone_after_the_end() -> Result {
    let place = Place::new()?;
    let mut running = place.start(pod!("run", "two.yaml"))?;
    let programs = [program(&mut running, "sleep 61")?, program(&mut running, "sleep 62")?];
    let all = runner(&running).descendants();
    expect("processes of the run", "node, pause and two programs", all.len() >= 4, format!("{}", all.len()))?;
    for it in programs {
        kill(Pid::from_raw(it.0.cast_signed()), Signal::SIGKILL)
            .map_err(|errno| podcheck::Failure::grader(format!("kill: {errno}")))?;
    }
    let ran = running.wait(SOON)?;
    ran.expect_code(1)?;
    place.expect_nothing(&all)?;

    let place = Place::new()?;
    let ran = pod!("run", "cannot-start.yaml").env("TMPDIR", place.dir.path()).run()?;
    ran.expect_code(1)?;
    place.expect_nothing(&[])
}

/// Ctrl-C: a graceful end, status 130.
pub fn gone_after_ctrl_c() -> Result {
    let place = Place::new()?;
    let mut running = place.start(pod!("run", "app.yaml"))?;
    running.wait_for_line("the server's first line", SOON, |it| it == "[web] listening on port 8080")?;
    let all = runner(&running).descendants();
    expect("processes of the run", "node, pause and a program", all.len() >= 3, format!("{}", all.len()))?;
    running.signal(Signal::SIGINT)?;
    running.wait_for_line("the server's last line", SOON, |it| it == "[web] SIGTERM: the end")?;
    let ran = running.wait(SOON)?;
    ran.expect_code(130)?;
    place.expect_nothing(&all)
}

/// SIGKILL of the runner, at moments spread over its start and after.
pub fn gone_after_sigkill() -> Result {
    let place = Place::new()?;
    let mut running = place.start(pod!("run", "two.yaml"))?;
    program(&mut running, "sleep 62")?;
    let all = runner(&running).descendants();
    running.signal(Signal::SIGKILL)?;
    place.expect_nothing(&all)?;

    // The processes of these runs are known by a name that no other process has.
    let mark = format!("61.{:07}", std::process::id());
    let text = include_str!("../../pods/two.yaml").replace("\"61\"", &format!("\"{mark}\""));
    let marked = || -> Vec<Process> {
        let env = format!("PODCHECK_MARK={mark}");
        let has = |it: &Process| {
            it.command().contains(&mark)
                || fs::read(it.path("environ")).is_ok_and(|it| String::from_utf8_lossy(&it).contains(&env))
        };
        podcheck::proc::all().into_iter().filter(|it| *it != Process::me() && has(it)).collect()
    };
    for n in 0..20_u64 {
        let running = place.start(Cli::new("run").manifest_text("two.yaml", &text).env("PODCHECK_MARK", &mark))?;
        // Most of them early, when there is most to go wrong; not regular, so that runs differ.
        std::thread::sleep(Duration::from_micros(n * n * 150 + u64::from(std::process::id() % 97) * 10));
        if n == 19 {
            // The control: outside, node, pause and the program can all be seen.
            let seen = wait_until(SOON, || marked().len() >= 4);
            expect("processes before the last SIGKILL", "at least 4", seen, format!("{:?}", marked()))?;
        }
        running.signal(Signal::SIGKILL)?;
        let gone = wait_until(Duration::from_secs(3), || marked().iter().all(|it| !it.is_alive()));
        let left: Vec<String> = marked().iter().map(|it| it.command()).collect();
        expect(format!("processes after SIGKILL number {n}"), "none", gone, left.join("\n"))?;
    }
    place.expect_nothing(&[])
}
