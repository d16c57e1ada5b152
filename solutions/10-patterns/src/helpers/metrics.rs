//! The format that everybody understands: the text format of Prometheus.

use std::collections::BTreeMap;

use podkit::apps::fields::Fields;

/// A request that was answered, in this program's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub code: u16,
    /// How long it took, in millionths of a second.
    pub micros: u64,
}

/// What a line says of a request; `None`: nothing.
pub fn request(fields: &Fields) -> Option<Request> {
    // ANCHOR: task_10_8
    let one_of = |names: &[&str]| names.iter().find_map(|name| fields.get(*name));
    let micros = match (fields.get("us"), fields.get("ms")) {
        (Some(us), _) => us.parse().ok()?,
        (None, Some(ms)) => ms.parse::<u64>().ok()?.checked_mul(1000)?,
        (None, None) => return None,
    };
    Some(Request {
        method: one_of(&["method", "verb"])?.to_uppercase(),
        path: one_of(&["path", "url"])?.clone(),
        code: one_of(&["status", "code"])?.parse().ok()?,
        micros,
    })
    // ANCHOR_END: task_10_8
}

/// All requests so far, summed.
#[derive(Default)]
pub struct Metrics {
    /// How many, by app, method, path and code.
    requests: BTreeMap<(String, String, String, u16), u64>,
    /// How long they took, in millionths of a second, by app.
    micros: BTreeMap<String, u64>,
    /// Lines that say nothing of a request, by app.
    ignored: BTreeMap<String, u64>,
}

impl Metrics {
    /// Counts a line of an application: a request, or something else.
    pub fn count(&mut self, app: &str, request: Option<Request>) {
        // Every sum of an application is there from its first line on.
        let micros = self.micros.entry(app.to_owned()).or_default();
        let ignored = self.ignored.entry(app.to_owned()).or_default();
        match request {
            None => *ignored += 1,
            Some(request) => {
                *micros = micros.saturating_add(request.micros);
                let key = (app.to_owned(), request.method, request.path, request.code);
                *self.requests.entry(key).or_default() += 1;
            }
        }
    }

    /// As text.
    pub fn text(&self) -> String {
        // ANCHOR: task_10_8_b
        let mut text = String::new();
        text += "# HELP http_requests_total Requests answered.\n# TYPE http_requests_total counter\n";
        for ((app, method, path, code), count) in &self.requests {
            let (app, method, path) = (escaped(app), escaped(method), escaped(path));
            text += "http_requests_total";
            text += &format!("{{app=\"{app}\",method=\"{method}\",path=\"{path}\",code=\"{code}\"}} {count}\n");
        }
        text += "# HELP http_request_seconds_total Time spent on them.\n# TYPE http_request_seconds_total counter\n";
        for (app, micros) in &self.micros {
            let seconds = *micros as f64 / 1e6;
            text += &format!("http_request_seconds_total{{app=\"{}\"}} {seconds}\n", escaped(app));
        }
        text += "# HELP adapter_lines_ignored_total Lines that say nothing of a request.\n";
        text += "# TYPE adapter_lines_ignored_total counter\n";
        for (app, count) in &self.ignored {
            text += &format!("adapter_lines_ignored_total{{app=\"{}\"}} {count}\n", escaped(app));
        }
        text
        // ANCHOR_END: task_10_8_b
    }
}

/// A label's value, as it may stand between two quotes.
fn escaped(value: &str) -> String {
    // ANCHOR: task_10_8_c
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
    // ANCHOR_END: task_10_8_c
}
