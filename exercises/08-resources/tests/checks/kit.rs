//! Pods with requests and limits, and what the runner says of them.

use podcheck::{Cli, Failure, Ran, Result, Value};

/// A pod, written as its YAML.
#[derive(Default)]
pub struct Pod {
    fields: Vec<String>,
    /// List in the manifest, name, fields.
    containers: Vec<(&'static str, String, String)>,
}

/// A pod with one container `app`, and these resources.
pub fn one(resources: &str) -> Pod {
    Pod::default().app("app", resources)
}

/// The same amounts as requests and as limits.
pub fn both(amounts: &str) -> String {
    format!("{{requests: {amounts}, limits: {amounts}}}")
}

impl Pod {
    /// One more field of the pod's spec.
    pub fn field(mut self, field: &str) -> Pod {
        self.fields.push(field.into());
        self
    }

    pub fn app(self, name: &str, resources: &str) -> Pod {
        self.add("containers", name, resources, "command: ['true']")
    }

    /// A regular container that runs this in a shell.
    pub fn runs(self, name: &str, resources: &str, program: &str) -> Pod {
        let command = format!("command: [sh, -c, {}]", podcheck::serde_json::json!(program));
        self.add("containers", name, resources, &command)
    }

    pub fn init(self, name: &str, resources: &str) -> Pod {
        self.add("initContainers", name, resources, "command: ['true']")
    }

    pub fn sidecar(self, name: &str, resources: &str) -> Pod {
        self.add("initContainers", name, resources, "restartPolicy: Always, command: [sleep, '100']")
    }

    fn add(mut self, list: &'static str, name: &str, resources: &str, more: &str) -> Pod {
        let fields = format!("{{name: {name}, image: host, {more}, resources: {resources}}}");
        self.containers.push((list, name.into(), fields));
        self
    }

    pub fn text(&self) -> String {
        let mut text = String::from("apiVersion: v1\nkind: Pod\nmetadata: {name: peas, uid: u-1}\nspec:\n");
        text += "  restartPolicy: Never\n";
        for field in &self.fields {
            text += &format!("  {field}\n");
        }
        for list in ["initContainers", "containers"] {
            let mine: Vec<_> = self.containers.iter().filter(|it| it.0 == list).collect();
            if !mine.is_empty() {
                text += &format!("  {list}:\n");
                for (_, _, fields) in mine {
                    text += &format!("    - {fields}\n");
                }
            }
        }
        text
    }

    /// `resources` on a node with room for everything.
    pub fn seen(&self) -> Result<Seen> {
        self.seen_on(&["--allocatable", "cpu=100000,memory=100Ti,ephemeral-storage=100Ti"])
    }

    /// `resources` with these options.
    pub fn seen_on(&self, options: &[&str]) -> Result<Seen> {
        let ran = Cli::new("resources").args(["-", "--format", "json"]).args(options).stdin(self.text()).run()?;
        if ran.code() != 1 {
            ran.expect_code(0)?;
        }
        let about = ran.json()?;
        Ok(Seen { ran, about })
    }

    pub fn check(&self) -> Result<Ran> {
        Cli::new("check").args(["-", "--format", "json"]).stdin(self.text()).run()
    }
}

/// What `resources` says.
pub struct Seen {
    pub ran: Ran,
    pub about: Value,
}

impl Seen {
    /// A value by its JSON pointer.
    pub fn expect(&self, what: &str, at: &str, expected: impl Into<Value>) -> Result {
        let observed = self.about.pointer(at).cloned().unwrap_or(Value::Null);
        self.ran.expect_eq(what, expected.into(), observed).map(|_| ())
    }

    /// However the quantity is written.
    pub fn expect_amount(&self, what: &str, at: &str, expected: &str) -> Result {
        let wanted = nano(expected).ok_or_else(|| Failure::grader(format!("{expected} is no quantity")))?;
        let observed = self.about.pointer(at).map_or_else(|| "nothing".to_owned(), text_of);
        let same = nano(&observed) == Some(wanted);
        self.ran.expect(what, expected, same, observed).map(|_| ())
    }

    /// A file of a cgroup.
    pub fn file(&self, cgroup: &str, file: &str) -> String {
        let all = self.about["cgroups"].as_array().into_iter().flatten();
        let one = all.clone().find(|it| it["path"] == cgroup);
        one.map_or_else(|| "no such cgroup".to_owned(), |it| text_of(&it["files"][file]))
    }

    pub fn expect_file(&self, about: &str, cgroup: &str, file: &str, expected: &str) -> Result {
        let observed = self.file(cgroup, file);
        let what = format!("{file} of {cgroup}, {about}");
        self.ran.expect(what, expected, observed == expected, observed).map(|_| ())
    }
}

pub fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Billionths of a quantity that has no fraction.
pub fn nano(text: &str) -> Option<i128> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-').len();
    let (number, suffix) = text.split_at(digits);
    let number: i128 = number.parse().ok()?;
    let (base, power): (i128, u32) = match suffix {
        "n" => (10, 0),
        "u" => (10, 3),
        "m" => (10, 6),
        "" => (10, 9),
        "k" => (10, 12),
        "M" => (10, 15),
        "G" => (10, 18),
        "T" => (10, 21),
        "P" => (10, 24),
        "E" => (10, 27),
        "Ki" => (2, 10),
        "Mi" => (2, 20),
        "Gi" => (2, 30),
        "Ti" => (2, 40),
        "Pi" => (2, 50),
        "Ei" => (2, 60),
        other => (10, u32::try_from(9 + other.strip_prefix('e')?.parse::<i32>().ok()?).ok()?),
    };
    let unit = base.checked_pow(power)?;
    number.checked_mul(if base == 2 { unit.checked_mul(1_000_000_000)? } else { unit })
}

/// Lines of JSON of this type.
pub fn of_type(lines: &[Value], kind: &str) -> Vec<Value> {
    lines.iter().filter(|line| line["type"] == kind || line["kind"] == kind).cloned().collect()
}
