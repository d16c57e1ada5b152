//! Scenarios, and what the simulator made of them.

use podcheck::{Cli, Ran, Result, Value};

/// A scenario, written as its YAML.
pub struct Scenario {
    spec: Vec<String>,
    /// List in the manifest, name, fields, script.
    containers: Vec<(&'static str, String, String, String)>,
    events: Vec<String>,
    until: String,
}

pub fn scenario(policy: &str) -> Scenario {
    let spec = vec![format!("restartPolicy: {policy}")];
    Scenario { spec, containers: Vec::new(), events: Vec::new(), until: "1h".into() }
}

/// A sidecar that is up at 0 s and crashes at 1 s and at 2 s; two init containers of 4 s; an app.
pub fn with_a_crashing_sidecar() -> Scenario {
    let crash = "{ lasts: 1s, exits: 1 }";
    scenario("Never")
        .sidecar("proxy", &format!("runs: [{crash}, {crash}, {{ lasts: forever }}]"))
        .init("one", "runs: [{ lasts: 4s, exits: 0 }]")
        .init("two", "runs: [{ lasts: 4s, exits: 0 }]")
        .container("app", "")
        .until("30s")
}

impl Scenario {
    /// One more field of the pod's spec.
    pub fn spec(mut self, field: &str) -> Scenario {
        self.spec.push(field.into());
        self
    }

    /// A regular container: its script, as the inside of a mapping.
    pub fn container(self, name: &str, script: &str) -> Scenario {
        self.add("containers", name, "", script)
    }

    /// A regular container with more fields in the manifest.
    pub fn container_with(self, name: &str, fields: &str, script: &str) -> Scenario {
        self.add("containers", name, fields, script)
    }

    /// An init container.
    pub fn init(self, name: &str, script: &str) -> Scenario {
        self.add("initContainers", name, "", script)
    }

    /// An init container with more fields in the manifest.
    pub fn init_with(self, name: &str, fields: &str, script: &str) -> Scenario {
        self.add("initContainers", name, fields, script)
    }

    /// A sidecar.
    pub fn sidecar(self, name: &str, script: &str) -> Scenario {
        self.sidecar_with(name, "", script)
    }

    /// A sidecar with more fields in the manifest.
    pub fn sidecar_with(self, name: &str, fields: &str, script: &str) -> Scenario {
        let comma = if fields.is_empty() { "" } else { ", " };
        self.add("initContainers", name, &format!("restartPolicy: Always{comma}{fields}"), script)
    }

    fn add(mut self, list: &'static str, name: &str, fields: &str, script: &str) -> Scenario {
        self.containers.push((list, name.into(), fields.into(), script.into()));
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
        for list in ["initContainers", "containers"] {
            let mine: Vec<_> = self.containers.iter().filter(|it| it.0 == list).collect();
            if !mine.is_empty() {
                text += &format!("    {list}:\n");
            }
            for (_, name, fields, _) in mine {
                let comma = if fields.is_empty() { "" } else { ", " };
                text += &format!("      - {{ name: {name}, image: host, command: [{name}]{comma}{fields} }}\n");
            }
        }
        text += "containers:\n";
        for (_, name, _, script) in &self.containers {
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

    /// The sandbox's: `0 started, 9 stopped`.
    pub fn sandbox(&self) -> String {
        let words = self.of_kind("sandbox").map(|line| format!("{} {}", seconds(&line["t"]), word(&line["what"])));
        words.collect::<Vec<_>>().join(", ")
    }

    /// Containers in the order of their starts: `zeta alpha`.
    pub fn order(&self) -> String {
        self.of_kind("start").map(|line| word(&line["container"])).collect::<Vec<_>>().join(" ")
    }

    /// Every status, with its time.
    pub fn statuses(&self) -> impl Iterator<Item = (f64, &Value)> {
        self.of_kind("status").map(|line| (line["t"].as_f64().unwrap_or(-1.0), &line["status"]))
    }

    /// The status that holds at a time: the newest one up to then.
    pub fn status_at(&self, time: f64) -> &Value {
        self.statuses().filter(|(at, _)| *at <= time).last().map_or(&Value::Null, |(_, status)| status)
    }

    pub fn last(&self) -> &Value {
        self.status_at(f64::MAX)
    }

    /// The phase and its changes: `0 Pending, 0 Running, 5 Failed`.
    pub fn phases(&self) -> String {
        self.changes(|status| word(&status["phase"]).to_owned())
    }

    /// A container's state and its changes: `0 Waiting ContainerCreating, 0 Running, 2 Terminated Error 1`.
    pub fn states(&self, container: &str) -> String {
        self.changes(|status| state(&of(status, container)["state"]))
    }

    /// A condition and its changes: `0 False ContainersNotReady, 0 True`.
    pub fn condition(&self, kind: &str) -> String {
        self.changes(|status| condition(status, kind))
    }

    /// A container's `ready` and its changes: `0 false, 3 true`.
    pub fn ready(&self, container: &str) -> String {
        self.changes(|status| of(status, container)["ready"].to_string())
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
    let all = ["initContainerStatuses", "containerStatuses"].map(|list| status[list].as_array());
    let found = all.into_iter().flatten().flatten().find(|it| it["name"] == container);
    found.unwrap_or(&Value::Null)
}

/// A state in words: `Running`, `Waiting REASON`, `Terminated REASON CODE`, `none`.
pub fn state(state: &Value) -> String {
    if let Some(waiting) = state.get("waiting") {
        format!("Waiting {}", word(&waiting["reason"]))
    } else if state.get("running").is_some() {
        "Running".into()
    } else if let Some(end) = state.get("terminated") {
        format!("Terminated {} {}", word(&end["reason"]), end["exitCode"])
    } else {
        "none".into()
    }
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
