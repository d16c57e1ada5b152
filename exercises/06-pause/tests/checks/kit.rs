//! What the checks of this chapter have in common.

use std::path::PathBuf;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use podcheck::{Cli, Failure, Process, Ran, Result, Running, Value, wait_until};

pub const SOON: Duration = Duration::from_secs(5);

/// A manifest by its file name, from exercises/06-pause/pods: its path and its text.
macro_rules! text {
    ($name:literal) => {
        (concat!("06-pause/pods/", $name), include_str!(concat!("../../pods/", $name)))
    };
}
pub(crate) use text;

/// `run --format json` of a manifest.
pub fn run(manifest: (&str, &str)) -> Cli {
    Cli::new("run").args(["--format", "json"]).manifest(manifest.0, manifest.1)
}

/// orphans.yaml, with a witness that has less time.
pub fn orphans() -> (&'static str, String) {
    let (path, text) = text!("orphans.yaml");
    (path, text.replace("[\"sleep\", \"30\"]", "[\"sleep\", \"3\"]"))
}

/// A running pod, and the processes that are not containers.
pub struct Pod {
    pub running: Running,
    pub node: Process,
    pub pause: Process,
}

impl Pod {
    pub fn start(manifest: (&str, &str)) -> Result<Pod> {
        Pod::of(run(manifest))
    }

    pub fn of(cli: Cli) -> Result<Pod> {
        let running = cli.spawn()?;
        let me = Process(running.id());
        let child = |it: Process| it.parent() == Some(me) && it.numbers().is_ok_and(|it| it.last() == Some(&1));
        let node = me.wait_for("the node", child)?;
        let pause = pause_of(node)?;
        Ok(Pod { running, node, pause })
    }

    /// The running process with exactly this command line.
    pub fn program(&mut self, command: &str) -> Result<Process> {
        let found = Process(self.running.id()).wait_for(command, |it| it.command() == command);
        found.or_else(|_| {
            self.running.expect_started()?;
            let what = format!("the program `{command}`");
            Err(self.running.failure(what, "it runs in the pod", events(&self.running)))
        })
    }

    /// Has it told such a line by now?
    pub fn has_told(&self, is: impl Fn(&Value) -> bool) -> bool {
        self.running.stdout().lines().any(|line| podcheck::serde_json::from_str(line).is_ok_and(|it| is(&it)))
    }

    pub fn log(&mut self, container: &str, line: &str) -> Result {
        let is = |it: &Value| it["type"] == "log" && it["container"] == container && it["line"] == line;
        self.running.wait_for_json(&format!("the line {line:?} of {container}"), SOON * 2, is).map(|_| ())
    }

    pub fn event(&mut self, reason: &str, container: Option<&str>) -> Result {
        let of = |it: &Value| container.is_none_or(|name| it["container"] == name);
        let is = |it: &Value| it["type"] == "event" && it["reason"] == reason && of(it);
        self.running.wait_for_json(&format!("the event {reason}"), SOON * 2, is).map(|_| ())
    }

    /// The pause process of the newest sandbox, not `old`.
    pub fn next_pause(&self, old: Process) -> Result<Process> {
        self.node.wait_for("a new pause process", |it| it != old && it.name() == "pause")
    }

    /// Ends it; what it has told until then.
    pub fn end(self) -> Result<Told> {
        self.running.signal(podcheck::Signal::SIGINT)?;
        let ran = self.running.wait(SOON * 3)?;
        Told::of(ran)
    }
}

fn pause_of(node: Process) -> Result<Process> {
    node.wait_for("a pause process", |it| it.parent() == Some(node) && it.name() == "pause")
}

/// The events that a run has told so far, in words.
pub fn events(running: &Running) -> String {
    let lines: Vec<Value> =
        running.stdout().lines().filter_map(|line| podcheck::serde_json::from_str(line).ok()).collect();
    let events = lines.iter().filter(|it| it["type"] == "event");
    let words: Vec<String> = events
        .map(|it| format!("{} {}: {}", word(&it["container"]), word(&it["reason"]), word(&it["message"])))
        .collect();
    match words.is_empty() {
        true => running.tail("no event was told"),
        false => format!("not so. The events were:\n{}", words.join("\n")),
    }
}

/// What an ended run has told.
pub struct Told {
    pub ran: Ran,
    lines: Vec<Value>,
}

impl Told {
    pub fn of(ran: Ran) -> Result<Told> {
        let lines = ran.json_lines()?;
        Ok(Told { ran, lines })
    }

    /// The lines that a container has printed, joined by ` / `.
    pub fn log(&self, container: &str) -> String {
        let mine = self.lines.iter().filter(|it| it["type"] == "log" && it["container"] == container);
        mine.map(|it| word(&it["line"])).collect::<Vec<_>>().join(" / ")
    }

    /// How often an event was told.
    pub fn events(&self, reason: &str) -> usize {
        self.lines.iter().filter(|it| it["type"] == "event" && it["reason"] == reason).count()
    }

    /// Who was started, in this order.
    pub fn starts(&self) -> String {
        let all = self.lines.iter().filter(|it| it["type"] == "event" && it["reason"] == "Started");
        all.map(|it| word(&it["container"])).collect::<Vec<_>>().join(" ")
    }

    /// The messages of an event.
    pub fn messages(&self, reason: &str) -> String {
        let all = self.lines.iter().filter(|it| it["type"] == "event" && it["reason"] == reason);
        all.map(|it| word(&it["message"])).collect::<Vec<_>>().join("\n")
    }

    /// A container's last status.
    pub fn status(&self, container: &str) -> &Value {
        let last = self.lines.iter().rfind(|it| it["type"] == "status");
        let status = last.map_or(&Value::Null, |it| &it["pod"]["status"]);
        let all = ["initContainerStatuses", "containerStatuses"].map(|list| status[list].as_array());
        all.into_iter().flatten().flatten().find(|it| it["name"] == container).unwrap_or(&Value::Null)
    }

    /// How a container's last run has ended: reason and exit code.
    pub fn ended(&self, container: &str) -> String {
        let end = &self.status(container)["state"]["terminated"];
        format!("{} {}", word(&end["reason"]), end["exitCode"])
    }

    pub fn expect(&self, what: &str, expected: &str, observed: impl AsRef<str>) -> Result {
        self.ran.expect(what, expected, expected == observed.as_ref(), observed.as_ref()).map(|_| ())
    }
}

/// A string, or nothing.
pub fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

/// What a reader can type: the run, and in a second terminal a look at it. There `$PAUSE` is this run's pause, its
/// newest process of the runner's own, and `$APP` its container `sleep 61`, which the node has started, too.
pub fn tried(file: &str, look: &str, check: impl FnOnce() -> Result) -> Result {
    let run = format!("cargo run -p pause -- run 06-pause/pods/{file}");
    let all = match look {
        "" => run,
        look => {
            let pause = format!("PAUSE=$(pgrep -f 'pause run 06-pause/pods/{file}' | tail -n 1)");
            let app = "APP=$(pgrep -P $(ps -o ppid= $PAUSE) -fx 'sleep 61')\n";
            let app = if look.contains("$APP") { app } else { "" };
            format!("{run}\n# in a second terminal:\n{pause}\n{app}{look}")
        }
    };
    check().map_err(|failure| failure.reproduce(all))
}

pub fn send(process: Process, signal: Signal) -> Result {
    kill(Pid::from_raw(process.0.cast_signed()), signal).map_err(|errno| {
        Failure::new(format!("send {signal} to process {}", process.0), "a process to send it to", errno)
    })
}

/// Waits until the process is gone, or a zombie.
pub fn ends_within(process: Process, time: Duration) -> bool {
    wait_until(time, || !process.is_alive())
}

/// R, S, T (stopped), Z (zombie), as /proc says; `?` if it is not there.
pub fn state(process: Process) -> char {
    process.status("State").ok().and_then(|it| it.chars().next()).unwrap_or('?')
}

/// The children of a process, zombies too.
pub fn children(parent: Process) -> Vec<Process> {
    podcheck::proc::all().into_iter().filter(|it| it.parent() == Some(parent)).collect()
}

pub fn zombies(parent: Process) -> usize {
    children(parent).into_iter().filter(|it| state(*it) == 'Z').count()
}

/// A program of the check's own: a shell script.
pub struct Script {
    _dir: tempfile::TempDir,
    pub path: PathBuf,
}

impl Script {
    pub fn new(text: &str) -> Result<Script> {
        use std::os::unix::fs::PermissionsExt;
        let made = (|| {
            let dir = tempfile::Builder::new().prefix("podcheck").tempdir()?;
            let path = dir.path().join("my-pause");
            std::fs::write(&path, text)?;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
            Ok::<_, std::io::Error>(Script { _dir: dir, path })
        })();
        made.map_err(|error| Failure::grader(format!("make a script: {error}")))
    }

    pub fn arg(&self) -> String {
        self.path.display().to_string()
    }
}
