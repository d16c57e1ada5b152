//! Task 10.8: an adapter to one format.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use podcheck::{Cli, Result, Running, expect, expect_eq, wait_until};

use crate::helpers::{Room, end, free_port, get, helper, own};
use crate::kit::text;

/// An adapter, and the directory with the logs.
struct Adapter {
    running: Running,
    port: u16,
    room: Room,
}

impl Adapter {
    fn new() -> Result<Adapter> {
        let (room, port) = (Room::new()?, free_port()?);
        own("make a directory", fs::create_dir(room.path("logs")))?;
        let running = helper("adapter", &[&port.to_string(), &room.text("logs")])?;
        Ok(Adapter { running, port, room })
    }

    /// Adds lines to the log of an app.
    fn log(&self, app: &str, text: &str) -> Result {
        self.room.log(&format!("logs/{app}.log"))?.add(text)
    }

    fn metrics(&mut self) -> Result<Metrics> {
        let (status, _, text) = get(&mut self.running, self.port, "/metrics")?;
        expect_eq("status of /metrics", "200", &*status)?;
        Metrics::read(&text)
    }

    /// Asks until the value is this one; the labels in any order.
    fn has(&mut self, name: &str, labels: &[(&str, &str)], expected: f64) -> Result {
        let metrics = self.metrics()?;
        let observed = metrics.value(name, labels);
        let shown = |value: Option<f64>| value.map_or("no such line".to_owned(), |value| value.to_string());
        let what = format!("{name} of {labels:?}");
        if observed.is_some_and(|value| (value - expected).abs() < 1e-12) {
            return Ok(());
        }
        Err(self.running.failure(what, expected, format!("{}, in\n{}", shown(observed), metrics.text)))
    }

    fn requests(&mut self, app: &str, method: &str, path: &str, code: &str, expected: f64) -> Result {
        let labels = [("app", app), ("method", method), ("path", path), ("code", code)];
        self.has("http_requests_total", &labels, expected)
    }

    fn seconds(&mut self, app: &str, expected: f64) -> Result {
        self.has("http_request_seconds_total", &[("app", app)], expected)
    }

    fn ignored(&mut self, app: &str, expected: f64) -> Result {
        self.has("adapter_lines_ignored_total", &[("app", app)], expected)
    }
}

type Labels = BTreeMap<String, String>;

/// The text format of Prometheus, read strictly.
struct Metrics {
    text: String,
    /// In their order.
    samples: Vec<(String, Labels, f64)>,
    types: BTreeMap<String, String>,
    helps: BTreeMap<String, String>,
}

impl Metrics {
    fn read(text: &str) -> Result<Metrics> {
        let mut metrics =
            Metrics { text: text.to_owned(), samples: Vec::new(), types: BTreeMap::new(), helps: BTreeMap::new() };
        expect("the last line of /metrics", "it ends with a newline", text.is_empty() || text.ends_with('\n'), text)?;
        for line in text.lines() {
            let is_read = metrics.line(line).is_some();
            expect("a line of /metrics", "a comment, or NAME{LABEL=\"VALUE\",...} NUMBER", is_read, line)?;
        }
        Ok(metrics)
    }

    fn line(&mut self, line: &str) -> Option<()> {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ')?;
            return self.helps.insert(name.to_owned(), help.to_owned()).is_none().then_some(());
        }
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ')?;
            // It comes before its first sample, and once.
            let is_first = self.samples.iter().all(|(it, ..)| it != name);
            return (self.types.insert(name.to_owned(), kind.to_owned()).is_none() && is_first).then_some(());
        }
        let (name, rest) = line.split_at(line.find(['{', ' '])?);
        let (labels, value) = match rest.strip_prefix('{') {
            Some(rest) => labels(rest)?,
            None => (Labels::new(), rest),
        };
        let value = value.strip_prefix(' ')?;
        if self.samples.iter().any(|(it, of, _)| it == name && *of == labels) {
            return None;
        }
        self.samples.push((name.to_owned(), labels, value.parse().ok()?));
        Some(())
    }

    fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let labels: Labels = labels.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        self.samples.iter().find(|(it, of, _)| it == name && *of == labels).map(|(_, _, value)| *value)
    }
}

/// Up to the closing brace, and what is behind it.
fn labels(text: &str) -> Option<(Labels, &str)> {
    let (mut labels, mut rest) = (Labels::new(), text);
    loop {
        let (name, after) = rest.split_once("=\"")?;
        let mut value = String::new();
        let mut chars = after.char_indices();
        let end = loop {
            match chars.next()? {
                (at, '"') => break at + 1,
                (_, '\\') => value.push(match chars.next()?.1 {
                    '\\' => '\\',
                    '"' => '"',
                    'n' => '\n',
                    _ => return None,
                }),
                (_, c) => value.push(c),
            }
        };
        labels.insert(name.to_owned(), value);
        rest = &after[end..];
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => return Some((labels, rest.strip_prefix('}')?)),
        }
    }
}

/// Each application has its own words, and its own unit of time.
pub fn two_ways_to_say_it() -> Result {
    let mut adapter = Adapter::new()?;
    adapter.log("web", "method=GET path=/prices status=200 us=1500\n")?;
    adapter.log("pay", "{\"verb\":\"post\",\"url\":\"/pay\",\"code\":201,\"ms\":20}\n")?;
    adapter.requests("web", "GET", "/prices", "200", 1.0)?;
    adapter.requests("pay", "POST", "/pay", "201", 1.0)?;
    adapter.seconds("web", 0.0015)?;
    adapter.seconds("pay", 0.02)?;
    // The words may come in any mixture.
    adapter.log("odd", "verb=Put url=/x code=404 us=7\nmethod=get path=/x code=404 ms=3\n")?;
    adapter.requests("odd", "PUT", "/x", "404", 1.0)?;
    adapter.requests("odd", "GET", "/x", "404", 1.0)?;
    adapter.seconds("odd", 0.003007)?;
    end(adapter.running).map(drop)
}

/// One line a request in the logs; one line a kind of request in the metrics.
pub fn counters_are_sums() -> Result {
    let mut adapter = Adapter::new()?;
    adapter.log("web", &"method=GET path=/ status=200 us=100\n".repeat(30))?;
    adapter.log("web", "method=GET path=/ status=500 us=100\nmethod=HEAD path=/ status=200 us=100\n")?;
    adapter.log("web", "method=GET path=/other status=200 us=0\n")?;
    adapter.log("api", "method=GET path=/ status=200 us=1\n")?;
    adapter.requests("web", "GET", "/", "200", 30.0)?;
    adapter.requests("web", "GET", "/", "500", 1.0)?;
    adapter.requests("web", "HEAD", "/", "200", 1.0)?;
    adapter.requests("web", "GET", "/other", "200", 1.0)?;
    adapter.requests("api", "GET", "/", "200", 1.0)?;
    adapter.seconds("web", 0.0032)?;
    adapter.seconds("api", 0.000001)?;
    adapter.log("web", "method=GET path=/ status=200 us=2000000\n")?;
    adapter.requests("web", "GET", "/", "200", 31.0)?;
    adapter.seconds("web", 2.0032)?;
    end(adapter.running).map(drop)
}

/// A path is what a stranger has sent. It must not become a metric of its own.
pub fn values_are_escaped() -> Result {
    let mut adapter = Adapter::new()?;
    adapter.log("web", "method=GET path=\"/say \\\"hi\\\"\" status=200 us=1\n")?;
    adapter.log("web", "{\"verb\":\"GET\",\"url\":\"C:\\\\new\",\"code\":200,\"ms\":1}\n")?;
    let forged = "/\"} 1\nhttp_requests_total{app=\"bank";
    let line = podcheck::serde_json::json!({ "verb": "GET", "url": forged, "code": 200, "ms": 1 });
    adapter.log("web", &format!("{line}\n"))?;
    adapter.requests("web", "GET", "/say \"hi\"", "200", 1.0)?;
    adapter.requests("web", "GET", "C:\\new", "200", 1.0)?;
    adapter.requests("web", "GET", forged, "200", 1.0)?;
    let metrics = adapter.metrics()?;
    let lines = metrics.samples.iter().filter(|(name, ..)| name == "http_requests_total").count();
    expect_eq("lines of http_requests_total for three paths", 3, lines)?;
    // The name of an application is the name of a file, and that may be anything, too.
    adapter.log("a\"b\\c", "method=\"x\\\"y\" path=/ status=200 us=1\nhm\n")?;
    adapter.requests("a\"b\\c", "X\"Y", "/", "200", 1.0)?;
    adapter.seconds("a\"b\\c", 0.000001)?;
    adapter.ignored("a\"b\\c", 1.0)?;
    end(adapter.running).map(drop)
}

/// Whoever reads metrics is told what they are.
pub fn each_metric_has_a_type() -> Result {
    let mut adapter = Adapter::new()?;
    adapter.log("web", "method=GET path=/ status=200 us=1\n")?;
    adapter.log("zoo", "method=GET path=/ status=200 us=1\nnothing\n")?;
    adapter.ignored("zoo", 1.0)?;
    let metrics = adapter.metrics()?;
    for name in ["http_requests_total", "http_request_seconds_total", "adapter_lines_ignored_total"] {
        let kind = metrics.types.get(name).map(String::as_str);
        expect_eq(format!("# TYPE of {name}"), Some("counter"), kind)?;
        let help = metrics.helps.get(name).map(String::as_str).unwrap_or_default();
        expect(format!("# HELP of {name}"), "some words", !help.trim().is_empty(), &metrics.text)?;
    }
    // All lines of one name stand together.
    let mut names: Vec<&str> = metrics.samples.iter().map(|(name, ..)| name.as_str()).collect();
    names.dedup();
    expect_eq("names of metrics, in their order", 3, names.len())?;
    expect_eq("lines of values", 6, metrics.samples.len())?;
    let (_, kind, _) = get(&mut adapter.running, adapter.port, "/metrics")?;
    expect("Content-Type", "text/plain; version=0.0.4", kind.starts_with("text/plain; version=0.0.4"), &kind)?;
    let (status, ..) = get(&mut adapter.running, adapter.port, "/other")?;
    expect_eq("status of another page", "404", &*status)?;
    end(adapter.running).map(drop)
}

/// It is counted, and nothing else.
pub fn what_says_nothing_is_ignored() -> Result {
    let mut adapter = Adapter::new()?;
    adapter.log("web", "method=GET path=/ status=200 us=5\n")?;
    adapter.ignored("web", 0.0)?;
    let nothing = [
        "server started",
        "path=/ status=200 us=5",
        "method=GET status=200 us=5",
        "method=GET path=/ us=5",
        "method=GET path=/ status=200",
        "method=GET path=/ status=fine us=5",
        "method=GET path=/ status=200 us=5ms",
        "method=GET path=/ status=200 us=-5",
        "{\"verb\":\"GET\",\"url\":\"/\",\"code\":200,\"ms\":18446744073709551615}",
        "{\"verb\":\"GET\",\"url\":\"/\",\"code\":200",
    ];
    for (n, line) in nothing.iter().enumerate() {
        adapter.log("web", &format!("{line}\n"))?;
        let counted = adapter.ignored("web", (n + 1) as f64);
        counted.map_err(|failure| failure.about(format!("a line that says nothing of a request: {line}")))?;
    }
    adapter.requests("web", "GET", "/", "200", 1.0)?;
    adapter.seconds("web", 0.000005)?;
    let only = adapter.metrics()?.samples.len();
    expect_eq("lines of values", 3, only)?;
    end(adapter.running).map(drop)
}

/// A counter never goes down, also when the log that it came from is moved away.
pub fn counters_never_go_down() -> Result {
    let mut adapter = Adapter::new()?;
    adapter.log("web", "method=GET path=/ status=200 us=10\n")?;
    adapter.requests("web", "GET", "/", "200", 1.0)?;
    adapter.room.rename("logs/web.log", "logs/web.log.1")?;
    adapter.log("web", "method=GET path=/ status=200 us=10\n")?;
    let moved = wait_until(Duration::from_secs(2), || adapter.requests("web", "GET", "/", "200", 2.0).is_ok());
    if !moved {
        adapter.requests("web", "GET", "/", "200", 2.0)?;
    }
    adapter.seconds("web", 0.00002)?;
    let metrics = adapter.metrics()?;
    expect("metrics", "no app but web", !metrics.text.contains("log.1"), &metrics.text)?;
    end(adapter.running).map(drop)
}

/// The whole of it: two applications, one format.
pub fn an_adapter_speaks_one_format() -> Result {
    let (path, text) = text!("adapter.yaml");
    let ran = Cli::new("run").manifest(path, text).run()?;
    ran.expect_code(0)?;
    let lines: Vec<String> =
        ran.stdout_lines().iter().filter_map(|line| line.strip_prefix("[scrape] ").map(str::to_owned)).collect();
    let metrics = Metrics::read(&(lines.join("\n") + "\n"))?;
    let old = [("app", "old"), ("method", "GET"), ("path", "/cart"), ("code", "200")];
    let young = [("app", "young"), ("method", "GET"), ("path", "/cart"), ("code", "200")];
    for labels in [old, young] {
        let observed = metrics.value("http_requests_total", &labels);
        let what = format!("http_requests_total of {labels:?}");
        ran.expect(what, "2", observed == Some(2.0), &metrics.text)?;
    }
    expect("seconds", "0.25 of both", metrics.text.matches(" 0.25\n").count() == 2, &metrics.text)
}
