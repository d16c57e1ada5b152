//! `resources`: what becomes of a pod's requests and limits, without running it; and the options that say what
//! the node has.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Map, Value, json};

use super::objects::pod_with_objects;
use super::{Format, env, print, refuse};
use crate::environment::NodeFacts;
use crate::pod::{Container, Pod, Quantity};
use crate::resources::{Files, NodeResources, Qos, Rules};
use crate::runner::Runner;

const LATER: &str = "requests and limits come in chapter 8";

/// What the node has.
#[derive(clap::Args)]
pub struct NodeArgs {
    /// What the node can give, such as cpu=2,memory=4Gi,pods=110, in place of what this machine has
    #[arg(long, value_name = "RESOURCE=QUANTITY", value_delimiter = ',', value_parser = env::amount)]
    allocatable: Vec<(String, Quantity)>,
    /// The most processes that a pod may have
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pod_pids_limit: Option<u64>,
}

impl NodeArgs {
    /// The machine's facts, with what was given on the command line in their place.
    pub fn apply(&self, runner: &Runner, facts: &mut NodeFacts) -> Result<NodeResources, String> {
        if runner.resources.is_none() && (!self.allocatable.is_empty() || self.pod_pids_limit.is_some()) {
            return Err(format!("--allocatable and --pod-pids-limit: {LATER}"));
        }
        for (name, amount) in &self.allocatable {
            if let Some(Err(rule)) = runner.resources.map(|rules| (rules.canonical)(amount)) {
                return Err(format!("--allocatable {name}: {rule}"));
            }
            facts.allocatable.insert(name.clone(), amount.clone());
        }
        Ok(NodeResources::new(facts.allocatable.clone(), self.pod_pids_limit))
    }
}

#[derive(clap::Args)]
pub struct Resources {
    /// A manifest with one pod; `-` reads standard input
    file: PathBuf,
    /// Another one that is on the node already; may be given several times
    #[arg(long, value_name = "FILE")]
    beside: Vec<PathBuf>,
    #[command(flatten)]
    node: NodeArgs,
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(clap::Args)]
pub struct Written {
    /// Quantities, such as 1.5Gi
    #[arg(required = true, allow_hyphen_values = true)]
    quantities: Vec<String>,
}

/// A line for each; exit status 2 if one is none.
pub fn quantity(runner: &Runner, args: &Written) -> ExitCode {
    let Some(rules) = runner.resources else { return refuse(format!("quantity: {LATER}")) };
    let mut code = ExitCode::SUCCESS;
    for text in &args.quantities {
        match (rules.canonical)(&Quantity::Text(text.clone())) {
            Ok(canonical) => print(format!("{text} = {canonical}")),
            Err(rule) => code = refuse(format!("{text}: {rule}")),
        }
    }
    code
}

/// Exit status 1 if the node would reject the pod.
pub fn resources(runner: &Runner, args: Resources) -> ExitCode {
    let Some(rules) = runner.resources else { return refuse(format!("resources: {LATER}")) };
    let read = |file: &PathBuf| pod_with_objects(runner, file).map(|(pod, _)| pod).map_err(|said| said.join("\n"));
    let pods = read(&args.file).and_then(|pod| Ok((pod, args.beside.iter().map(read).collect::<Result<Vec<_>, _>>()?)));
    let (pod, beside) = match pods {
        Ok(pods) => pods,
        Err(message) => return refuse(message),
    };
    let node = match args.node.apply(runner, &mut NodeFacts::of_machine("node")) {
        Ok(node) => node,
        Err(message) => return refuse(message),
    };
    let others: Vec<&Pod> = beside.iter().collect();
    let about = about(rules, &pod, &others, &node);
    match args.format {
        Format::Json => print(&about),
        Format::Human => human(&about),
    }
    ExitCode::from(u8::from(about["admission"] != "admitted"))
}

fn about(rules: Rules, pod: &Pod, others: &[&Pod], node: &NodeResources) -> Value {
    let class = (rules.qos)(pod);
    let of = |container: &Container| {
        let resources = container.resources.clone().unwrap_or_default();
        json!({
            "name": container.name,
            "requests": resources.requests,
            "limits": resources.limits,
            "oomScoreAdj": (rules.oom_score_adj)(pod, container, node),
        })
    };
    let all: Vec<&Pod> = others.iter().copied().chain([pod]).collect();
    let path = class.pod(pod);
    let mut cgroups = Vec::new();
    if class != Qos::Guaranteed {
        cgroups.push(cgroup(class.tier().display(), &(rules.tier)(class, &all)));
    }
    cgroups.push(cgroup(path.display(), &(rules.pod)(pod, node)));
    for container in pod.all_containers() {
        cgroups.push(cgroup(path.join(&container.name).display(), &(rules.container)(container)));
    }
    let admission = match (rules.admit)(pod, others, node) {
        Ok(()) => json!("admitted"),
        Err(rejection) => json!({ "reason": rejection.reason, "message": rejection.message }),
    };
    json!({
        "pod": pod.metadata.name,
        "qosClass": class.word(),
        "containers": pod.all_containers().map(of).collect::<Vec<_>>(),
        "effectiveRequests": (rules.effective)(pod),
        "admission": admission,
        "cgroups": cgroups,
    })
}

fn cgroup(path: impl std::fmt::Display, files: &Files) -> Value {
    let files: Map<String, Value> = files.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    json!({ "path": path.to_string(), "files": files })
}

fn human(about: &Value) {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let pairs = |value: &Value| {
        let pairs = value.as_object().into_iter().flatten().map(|(name, value)| format!("{name} {}", text(value)));
        let line = pairs.collect::<Vec<_>>().join(", ");
        if line.is_empty() { "nothing".to_owned() } else { line }
    };
    print(format!("pod {}: {}", text(&about["pod"]), text(&about["qosClass"])));
    for container in about["containers"].as_array().into_iter().flatten() {
        print(format!("  container {}", text(&container["name"])));
        print(format!("    requests       {}", pairs(&container["requests"])));
        print(format!("    limits         {}", pairs(&container["limits"])));
        print(format!("    oom_score_adj  {}", container["oomScoreAdj"]));
    }
    print(format!("  asks for         {}", pairs(&about["effectiveRequests"])));
    match &about["admission"] {
        Value::String(word) => print(format!("  the node         {word}")),
        rejected => print(format!("  the node         {}: {}", text(&rejected["reason"]), text(&rejected["message"]))),
    }
    for cgroup in about["cgroups"].as_array().into_iter().flatten() {
        print(text(&cgroup["path"]));
        for (name, value) in cgroup["files"].as_object().into_iter().flatten() {
            print(format!("  {name:<16} {}", text(value)));
        }
    }
}
