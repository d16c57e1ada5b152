//! What the runner prints is a v1 Pod: Kubernetes' own types read it and lose nothing.

use std::path::Path;

use k8s_openapi::api::core::v1;
use podkit::manifest::Document;
use podkit::sim;
use serde_json::{Value, json};

/// Reads with Kubernetes' types and writes again. A field they do not know is gone then.
fn through_kubernetes(pod: &Value) -> Value {
    let typed: v1::Pod = serde_json::from_value(pod.clone()).unwrap_or_else(|error| panic!("{error}: {pod:#}"));
    serde_json::to_value(typed).expect("a typed pod is JSON")
}

#[test]
fn a_pod_that_was_read_is_a_v1_pod() {
    let pods = Path::new(env!("CARGO_MANIFEST_DIR")).join("../exercises/01-grouping/pods");
    let mut seen = 0;
    for entry in std::fs::read_dir(pods).expect("chapter 1 has manifests").flatten() {
        let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
        let Ok(documents) = Document::parse(&text) else { continue };
        for document in documents.iter().filter(|document| document.kind() == Some("Pod")) {
            let read = (lifecycle::runner().read)(document);
            if !read.problems.is_empty() {
                continue;
            }
            let mut pod = serde_json::to_value(&read.pod).expect("a pod is JSON");
            // Quantities are strings to Kubernetes' types; chapter 8 makes them so.
            let containers = pod["spec"]["containers"].as_array_mut().expect("containers are a list");
            containers.iter_mut().filter_map(Value::as_object_mut).for_each(|container| {
                container.remove("resources");
            });
            assert_eq!(through_kubernetes(&pod), pod, "{}", entry.path().display());
            seen += 1;
        }
    }
    assert!(seen >= 4, "only {seen} of chapter 1's manifests were read");
}

#[test]
fn every_status_of_a_life_is_a_v1_status() {
    let scenario = "
pod:
  apiVersion: v1
  kind: Pod
  metadata: {name: life, labels: {app: life}}
  spec:
    containers:
    - {name: crashes, image: host}
    - name: stays
      image: host
      lifecycle: {postStart: {exec: {command: [a]}}, preStop: {sleep: {seconds: 2}}}
    - {name: never-starts, image: host}
containers:
  crashes: {runs: [{lasts: 3s, exits: 1}], message: last words}
  stays: {runs: [{lasts: forever}]}
  never-starts: {runs: [{startFails: RunContainerError}]}
events:
- {at: 60s, delete: {grace: 10s}}
until: 200s
";
    let timeline = sim::simulate(&lifecycle::runner(), scenario, Path::new(".")).unwrap_or_else(|p| panic!("{p:?}"));
    let mut states = std::collections::BTreeSet::new();
    for line in timeline.json().lines() {
        let line: Value = serde_json::from_str(line).expect("a line is JSON");
        if line["kind"] != "status" {
            continue;
        }
        let status = &line["status"];
        for container in status["containerStatuses"].as_array().into_iter().flatten() {
            states.extend(container["state"].as_object().into_iter().flat_map(|state| state.keys().cloned()));
        }
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "life"}, "status": status});
        assert_eq!(through_kubernetes(&pod), pod);
    }
    assert_eq!(states.into_iter().collect::<Vec<_>>(), ["running", "terminated", "waiting"]);
}
