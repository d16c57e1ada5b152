//! The machine's processes.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use crate::common::User;
use crate::kit::{Attackers, in_pod, on_machine, reached, refused};

/// A process of the machine's that ends with the first signal.
struct Victim(Child);

impl Victim {
    fn start(word: &str) -> Victim {
        let child = Command::new("sleep").arg0(word).arg("60").stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
        Victim(child.expect("a victim"))
    }

    fn facts(&self, word: &str) -> Vec<(&'static str, String)> {
        vec![("VICTIM", self.0.id().to_string()), ("VICTIM_WORD", word.to_owned())]
    }

    fn is_alive(&mut self) -> bool {
        self.0.try_wait().expect("a child").is_none()
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn nobody_outside_is_seen_or_traced_or_killed() {
    let user = User::new();
    let word = format!("victim-{}", std::process::id());
    let mut victim = Victim::start(&word);
    let facts = victim.facts(&word);
    let attacks = ["see", "trace", "pidfd", "parent-namespaces", "join", "kill", "kill-all"];
    refused(&["see", "trace", "pidfd", "parent-namespaces", "join", "kill"], &in_pod(&user, "alone", &attacks, &facts));
    assert!(victim.is_alive());
    reached(&["see", "trace"], &on_machine(&["see", "trace"], &facts));
    reached(&["pidfd"], &on_machine(&["pidfd"], &facts));
    reached(&["kill"], &on_machine(&["kill"], &facts));
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert!(!victim.is_alive(), "the control: the signal ends it");
}

#[test]
fn who_joins_a_container_brings_nothing_along() {
    let user = User::new();
    let attack = |name: &str, spec: &'static str| {
        let pod = Attackers {
            containers: vec![("app", vec!["lie-in-wait"], "")],
            spec,
            facts: vec![("WAIT", "4000".to_owned())],
            ..Attackers::default()
        };
        user.apply(&pod.manifest(name));
        user.until_status(name, "Running");
        let begun = std::time::Instant::now();
        while begun.elapsed() < std::time::Duration::from_millis(2500) {
            // The pod may end before the command does.
            let _ = user.peapod(&["exec", name, "--", "true"]).output();
        }
        user.until_status(name, "Completed");
        let told = user.out(&["logs", name]);
        let line = told.lines().find(|line| line.starts_with("ATTACK lie-in-wait")).unwrap_or_default().to_owned();
        assert!(line.starts_with("ATTACK lie-in-wait refused nothing of "), "{told}");
        assert!(!line.contains("of 0 "), "the control: it has seen some: {line}");
    };
    attack("waiting", "");
}
