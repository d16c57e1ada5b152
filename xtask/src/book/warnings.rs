//! mdBook only logs what goes wrong (a missing include exits 0). This listens.

use std::fmt::Write as _;
use std::sync::{Mutex, OnceLock, PoisonError};

use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::prelude::*;

static HEARD: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// From now on warnings and errors of mdBook are kept. May be called more than once.
pub fn collect() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        // Fails only if there is a subscriber already, and nobody else sets one.
        let _ = tracing_subscriber::registry().with(Listener).try_init();
    });
    take();
}

/// What was said since the last call.
pub fn take() -> Vec<String> {
    std::mem::take(&mut HEARD.lock().unwrap_or_else(PoisonError::into_inner))
}

struct Listener;

impl<S: tracing::Subscriber> Layer<S> for Listener {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let about = event.metadata();
        if *about.level() <= tracing::Level::WARN && about.target().starts_with("mdbook") {
            let mut text = Text(String::new());
            event.record(&mut text);
            HEARD.lock().unwrap_or_else(PoisonError::into_inner).push(text.0);
        }
    }
}

struct Text(String);

impl tracing::field::Visit for Text {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        // Writing to a String cannot fail.
        let _ = match field.name() {
            "message" => write!(self.0, "{value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}
