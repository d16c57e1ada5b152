//! A sidecar that ships a log: `shipper FILE`. Here it goes to its own output, where `logs` finds it.
//!
//! When it is asked to end, it looks once more. A sidecar ends after the application (chapter 5), so nothing
//! that the application has written is lost.

use std::io::{self, Write};
use std::time::Duration;

use podkit::apps::Ending;

use super::follower::Follower;

const EVERY: Duration = Duration::from_millis(50);

pub fn main(args: &[String]) -> Result<(), String> {
    let [file] = args else { return Err("usage: shipper FILE".into()) };
    let ending = Ending::begin()?;
    let mut follower = Follower::new(file);
    let mut trouble = String::new();
    let mut is_last = false;
    loop {
        let mut lines = Vec::new();
        let mut add = |line: &[u8]| {
            lines.extend_from_slice(line);
            lines.push(b'\n');
        };
        let looked = follower.look(&mut add);
        if is_last {
            follower.end_line(&mut add);
        }
        // The same trouble is told once.
        let message = looked.err().map(|error| format!("{file}: {error}")).unwrap_or_default();
        if message != trouble {
            trouble = message;
            if !trouble.is_empty() {
                eprintln!("shipper: {trouble}");
            }
        }
        let mut out = io::stdout().lock();
        out.write_all(&lines).and_then(|()| out.flush()).map_err(|error| format!("ship: {error}"))?;
        if is_last {
            return Ok(());
        }
        is_last = ending.within(EVERY);
    }
}
