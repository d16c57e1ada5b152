//! Unit tests of what open pages are told.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use serde_json::json;

use super::*;

/// What a stream has ready now.
fn ready(stream: &mut (impl Stream<Item = Result<Bytes, Infallible>> + Unpin)) -> String {
    let mut text = String::new();
    let mut context = Context::from_waker(Waker::noop());
    while let Poll::Ready(Some(Ok(bytes))) = pin!(&mut *stream).poll_next(&mut context) {
        text += std::str::from_utf8(&bytes).unwrap();
    }
    text
}

fn with_time(test: impl FnOnce()) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _entered = runtime.enter();
    test();
}

#[test]
fn a_slow_page_gets_the_newest_and_nothing_piles_up() {
    with_time(|| {
        let hub = Hub::new(1);
        let mut stream = Box::pin(hub.stream().unwrap());
        assert_eq!(ready(&mut stream), HELLO);
        for n in 0..1000 {
            hub.say("results", "01-a", &json!(n));
            hub.say("results", "02-b", &json!(-n));
        }
        assert_eq!(ready(&mut stream), "event: results\ndata: 999\n\nevent: results\ndata: -999\n\n");
        assert_eq!(ready(&mut stream), "");
    });
}

#[test]
fn what_is_over_is_not_told_to_pages_to_come() {
    with_time(|| {
        let hub = Hub::new(2);
        hub.say("grading", "01-a", &json!({}));
        hub.forget("grading", "01-a");
        hub.say("results", "01-a", &json!(1));
        let mut stream = Box::pin(hub.stream().unwrap());
        assert_eq!(ready(&mut stream), format!("{HELLO}event: results\ndata: 1\n\n"));
    });
}

#[test]
fn a_stream_that_ends_makes_room() {
    with_time(|| {
        let hub = Hub::new(1);
        let stream = hub.stream();
        assert!(stream.is_some() && hub.stream().is_none());
        drop(stream);
        assert!(hub.stream().is_some());
    });
}
