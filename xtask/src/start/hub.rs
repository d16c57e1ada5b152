//! What open pages are told, as server-sent events.
//!
//! The hub keeps the last event of each kind (the pages' stamps, each chapter's results). A
//! page that connects gets all of them, then what is new. It is the newest that is sent: for
//! a page that reads slowly nothing piles up. A stream is a task, not a thread.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use futures_util::stream::{Stream, unfold};
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// A page that is gone without a word is noticed when this cannot be written.
const BEAT: Duration = Duration::from_secs(20);

/// When the server has ended, the page asks this often whether it is back (milliseconds).
const HELLO: &str = "retry: 500\n\n";

#[derive(Clone)]
pub struct Hub {
    said: watch::Sender<Said>,
    free: Arc<Semaphore>,
}

/// The last event of each kind, oldest first.
#[derive(Default)]
struct Said {
    events: Vec<Event>,
    last: u64,
}

struct Event {
    kind: String,
    number: u64,
    text: Bytes,
}

impl Hub {
    /// For at most so many streams at a time.
    pub fn new(most: usize) -> Hub {
        Hub { said: watch::Sender::new(Said::default()), free: Arc::new(Semaphore::new(most)) }
    }

    /// Tells all pages, and those to come. `about` is what this event replaces the last one
    /// of, besides its name.
    pub fn say(&self, event: &str, about: &str, data: &Value) {
        // JSON on one line: a line's end would end the field.
        let text = format!("event: {event}\ndata: {data}\n\n");
        self.said.send_modify(|said| {
            let kind = format!("{event} {about}");
            said.events.retain(|it| it.kind != kind);
            said.last += 1;
            let number = said.last;
            said.events.push(Event { kind, number, text: text.into() });
        });
    }

    /// Pages to come need not hear of this.
    pub fn forget(&self, event: &str, about: &str) {
        let kind = format!("{event} {about}");
        self.said.send_if_modified(|said| {
            said.events.retain(|it| it.kind != kind);
            false
        });
    }

    /// The events for one page. None when there are too many pages.
    pub fn stream(&self) -> Option<impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static> {
        let permit = self.free.clone().try_acquire_owned().ok()?;
        let listener =
            Listener { said: self.said.subscribe(), heard: 0, ready: [HELLO.into()].into(), _permit: permit };
        Some(unfold(listener, |mut listener| async move { Some((Ok(listener.next().await?), listener)) }))
    }
}

struct Listener {
    said: watch::Receiver<Said>,
    /// The number of the last event taken.
    heard: u64,
    ready: VecDeque<Bytes>,
    _permit: OwnedSemaphorePermit,
}

impl Listener {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(text) = self.ready.pop_front() {
                return Some(text);
            }
            self.take();
            if !self.ready.is_empty() {
                continue;
            }
            match tokio::time::timeout(BEAT, self.said.changed()).await {
                Ok(changed) => changed.ok()?,
                Err(_) => return Some(Bytes::from_static(b":\n\n")),
            }
        }
    }

    fn take(&mut self) {
        let said = self.said.borrow_and_update();
        let new = said.events.iter().filter(|it| it.number > self.heard);
        self.ready.extend(new.map(|it| it.text.clone()));
        self.heard = said.last;
    }
}

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
