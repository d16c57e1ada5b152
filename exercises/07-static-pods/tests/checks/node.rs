//! A kubelet, the directory it watches, and what it is seen to do.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use podcheck::{Cli, Failure, Process, Ran, Result, Running, Signal, TempDir, Value, serde_json, step, wait_until};

/// Longer than anything takes, shorter than from one full listing to the next (20 s).
pub const LONG: Duration = Duration::from_secs(8);
/// Long enough for what must not happen to have happened.
pub const MOMENT: Duration = Duration::from_millis(300);

/// A program that greets, and says goodbye when it is asked to end.
pub fn polite(word: &str) -> String {
    format!("trap 'echo bye {word}; exit 0' TERM; echo hello {word}; sleep 1000 & wait")
}

/// The same, and its goodbye takes this many seconds.
pub fn slow(word: &str, seconds: f64) -> String {
    format!(
        "trap 'echo asked {word}; sleep {seconds}; echo bye {word}; exit 0' TERM; echo hello {word}; sleep 1000 & wait"
    )
}

/// The same, and its goodbye waits until it is [`let_go`].
pub fn held(word: &str) -> String {
    let waits = "until test -e /dev/shm/go; do sleep 0.05; done";
    format!("trap 'echo asked {word}; {waits}; echo bye {word}; exit 0' TERM; echo hello {word}; sleep 1000 & wait")
}

/// Ends the wait of a [`held`] program.
pub fn let_go(program: Process) -> Result {
    step("touch /proc/$(pgrep -f 'until test -e /dev/shm/go' | head -n 1)/root/dev/shm/go; sleep 3");
    let go = program.inside("/dev/shm/go");
    done(fs::write(&go, ""), "make", &go)
}

/// A manifest as JSON, which is YAML, too. Its grace period is long enough for a fast clock.
pub fn manifest(name: &str, program: &str) -> Value {
    serde_json::json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": name },
        "spec": { "terminationGracePeriodSeconds": 120, "containers": [{ "name": "app", "image": "host", "command": ["sh", "-c", program] }] },
    })
}

/// A manifest with a [`polite`] program.
pub fn pod(name: &str, word: &str) -> Value {
    manifest(name, &polite(word))
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// What was last done to the directory of a running kubelet.
static CHANGED: Mutex<Option<String>> = Mutex::new(None);

/// `, after a.yaml was removed`; nothing while nothing was changed.
fn after() -> String {
    let changed = CHANGED.lock().unwrap_or_else(PoisonError::into_inner);
    changed.as_deref().filter(|it| !it.is_empty()).map_or_else(String::new, |it| format!(", after {it}"))
}

/// A directory of manifests, and one for the kubelet's state. What is done with them is told as steps to try, where
/// `$D` is the directory of both.
pub struct Room {
    dir: TempDir,
}

impl Room {
    pub fn new() -> Result<Room> {
        let made = TempDir::new().and_then(|dir| {
            fs::create_dir(dir.path().join("manifests"))?;
            step("D=$(mktemp -d); mkdir $D/manifests");
            Ok(Room { dir })
        });
        made.map_err(|error| Failure::grader(format!("make a directory: {error}")))
    }

    /// With these pods, each in a file of its own: file and manifest.
    pub fn with(pods: &[(&str, Value)]) -> Result<Room> {
        let room = Room::new()?;
        for (file, pod) in pods {
            room.put(file, &pod.to_string())?;
        }
        Ok(room)
    }

    pub fn manifests(&self) -> PathBuf {
        self.dir.path().join("manifests")
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.manifests().join(file)
    }

    /// A path that nobody watches.
    pub fn outside(&self, file: &str) -> PathBuf {
        self.dir.path().join(file)
    }

    fn state(&self) -> String {
        self.outside("state").display().to_string()
    }

    /// A path as it is in the steps.
    fn shown(&self, path: &Path) -> String {
        path.display().to_string().replacen(&self.dir.path().display().to_string(), "$D", 1)
    }

    /// Tells of a change of the directory: what has come of it, and the command for it.
    fn change(&self, what: impl Into<String>, command: String) {
        let mut changed = CHANGED.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *changed {
            Some(last) => {
                *last = what.into();
                // The kubelet needs a moment to see one before the next.
                step(format!("{command}\nsleep 3"));
            }
            None => step(command),
        }
    }

    /// Writes a file in its place.
    pub fn put(&self, file: &str, text: &str) -> Result {
        self.write(&self.path(file), text)
    }

    /// Writes a file that nobody watches.
    pub fn put_outside(&self, file: &str, text: &str) -> Result {
        self.write(&self.outside(file), text)
    }

    fn write(&self, path: &Path, text: &str) -> Result {
        let shown = self.shown(path);
        let command = match text.len() {
            ..=2000 => format!("cat > {shown} <<'EOF'\n{text}\nEOF"),
            bytes => format!("# a file of {bytes} bytes: {shown}"),
        };
        let name = path.file_name().unwrap_or_default().display();
        let verb = if path.exists() { "edited" } else { "written" };
        let hello = text.split_once("echo hello ").and_then(|it| it.1.split(';').next());
        let hello = hello.map_or_else(String::new, |word| format!(", to say hello {word}"));
        self.change(format!("{name} was {verb}{hello}"), command);
        done(fs::write(path, text), "write", path)
    }

    /// Writes it half, lets `between` look, and writes the rest.
    pub fn put_slowly(&self, file: &str, text: &str, between: impl FnOnce() -> Result) -> Result {
        let path = self.path(file);
        let (half, shown) = (text.len() / 2, self.shown(&path));
        let slowly = format!("{{ head -c {half} $D/whole; sleep 3; tail -c +{} $D/whole; }} > {shown}", half + 1);
        self.change(
            format!("{file} was written, in two halves"),
            format!("cat > $D/whole <<'EOF'\n{text}\nEOF\n{slowly}"),
        );
        let write = |file: &mut fs::File, part: &str| done(file.write_all(part.as_bytes()), "write", &path);
        let mut open =
            fs::File::create(&path).map_err(|error| Failure::grader(format!("make {}: {error}", path.display())))?;
        write(&mut open, &text[..half])?;
        between()?;
        write(&mut open, &text[half..])
    }

    pub fn remove(&self, file: &str) -> Result {
        self.change(format!("{file} was removed"), format!("rm $D/manifests/{file}"));
        done(fs::remove_file(self.path(file)), "remove", &self.path(file))
    }

    pub fn rename(&self, from: &Path, to: &Path) -> Result {
        let (old, new) = (self.shown(from), self.shown(to));
        self.change(
            format!("{} was moved to {}", old.replace("$D/", ""), new.replace("$D/", "")),
            format!("mv {old} {new}"),
        );
        done(fs::rename(from, to), "rename", from)
    }

    pub fn link(&self, target: &Path, file: &str) -> Result {
        self.change(format!("the link {file} was made"), format!("ln -s {} $D/manifests/{file}", self.shown(target)));
        done(std::os::unix::fs::symlink(target, self.path(file)), "link", &self.path(file))
    }

    pub fn hard_link(&self, target: &Path, file: &str) -> Result {
        self.change(format!("the hard link {file} was made"), format!("ln {} $D/manifests/{file}", self.shown(target)));
        done(fs::hard_link(target, self.path(file)), "link", &self.path(file))
    }

    pub fn make_dir(&self, file: &str) -> Result {
        self.change(format!("the directory {file} was made"), format!("mkdir $D/manifests/{file}"));
        done(fs::create_dir(self.path(file)), "make", &self.path(file))
    }

    pub fn fifo(&self, file: &str) -> Result {
        self.change(format!("the FIFO {file} was made"), format!("mkfifo $D/manifests/{file}"));
        let made = Command::new("mkfifo").arg(self.path(file)).status();
        done(
            made.and_then(|it| if it.success() { Ok(()) } else { Err(std::io::Error::other("mkfifo failed")) }),
            "make",
            &self.path(file),
        )
    }

    pub fn start(&self, args: &[&str]) -> Result<Running> {
        let dir = self.manifests().display().to_string();
        let kubelet = Cli::new("kubelet").args(["--manifests", &dir, "--state", &self.state(), "--format", "json"]);
        let run = "cargo run -p static_pods -- kubelet --manifests $D/manifests --state $D/state";
        let options: String = args.iter().map(|arg| format!(" {arg}")).collect();
        step(format!("{run}{options} &    # to end it: fg, then Ctrl-C\nsleep 3"));
        CHANGED.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default();
        kubelet.args(args).spawn()
    }

    /// What `get pods` shows.
    pub fn get(&self) -> Result<Vec<Value>> {
        step("cargo run -p static_pods -- get pods -o json --state $D/state | python3 -m json.tool");
        let ran = Cli::new("get").args(["pods", "-o", "json", "--state", &self.state()]).run()?;
        ran.expect_code(0)?;
        Ok(ran.json()?["items"].as_array().cloned().unwrap_or_default())
    }

    /// One pod, as `get` shows it, as soon as it is as it should be.
    pub fn wait_for(
        &self,
        kubelet: &mut Running,
        name: &str,
        what: &str,
        is: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let mut seen = Vec::new();
        let found = |pods: &[Value]| pods.iter().find(|pod| pod["metadata"]["name"] == name && is(pod)).cloned();
        wait_until(LONG, || {
            // It may have no state to show yet.
            seen = self.get().unwrap_or_default();
            found(&seen).is_some() || kubelet.try_wait().is_some()
        });
        if let Some(pod) = found(&seen) {
            return Ok(pod);
        }
        kubelet.expect_started()?;
        let names: Vec<&str> = seen.iter().map(|pod| text(&pod["metadata"]["name"])).collect();
        let shown = seen
            .iter()
            .find(|pod| pod["metadata"]["name"] == name)
            .map_or_else(|| format!("the pods that are shown: {}", names.join(" ")), Value::to_string);
        Err(kubelet.failure(format!("`get pods`: pod {name}"), what, said(kubelet, &shown)))
    }

    /// A pod that runs.
    pub fn running(&self, kubelet: &mut Running, name: &str) -> Result<Value> {
        self.wait_for(kubelet, name, "phase Running", |pod| pod["status"]["phase"] == "Running")
    }

    /// Waits until `get` does not show a pod of that name.
    pub fn gone(&self, kubelet: &mut Running, name: &str) -> Result {
        let is_there = |pods: &[Value]| pods.iter().any(|pod| pod["metadata"]["name"] == name);
        let mut last = Vec::new();
        let gone = wait_until(LONG, || {
            last = self.get().unwrap_or_default();
            !is_there(&last)
        });
        if gone {
            return Ok(());
        }
        Err(kubelet.failure(
            format!("`get pods` after the end of {name}"),
            "no such pod",
            said(kubelet, "it is still shown"),
        ))
    }

    pub fn delete(&self, name: &str) -> Result<Ran> {
        step(format!("cargo run -p static_pods -- delete pod {name} --state $D/state; sleep 3"));
        Cli::new("delete").args(["pod", name, "--state", &self.state()]).run()
    }

    pub fn cli(&self, words: &[&str]) -> Cli {
        step(format!("cargo run -p static_pods -- {} --state $D/state", words.join(" ")));
        Cli::new(words[0]).args(&words[1..]).args(["--state", &self.state()])
    }
}

fn done(result: std::io::Result<()>, what: &str, path: &Path) -> Result {
    result.map_err(|error| Failure::grader(format!("{what} {}: {error}", path.display())))
}

/// What the containers have printed, in the order of its arrival.
pub fn heard(kubelet: &Running) -> Vec<String> {
    let lines = kubelet.stdout();
    let values = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    values.filter(|it| it["type"] == "log").map(|it| text(&it["line"]).to_owned()).collect()
}

fn times(kubelet: &Running, line: &str) -> usize {
    heard(kubelet).iter().filter(|it| *it == line).count()
}

/// Waits until a line has been printed this many times.
pub fn hear_times(kubelet: &mut Running, line: &str, wanted: usize) -> Result {
    wait_until(LONG, || times(kubelet, line) >= wanted || kubelet.try_wait().is_some());
    if times(kubelet, line) >= wanted {
        return Ok(());
    }
    kubelet.expect_started()?;
    let all = heard(kubelet).join(" / ");
    let what = format!("the line {line:?} of a container, {wanted} times, within {} s", LONG.as_secs());
    let of = format!("what the containers print{}", after());
    Err(kubelet.failure(of, what, said(kubelet, &format!("printed so far: {all}"))))
}

pub fn hear(kubelet: &mut Running, line: &str) -> Result {
    hear_times(kubelet, line, 1)
}

/// Waits for a line of the kubelet itself that holds all these words.
pub fn told(kubelet: &mut Running, words: &[&str]) -> Result {
    let is = |line: &str| words.iter().all(|word| line.contains(word));
    wait_until(LONG, || kubelet.stderr().lines().any(is) || kubelet.try_wait().is_some());
    if kubelet.stderr().lines().any(is) {
        return Ok(());
    }
    kubelet.expect_started()?;
    let expected = format!("a line with {}", words.join(", "));
    let of = format!("what the kubelet says on standard error{}", after());
    Err(kubelet.failure(of, expected, said(kubelet, "no such line")))
}

/// Everything that was printed is this, once it has had a moment to be more.
pub fn heard_is(kubelet: &Running, what: &str, expected: &str) -> Result {
    std::thread::sleep(MOMENT);
    let observed = heard(kubelet).join(" / ");
    if observed == expected {
        return Ok(());
    }
    Err(kubelet.failure(what, expected, observed))
}

/// The process that prints `hello WORD`.
pub fn program(kubelet: &Running, word: &str) -> Result<Process> {
    let hello = format!("echo hello {word};");
    Process(kubelet.id()).wait_for(&format!("the one that says hello {word}"), |it| it.command().contains(&hello))
}

/// `reason`, and the last that the kubelet has said itself.
pub fn said(kubelet: &Running, reason: &str) -> String {
    let stderr = kubelet.stderr();
    let lines: Vec<&str> = stderr.lines().collect();
    match &lines[lines.len().saturating_sub(5)..] {
        [] => reason.to_owned(),
        last => format!("{reason}\nthe kubelet's last words:\n  {}", last.join("\n  ")),
    }
}

/// It is the same process as before.
pub fn still(kubelet: &Running, what: &str, program: Process) -> Result {
    if program.is_alive() {
        return Ok(());
    }
    let all = heard(kubelet).join(" / ");
    Err(kubelet.failure(what, "the same process as before", format!("it has ended; the containers print: {all}")))
}

/// Ctrl-C, and the end.
pub fn end(kubelet: Running) -> Result<Ran> {
    step("kill -INT $!; wait");
    kubelet.signal(Signal::SIGINT)?;
    kubelet.wait(LONG)
}
