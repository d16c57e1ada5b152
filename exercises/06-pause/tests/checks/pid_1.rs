//! Task 6.1: PID 1 of its own namespace.

use nix::sys::signal::Signal;
use podcheck::{Process, Result, expect, expect_eq, wait_until};

use crate::kit::{Pod, SOON, send, text, tried};

/// The namespaces that the pod's containers share.
pub const SHARED: [&str; 4] = ["net", "ipc", "uts", "user"];

pub fn number(process: Process) -> Result<u32> {
    Ok(process.numbers()?.last().copied().unwrap_or_default())
}

/// In every pod, whether its containers share their processes or not.
pub fn pause_is_pid_1() -> Result {
    for (file, manifest) in [("alone.yaml", text!("alone.yaml")), ("shared.yaml", text!("shared.yaml"))] {
        tried(file, "grep NSpid /proc/$PAUSE/status", || {
            let pod = Pod::start(manifest)?;
            let observed: Vec<String> = pod.pause.numbers()?.iter().map(u32::to_string).collect();
            let observed = format!("NSpid: {}", observed.join(" "));
            let what = format!("the last number of pause, with {file}");
            expect(what, "1, its number in its own PID namespace", number(pod.pause)? == 1, observed)?;
            let (own, node) = (pod.pause.namespace("pid")?, pod.node.namespace("pid")?);
            expect("the pid namespace of pause", "not the node's", own != node, own)
        })?;
    }
    Ok(())
}

/// What it is PID 1 of is not what the containers live in: without a word in the manifest each has its own.
pub fn containers_are_not_in_there() -> Result {
    let look = "readlink /proc/$PAUSE/ns/pid /proc/$APP/ns/pid";
    tried("alone.yaml", look, || {
        let mut pod = Pod::start(text!("alone.yaml"))?;
        let app = pod.program("sleep 61")?;
        for kind in SHARED {
            expect_eq(
                format!("the {kind} namespace of the container"),
                pod.pause.namespace(kind)?,
                app.namespace(kind)?,
            )?;
        }
        let [own, pause, node] = [app, pod.pause, pod.node].map(|it| it.namespace("pid"));
        let (own, pause, node) = (own?, pause?, node?);
        let different = own != pause && pause != node && own != node;
        expect("the pid namespaces of container, pause and node", "three", different, format!("{own} {pause} {node}"))?;
        expect_eq("the container's number in its own PID namespace", 1, number(app)?)
    })
}

/// While its only container is dead the pod is still there: network, IPC space, hostname. Pause holds them.
pub fn an_app_dies_and_the_pod_stays() -> Result {
    let look = "readlink /proc/$PAUSE/ns/net; kill -9 $APP";
    tried("alone.yaml", look, || {
        let mut pod = Pod::start(text!("alone.yaml"))?;
        let mut app = pod.program("sleep 61")?;
        let held = SHARED.map(|kind| pod.pause.namespace(kind).unwrap_or_default()).join(" ");
        let seen = |process: Process| SHARED.map(|kind| process.namespace(kind).unwrap_or_default()).join(" ");
        expect_eq("the namespaces of pause and of the app", &held, &seen(app))?;
        // The first restart comes at once, the second one after ten seconds.
        send(app, Signal::SIGKILL)?;
        let old = app;
        app = pod.node.wait_for("the app, started again", |it| it != old && it.command() == "sleep 61")?;
        expect_eq("the namespaces of the app that was started again", &held, &seen(app))?;
        send(app, Signal::SIGKILL)?;
        let gone = wait_until(SOON, || pod.node.descendants() == [pod.pause]);
        expect("what is left in the pod, before the second restart", "pause", gone, "something else")?;
        expect_eq("the namespaces that pause holds then", &held, &seen(pod.pause))?;
        expect_eq("its number in its own PID namespace", 1, number(pod.pause)?)?;
        let told = pod.end()?;
        expect_eq("events SandboxChanged", 0, told.events("SandboxChanged"))?;
        told.expect("the app's restartCount", "1", told.status("app")["restartCount"].to_string())
    })
}
