//! The simulator: what it reads, what it refuses, and that it always comes to an end.

use std::path::Path;
use std::time::Duration;

use podkit::engine::{Action, BackOff, Observed};
use podkit::manifest::{Document, Problem};
use podkit::pod::Pod;
use podkit::sim::{self, Timeline};
use podkit::time::Time;
use podkit::{Read, Runner};

fn read(document: &Document) -> Read {
    match document.decode() {
        Ok(decoded) => Read { pod: decoded.value, unknown: decoded.unknown, ..Read::default() },
        Err(problem) => Read { problems: vec![problem], ..Read::default() },
    }
}

fn runner() -> Runner {
    Runner::new("test", read, |_| Ok(Vec::new()))
}

const POD: &str = "pod:
  metadata: { name: peas }
  spec:
    containers: [{ name: app, image: host, lifecycle: { preStop: { sleep: { seconds: 2 } } } }]
";

fn simulate(rest: &str) -> Result<Timeline, Vec<Problem>> {
    sim::simulate(&runner(), &format!("{POD}{rest}"), Path::new("."))
}

fn refused(rest: &str) -> String {
    let problems = simulate(rest).err().unwrap_or_default();
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

#[test]
fn a_run_ends_when_its_script_says() {
    let text = simulate("containers: { app: { runs: [{ lasts: 1m30s, exits: 3 }] } }\n").unwrap().text();
    assert!(text.contains("90 s  app      run 0 ends: exit code 3"), "{text}");
}

#[test]
fn without_a_script_a_program_runs_for_ever() {
    let timeline = simulate("until: 20s\n").unwrap();
    assert!(timeline.text().ends_with("20 s  pod      end of the script; phase Running\n"), "{}", timeline.text());
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (rest, words, line) in [
        ("contaners: {}\n", "unknown field `contaners`", 5),
        ("containers: { app: { runs: [{ lasts: 5 }] } }\n", "time with its unit", 5),
        ("containers: { app: { runs: [{ lasts: soon }] } }\n", "\"soon\"", 5),
        ("containers:\n  web: {}\n", "one of the pod's containers", 6),
        ("containers:\n  app:\n    postStart: { takes: 1s }\n", "no such hook", 7),
        ("containers: { app: { runs: [{ exits: 1 }] } }\n", "must be a time", 5),
        ("containers: { app: { runs: [{ lasts: 1s, exits: 300 }] } }\n", "0 to 255", 5),
        ("containers: { app: { onTerm: hurries } }\n", "must be `ignores`", 5),
        ("events:\n  - { at: 1s }\n", "exactly one of", 6),
        ("events:\n  - { at: 1s, killNow: true, delete: {} }\n", "exactly one of", 6),
    ] {
        let said = refused(rest);
        assert!(said.contains(words) && said.contains(&format!("line {line}")), "{rest}: {said}");
    }
    assert!(sim::simulate(&runner(), "until: 1s\n", Path::new(".")).is_err());
    assert!(sim::simulate(&runner(), "podFile: none.yaml\n", Path::new(".")).is_err());
    assert!(sim::simulate(&runner(), "", Path::new(".")).is_err());
}

/// Wrong plans that would never come to an end.
#[test]
fn a_plan_that_goes_round_is_stopped() {
    fn restarts_at_once(_: &Pod, seen: &Observed, now: Time) -> Vec<Action> {
        let back_off = Some(BackOff { delay: Duration::ZERO, updated_at: now });
        match (&seen.sandbox, seen.running("app")) {
            (None, _) => vec![Action::StartSandbox],
            (_, None) => vec![Action::StartContainer { container: "app".into(), back_off }],
            _ => Vec::new(),
        }
    }
    fn wakes_at_once(_: &Pod, _: &Observed, now: Time) -> Vec<Action> {
        vec![Action::Wake(now)]
    }
    fn starts_twice(_: &Pod, _: &Observed, _: Time) -> Vec<Action> {
        vec![Action::StartContainer { container: "app".into(), back_off: None }]
    }
    let script = format!("{POD}containers: {{ app: {{ runs: [{{ lasts: 0s, exits: 1 }}] }} }}\n");
    for plan in [restarts_at_once, wakes_at_once, starts_twice] {
        let runner = Runner { plan: Some(plan), ..runner() };
        let problems = sim::simulate(&runner, &script, Path::new(".")).err().unwrap_or_default();
        assert_eq!(problems.len(), 1, "{problems:?}");
    }
}

#[test]
fn the_figure_is_xml_and_says_the_same_as_the_text() {
    let timeline = simulate("containers: { app: { onTerm: ignores } }\nevents: [{ at: 5s, delete: {} }]\n").unwrap();
    let svg = timeline.svg();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    assert_eq!(svg.matches("<g ").count(), svg.matches("</g>").count());
    assert!(svg.contains(&timeline.text().replace('&', "&amp;").replace('"', "&quot;")), "{svg}");
    for line in timeline.json().lines() {
        assert!(line.starts_with('{') && line.contains("\"t\":"), "{line}");
    }
}
