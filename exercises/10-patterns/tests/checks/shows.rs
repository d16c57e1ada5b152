//! For the checks of volumes: pods with volumes, and what `volumes` shows of them.

use podcheck::{Cli, Ran, Result, Running, Value, expect_eq};

use crate::kit::SOON;

/// A pod called `web` with these volumes, and these lines in its container, `app`.
pub fn pod(volumes: &str, lines: &str) -> String {
    let indent = |text: &str, by: &str| -> String {
        text.trim_matches('\n').lines().map(|line| format!("{by}{line}\n")).collect()
    };
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  labels: {{ tier: front, app: web }}\nspec:\n  \
         restartPolicy: Never\n  volumes:\n{}  containers:\n  - name: app\n    image: host\n{}",
        indent(volumes, "  "),
        indent(lines, "    ")
    )
}

/// Several documents of one file.
pub fn file(documents: &[&str]) -> String {
    documents.iter().map(|it| it.trim_matches('\n')).collect::<Vec<&str>>().join("\n---\n") + "\n"
}

/// What `volumes` shows of a pod.
pub struct Shown {
    pub ran: Ran,
    lines: Vec<Value>,
}

pub fn show(text: &str) -> Result<Shown> {
    show_with(text, &[])
}

pub fn show_with(text: &str, args: &[&str]) -> Result<Shown> {
    let ran = Cli::new("volumes").args(["--format", "json"]).args(args).manifest_text("pod.yaml", text).run()?;
    if !matches!(ran.code(), 0 | 1) {
        ran.expect_code(0)?;
    }
    let lines = ran.json_lines()?;
    Ok(Shown { ran, lines })
}

impl Shown {
    /// What is said of a `volume` or a `container` of this name.
    pub fn of(&self, what: &str, name: &str) -> Result<&Value> {
        let found = self.lines.iter().find(|line| line[what] == name);
        found.ok_or_else(|| self.ran.failure(format!("{what} {name} in the output"), "one line", self.ran.stdout()))
    }

    /// The mounts of container `app`, each as `TARGET VOLUME/PART`, and `ro` behind it where it is read-only.
    pub fn mounts(&self, expected: &[&str]) -> Result {
        self.runs_on("container", "app")?;
        let mount = |it: &Value| {
            let text = |field: &str| it[field].as_str().unwrap_or_default().to_owned();
            let part = match text("subPath") {
                part if part.is_empty() => String::new(),
                part => format!("/{part}"),
            };
            let how = if it["readOnly"] == true { " ro" } else { "" };
            format!("{} {}{part}{how}", text("target"), text("volume"))
        };
        let mounts = self.of("container", "app")?["mounts"].as_array().cloned().unwrap_or_default();
        let observed = mounts.iter().map(mount).collect::<Vec<String>>().join("; ");
        let expected = expected.join("; ");
        self.ran.expect("the mounts of container app, in order", &expected, observed == expected, &observed)?;
        self.ran.expect_code(0).map(|_| ())
    }

    /// The files of a volume, each as `PATH MODE TEXT`, sorted by path.
    pub fn files(&self, volume: &str, expected: &[&str]) -> Result {
        self.runs_on("volume", volume)?;
        let files = self.of("volume", volume)?["files"].as_object().cloned().unwrap_or_default();
        let file = |(path, it): (&String, &Value)| {
            format!("{path} {} {}", it["mode"].as_str().unwrap_or_default(), it["text"].as_str().unwrap_or_default())
        };
        let mut observed: Vec<String> = files.iter().map(file).collect();
        observed.sort_unstable();
        let is = observed == expected;
        let what = format!("the files of volume {volume} (path, mode, text)");
        self.ran.expect(what, format!("{expected:?}"), is, format!("{observed:?}")).map(|_| ())
    }

    fn runs_on(&self, what: &str, name: &str) -> Result {
        let waiting = &self.of(what, name)?["waiting"];
        let message = waiting["message"].as_str().unwrap_or_default();
        self.ran.expect(format!("{what} {name}"), "nothing is missing", waiting.is_null(), message).map(|_| ())
    }

    /// A volume, or container `app`, waits for something that is missing, and says so in these words.
    pub fn waits(&self, what: &str, name: &str, message: &str) -> Result {
        let waiting = &self.of(what, name)?["waiting"];
        let observed = waiting["message"].as_str().unwrap_or("(it does not wait)");
        self.ran.expect(format!("the message of a {what} that waits"), message, observed == message, observed)?;
        let reason = if what == "volume" { "FailedMount" } else { "CreateContainerConfigError" };
        expect_eq("the reason", Some(reason), waiting["reason"].as_str())?;
        self.ran.expect_code(1).map(|_| ())
    }
}

/// Runs a pod to its end, which is a good one.
pub fn run(text: &str) -> Result<Ran> {
    let ran = Cli::new("run").manifest_text("pod.yaml", text).run()?;
    ran.expect_code(0)?;
    Ok(ran)
}

/// A line of a container.
pub fn printed(ran: &Ran, what: &str, line: &str) -> Result {
    let is = ran.stdout().lines().any(|it| it == line);
    ran.expect(what, line, is, ran.stdout()).map(|_| ())
}

/// Starts a pod, of which a volume is missing: an event says so in these words. It still runs then.
pub fn fails_to_mount(text: &str, args: &[&str], message: &str) -> Result<Running> {
    let cli = Cli::new("run").args(["--format", "json"]).args(args).manifest_text("pod.yaml", text);
    let mut running = cli.spawn()?;
    let event = running.wait_for_json("an event with reason FailedMount", SOON, |it| it["reason"] == "FailedMount")?;
    let observed = event["message"].as_str().unwrap_or_default();
    let expected = format!("MountVolume.SetUp failed for volume \"v\" : {message}");
    if observed == expected { Ok(running) } else { Err(running.failure("its message", expected, observed)) }
}
