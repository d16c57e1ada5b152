//! `delete`: pods end, gracefully; other objects are forgotten.

use std::path::{Path, PathBuf};

use podkit::cli;
use podkit::control::{Reply, Request};
use podkit::manifest::Document;
use podkit::real;

use crate::apply;
use crate::cli::{Around, print};
use crate::get;
use crate::talk::{self, Talk};
use crate::wanted::{Kind, Wanted, wanted};

#[derive(clap::Args)]
pub struct Delete {
    /// A kind and names, or KIND/NAME: `pod web`, `pod/web configmap/settings`
    #[arg(value_name = "WHAT", required_unless_present = "files")]
    what: Vec<String>,
    /// What this manifest names; `-` reads standard input. May be repeated
    #[arg(short = 'f', long = "filename", value_name = "FILE", conflicts_with = "what")]
    files: Vec<PathBuf>,
    /// All of the kind
    #[arg(long)]
    all: bool,
    /// How many seconds a pod may take to end, in place of its own number
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    grace_period: Option<i64>,
    /// As `--grace-period 1`
    #[arg(long, conflicts_with = "grace_period")]
    now: bool,
    /// With `--grace-period 0`: kill it at once
    #[arg(long)]
    force: bool,
    /// `--wait=false` does not wait until the pod is gone
    #[arg(long, value_name = "BOOL", default_value = "true", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    wait: bool,
    /// No failure where there is nothing of that name
    #[arg(long)]
    ignore_not_found: bool,
    /// The mirrors of the kubelet that has its state here
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

impl Delete {
    /// What is asked of the node. Without `--force` nothing is killed at once, as with kubectl.
    fn grace(&self) -> Option<u64> {
        match self.grace_period {
            _ if self.now => Some(1),
            Some(seconds) if seconds < 0 => None,
            Some(0) if !self.force => Some(1),
            Some(seconds) => Some(seconds.unsigned_abs()),
            None if self.force => Some(0),
            None => None,
        }
    }
}

/// Fails where there was nothing of a name, after all others have been deleted.
pub fn delete(around: &Around, args: &Delete) -> Result<(), String> {
    let mut missing = Vec::new();
    let mut waits: Vec<(String, Talk)> = Vec::new();
    for (one, namespace) in all(around, args)? {
        let Some(name) = one.name else { continue };
        if let (Some(dir), Kind::Pod) = (&args.state, one.kind) {
            mirror(dir, &name)?;
            continue;
        }
        let request = match one.kind {
            Kind::Pod => Request::Delete { namespace: namespace.clone(), name: name.clone(), grace: args.grace() },
            kind => Request::Remove { kind: kind.word().into(), namespace: namespace.clone(), name: name.clone() },
        };
        let lower = one.kind.lower();
        let mut talk = talk::ask(&request)?;
        let reply = match &mut talk {
            Some(talk) => talk.next()?,
            None => None,
        };
        match (reply, talk) {
            (Some(Reply::Deleted), Some(talk)) => {
                print(format_args!("{lower} {name:?} deleted from {namespace} namespace"));
                waits.extend((one.kind == Kind::Pod).then_some((name, talk)));
            }
            (Some(Reply::Refused { message }), _) => missing.push(message),
            _ if one.kind == Kind::Pod && mirror(&cli::kubelet_state(), &name).is_ok() => {}
            _ if args.ignore_not_found => {}
            _ => missing.push(format!("{lower}s {name:?} not found")),
        }
    }
    if args.wait {
        for (_, mut talk) in waits {
            // A node that is gone has no pods any more.
            while !matches!(talk.next()?, None | Some(Reply::Gone)) {}
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(missing.join("\n")) }
}

/// What to delete, each by its name, and its namespace.
fn all(around: &Around, args: &Delete) -> Result<Vec<(Wanted, String)>, String> {
    let mut all = Vec::new();
    for file in apply::files(&args.files)? {
        let text = cli::text(&file)?;
        let documents = cli::documents_and_items(around.runner, &text)
            .map_err(|problem| format!("{}: {problem}", file.display()))?;
        for document in &documents {
            let (one, namespace) =
                named(around, document).map_err(|problem| format!("{}: {problem}", file.display()))?;
            all.push((one, namespace));
        }
    }
    if args.what.is_empty() {
        return Ok(all);
    }
    for one in wanted(&args.what)? {
        match (&one.name, args.all) {
            (Some(_), false) => all.push((one, around.namespace.clone())),
            (Some(_), true) => return Err("--all: either all, or names".to_owned()),
            (None, true) if one.kind == Kind::Pod => {
                for shown in get::pods(around, None, false)? {
                    let name = Some(shown.pod.metadata.name);
                    all.push((Wanted { kind: Kind::Pod, name }, around.namespace.clone()));
                }
            }
            (None, true) => {
                for name in get::names(around, one.kind)? {
                    all.push((Wanted { kind: one.kind, name: Some(name) }, around.namespace.clone()));
                }
            }
            (None, false) => return Err(format!("{}: say which by name, or --all", one.kind.lower())),
        }
    }
    Ok(all)
}

/// Kind, name and namespace are all that is looked at: what can no longer be applied can be deleted.
fn named(around: &Around, document: &Document) -> Result<(Wanted, String), String> {
    let kind = match document.kind() {
        Some("Pod") => Kind::Pod,
        Some("ConfigMap") => Kind::ConfigMap,
        Some("Secret") => Kind::Secret,
        Some("Service") => Kind::Service,
        kind => {
            return Err(format!("kind: must be Pod, ConfigMap, Secret or Service, and is {}", kind.unwrap_or("none")));
        }
    };
    let value: serde_json::Value = document.decode().map(|it| it.value).map_err(|problem| problem.to_string())?;
    let name = value.pointer("/metadata/name").and_then(|it| it.as_str()).filter(|it| !it.is_empty());
    let name = name.ok_or("metadata.name: is required")?.to_owned();
    Ok((Wanted { kind, name: Some(name) }, apply::namespace(around, document)?))
}

/// Takes a mirror away, as `kubectl delete` would. The kubelet makes it again.
fn mirror(dir: &Path, name: &str) -> Result<(), String> {
    let mirrors = real::mirrors(dir).map_err(|error| format!("reading {}: {error}", dir.display()))?;
    let mirrors = mirrors.ok_or_else(|| format!("no kubelet runs with its state in {}", dir.display()))?;
    let (path, _) =
        mirrors.iter().find(|(_, pod)| pod.metadata.name == name).ok_or_else(|| format!("pods {name:?} not found"))?;
    std::fs::remove_file(path).map_err(|error| format!("deleting the mirror of {name}: {error}"))?;
    print(format_args!("pod {name:?} deleted"));
    Ok(())
}
