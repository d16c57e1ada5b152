//! Many questions to one pod: each container has a readiness probe of its own, most of them about
//! the server in the first one.

use std::time::Instant;

use crate::real;
use crate::sim::{of, word};
use podcheck::{Result, Running, Value, cli::machine_factor};

/// What must come of a question.
#[derive(Clone, Copy)]
pub enum Comes<'a> {
    /// Ready, and no word about it.
    Success,
    /// Ready, with an event ProbeWarning.
    Warning,
    /// Not ready, and an event Unhealthy `Readiness probe failed: ...` with these words.
    Failure(&'a str),
    /// Not ready, and an event Unhealthy `Readiness probe errored: ...` with these words.
    Error(&'a str),
}

/// A question: a name, the probe's handler as YAML, and what must come of it.
pub type Case<'a> = (&'a str, &'a str, Comes<'a>);

/// The pod: `server` listens on port 8080, and each case is a container that sleeps and has the probe.
/// `more` are fields of those containers.
fn manifest(cases: &[Case], more: &str) -> String {
    let mut text = String::from(
        "apiVersion: v1\nkind: Pod\nmetadata: { name: asked }\nspec:\n  restartPolicy: Never\n  \
         terminationGracePeriodSeconds: 1\n  containers:\n    - { name: server, image: peapod/patient }\n",
    );
    for (name, handler, _) in cases {
        text += &format!(
            "    - name: {name}\n      image: host\n      command: [sleep, \"600\"]\n{more}      readinessProbe:\n        \
             periodSeconds: 1\n        failureThreshold: 1\n        {handler}\n",
        );
    }
    text
}

/// Runs the pod until every question has had the answer that it must have.
pub fn judge(cases: &[Case], more: &str) -> Result<Running> {
    let mut running = real::made(&manifest(cases, more)).spawn()?;
    let until = Instant::now() + real::LONG.mul_f64(machine_factor());
    loop {
        let told = real::told(&running);
        let open: Vec<&Case> = cases.iter().filter(|case| !has_come(&told, case)).collect();
        let wrong = cases.iter().find(|case| is_wrong(&told, case));
        if open.is_empty() && wrong.is_none() {
            return Ok(running);
        }
        let ended = running.try_wait().is_some();
        if let Some(case) = wrong.or(open.first().copied().filter(|_| ended || Instant::now() >= until)) {
            let (name, handler, comes) = case;
            let what = format!("what comes of the question of container {name}: {}", one_line(handler));
            let stderr = running.stderr();
            let observed = if stderr.contains("is not started") { stderr } else { shown(&told, name) };
            return Err(running.failure(what, expected(comes), observed));
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// The events of a container that are about its probe.
fn events<'a>(told: &'a [Value], name: &'a str, reason: &'a str) -> impl Iterator<Item = &'a str> {
    let mine = told.iter().filter(move |it| it["type"] == "event" && it["container"] == name && it["reason"] == reason);
    mine.map(|it| word(&it["message"]))
}

fn is_ready(told: &[Value], name: &str) -> bool {
    let last = told.iter().rfind(|it| it["type"] == "status");
    last.is_some_and(|it| of(&it["pod"]["status"], name)["ready"] == true)
}

fn has_come(told: &[Value], (name, _, comes): &Case) -> bool {
    let unhealthy = |kind: &str, words: &str| {
        let start = format!("Readiness probe {kind}: ");
        events(told, name, "Unhealthy").any(|it| it.strip_prefix(&start).is_some_and(|it| it.contains(words)))
    };
    match comes {
        Comes::Success => is_ready(told, name),
        Comes::Warning => is_ready(told, name) && events(told, name, "ProbeWarning").next().is_some(),
        Comes::Failure(words) => unhealthy("failed", words),
        Comes::Error(words) => unhealthy("errored", words),
    }
}

/// What can never be made good again. (That the server did not listen yet is no such thing.)
fn is_wrong(told: &[Value], (name, _, comes): &Case) -> bool {
    match comes {
        Comes::Success => events(told, name, "ProbeWarning").next().is_some(),
        Comes::Warning => false,
        Comes::Failure(_) | Comes::Error(_) => {
            is_ready(told, name) || events(told, name, "ProbeWarning").next().is_some()
        }
    }
}

fn expected(comes: &Comes) -> String {
    match comes {
        Comes::Success => "ready, and no event ProbeWarning".into(),
        Comes::Warning => "ready, and an event ProbeWarning".into(),
        Comes::Failure(words) => format!("not ready, and an event Unhealthy: Readiness probe failed: ...{words}"),
        Comes::Error(words) => format!("not ready, and an event Unhealthy: Readiness probe errored: ...{words}"),
    }
}

fn shown(told: &[Value], name: &str) -> String {
    let ready = if is_ready(told, name) { "ready" } else { "not ready" };
    let words: Vec<String> = ["Unhealthy", "ProbeWarning"]
        .iter()
        .flat_map(|reason| events(told, name, reason).map(move |it| format!("event {reason}: {it}")))
        .collect();
    // The last ones: the first may be from before the server listened.
    let last = &words[words.len().saturating_sub(2)..];
    [&[ready.to_owned()], last].concat().join("; ")
}

fn one_line(handler: &str) -> String {
    handler.split_whitespace().collect::<Vec<_>>().join(" ")
}
