//! Task 6.4: orphans, counted by the kernel's word for the dead: state Z.

use std::fs::File;
use std::time::Duration;

use nix::sys::signal::Signal;
use podcheck::{Failure, Result, expect, expect_eq, wait_until};

use crate::kit::{Pod, SOON, Told, children, ends_within, orphans, run, send, state, text, tried, zombies};

const COUNT: &str = "ps -o pid,stat,comm --ppid $PAUSE";

/// They get pause for a parent, and none of them stays.
pub fn orphans_are_collected() -> Result {
    tried("orphans.yaml", COUNT, || {
        let (path, text) = orphans();
        let told = Told::of(run((path, &text)).run()?)?;
        told.ran.expect_code(0)?;
        told.expect("what the app counts", "orphans: 10 / zombies: 0", told.log("app"))
    })
}

/// Pause sleeps, six children end, and there is one SIGCHLD when it wakes up.
pub fn one_signal_for_many_children() -> Result {
    let (path, text) = text!("many-ends.yaml");
    let all = ["exit 3", "kill -KILL $$", "kill -TERM $$", "kill -34 $$", "kill -35 $$"];
    let same = all.iter().fold(text.to_owned(), |text, end| text.replace(end, "exit 0"));
    six_at_once((path, &same))
}

/// With an exit code, by a signal that has a name, and by one that has none.
pub fn however_they_end() -> Result {
    six_at_once(text!("many-ends.yaml"))
}

fn six_at_once(manifest: (&str, &str)) -> Result {
    tried("many-ends.yaml", COUNT, || {
        let mut pod = Pod::start(manifest)?;
        pod.log("app", "ready")?;
        let app = pod.program("sleep 61")?;
        let pause = pod.pause;
        let adopted = wait_until(SOON, || children(pause).len() == 6);
        expect("children of pause", 6, adopted, children(pause).len())?;
        // Not even PID 1 can refuse SIGSTOP, if it comes from outside.
        send(pause, Signal::SIGSTOP)?;
        if !wait_until(SOON, || state(pause) == 'T') {
            return Err(Failure::grader("pause does not stop"));
        }
        let go = app.inside("/dev/shm/go");
        File::create(&go).map_err(|error| Failure::grader(format!("make {}: {error}", go.display())))?;
        // The control: nobody collects them while pause is stopped.
        let dead = wait_until(SOON, || zombies(pause) == 6);
        expect("zombies while pause is stopped", 6, dead, zombies(pause))?;
        send(pause, Signal::SIGCONT)?;
        let collected = wait_until(Duration::from_secs(2), || children(pause).is_empty());
        expect("zombies when pause goes on", 0, collected, zombies(pause))?;
        expect("pause", "still running", pause.is_alive(), "gone")
    })
}

/// Children that run are no reason not to hear SIGTERM.
pub fn it_hears_beside_its_children() -> Result {
    tried("many-ends.yaml", "kill $PAUSE", || {
        let mut pod = Pod::start(text!("many-ends.yaml"))?;
        pod.log("app", "ready")?;
        let pause = pod.pause;
        let adopted = wait_until(SOON, || children(pause).len() == 6);
        expect("children of pause, all running", 6, adopted && zombies(pause) == 0, children(pause).len())?;
        // Pause has looked for ended ones by now, if it looks at all.
        send(pause, Signal::SIGCHLD)?;
        std::thread::sleep(Duration::from_millis(100));
        send(pause, Signal::SIGTERM)?;
        let ended = ends_within(pause, Duration::from_secs(2));
        expect("pause, after SIGTERM", "ended within 2 s", ended, "still running")
    })
}

/// A zombie whose parent lives is its parent's business. When the parent ends, it is an orphan.
pub fn not_the_children_of_others() -> Result {
    tried("neglect.yaml", "ps -e -o pid,ppid,stat,comm | grep sleep", || {
        let mut pod = Pod::start(text!("neglect.yaml"))?;
        let app = pod.program("sleep 61")?;
        let dead = wait_until(SOON, || zombies(app) == 1);
        expect("zombies whose parent is the app", 1, dead, zombies(app))?;
        std::thread::sleep(Duration::from_millis(300));
        expect_eq("the same a moment later", 1, zombies(app))?;
        let zombie = children(app)[0];
        send(app, Signal::SIGKILL)?;
        let collected = wait_until(Duration::from_secs(2), || zombie.parent().is_none());
        let observed =
            format!("state {}, its parent is {:?}", state(zombie), zombie.parent().map(podcheck::Process::name));
        expect("the zombie, when the app is gone", "collected", collected, observed)?;
        expect("pause", "still running", pod.pause.is_alive(), "gone")
    })
}
