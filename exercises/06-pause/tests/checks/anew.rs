//! Task 6.2: what happens to the pod when its pause ends.

use nix::sys::signal::Signal;
use podcheck::{Namespaces, Result, Value, expect, expect_eq, wait_until};

use crate::kit::{Pod, SOON, Told, send, text, tried, word};
use crate::pid_1::{SHARED, number};

const KILL: &str = "kill $PAUSE";

/// New namespaces, the init container once more, then the app; and only once.
pub fn everything_begins_anew() -> Result {
    tried("anew.yaml", KILL, || {
        let mut pod = Pod::start(text!("anew.yaml"))?;
        pod.log("app", "here I am")?;
        let old = pod.pause;
        // A number is given to another namespace only when nobody has the old one any more.
        let mut kept = Namespaces::default();
        for kind in SHARED {
            kept = kept.of(old, kind)?;
        }
        let before = SHARED.map(|kind| old.namespace(kind).unwrap_or_default());
        send(old, Signal::SIGTERM)?;
        pod.event("SandboxChanged", None)?;
        pod.log("app", "here I am")?;
        let new = pod.next_pause(old)?;
        expect_eq("the new pause's number in its own PID namespace", 1, number(new)?)?;
        for (kind, before) in SHARED.into_iter().zip(before) {
            let after = new.namespace(kind)?;
            expect(format!("the {kind} namespace"), "a new one", before != after, format!("{before}, as before"))?;
        }
        drop(kept);
        let told = pod.end()?;
        told.expect("who was started", "setup app setup app", told.starts())?;
        told.expect("the output of setup", "set up / set up", told.log("setup"))?;
        expect_eq("events SandboxChanged", 1, told.events("SandboxChanged"))?;
        let counts = ["setup", "app"].map(|name| told.status(name)["restartCount"].to_string());
        told.expect("restartCount of setup and of app", "1 1", counts.join(" "))?;
        let last = &told.status("app")["lastState"]["terminated"];
        told.expect(
            "how the app of the old sandbox was ended",
            "by SIGTERM: 7",
            format!("by SIGTERM: {}", last["exitCode"]),
        )
    })
}

/// With policy Never nothing may run again: no new sandbox, and the containers are ended.
pub fn never_gets_no_second_pause() -> Result {
    tried("anew.yaml", KILL, || {
        let (path, text) = text!("anew.yaml");
        let text = text.replacen("spec:\n", "spec:\n  restartPolicy: Never\n", 1);
        let mut pod = Pod::start((path, &text))?;
        pod.log("app", "here I am")?;
        send(pod.pause, Signal::SIGTERM)?;
        let told = Told::of(pod.running.wait(SOON * 2)?)?;
        told.ran.expect_code(1)?;
        told.expect("who was started, with policy Never", "setup app", told.starts())?;
        expect_eq("events SandboxChanged", 0, told.events("SandboxChanged"))?;
        told.expect("how the app has ended", "Error 7", told.ended("app"))
    })
}

/// With policy OnFailure a container that has ended with 0 stays as it is.
pub fn what_has_succeeded_is_left_alone() -> Result {
    tried("some-done.yaml", KILL, || {
        let mut pod = Pod::start(text!("some-done.yaml"))?;
        // Which of both comes first, nobody knows.
        let is_done = |it: &Value| {
            let all = it["pod"]["status"]["containerStatuses"].as_array();
            let done = all.into_iter().flatten().find(|it| it["name"] == "done");
            done.is_some_and(|it| word(&it["state"]["terminated"]["reason"]) == "Completed")
        };
        let is_here = |it: &Value| it["type"] == "log" && it["container"] == "app" && it["line"] == "here I am";
        if !wait_until(SOON, || pod.has_told(is_done) && pod.has_told(is_here)) {
            pod.running.expect_started()?;
            let observed = pod.running.tail("not within 5 s");
            return Err(pod.running.failure("done has ended, and app is there", "both", observed));
        }
        send(pod.pause, Signal::SIGTERM)?;
        pod.event("SandboxChanged", None)?;
        pod.log("app", "here I am")?;
        let told = pod.end()?;
        told.expect("who was started, with policy OnFailure", "setup done app setup app", told.starts())?;
        told.expect("the output of done", "all done", told.log("done"))?;
        expect_eq("events SandboxChanged", 1, told.events("SandboxChanged"))
    })
}
