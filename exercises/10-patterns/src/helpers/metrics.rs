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
    todo!("task 10.8: An adapter to one format")
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
        todo!("task 10.8: An adapter to one format")
        // ANCHOR_END: task_10_8_b
    }
}

/// A label's value, as it may stand between two quotes.
fn escaped(value: &str) -> String {
    // ANCHOR: task_10_8_c
    todo!("task 10.8: An adapter to one format")
    // ANCHOR_END: task_10_8_c
}
