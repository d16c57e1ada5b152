//! What the checks of this chapter have in common.

use std::time::Duration;

use podcheck::{Cli, Failure, Ran, Result, Signal, Value, expect_eq};

pub const SOON: Duration = Duration::from_secs(5);

/// A manifest by its file name, from exercises/09-env/pods: its path and its text.
macro_rules! text {
    ($name:literal) => {
        (concat!("09-env/pods/", $name), include_str!(concat!("../../pods/", $name)))
    };
}
pub(crate) use text;

/// A pod called `web` with one container, `app`; `lines` are more lines of that.
pub fn pod(lines: &str) -> String {
    let lines: String = lines.trim_matches('\n').lines().map(|line| format!("    {line}\n")).collect();
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: app\n    image: host\n{lines}"
    )
}

/// Lines of a container: these plain values under `env`.
pub fn env(values: &[(&str, &str)]) -> String {
    let lines: String =
        values.iter().map(|(name, value)| format!("- {{ name: {name:?}, value: {value:?} }}\n")).collect();
    format!("env:\n{lines}")
}

/// Several documents of one file.
pub fn file(documents: &[&str]) -> String {
    documents.iter().map(|it| it.trim_matches('\n')).collect::<Vec<&str>>().join("\n---\n") + "\n"
}

/// What `env` shows of a pod.
pub struct Shown {
    pub ran: Ran,
    containers: Vec<Value>,
}

pub fn show(text: &str) -> Result<Shown> {
    show_with(text, &[])
}

pub fn show_with(text: &str, args: &[&str]) -> Result<Shown> {
    let ran = Cli::new("env").args(["--format", "json"]).args(args).manifest_text("pod.yaml", text).run()?;
    if !matches!(ran.code(), 0 | 1) {
        ran.expect_code(0)?;
    }
    let containers = ran.json_lines()?;
    Ok(Shown { ran, containers })
}

impl Shown {
    pub fn of(&self, container: &str) -> Result<&Value> {
        let found = self.containers.iter().find(|it| it["container"] == container);
        found.ok_or_else(|| {
            self.ran.failure(format!("container {container} in the output"), "one line", self.ran.stdout())
        })
    }

    /// A variable of container `app`; `None`: there is none of this name.
    pub fn has(&self, name: &str, expected: Option<&str>) -> Result {
        self.container_has("app", name, expected)
    }

    pub fn container_has(&self, container: &str, name: &str, expected: Option<&str>) -> Result {
        let about = self.of(container)?;
        if !about["waiting"].is_null() {
            return Err(self.ran.failure(
                format!("variable {name}"),
                say(expected),
                format!("it waits: {}", about["waiting"]),
            ));
        }
        let observed = about["env"][name].as_str();
        let what = format!("variable {name}");
        self.ran.expect(what, say(expected), observed == expected, say(observed)).map(|_| ())
    }

    /// The same for several; all are there.
    pub fn have(&self, expected: &[(&str, &str)]) -> Result {
        expected.iter().try_for_each(|(name, value)| self.has(name, Some(value)))
    }

    /// The program and its arguments of container `app`.
    pub fn runs(&self, expected: &[&str]) -> Result {
        let about = self.of("app")?;
        let observed: Vec<String> =
            about["argv"].as_array().into_iter().flatten().filter_map(|it| Some(it.as_str()?.to_owned())).collect();
        let is = observed == expected;
        self.ran.expect("program and arguments", format!("{expected:?}"), is, format!("{observed:?}")).map(|_| ())
    }

    /// Container `app` waits for something that is missing, and says so in these words.
    pub fn waits(&self, message: &str) -> Result {
        let about = self.of("app")?;
        let observed = about["waiting"]["message"].as_str().unwrap_or("(it does not wait)");
        self.ran.expect("the message of a container that waits", message, observed == message, observed)?;
        expect_eq("the reason", Some("CreateContainerConfigError"), about["waiting"]["reason"].as_str())?;
        self.ran.expect_code(1).map(|_| ())
    }

    /// The names of the variables of container `app` for which this holds.
    pub fn names(&self, is: impl Fn(&str) -> bool) -> Result<String> {
        let about = self.of("app")?;
        let names = about["env"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        Ok(names.filter(|name| is(name)).collect::<Vec<&str>>().join(" "))
    }
}

fn say(value: Option<&str>) -> String {
    value.map_or("no such variable".to_owned(), |value| format!("{value:?}"))
}

/// What a pod prints that is run to its end: the lines of its containers.
pub fn run(manifest: (&str, &str)) -> Result<Ran> {
    let ran = Cli::new("run").manifest(manifest.0, manifest.1).run()?;
    ran.expect_code(0)?;
    Ok(ran)
}

/// A line of a container.
pub fn printed(ran: &Ran, what: &str, line: &str) -> Result {
    let is = ran.stdout().lines().any(|it| it == line);
    ran.expect(what, line, is, ran.stdout()).map(|_| ())
}

/// The status of one container, out of a JSON line of `run`.
pub fn container_status<'a>(line: &'a Value, name: &str) -> Option<&'a Value> {
    let statuses = line["pod"]["status"]["containerStatuses"].as_array()?;
    statuses.iter().find(|status| status["name"] == name)
}

/// Ctrl-C, and once more: its programs need not listen to SIGTERM, or may not have come to that yet.
pub fn end(running: podcheck::Running) -> Result {
    running.signal(Signal::SIGINT)?;
    std::thread::sleep(Duration::from_millis(100));
    running.signal(Signal::SIGINT)?;
    running.wait(SOON)?.expect_code(130).map(|_| ())
}

/// The process of a container: it has exactly this command line.
pub fn process(running: &mut podcheck::Running, command: &str) -> Result<podcheck::Process> {
    let me = podcheck::Process(running.id());
    me.wait_for(command, |it| it.command() == command).or_else(|_: Failure| {
        running.expect_started()?;
        Err(running.failure(format!("the program `{command}`"), "it runs in the pod", running.tail("it is not there")))
    })
}
