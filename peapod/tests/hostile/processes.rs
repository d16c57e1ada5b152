//! The machine's processes.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use crate::common::User;
use crate::kit::{in_pod, on_machine, reached, refused};

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
