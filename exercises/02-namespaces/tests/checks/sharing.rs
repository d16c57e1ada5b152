//! What containers of a pod share, and what not.

use std::net::TcpListener;
use std::time::Duration;

use podcheck::{Failure, Namespaces, Process, Result, expect, expect_eq, wait_until};

use crate::kit::{SOON, Two, looked_at, pod, runner, tried};

/// One network, one IPC space, one hostname, one user namespace: the pod's.
pub fn containers_share() -> Result {
    looked_at(
        "for ns in net ipc uts user mnt pid; do readlink /proc/$(pgrep -u $(id -u) -fx \"sleep 61\")/ns/$ns /proc/$(pgrep -u $(id -u) -fx \"sleep 62\")/ns/$ns; done",
        || {
            let two = Two::start()?;
            let pause = two.pause()?;
            for kind in ["net", "ipc", "uts", "user"] {
                let pods = pause.namespace(kind)?;
                expect_eq(format!("the {kind} namespace of container left"), &pods, &two.left.namespace(kind)?)?;
                expect_eq(format!("the {kind} namespace of container right"), &pods, &two.right.namespace(kind)?)?;
            }
            Ok(())
        },
    )
}

/// Mounts and processes: each container its own.
pub fn containers_do_not_share() -> Result {
    looked_at(
        "for ns in net ipc uts user mnt pid; do readlink /proc/$(pgrep -u $(id -u) -fx \"sleep 61\")/ns/$ns /proc/$(pgrep -u $(id -u) -fx \"sleep 62\")/ns/$ns; done",
        || {
            let two = Two::start()?;
            let node = two.node()?;
            for kind in ["mnt", "pid"] {
                let (left, right) = (two.left.namespace(kind)?, two.right.namespace(kind)?);
                expect(format!("the {kind} namespaces of both containers"), "two", left != right, &left)?;
                expect(
                    format!("the {kind} namespace of left"),
                    "not the node's",
                    left != node.namespace(kind)?,
                    &left,
                )?;
            }
            for container in [two.left, two.right] {
                let numbers = container.numbers()?;
                expect_eq(
                    "the program's number in its own PID namespace",
                    1,
                    numbers.last().copied().unwrap_or_default(),
                )?;
            }
            // Root of the pod may not change what its containers see: the mounts are the node's.
            let look = || "entered".to_string();
            let as_node = Namespaces::default().of(node, "user")?.of(two.left, "mnt")?.see(look)?;
            expect_eq("the node's root, entering the container's mounts", "entered", as_node)?;
            let as_pod = Namespaces::default().of(two.left, "user")?.of(two.left, "mnt")?.try_see(look)?;
            let refused = as_pod.as_ref().is_err_and(|it| it.ends_with("EPERM"));
            let observed = as_pod.unwrap_or_else(|it| it);
            expect("the container's root, entering the container's mounts", "refused with EPERM", refused, observed)
        },
    )
}

/// A port can be bound once in a pod, and the machine does not see it.
pub fn one_port_space() -> Result {
    tried(|| {
        let mut running = pod!("run", "same-port.yaml").spawn()?;
        let busy = |line: &str| line.contains("Address already in use");
        let line = running.wait_for_line("the second server's error", SOON, busy)?;
        let me = runner(&running);
        let server = me.wait_for("a server", |it| {
            it.listening().is_ok_and(|it| it.contains(&8080))
                && it.namespace("net").ok() != Process::me().namespace("net").ok()
        })?;
        expect_eq(
            "ports that are listened on in the pod",
            vec![8080],
            server.listening()?.into_iter().collect::<Vec<_>>(),
        )?;
        expect(
            "the error",
            "of one of the two containers",
            line.starts_with("[first] ") || line.starts_with("[second] "),
            line,
        )?;
        // What listens on the machine is not in the pod: the control is this check's own listener.
        let listener = TcpListener::bind("127.0.0.1:0").and_then(|it| Ok((it.local_addr()?.port(), it)));
        let (port, _kept) = listener.map_err(|error| Failure::grader(format!("listen: {error}")))?;
        let (outside, inside) = (Process::me().listening()?, server.listening()?);
        expect(format!("port {port} of the machine, seen outside"), "listed", outside.contains(&port), "not listed")?;
        expect(format!("port {port} of the machine, seen in the pod"), "not listed", !inside.contains(&port), "listed")
    })
}

/// Two programs would meet in the machine's IPC namespace, too: that is not it.
fn own_ipc() -> Result {
    let ipc = Two::start()?.left.namespace("ipc")?;
    expect("the containers' ipc namespace", "not the machine's", ipc != Process::me().namespace("ipc")?, ipc)
}

/// Producer and consumer meet at a System V message queue.
pub fn they_meet_at_a_queue() -> Result {
    tried(|| {
        own_ipc()?;
        let ran = pod!("run", "queue.yaml").run()?;
        ran.expect_code(0)?;
        let lines = ran.stdout_lines();
        for (who, word) in [("1st", "Produced"), ("2nd", "Consumed")] {
            let expected: Vec<String> = (1..=5).map(|n| format!("[{who}] {word}: message {n}")).collect();
            let said: Vec<&String> = lines.iter().filter(|it| it.starts_with(&format!("[{who}]"))).collect();
            ran.expect_eq(format!("what {who} says"), expected.iter().collect::<Vec<_>>(), said)?;
        }
        Ok(())
    })
}

/// Writer and reader meet in System V shared memory.
pub fn they_meet_in_memory() -> Result {
    tried(|| {
        own_ipc()?;
        let ran = pod!("run", "memory.yaml").run()?;
        ran.expect_code(0)?;
        let read = ran.stdout_lines().iter().any(|it| it == "[reader] Read: a line in memory");
        ran.expect("what the reader finds", "[reader] Read: a line in memory", read, ran.stdout())?;
        Ok(())
    })
}

/// Two pods do not meet: the queue of one is not there in the other.
pub fn two_pods_do_not_meet() -> Result {
    tried(|| {
        let (one, other) = (Two::start()?, Two::start()?);
        for kind in ["net", "ipc", "uts", "user"] {
            let different = one.left.namespace(kind)? != other.left.namespace(kind)?;
            expect(format!("the {kind} namespaces of two pods"), "two", different, "one")?;
        }
        Ok(())
    })
}

/// What a container leaves running ends with it, and the rest of the pod goes on.
pub fn orphans_end_with_their_container() -> Result {
    tried(|| {
        let mut running = pod!("run", "daemon.yaml").spawn()?;
        let orphan = crate::kit::program(&mut running, "sleep 63")?;
        let stayer = crate::kit::program(&mut running, "sleep 64")?;
        let gone = wait_until(Duration::from_secs(3), || !orphan.is_alive());
        expect("the process left behind, after its container's end", "gone", gone, "running")?;
        expect("the other container", "running", stayer.is_alive(), "gone")
    })
}
