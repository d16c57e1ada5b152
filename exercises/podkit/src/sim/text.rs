//! The timeline as text: when, who, what.

use super::timeline::{Entry, Fact, Timeline, answer_words, hook_name, signal_name};
use crate::engine::Exit;
use crate::pod::{ContainerState, PodStatus};

/// One line of the text.
pub struct Line {
    pub seconds: f64,
    pub who: String,
    pub what: String,
}

impl Timeline {
    /// Aligned columns: time, who, what.
    pub fn text(&self) -> String {
        let lines = self.lines();
        let times: Vec<String> = lines.iter().map(|line| format!("{} s", line.seconds)).collect();
        let time = times.iter().map(String::len).max().unwrap_or(0);
        let who = lines.iter().map(|line| line.who.chars().count()).max().unwrap_or(0);
        let join = |(line, t): (&Line, &String)| format!("{t:>time$}  {:<who$}  {}\n", line.who, line.what);
        lines.iter().zip(&times).map(join).collect()
    }

    /// The same, not laid out yet.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut told = PodStatus::default();
        let mut first = true;
        for entry in &self.entries {
            let seconds = entry.seconds();
            let mut say = |who: &str, what: String| lines.push(Line { seconds, who: who.into(), what });
            match &entry.fact {
                Fact::Status(status) => {
                    changes(&told, status, first, &mut say);
                    told = (**status).clone();
                    first = false;
                }
                _ => fact(entry, &mut say),
            }
        }
        lines
    }
}

fn fact(entry: &Entry, say: &mut impl FnMut(&str, String)) {
    match &entry.fact {
        Fact::Sandbox { what, attempt } => say("sandbox", format!("{what} (attempt {attempt})")),
        Fact::Start { container, attempt } => say(container, format!("run {attempt} starts")),
        Fact::StartFailed { container, attempt, reason, .. } => {
            say(container, format!("run {attempt} cannot be started: {reason}"));
        }
        Fact::Exit { container, attempt, exit } => {
            let by = match exit {
                Exit::Signal(signal) => format!(", by signal {signal}"),
                Exit::Code(_) => String::new(),
            };
            say(container, format!("run {attempt} ends: exit code {}{by}", exit.code()));
        }
        Fact::Hook { container, hook, what, message } => {
            let why = message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
            say(container, format!("{} hook {what}{why}", hook_name(*hook)));
        }
        Fact::Probe { container, probe, answer } => {
            let (what, message) = answer_words(answer);
            let why = message.map(|message| format!(": {message}")).unwrap_or_default();
            say(container, format!("{} probe {what}{why}", probe.to_string().to_lowercase()));
        }
        Fact::Signal { container, signal } => say(container, format!("gets {}", signal_name(*signal))),
        Fact::Outside { what, grace } => {
            let grace = grace.map(|grace| format!(", grace {} s", grace.as_secs_f64())).unwrap_or_default();
            say("outside", format!("{}{grace}", outside_words(what)));
        }
        Fact::Event(event) if event.reason == "Killing" => {
            let who = event.container.as_deref().unwrap_or("pod");
            let probe = event.message.split_once(" failed ").and_then(|(_, rest)| rest.split_once(','));
            say(who, probe.map_or("is to stop".into(), |(probe, _)| format!("is to stop: failed {probe}")));
        }
        Fact::End { phase, why } => {
            let why = if *why == "over" { "the runner is done" } else { "end of the script" };
            say("pod", format!("{why}; phase {phase}"));
        }
        // The others repeat what the world and the status say.
        Fact::Event(_) | Fact::Status(_) => {}
    }
}

pub fn outside_words(what: &str) -> &'static str {
    match what {
        "delete" => "the pod is to be deleted",
        "killNow" => "the pod is to end now",
        _ => "the sandbox dies",
    }
}

/// What is new in a status, as a person would tell it.
fn changes(old: &PodStatus, new: &PodStatus, first: bool, say: &mut impl FnMut(&str, String)) {
    if first || old.phase != new.phase {
        let reason = new.reason.as_ref().map(|reason| format!(", reason {reason}")).unwrap_or_default();
        say("pod", format!("phase {}{reason}", new.phase));
    }
    for status in new.init_container_statuses.iter().chain(&new.container_statuses) {
        let mut all = old.init_container_statuses.iter().chain(&old.container_statuses);
        let before = all.find(|it| it.name == status.name);
        let was_ready = before.is_some_and(|it| it.ready);
        if status.ready != was_ready && matches!(status.state, ContainerState::Running(_)) {
            say(&status.name, if status.ready { "ready" } else { "not ready" }.into());
        }
        if before.map(|it| &it.state) == Some(&status.state) {
            continue;
        }
        match &status.state {
            // What every container begins with.
            ContainerState::Waiting(waiting) if first && is_usual(&waiting.reason) => {}
            ContainerState::Waiting(waiting) => {
                say(&status.name, format!("Waiting: {}{}", waiting.reason, in_brackets(waiting.message.as_ref())));
            }
            ContainerState::Terminated(end) => {
                let message = in_brackets(end.message.as_ref());
                say(&status.name, format!("Terminated: {}, exit code {}{message}", end.reason, end.exit_code));
            }
            // A start says it already.
            ContainerState::Running(_) | ContainerState::Unset => {}
        }
    }
    for condition in new.conditions.iter().filter(|it| it.kind == "Ready") {
        let before = old.conditions.iter().find(|it| it.kind == "Ready");
        if before.map(|it| (&it.status, &it.reason)) != Some((&condition.status, &condition.reason)) {
            let reason = condition.reason.as_ref().map(|reason| format!(", reason {reason}")).unwrap_or_default();
            say("pod", format!("Ready {}{reason}", condition.status));
        }
    }
}

fn is_usual(reason: &str) -> bool {
    reason == "ContainerCreating" || reason == "PodInitializing"
}

fn in_brackets(message: Option<&String>) -> String {
    message.map(|message| format!(" ({})", message.trim_end())).unwrap_or_default()
}
