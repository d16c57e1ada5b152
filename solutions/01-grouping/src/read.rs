//! The parts of this chapter, put together: a document in, a pod or a list of problems out.
//!
//! The order: is it a pod at all? → types → rules → defaults. Rules look at what the
//! manifest says; what it leaves out is filled in last, and only if nothing is wrong.

use std::collections::BTreeSet;

use podkit::Read;
use podkit::manifest::{Document, FieldPath, Problem};
use podkit::pod::PodSpec;

use crate::findings::{Findings, places};
use crate::{decode, defaults, env, handlers, labels, numbers, ports, required, together, unique, volumes, words};

/// Reads one document of a manifest.
pub fn read(document: &Document) -> Read {
    if let Some(problem) = required::other_kind(document) {
        return Read { problems: vec![problem], ..Read::default() };
    }
    // `kubectl get -o yaml` prints a status too. It is a report, and no part of what is asked for.
    let mut asked = document.clone();
    asked.remove(&FieldPath::of("status"));
    let typed = decode::decode(&asked);
    let mut found = Findings::default();
    required::check(&typed.pod, &mut found);
    labels::check(&typed.pod.metadata, &mut found);
    spec(&typed.pod.spec, &mut found);
    // A field whose type is wrong was cut out: that it is now missing is no news.
    found.problems.retain(|p| !typed.problems.iter().any(|t| p.field.is_within(&t.field)));
    // Nor is a doubt about a field that is refused.
    let refused: BTreeSet<&FieldPath> = found.problems.iter().map(|p| &p.field).collect();
    found.warnings.retain(|w| !refused.contains(&w.field));

    let in_words = |p: Problem| Problem { rule: decode::in_our_words(&p.rule), ..p };
    let mut problems: Vec<Problem> = typed.problems.into_iter().map(in_words).collect();
    problems.append(&mut found.problems);
    let mut pod = typed.pod;
    if problems.is_empty() {
        defaults::fill(&mut pod);
    }
    Read { pod, problems, warnings: found.warnings, unknown: typed.unknown }
}

/// The rules for `spec`. A rule is only asked when the manifest has what it is about.
fn spec(spec: &PodSpec, found: &mut Findings) {
    let at = FieldPath::of("spec");
    let places = places(spec);
    numbers::pod(spec, found);
    volumes::check(&spec.volumes, found);
    if places.len() > 1 {
        unique::containers(&places, found);
    }
    for place in &places {
        required::container(place, found);
        env::check(place, found);
        handlers::check(place, found);
        if !place.container.volume_mounts.is_empty() {
            unique::mounts(place, &spec.volumes, found);
            unique::sub_paths(place, found);
        }
        if place.init && !place.is_sidecar() && place.is_handled() {
            together::init_container(place, found);
        }
        if !place.container.ports.is_empty() {
            ports::container(place, found);
        }
    }
    if places.iter().any(|place| !place.container.ports.is_empty()) {
        ports::pod(&places, found);
    }
    let chosen = words::chosen(spec, &places);
    if !chosen.is_empty() {
        words::check(&chosen, found);
    }
    if [spec.host_network, spec.host_pid, spec.share_process_namespace].contains(&Some(true)) {
        together::host(spec, &at, found);
    }
}
