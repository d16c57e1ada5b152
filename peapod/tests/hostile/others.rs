//! Other pods.

use crate::common::{User, until};
use crate::kit::{Attackers, in_pod, refused};

#[test]
fn a_pod_finds_nothing_of_another_one() {
    let user = User::new();
    let word = format!("keeper-{}", std::process::id());
    let facts = vec![("SECRET_TEXT", "known to one pod".to_owned()), ("VICTIM_WORD", word.clone())];
    let attacks = ["shared-memory", "queue", "posix-queue", "dev-shm", "tmp", "see"];
    let shared = ["shared-memory", "queue", "posix-queue", "dev-shm"];
    // The control: the containers of one pod share all but their files.
    let neighbour = [&["wait"], &attacks[..]].concat();
    let keeper = Attackers {
        containers: vec![("keeper", vec!["keep", "tmp"], ""), ("neighbour", neighbour, "")],
        facts: facts.clone(),
        ..Attackers::default()
    };
    let stays = keeper.manifest("keeper").replace(
        "  containers:\n",
        &format!("  containers:\n  - {{ name: stays, image: host, command: [sh, -c, 'sleep 100; : {word}'] }}\n"),
    );
    user.apply(&stays);
    until("the neighbour to end", || user.out(&["logs", "keeper", "-c", "neighbour"]).contains("ATTACK see"));
    refused(&attacks, &in_pod(&user, "other", &attacks, &facts));
    let of = |container: &str| {
        let text = user.out(&["logs", "keeper", "-c", container]);
        text.lines().filter_map(|line| line.strip_prefix("ATTACK ")).map(str::to_owned).collect::<Vec<_>>()
    };
    let (kept, seen) = (of("keeper"), of("neighbour"));
    assert!(kept.iter().any(|line| line.starts_with("keep reached")), "{kept:?}");
    assert!(kept.iter().any(|line| line.starts_with("tmp reached")), "{kept:?}");
    for attack in shared {
        assert!(
            seen.iter().any(|line| line.starts_with(&format!("{attack} reached"))),
            "the control: {attack}: {seen:?}"
        );
    }
    for attack in ["tmp", "see"] {
        assert!(seen.iter().any(|line| line.starts_with(&format!("{attack} refused"))), "{attack}: {seen:?}");
    }
}
