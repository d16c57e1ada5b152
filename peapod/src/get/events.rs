//! `get events`: what has happened to all pods.

use podkit::control::{Shown, Told};
use serde_json::{Value, json};

use super::find::pods;
use super::{Get, Output, list, print_value};
use crate::cli::{Around, print};
use crate::columns::{age, lines};

/// What has happened to all pods, the newest last.
pub fn events(around: &Around, args: &Get) -> Result<(), String> {
    let pods = pods(around, None, args.all_namespaces)?;
    if let Some(output @ (Output::Json | Output::Yaml)) = args.output {
        let mut all: Vec<(&Shown, &Told)> =
            pods.iter().flat_map(|it| it.events.iter().map(move |told| (it, told))).collect();
        all.sort_by(|(_, left), (_, right)| left.last.cmp(&right.last));
        let events = all.iter().enumerate().map(|(at, (it, told))| event(at, it, told));
        print_value(output, &list(events.collect()));
        return Ok(());
    }
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    for it in pods {
        for told in &it.events {
            let kind = if told.warning { "Warning" } else { "Normal" };
            let object = format!("pod/{}", it.pod.metadata.name);
            let message = told.message.trim().replace('\n', " ");
            let seen = age(Some(&told.last), &it.now);
            all.push((told.last.clone(), vec![seen, kind.into(), told.reason.clone(), object, message]));
        }
    }
    if all.is_empty() {
        eprintln!("No resources found in {} namespace.", around.namespace);
        return Ok(());
    }
    all.sort_by(|(left, _), (right, _)| left.cmp(right));
    let mut rows: Vec<Vec<String>> = all.into_iter().map(|(_, row)| row).collect();
    if !args.no_headers {
        rows.insert(0, ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"].map(str::to_owned).to_vec());
    }
    lines(&rows, &mut Vec::new()).into_iter().for_each(print);
    Ok(())
}

/// A v1 Event.
fn event(at: usize, it: &Shown, told: &Told) -> Value {
    let (meta, node) = (&it.pod.metadata, it.pod.spec.node_name.as_deref().unwrap_or_default());
    let mut about = json!({
        "apiVersion": "v1", "kind": "Pod", "name": meta.name, "namespace": meta.namespace, "uid": meta.uid,
    });
    if let Some(container) = &told.container {
        about["fieldPath"] = json!(format!("spec.containers{{{container}}}"));
    }
    json!({
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": format!("{}.{at:x}", meta.name), "namespace": meta.namespace, "creationTimestamp": told.first,
        },
        "involvedObject": about,
        "reason": told.reason,
        "message": told.message,
        "type": if told.warning { "Warning" } else { "Normal" },
        "count": told.count,
        "firstTimestamp": told.first,
        "lastTimestamp": told.last,
        "source": { "component": "kubelet", "host": node },
    })
}
