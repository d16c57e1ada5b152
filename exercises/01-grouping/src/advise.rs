//! One pod or several?
//!
//! The default is to separate: a pod is scheduled, scaled and ended as a whole. Two
//! components share a pod only if all three questions say so.

use podkit::advice::{Advice, Application, Component};
use podkit::manifest::{FieldPath, Problem};

/// The pods to make, in the order of the application, each with its reasons.
///
/// # Errors
/// Names that are missing or taken, and a `with` that names nobody or the component itself.
pub fn advise(application: &Application) -> Result<Vec<Advice>, Vec<Problem>> {
    let components = &application.components;
    let problems = mistakes(components);
    if !problems.is_empty() {
        return Err(problems);
    }
    let advice = groups(components).into_iter().map(|group| {
        let pod: Vec<String> = group.iter().map(|&n| components[n].name.clone()).collect();
        let because = group.iter().map(|&n| reason(&components[n], &pod)).collect();
        Advice { pod, because }
    });
    Ok(advice.collect())
}

/// Do the three answers put this component into one pod with the one it names?
///
/// Only if all three are yes: the same host, one whole, scaled together.
pub fn belongs(component: &Component) -> bool {
    // ANCHOR: task_1_7
    todo!("task 1.7: One pod or several?")
    // ANCHOR_END: task_1_7
}

/// Which components share a pod: lists of places in `components`, each in rising order, the
/// lists in the order of their first place. Every component is in exactly one list.
///
/// Belonging is passed on: if `b` belongs with `a`, and `c` with `b`, all three share a pod.
pub fn groups(components: &[Component]) -> Vec<Vec<usize>> {
    // ANCHOR: task_1_7_b
    todo!("task 1.7: One pod or several?")
    // ANCHOR_END: task_1_7_b
}

/// One sentence: why this component is in this pod. Given.
fn reason(component: &Component, pod: &[String]) -> String {
    let name = &component.name;
    let Some(with) = &component.with else {
        return match pod {
            [_] => format!("{name}: nothing ties it to another component, and the default is to separate"),
            _ => format!("{name}: others belong with it"),
        };
    };
    let no: Vec<&str> = [
        (component.same_host, "they may run on different hosts"),
        (component.one_unit, "each is a whole of its own"),
        (component.scales_together, "they are scaled apart"),
    ]
    .into_iter()
    .filter(|(yes, _)| !yes)
    .map(|(_, words)| words)
    .collect();
    match (no.is_empty(), pod.contains(with)) {
        (true, _) => format!("{name} belongs with {with}: same host, one whole, scaled together"),
        (false, false) => format!("{name} does not belong with {with}: {}", no.join(", ")),
        // A ring of answers, one of them a no.
        (false, true) => {
            format!("{name} by itself would not belong with {with}, but other answers tie the two together")
        }
    }
}

/// What makes the question itself wrong. Given.
fn mistakes(components: &[Component]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (n, component) in components.iter().enumerate() {
        let field = FieldPath::of("components").index(n);
        if component.name.is_empty() {
            problems.push(Problem::new(field.key("name"), "is required"));
        } else if components[..n].iter().any(|other| other.name == component.name) {
            let rule = format!("must be unique: there is a component {} already", component.name);
            problems.push(Problem::new(field.key("name"), rule));
        }
        let Some(with) = &component.with else { continue };
        if *with == component.name {
            problems.push(Problem::new(field.key("with"), "must name another component, and names itself"));
        } else if !components.iter().any(|other| other.name == *with) {
            problems.push(Problem::new(field.key("with"), format!("must name a component, and there is no {with}")));
        } else if let Some(other) = components[..n].iter().find(|other| other.name == *with)
            && other.with.as_ref() == Some(&component.name)
            && belongs(other) != belongs(component)
        {
            problems.push(Problem::new(field, format!("must give the same answers as {with} does about it")));
        }
    }
    problems
}
