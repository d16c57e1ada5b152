//! Unit tests of what waits to be graded.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::*;

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|it| it.to_string()).collect()
}

fn second(n: u64) -> Option<SystemTime> {
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(n))
}

#[test]
fn what_was_saved_comes_before_what_was_not_touched() {
    let queue = Queue::default();
    queue.want(names(&["1", "2", "3"]), None);
    queue.want(names(&["2"]), second(1));
    assert_eq!(queue.next(), Some(Turn { names: names(&["2"]), saved: second(1) }));
    assert!(queue.finish());
    assert_eq!(queue.next(), Some(Turn { names: names(&["1", "3"]), saved: None }));
}

#[test]
fn a_save_overtakes_the_run_and_what_it_graded_waits_again() {
    let queue = Queue::default();
    queue.want(names(&["1", "2"]), None);
    assert_eq!(queue.next().unwrap().names, names(&["1", "2"]));
    assert!(!queue.is_overtaken());
    queue.want(names(&["1"]), second(1));
    queue.want(names(&["1"]), second(2));
    assert!(queue.is_overtaken());
    assert!(!queue.finish());
    assert_eq!(queue.next(), Some(Turn { names: names(&["1"]), saved: second(2) }));
    assert!(queue.finish());
    assert_eq!(queue.next(), Some(Turn { names: names(&["2"]), saved: None }));
}

#[test]
fn a_chapter_that_is_gone_is_not_graded() {
    let queue = Queue::default();
    queue.want(names(&["1", "2"]), second(1));
    queue.next();
    queue.forget("2");
    assert!(!queue.finish());
    assert_eq!(queue.next().unwrap().names, names(&["1"]));
    queue.close();
    assert_eq!(queue.next(), None);
}

/// Forty saves, one every five milliseconds, of a chapter that takes thirty to grade.
#[test]
fn many_saves_end_with_the_verdict_of_the_last_and_never_with_two_runs() {
    let queue = Queue::default();
    let (saved, runs, at_once) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let verdicts = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while queue.next().is_some() {
                assert_eq!(at_once.fetch_add(1, Ordering::SeqCst), 0);
                runs.fetch_add(1, Ordering::SeqCst);
                let state = saved.load(Ordering::SeqCst);
                for _ in 0..15 {
                    if queue.is_overtaken() {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(2));
                }
                at_once.fetch_sub(1, Ordering::SeqCst);
                if queue.finish() {
                    verdicts.lock().unwrap().push(state);
                }
            }
        });
        for n in 1..=40 {
            saved.store(n, Ordering::SeqCst);
            queue.want(names(&["1"]), second(n as u64));
            std::thread::sleep(Duration::from_millis(5));
        }
        let until = std::time::Instant::now() + Duration::from_secs(10);
        while verdicts.lock().unwrap().last() != Some(&40) && std::time::Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        let ran = runs.load(Ordering::SeqCst);
        // Nothing is left to run.
        std::thread::sleep(Duration::from_millis(60));
        assert_eq!(runs.load(Ordering::SeqCst), ran);
        queue.close();
    });
    assert_eq!(verdicts.into_inner().unwrap().last(), Some(&40));
}
