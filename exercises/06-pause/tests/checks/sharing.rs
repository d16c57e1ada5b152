//! Task 6.3: containers that see each other's processes.

use std::time::Duration;

use nix::sys::signal::Signal;
use podcheck::{Process, Result, expect, expect_eq, wait_until};

use crate::kit::{Pod, Told, ends_within, run, send, text, tried};
use crate::pid_1::number;

const LOOK: &str = "grep NSpid /proc/$PAUSE/status /proc/$APP/status";

/// Pause is number 1 in it, the containers are not. Their files are still their own.
pub fn one_space_of_processes() -> Result {
    tried("shared.yaml", LOOK, || {
        let mut pod = Pod::start(text!("shared.yaml"))?;
        let (left, right) = (pod.program("sleep 61")?, pod.program("sleep 62")?);
        let held = pod.pause.namespace("pid")?;
        for (name, container) in [("left", left), ("right", right)] {
            expect_eq(format!("the pid namespace of {name}"), &held, &container.namespace("pid")?)?;
        }
        let numbers = [number(pod.pause)?, number(left)?, number(right)?];
        let right_ones = numbers[0] == 1 && numbers[1] > 1 && numbers[2] > 1;
        expect("the numbers of pause, left and right in it", "1, and two others", right_ones, format!("{numbers:?}"))?;
        let (one, other) = (left.namespace("mnt")?, right.namespace("mnt")?);
        expect("the mnt namespaces of both containers", "two", one != other, &one)?;
        let node = pod.node.namespace("mnt")?;
        expect("the mnt namespace of left", "not the node's", one != node, &one)
    })
}

/// /proc in a container shows the processes of all.
pub fn they_see_each_other() -> Result {
    tried("see.yaml", "", || {
        let told = Told::of(run(text!("see.yaml")).run()?)?;
        told.ran.expect_code(0)?;
        let printed = told.log("right");
        let mut lines: Vec<Vec<&str>> = printed.split(" / ").map(|line| line.split_whitespace().collect()).collect();
        lines.retain(|line| line.len() == 4);
        let seen = |name: &str| lines.iter().find(|line| line[3] == name).map(|line| line[0]);
        told.expect("the number of pause, as right sees it", "1", seen("pause").unwrap_or("none"))?;
        for other in ["sleep", "sh"] {
            let what = format!("what `ps` in right shows of `{other}`");
            told.ran.expect(what, "a line", seen(other).is_some(), &printed)?;
        }
        let own = format!("I am number {}", seen("sh").unwrap_or("?"));
        told.ran.expect("right's own number", &own, printed.contains(&own), &printed)?;
        Ok(())
    })
}

/// `shareProcessNamespace: false` is what holds without a word, too.
pub fn only_if_the_manifest_says_so() -> Result {
    tried("shared.yaml", LOOK, || {
        let (path, text) = text!("shared.yaml");
        let apart = text.replace("shareProcessNamespace: true", "shareProcessNamespace: false");
        for (text, word, expected) in [(text, "true", 1), (&apart, "false", 3)] {
            let mut pod = Pod::start((path, text))?;
            let (left, right) = (pod.program("sleep 61")?, pod.program("sleep 62")?);
            let mut all = [pod.pause, left, right].map(|it| it.namespace("pid").unwrap_or_default()).to_vec();
            all.dedup();
            let what = format!("how many pid namespaces pause, left and right have, with {word}");
            expect(what, expected, all.len() == expected, format!("{}: {}", all.len(), all.join(" ")))?;
        }
        Ok(())
    })
}

/// Who is not PID 1 can be ended by a signal that it knows nothing of.
pub fn sigterm_has_its_default_action() -> Result {
    tried("shared.yaml", "", || {
        let (path, text) = text!("shared.yaml");
        let apart = text
            .replace("shareProcessNamespace: true", "shareProcessNamespace: false")
            .replace("terminationGracePeriodSeconds: 10", "terminationGracePeriodSeconds: 1");
        for (text, word, expected) in [(text, "true", "Error 143"), (&apart, "false", "Error 137")] {
            let mut pod = Pod::start((path, text))?;
            pod.program("sleep 62")?;
            let told = pod.end()?;
            told.expect(
                &format!("how `sleep` ends, with shareProcessNamespace: {word}"),
                expected,
                told.ended("left"),
            )?;
        }
        Ok(())
    })
}

/// What the node starts next is born in the node's own namespace again, also after a start that failed.
pub fn the_node_comes_back() -> Result {
    let (path, text) = text!("shared.yaml");
    let broken = text.replace("[\"sleep\", \"62\"]", "[\"no-such-program\"]");
    for (text, reason, word) in [(text, "Started", "a start"), (&broken, "Failed", "a start that has failed")] {
        tried("shared.yaml", "", || {
            let mut pod = Pod::start((path, text))?;
            let left = pod.program("sleep 61")?;
            expect_eq("the pid namespaces of pause and of left", pod.pause.namespace("pid")?, left.namespace("pid")?)?;
            pod.event(reason, Some("right"))?;
            let own = pod.node.namespace("pid")?;
            let children = || pod.node.namespace("pid_for_children").unwrap_or_default();
            let back = wait_until(Duration::from_secs(1), || children() == own);
            expect(format!("pid_for_children of the node, after {word}"), &own, back, children())
        })?;
    }
    Ok(())
}

/// One ends and is started again: with another number, in the same namespace. The other one sees nothing of it.
pub fn an_app_dies_beside_another() -> Result {
    tried("shared.yaml", "kill -9 $APP", || {
        let mut pod = Pod::start(text!("shared.yaml"))?;
        let (left, right) = (pod.program("sleep 61")?, pod.program("sleep 62")?);
        let (held, before) = (pod.pause.namespace("pid")?, number(left)?);
        send(left, Signal::SIGKILL)?;
        let again = pod.node.wait_for("left, started again", |it| it != left && it.command() == "sleep 61")?;
        expect_eq("its pid namespace", &held, &again.namespace("pid")?)?;
        let after = number(again)?;
        expect("its number", format!("another one than {before}"), after > before, after)?;
        expect("right", "still running", right.is_alive(), "gone")?;
        expect("pause", "still running", pod.pause.is_alive(), "gone")?;
        let told = pod.end()?;
        expect_eq("events SandboxChanged", 0, told.events("SandboxChanged"))?;
        told.expect("right's restartCount", "0", told.status("right")["restartCount"].to_string())
    })
}

/// With PID 1 goes its namespace, and everybody in it: by SIGKILL, without a grace period.
pub fn a_dead_pause_takes_all_with_it() -> Result {
    tried("shared.yaml", "kill -9 $PAUSE", || {
        let mut pod = Pod::start(text!("shared.yaml"))?;
        let all = [pod.program("sleep 61")?, pod.program("sleep 62")?];
        send(pod.pause, Signal::SIGKILL)?;
        for container in all {
            let gone = ends_within(container, Duration::from_secs(2));
            expect("a container, when pause is killed", "ended within 2 s", gone, "still running")?;
        }
        pod.event("SandboxChanged", None)?;
        pod.event("Started", Some("right"))?;
        let again = |old: Process, command: &str| pod.node.wait_for(command, |it| it != old && it.command() == command);
        let [left, right] = [again(all[0], "sleep 61")?, again(all[1], "sleep 62")?];
        let new = pod.next_pause(pod.pause)?;
        for container in [left, right] {
            expect_eq("the pid namespace of a new container", new.namespace("pid")?, container.namespace("pid")?)?;
        }
        let told = pod.end()?;
        for name in ["left", "right"] {
            let code = told.status(name)["lastState"]["terminated"]["exitCode"].to_string();
            told.expect(&format!("the exit code of {name} in the old sandbox"), "137", code)?;
        }
        told.expect("who was started", "left right left right", told.starts())
    })
}

/// From inside not even SIGKILL reaches PID 1; SIGTERM does, because pause asks for it.
pub fn from_inside() -> Result {
    tried("inside.yaml", "", || {
        let told = Told::of(run(text!("inside.yaml")).run()?)?;
        told.ran.expect_code(1)?;
        let expected = "after KILL, number 1 is pause / after USR1, number 1 is pause";
        told.expect("what the app prints before pause is gone, and the app with it", expected, told.log("app"))?;
        told.expect("how the app has ended", "Error 137", told.ended("app"))?;
        expect_eq("events SandboxChanged, with policy Never", 0, told.events("SandboxChanged"))
    })
}
