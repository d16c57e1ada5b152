//! `get`: a table, or objects as YAML or JSON.

mod events;
mod find;
mod watch;

use std::path::PathBuf;

use clap::ValueEnum;
use podkit::control::Shown;
use podkit::manifest::to_yaml;
use podkit::objects::Object;
use podkit::pod::Pod;
use podkit::real;
use serde_json::{Value, json};

use crate::cli::{Around, print};
use crate::columns::{self, heads, lines, row};
use crate::wanted::{Kind, Wanted, wanted};
use find::look;
pub use find::{all_pods, missing, names, pods};

#[derive(clap::Args)]
pub struct Get {
    /// A kind and perhaps names, or KIND/NAME: `pods`, `pod web`, `pod/web`. Kinds: pods, configmaps, secrets, services,
    /// events, and `all`, which is pods and services
    #[arg(required = true, value_name = "WHAT")]
    what: Vec<String>,
    /// More columns; the objects themselves; or only their names
    #[arg(short, long, value_enum)]
    output: Option<Output>,
    /// Go on, and show each change
    #[arg(short, long)]
    watch: bool,
    /// Those of all namespaces
    #[arg(short = 'A', long)]
    all_namespaces: bool,
    /// Those with these labels: `tier=web,canary!=yes,app`
    #[arg(short = 'l', long, value_name = "LABELS", default_value = "")]
    selector: String,
    /// No names above the columns
    #[arg(long)]
    no_headers: bool,
    /// The mirrors of the kubelet that has its state here
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    Wide,
    Yaml,
    Json,
    Name,
}

/// What was found.
enum Found {
    Pod(Box<Shown>),
    Object(Box<Object>),
}

impl Found {
    fn value(&self) -> Value {
        match self {
            Found::Pod(it) => json!(it.pod),
            Found::Object(object) => json!(object),
        }
    }

    fn labels(&self) -> &std::collections::BTreeMap<String, String> {
        match self {
            Found::Pod(it) => &it.pod.metadata.labels,
            Found::Object(object) => &object.metadata().labels,
        }
    }

    fn name(&self) -> String {
        match self {
            Found::Pod(it) => format!("pod/{}", it.pod.metadata.name),
            Found::Object(object) => format!("{}/{}", object.kind().to_lowercase(), object.name()),
        }
    }
}

/// Fails where a name was given and there is no such object.
pub fn get(around: &Around, args: &Get) -> Result<(), String> {
    if let [one] = args.what.as_slice()
        && ["events", "event", "ev"].contains(&one.as_str())
    {
        return events::events(around, args);
    }
    let wanted = wanted(&args.what)?;
    if let Some(dir) = &args.state {
        return mirrors(args, dir, &wanted);
    }
    if args.watch {
        return watch::watch(around, args, &wanted);
    }
    let mut missing = Vec::new();
    let mut found = Vec::new();
    for one in &wanted {
        match look(around, one, args.all_namespaces) {
            Ok(some) => found.extend(some),
            Err(message) => missing.push(message),
        }
    }
    found.retain(|it| selects(&args.selector, it));
    show(args, &wanted, &found);
    if found.is_empty() && missing.is_empty() && !matches!(args.output, Some(Output::Yaml | Output::Json)) {
        match args.all_namespaces {
            true => eprintln!("No resources found"),
            false => eprintln!("No resources found in {} namespace.", around.namespace),
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(missing.join("\n")) }
}

fn show(args: &Get, wanted: &[Wanted], found: &[Found]) {
    let is_one = matches!(wanted, [Wanted { name: Some(_), .. }]);
    match args.output {
        Some(Output::Name) => found.iter().for_each(|it| print(it.name())),
        Some(output @ (Output::Json | Output::Yaml)) => {
            let value = match (is_one, found) {
                (true, [one]) => one.value(),
                (true, []) => return,
                _ => list(found.iter().map(Found::value).collect()),
            };
            print_value(output, &value);
        }
        _ => {
            for kind in [Kind::Pod, Kind::ConfigMap, Kind::Secret, Kind::Service] {
                table(args, kind, found);
            }
        }
    }
}

fn list(items: Vec<Value>) -> Value {
    json!({ "apiVersion": "v1", "kind": "List", "metadata": { "resourceVersion": "" }, "items": items })
}

fn print_value(output: Output, value: &Value) {
    match output {
        Output::Json => print(serde_json::to_string_pretty(value).unwrap_or_default()),
        _ => print(to_yaml(value).trim_end()),
    }
}

fn table(args: &Get, kind: Kind, found: &[Found]) {
    let mut rows = Vec::new();
    let mut names = Vec::new();
    for it in found {
        match it {
            Found::Pod(it) if kind == Kind::Pod => {
                let is_wide = args.output == Some(Output::Wide);
                names = heads(is_wide, args.all_namespaces);
                rows.push(row(it, is_wide, args.all_namespaces));
            }
            Found::Object(object) if object.kind() == kind.word() => {
                let (heads, row) = columns::object(object, args.all_namespaces);
                names = heads.into_iter().map(str::to_owned).collect();
                rows.push(row);
            }
            _ => {}
        }
    }
    if !rows.is_empty() {
        if !args.no_headers {
            rows.insert(0, names);
        }
        lines(&rows, &mut Vec::new()).into_iter().for_each(print);
    }
}

/// Labels as kubectl's `-l` takes them.
fn selects(selector: &str, it: &Found) -> bool {
    selector.split(',').map(str::trim).filter(|part| !part.is_empty()).all(|part| {
        let label = |name: &str| it.labels().get(name.trim());
        match (part.split_once("!="), part.split_once('='), part.strip_prefix('!')) {
            (Some((name, value)), ..) => label(name).is_none_or(|it| it != value.trim()),
            (None, Some((name, value)), _) => label(name).is_some_and(|it| it == value.trim_start_matches('=').trim()),
            (None, None, Some(name)) => label(name).is_none(),
            (None, None, None) => label(part).is_some(),
        }
    })
}

/// What the kubelet of a directory shows.
fn mirrors(args: &Get, dir: &std::path::Path, wanted: &[Wanted]) -> Result<(), String> {
    let mirrors = real::mirrors(dir).map_err(|error| format!("reading {}: {error}", dir.display()))?;
    let mirrors = mirrors.ok_or_else(|| format!("no kubelet runs with its state in {}", dir.display()))?;
    let all: Vec<Pod> = mirrors.into_iter().map(|(_, pod)| pod).collect();
    let mut found = Vec::new();
    for one in wanted {
        let name = &one.name;
        let is_it = |pod: &&Pod| one.kind == Kind::Pod && name.as_ref().is_none_or(|name| *name == pod.metadata.name);
        let some: Vec<&Pod> = all.iter().filter(is_it).collect();
        if let (Some(name), true) = (name, some.is_empty()) {
            return Err(format!("{}s {name:?} not found", one.kind.lower()));
        }
        let shown = |pod: &Pod| Shown { pod: pod.clone(), now: columns::now(), events: Vec::new() };
        found.extend(some.into_iter().map(|pod| Found::Pod(Box::new(shown(pod)))));
    }
    found.retain(|it| selects(&args.selector, it));
    show(args, wanted, &found);
    Ok(())
}
