//! Scenarios, and what the simulator made of them.

use podcheck::{Cli, Ran, Result, Value};

/// A scenario, written as its YAML.
pub struct Scenario {
    spec: Vec<String>,
    containers: Vec<(String, String, String)>,
    events: Vec<String>,
    until: String,
}

pub fn scenario(policy: &str) -> Scenario {
    let spec = vec![format!("restartPolicy: {policy}")];
    Scenario { spec, containers: Vec::new(), events: Vec::new(), until: "1h".into() }
}

impl Scenario {
    /// One more field of the pod's spec.
    pub fn spec(mut self, field: &str) -> Scenario {
        self.spec.push(field.into());
        self
    }

    /// A container: more fields in the manifest, and its script, both as the inside of a mapping.
    pub fn container_with(mut self, name: &str, fields: &str, script: &str) -> Scenario {
        self.containers.push((name.into(), fields.into(), script.into()));
        self
    }

    pub fn event(mut self, event: &str) -> Scenario {
        self.events.push(event.into());
        self
    }

    pub fn until(mut self, until: &str) -> Scenario {
        self.until = until.into();
        self
    }

    fn text(&self) -> String {
        let mut text = String::from("pod:\n  apiVersion: v1\n  kind: Pod\n  metadata: { name: peas }\n  spec:\n");
        for field in &self.spec {
            text += &format!("    {field}\n");
        }
        text += "    containers:\n";
        for (name, fields, _) in &self.containers {
            let comma = if fields.is_empty() { "" } else { ", " };
            text += &format!("      - {{ name: {name}, image: host, command: [{name}]{comma}{fields} }}\n");
        }
        text += "containers:\n";
        for (name, _, script) in &self.containers {
            text += &format!("  {name}: {{ {script} }}\n");
        }
        if !self.events.is_empty() {
            text += "events:\n";
        }
        for event in &self.events {
            text += &format!("  - {{ {event} }}\n");
        }
        text + &format!("until: {}\n", self.until)
    }

    pub fn run(&self) -> Result<Sim> {
        judge(Cli::new("simulate").manifest_text("scenario.yaml", &self.text()))
    }
}

fn judge(cli: Cli) -> Result<Sim> {
    let ran = cli.args(["--format", "json"]).run()?;
    ran.expect_code(0)?;
    let lines = ran.json_lines()?;
    Ok(Sim { ran, lines })
}

/// The record of a simulation.
pub struct Sim {
    ran: Ran,
    lines: Vec<Value>,
}

impl Sim {
    pub fn expect(&self, what: &str, expected: &str, observed: impl AsRef<str>) -> Result {
        let observed = observed.as_ref();
        self.ran.expect(what, expected, expected == observed, observed).map(|_| ())
    }

    pub fn expect_that(&self, what: &str, expected: &str, ok: bool, observed: impl AsRef<str>) -> Result {
        self.ran.expect(what, expected, ok, observed.as_ref()).map(|_| ())
    }

    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.lines.iter().filter(move |line| line["kind"] == kind)
    }

    /// When the runs of a container start: `0, 0, 10`.
    pub fn starts(&self, container: &str) -> String {
        let starts = self.of_kind("start").filter(|line| line["container"] == container);
        starts.map(|line| seconds(&line["t"])).collect::<Vec<_>>().join(", ")
    }

    /// What happens to a container, in order: `0 start, 5 SIGTERM, 5 exit 143`.
    pub fn story(&self, container: &str) -> String {
        let mine = self.lines.iter().filter(|line| line["container"] == container);
        let words = mine.filter_map(|line| {
            let what = match line["kind"].as_str()? {
                "start" => "start".to_owned(),
                "startFailed" => "start fails".to_owned(),
                "exit" => format!("exit {}", line["exitCode"]),
                "hook" => format!("{} {}", word(&line["hook"]), word(&line["what"])),
                "signal" => word(&line["signal"]).to_owned(),
                _ => return None,
            };
            Some(format!("{} {what}", seconds(&line["t"])))
        });
        words.collect::<Vec<_>>().join(", ")
    }

    /// What a probe of a container has found: `10 failed, 20 succeeded`.
    pub fn answers(&self, container: &str, probe: &str) -> String {
        let mine = |line: &&Value| line["container"] == container && line["probe"] == probe;
        let words = self.of_kind("probe").filter(mine);
        words.map(|line| format!("{} {}", seconds(&line["t"]), word(&line["what"]))).collect::<Vec<_>>().join(", ")
    }

    /// When a probe of a container has found something: `10 20`.
    pub fn looks(&self, container: &str, probe: &str) -> String {
        let mine = |line: &&Value| line["container"] == container && line["probe"] == probe;
        let times = self.of_kind("probe").filter(mine).map(|line| seconds(&line["t"]));
        times.collect::<Vec<_>>().join(" ")
    }

    /// Whether a container is ready, and the changes: `0 false, 10 true`.
    pub fn ready(&self, container: &str) -> String {
        self.changes(|status| of(status, container)["ready"].to_string())
    }

    /// Whether it has started, likewise.
    pub fn started(&self, container: &str) -> String {
        self.changes(|status| of(status, container)["started"].to_string())
    }

    /// The messages of the events of a reason.
    pub fn told(&self, reason: &str) -> String {
        let mine = self.of_kind("event").filter(|line| line["reason"] == reason);
        mine.map(|line| word(&line["message"])).collect::<Vec<_>>().join(" / ")
    }

    /// Every status, with its time.
    pub fn statuses(&self) -> impl Iterator<Item = (f64, &Value)> {
        self.of_kind("status").map(|line| (line["t"].as_f64().unwrap_or(-1.0), &line["status"]))
    }

    pub fn last(&self) -> &Value {
        self.statuses().last().map_or(&Value::Null, |(_, status)| status)
    }

    /// The phase and its changes: `0 Pending, 0 Running, 5 Failed`.
    pub fn phases(&self) -> String {
        self.changes(|status| word(&status["phase"]).to_owned())
    }

    /// A condition and its changes: `0 False ContainersNotReady, 0 True`.
    pub fn condition(&self, kind: &str) -> String {
        self.changes(|status| condition(status, kind))
    }

    fn changes(&self, view: impl Fn(&Value) -> String) -> String {
        let mut last = String::new();
        let mut words = Vec::new();
        for (at, status) in self.statuses() {
            let now = view(status);
            if now != last {
                words.push(format!("{at} {now}"));
                last = now;
            }
        }
        words.join(", ")
    }
}

/// A container's status within a pod's.
pub fn of<'a>(status: &'a Value, container: &str) -> &'a Value {
    let all = status["containerStatuses"].as_array();
    let found = all.into_iter().flatten().find(|it| it["name"] == container);
    found.unwrap_or(&Value::Null)
}

/// A condition in words: `True`, `False REASON`, `none`.
pub fn condition(status: &Value, kind: &str) -> String {
    let all = status["conditions"].as_array();
    match all.into_iter().flatten().find(|it| it["type"] == kind) {
        Some(it) => format!("{} {}", word(&it["status"]), word(&it["reason"])).trim_end().to_owned(),
        None => "none".into(),
    }
}

/// A string, or nothing.
pub fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

fn seconds(value: &Value) -> String {
    value.as_f64().map_or_else(|| "?".into(), |it| it.to_string())
}
