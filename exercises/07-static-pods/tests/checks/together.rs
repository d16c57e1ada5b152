//! Task 7.2, too: the pods of a node, side by side, and their end.

use std::time::Duration;

use crate::node::{Room, end, hear, heard, manifest, pod, slow, text};
use podcheck::{Process, Result, Signal, expect, expect_eq, wait_until};

/// All of them end, with their grace; nothing is left.
pub fn ctrl_c_ends_all() -> Result {
    let room = Room::with(&[("a.yaml", manifest("a", &slow("a", 0.2))), ("b.yaml", pod("b", "b"))])?;
    let mut kubelet = room.start(&[])?;
    hear(&mut kubelet, "hello a")?;
    hear(&mut kubelet, "hello b")?;
    room.running(&mut kubelet, "a-node")?;
    let ran = end(kubelet)?;
    ran.expect_code(130)?;
    for word in ["bye a", "bye b"] {
        ran.expect("what is printed at the end", word, ran.stdout().contains(&format!("\"{word}\"")), ran.stdout())?;
    }
    ran.expect("the directory of --state afterwards", "gone", !room.outside("state").exists(), "still there")?;
    // Nobody is there to be asked.
    let ran = room.cli(&["get", "pods"]).run()?;
    ran.expect_code(1)?;
    ran.expect(
        "`get pods` without a kubelet",
        "no kubelet runs",
        ran.stderr().contains("no kubelet runs"),
        ran.stderr(),
    )
    .map(|_| ())
}

/// A kubelet that is killed takes its pods with it; the next one starts them anew.
pub fn killed_and_started_again() -> Result {
    let room = Room::with(&[("a.yaml", pod("a", "a")), ("b.yaml", pod("b", "b"))])?;
    let mut kubelet = room.start(&[])?;
    let before = room.running(&mut kubelet, "a-node")?;
    hear(&mut kubelet, "hello a")?;
    hear(&mut kubelet, "hello b")?;
    let mine: Vec<Process> = Process(kubelet.id()).descendants();
    expect("the processes of two pods", "at least 4", mine.len() >= 4, mine.len())?;
    // The process that was started, and no other: what the kernel does about the rest is the question.
    kubelet.signal(Signal::SIGKILL)?;
    let left = || mine.iter().filter(|it| it.is_alive()).count();
    let gone = wait_until(Duration::from_secs(5), || left() == 0);
    expect("processes that are left after kill -9 of the kubelet", "none", gone, left())?;
    drop(kubelet);
    let mut kubelet = room.start(&[])?;
    let after = room.running(&mut kubelet, "a-node")?;
    expect_eq("the uid with the next kubelet", text(&before["metadata"]["uid"]), text(&after["metadata"]["uid"]))?;
    hear(&mut kubelet, "hello b")?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// Side by side, each with its own name.
pub fn many_pods_at_once() -> Result {
    const COUNT: usize = 25;
    let names: Vec<String> = (0..COUNT).map(|n| format!("p{n:02}")).collect();
    let room = Room::new()?;
    for name in &names {
        room.put(name, &manifest(name, "trap 'exit 0' TERM; echo hello $(hostname); sleep 1000 & wait").to_string())?;
    }
    let mut kubelet = room.start(&[])?;
    for name in &names {
        hear(&mut kubelet, &format!("hello {name}-node"))?;
    }
    let mut all = heard(&kubelet);
    all.sort();
    all.dedup();
    expect_eq("how many different pods have said hello", COUNT, all.len())?;
    end(kubelet)?.expect_code(130).map(|_| ())
}
