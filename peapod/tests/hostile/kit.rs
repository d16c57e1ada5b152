//! Attacks in a pod and on the machine, and what came of them.

use std::collections::BTreeMap;
use std::env;
use std::process::Command;

use nix::unistd::geteuid;

use crate::common::{User, until};

/// What came of each attack: `Ok` if it reached something.
pub type Outcomes = BTreeMap<String, Result<String, String>>;

const WORDS: [&str; 5] = ["--ignored", "--exact", "attacker", "--nocapture", "--test-threads=1"];

/// A pod, or a part of one, with attacks to carry out.
#[derive(Clone, Default)]
pub struct Attackers<'a> {
    /// Each container's name, attacks, and more lines of it.
    pub containers: Vec<(&'a str, Vec<&'a str>, &'a str)>,
    /// More lines of its spec.
    pub spec: &'a str,
    pub volumes: &'a str,
    /// What the attacks are to look for.
    pub facts: Vec<(&'a str, String)>,
}

impl Attackers<'_> {
    pub fn manifest(&self, name: &str) -> String {
        let me = env::current_exe().expect("this program");
        let mut text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\nspec:\n  terminationGracePeriodSeconds: 0\n  \
             restartPolicy: Never\n{}  volumes:\n  - name: attack\n    hostPath: {{ path: {me:?}, type: File }}\n{}  \
             containers:\n",
            self.spec, self.volumes
        );
        for (container, attacks, more) in &self.containers {
            text += &format!("  - name: {container}\n    image: host\n    command: [/attack");
            WORDS.iter().for_each(|word| text += &format!(", {word:?}"));
            text += &format!("]\n    env:\n    - {{ name: ATTACKS, value: {:?} }}\n", attacks.join(" "));
            for (name, value) in &self.facts {
                text += &format!("    - {{ name: {name}, value: {value:?} }}\n");
            }
            let mount = "    volumeMounts:\n    - { name: attack, mountPath: /attack, readOnly: true }\n";
            match more.contains("volumeMounts:") {
                true => text += &more.replace("    volumeMounts:\n", mount),
                false => text += &format!("{mount}{more}"),
            }
        }
        text + "---\n"
    }

    /// Runs the pod to its end; what came of the attacks of each container.
    pub fn attack(&self, user: &User, name: &str) -> BTreeMap<String, Outcomes> {
        user.apply(&self.manifest(name));
        until(&format!("pod {name} to end"), || {
            let row = user.peapod(&["get", "pod", name, "--no-headers"]).output().expect("peapod");
            let row = String::from_utf8_lossy(&row.stdout).into_owned();
            ["Completed", "Error"].contains(&row.split_whitespace().nth(2).unwrap_or_default())
        });
        let of = |container: &str| outcomes(&user.out(&["logs", name, "-c", container]));
        self.containers.iter().map(|(container, ..)| ((*container).to_owned(), of(container))).collect()
    }
}

/// The same program on the machine, with nothing around it.
pub fn on_machine(attacks: &[&str], facts: &[(&str, String)]) -> Outcomes {
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.args(WORDS).env("ATTACKS", attacks.join(" "));
    command.envs(facts.iter().map(|(name, value)| (name, value)));
    outcomes(&String::from_utf8_lossy(&command.output().expect("attacks on the machine").stdout))
}

/// Each of these attacks in a pod of its own kind.
pub fn in_pod(user: &User, name: &str, attacks: &[&str], facts: &[(&str, String)]) -> Outcomes {
    let pod =
        Attackers { containers: vec![("app", attacks.to_vec(), "")], facts: facts.to_vec(), ..Attackers::default() };
    pod.attack(user, name).remove("app").unwrap_or_default()
}

fn outcomes(text: &str) -> Outcomes {
    let mut all = Outcomes::new();
    for line in text.lines() {
        let mut words = line.splitn(4, ' ');
        let (Some("ATTACK"), Some(name), Some(word), says) = (words.next(), words.next(), words.next(), words.next())
        else {
            continue;
        };
        let says = says.unwrap_or_default().to_owned();
        all.insert(name.to_owned(), if word == "reached" { Ok(says) } else { Err(says) });
    }
    all
}

/// All of these were carried out, and reached nothing.
#[track_caller]
pub fn refused(attacks: &[&str], outcomes: &Outcomes) {
    for attack in attacks {
        match outcomes.get(*attack) {
            Some(Err(_)) => {}
            Some(Ok(what)) => panic!("{attack} has reached {what}"),
            None => panic!("{attack} was not carried out: {outcomes:?}"),
        }
    }
}

/// All of these reached what they are after: the attack is a good one.
#[track_caller]
pub fn reached(attacks: &[&str], outcomes: &Outcomes) {
    for attack in attacks {
        assert!(matches!(outcomes.get(*attack), Some(Ok(_))), "the control: {attack} must work: {outcomes:?}");
    }
}

/// Only root of the machine can show that these attacks are good ones.
pub fn is_root() -> bool {
    geteuid().is_root()
}
