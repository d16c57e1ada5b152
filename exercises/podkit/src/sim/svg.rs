//! The timeline as a figure: one lane for the pod, one for each container.
//!
//! Made to stand inside a page: it takes its text colour from there, its other
//! colours from CSS variables with a fallback, and it names no font of its own.
//! All it shows is also in its `<desc>`, as the text of the timeline.

use std::collections::hash_map::DefaultHasher;
use std::fmt::Write;
use std::hash::{Hash, Hasher};

use super::timeline::{Fact, Timeline, hook_name, signal_name};
use crate::engine::Answer;
use crate::pod::{ContainerState, ContainerStatus};

const LEFT: f64 = 110.0;
const WIDTH: f64 = 760.0;
const LANE: f64 = 44.0;
const BAR: f64 = 20.0;
const TOP: f64 = 20.0;

/// A stretch of one lane.
#[derive(Clone, Debug, PartialEq)]
struct Bar {
    from: f64,
    to: f64,
    class: &'static str,
    label: String,
}

/// A point of one lane.
struct Mark {
    at: f64,
    label: &'static str,
}

#[derive(Default)]
struct Lane {
    name: String,
    bars: Vec<Bar>,
    marks: Vec<Mark>,
    /// What probes have found: when, and was it a success?
    answers: Vec<(f64, bool)>,
    /// Stretches in which a container that is asked was ready.
    ready: Vec<(f64, f64)>,
}

impl Timeline {
    /// An inline-able SVG element.
    pub fn svg(&self) -> String {
        let lanes = self.lanes();
        let end = self.shown_until();
        let scale = (WIDTH - LEFT - 20.0) / end;
        let x = |seconds: f64| LEFT + seconds * scale;
        let height = TOP + LANE * lanes.len() as f64 + 62.0;
        let text = self.text();
        let id = format!("timeline-{:08x}", hash(&(&self.pod.metadata.name, &text)) as u32);
        let mut out = String::new();
        let _ = write!(
            out,
            "<svg class=\"timeline\" id=\"{id}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" \
             viewBox=\"0 0 {WIDTH} {height}\" xmlns=\"http://www.w3.org/2000/svg\" font-size=\"12\" \
             fill=\"currentColor\" style=\"max-width:100%;height:auto\">\n\
             <title id=\"{id}-title\">Timeline of pod {}</title>\n<desc id=\"{id}-desc\">{}</desc>\n",
            escape(&self.pod.metadata.name),
            escape(&text),
        );
        for (n, lane) in lanes.iter().enumerate() {
            let top = TOP + LANE * n as f64;
            let _ = writeln!(out, "<text x=\"4\" y=\"{}\">{}</text>", top + 15.0, escape(&clip(&lane.name, 15)));
            // What runs comes last: a run that takes no time is drawn over the wait after it.
            let (runs, rest): (Vec<&Bar>, Vec<&Bar>) = lane.bars.iter().partition(|bar| bar.class == "running");
            for bar in rest.into_iter().chain(runs) {
                draw_bar(&mut out, bar, top, &x);
            }
            for mark in &lane.marks {
                draw_mark(&mut out, mark, top, &x);
            }
            draw_answers(&mut out, lane, top, &x);
        }
        let bottom = TOP + LANE * lanes.len() as f64 - 8.0;
        axis(&mut out, end, bottom, &x);
        legend(&mut out, &lanes, bottom + 44.0);
        out.push_str("</svg>\n");
        out
    }

    /// The end of the time axis. A pod that is over gets some room to show how it has ended.
    fn shown_until(&self) -> f64 {
        let last = self.entries.last();
        let end = last.map_or(0.0, |entry| entry.seconds()).max(1.0);
        match last.map(|entry| &entry.fact) {
            Some(Fact::End { why: "over", .. }) => end * 1.16,
            _ => end,
        }
    }

    fn lanes(&self) -> Vec<Lane> {
        let end = self.shown_until();
        let mut pod = Lane { name: "pod".into(), ..Lane::default() };
        let names: Vec<&str> = self.pod.all_containers().map(|it| it.name.as_str()).collect();
        let mut lanes: Vec<Lane> = names.iter().map(|name| Lane { name: (*name).into(), ..Lane::default() }).collect();
        for entry in &self.entries {
            let at = entry.seconds();
            match &entry.fact {
                Fact::Status(status) => {
                    pod.turn(at, phase_class(&status.phase.to_string()), status.phase.to_string());
                    for (lane, name) in lanes.iter_mut().zip(&names) {
                        let all = status.init_container_statuses.iter().chain(&status.container_statuses);
                        if let Some(status) = all.into_iter().find(|it| it.name == *name) {
                            let (class, label) = bar_of(status, lane.bars.last());
                            lane.turn(at, class, label);
                            lane.turn_ready(at, status.ready);
                        }
                    }
                }
                Fact::Event(event) if event.reason == "Killing" => {
                    let lane = lanes.iter_mut().find(|it| Some(&it.name) == event.container.as_ref());
                    if let Some(lane) = lane {
                        lane.turn(at, "stopping", "stopping".into());
                    }
                }
                Fact::Signal { container, signal } => {
                    if let Some(lane) = lanes.iter_mut().find(|it| it.name == *container) {
                        lane.marks.push(Mark { at, label: signal_name(*signal) });
                    }
                }
                Fact::Hook { container, hook, what: "started", .. } => {
                    if let Some(lane) = lanes.iter_mut().find(|it| it.name == *container) {
                        lane.marks.push(Mark { at, label: hook_name(*hook) });
                    }
                }
                Fact::Probe { container, answer, .. } => {
                    if let Some(lane) = lanes.iter_mut().find(|it| it.name == *container) {
                        lane.answers.push((at, matches!(answer, Answer::Success | Answer::Warning(_))));
                    }
                }
                Fact::Outside { what, .. } => {
                    pod.marks.push(Mark { at, label: super::text::outside_words(what) });
                }
                _ => {}
            }
        }
        lanes.insert(0, pod);
        for lane in &mut lanes {
            if let Some(bar) = lane.bars.last_mut() {
                bar.to = end;
            }
            if let Some(ready) = lane.ready.last_mut().filter(|ready| ready.1 == f64::INFINITY) {
                ready.1 = end;
            }
        }
        lanes
    }
}

impl Bar {
    /// A run that takes no time must still be seen; a wait that takes none was none.
    fn seen(&self) -> bool {
        self.to > self.from || self.class == "running"
    }
}

impl Lane {
    fn turn_ready(&mut self, at: f64, ready: bool) {
        match (ready, self.ready.last_mut()) {
            (true, None) => self.ready.push((at, f64::INFINITY)),
            (true, Some(last)) if last.1 < f64::INFINITY => self.ready.push((at, f64::INFINITY)),
            (false, Some(last)) if last.1 == f64::INFINITY => last.1 = at,
            _ => {}
        }
    }

    /// From now on the lane shows this.
    fn turn(&mut self, at: f64, class: &'static str, label: String) {
        if let Some(bar) = self.bars.last_mut() {
            if bar.class == class && bar.label == label {
                return;
            }
            bar.to = at;
        }
        self.bars.push(Bar { from: at, to: at, class, label });
    }
}

/// A container that is to stop still runs: its bar says so until it has ended.
fn bar_of(status: &ContainerStatus, last: Option<&Bar>) -> (&'static str, String) {
    match &status.state {
        ContainerState::Running(_) if last.is_some_and(|bar| bar.class == "stopping") => {
            ("stopping", "stopping".into())
        }
        ContainerState::Running(_) => ("running", format!("run {}", status.restart_count)),
        ContainerState::Waiting(waiting) if waiting.reason == "CrashLoopBackOff" => {
            ("back-off", "CrashLoopBackOff".into())
        }
        ContainerState::Waiting(waiting) => ("waiting", waiting.reason.clone()),
        ContainerState::Terminated(end) => ("ended", format!("{} {}", end.reason, end.exit_code)),
        ContainerState::Unset => ("waiting", String::new()),
    }
}

fn phase_class(phase: &str) -> &'static str {
    match phase {
        "Running" => "running",
        "Succeeded" => "ended",
        "Failed" => "failed",
        _ => "waiting",
    }
}

/// Class, CSS variable's fallback, and the words of the legend.
const CLASSES: [(&str, &str, &str); 6] = [
    ("waiting", "#9aa0a6", "waiting"),
    ("running", "#2e9e5b", "running"),
    ("back-off", "#d9a514", "back-off"),
    ("stopping", "#4a86d8", "stopping"),
    ("ended", "#6b7280", "ended"),
    ("failed", "#d0453d", "Failed"),
];

fn colour(class: &str) -> String {
    let fallback = CLASSES.iter().find(|it| it.0 == class).map_or("#9aa0a6", |it| it.1);
    format!("var(--timeline-{class}, {fallback})")
}

fn draw_bar(out: &mut String, bar: &Bar, top: f64, x: &impl Fn(f64) -> f64) {
    let from = x(bar.from);
    if !bar.seen() {
        return;
    }
    let width = (x(bar.to) - from).max(3.0);
    let span = format!("{} to {} s", bar.from, bar.to);
    let _ = writeln!(
        out,
        "<g class=\"bar {}\"><title>{}, {span}</title><rect x=\"{from:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" \
         height=\"{BAR}\" rx=\"2\" style=\"fill:{};fill-opacity:.45;stroke:{}\"/>",
        bar.class,
        escape(&bar.label),
        colour(bar.class),
        colour(bar.class),
    );
    let room = (width / 7.0) as usize;
    if room > bar.label.chars().count() {
        let _ = writeln!(out, "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>", from + 4.0, top + 14.0, escape(&bar.label));
    }
    out.push_str("</g>\n");
}

fn draw_mark(out: &mut String, mark: &Mark, top: f64, x: &impl Fn(f64) -> f64) {
    let at = x(mark.at);
    // Near the right edge the words stand on the other side.
    let (words, anchor) = if at > WIDTH - 90.0 { (at - 5.0, "end") } else { (at + 5.0, "start") };
    let _ = writeln!(
        out,
        "<g class=\"mark\"><title>{} at {} s</title><path d=\"M{at:.1} {:.1}v{:.1}\" stroke=\"currentColor\" \
         stroke-width=\"1.5\"/><circle cx=\"{at:.1}\" cy=\"{:.1}\" r=\"2.5\"/>\
         <text x=\"{words:.1}\" y=\"{:.1}\" font-size=\"10\" text-anchor=\"{anchor}\">{}</text></g>",
        mark.label,
        mark.at,
        top - 5.0,
        BAR + 8.0,
        top - 6.0,
        top - 4.0,
        mark.label,
    );
}

/// Below the bar of a container that is asked: a line while it is ready, a dot for each answer.
fn draw_answers(out: &mut String, lane: &Lane, top: f64, x: &impl Fn(f64) -> f64) {
    if lane.answers.is_empty() {
        return;
    }
    let y = top + BAR + 7.0;
    for (from, to) in lane.ready.iter().filter(|(from, to)| to > from) {
        let _ = writeln!(
            out,
            "<g class=\"ready\"><title>ready, {from} to {to} s</title><path d=\"M{:.1} {y:.1}H{:.1}\" stroke-width=\"3\" \
             style=\"stroke:{}\"/></g>",
            x(*from),
            x(*to),
            colour("running"),
        );
    }
    for (at, good) in &lane.answers {
        let (words, fill) = if *good { ("success", colour("running")) } else { ("failure", colour("failed")) };
        let _ = writeln!(
            out,
            "<g class=\"answer\"><title>probe: {words} at {at} s</title>\
             <circle cx=\"{:.1}\" cy=\"{y:.1}\" r=\"4\" style=\"fill:{fill};stroke:var(--bg, #fff)\"/></g>",
            x(*at),
        );
    }
}

fn axis(out: &mut String, end: f64, bottom: f64, x: &impl Fn(f64) -> f64) {
    let rough = end / 8.0;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|n| n * power).into_iter().find(|it| *it >= rough).unwrap_or(power * 10.0);
    let _ = writeln!(
        out,
        "<path d=\"M{:.1} {bottom:.1}H{:.1}\" stroke=\"currentColor\" stroke-opacity=\".5\"/>",
        x(0.0),
        x(end),
    );
    let mut tick = 0.0;
    while tick <= end + step / 1000.0 {
        let at = x(tick);
        let label = (tick * 1000.0).round() / 1000.0;
        let _ = writeln!(
            out,
            "<path d=\"M{at:.1} {bottom:.1}v4\" stroke=\"currentColor\" stroke-opacity=\".5\"/>\
             <text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label} s</text>",
            bottom + 17.0,
        );
        tick += step;
    }
}

fn legend(out: &mut String, lanes: &[Lane], y: f64) {
    let mut at = LEFT;
    for (class, _, words) in CLASSES {
        if !lanes.iter().any(|lane| lane.bars.iter().any(|bar| bar.class == class && bar.seen())) {
            continue;
        }
        let _ = writeln!(
            out,
            "<rect x=\"{at:.1}\" y=\"{:.1}\" width=\"12\" height=\"12\" rx=\"2\" \
             style=\"fill:{};fill-opacity:.45;stroke:{}\"/><text x=\"{:.1}\" y=\"{y:.1}\">{words}</text>",
            y - 10.0,
            colour(class),
            colour(class),
            at + 18.0,
        );
        at += 34.0 + 7.0 * words.len() as f64;
    }
    if !lanes.iter().any(|lane| !lane.answers.is_empty()) {
        return;
    }
    for (class, words) in [("running", "probe: success"), ("failed", "probe: failure")] {
        let _ = writeln!(
            out,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\" style=\"fill:{}\"/><text x=\"{:.1}\" y=\"{y:.1}\">{words}</text>",
            at + 6.0,
            y - 4.0,
            colour(class),
            at + 15.0,
        );
        at += 30.0 + 7.0 * words.len() as f64;
    }
    let _ = writeln!(
        out,
        "<path d=\"M{at:.1} {:.1}h14\" stroke-width=\"3\" style=\"stroke:{}\"/><text x=\"{:.1}\" y=\"{y:.1}\">ready</text>",
        y - 4.0,
        colour("running"),
        at + 19.0,
    );
}

fn clip(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
