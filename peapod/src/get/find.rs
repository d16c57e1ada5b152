//! What there is: pods of the node in the background, mirrors of a kubelet, other objects.

use podkit::cli::kubelet_state;
use podkit::control::{Reply, Request, Shown};
use podkit::pod::Pod;
use podkit::real;

use super::Found;
use crate::cli::Around;
use crate::columns;
use crate::talk;
use crate::wanted::{Kind, Wanted};

/// The pods that are asked for.
pub fn pods(around: &Around, name: Option<&str>, all_namespaces: bool) -> Result<Vec<Shown>, String> {
    let namespace = (!all_namespaces).then(|| around.namespace.clone());
    let request = Request::Get { namespace, name: name.map(str::to_owned), watch: false };
    let mut pods = Vec::new();
    if let Some(mut talk) = talk::ask(&request)? {
        while let Some(reply) = talk.next()? {
            match reply {
                Reply::Pod { shown, .. } => pods.push(*shown),
                Reply::NotFound { message } | Reply::Refused { message } => return Err(message),
                _ => break,
            }
        }
    }
    let order = |it: &Shown| (it.pod.metadata.namespace.clone(), it.pod.metadata.name.clone());
    pods.sort_by_key(order);
    match name {
        Some(name) if pods.is_empty() => Err(format!("pods {name:?} not found")),
        _ => Ok(pods),
    }
}

/// Why there is no such pod to look into.
pub fn missing(around: &Around, name: &str) -> String {
    match all_pods(around, Some(name), false) {
        Ok(pods) if !pods.is_empty() => {
            format!("pod {name:?} is a kubelet's static pod: its output is the kubelet's, and nothing can be run in it")
        }
        _ => format!("pods {name:?} not found"),
    }
}

/// The same, and the mirrors of the kubelet of this user that runs in the foreground.
pub fn all_pods(around: &Around, name: Option<&str>, all_namespaces: bool) -> Result<Vec<Shown>, String> {
    let mut mirrors: Vec<Pod> = real::mirrors(&kubelet_state())
        .ok()
        .flatten()
        .map(|all| all.into_iter().map(|(_, pod)| pod).collect())
        .unwrap_or_default();
    mirrors.retain(|pod| {
        let is_here = all_namespaces || pod.metadata.namespace.as_deref().unwrap_or("default") == around.namespace;
        is_here && name.is_none_or(|name| pod.metadata.name == name)
    });
    let mut pods = match pods(around, name, all_namespaces) {
        Err(_) if !mirrors.is_empty() => Vec::new(),
        other => other?,
    };
    let shown = |pod: Pod| Shown { pod, now: columns::now(), events: Vec::new() };
    pods.extend(mirrors.into_iter().map(shown));
    Ok(pods)
}

/// What is asked for; an error where a name is and there is nothing of that name.
pub fn look(around: &Around, one: &Wanted, all_namespaces: bool) -> Result<Vec<Found>, String> {
    if one.kind == Kind::Pod {
        let pods = all_pods(around, one.name.as_deref(), all_namespaces)?;
        return Ok(pods.into_iter().map(|shown| Found::Pod(Box::new(shown))).collect());
    }
    let namespace = (!all_namespaces).then(|| around.namespace.clone());
    let request = Request::GetObjects { kind: one.kind.word().to_owned(), namespace, name: one.name.clone() };
    let mut found = Vec::new();
    if let Some(mut talk) = talk::ask(&request)? {
        while let Some(Reply::Object { object }) = talk.next()? {
            found.push(Found::Object(object));
        }
    }
    match &one.name {
        Some(name) if found.is_empty() => Err(format!("{}s {name:?} not found", one.kind.lower())),
        _ => Ok(found),
    }
}

/// The names of all objects of a kind.
pub fn names(around: &Around, kind: Kind) -> Result<Vec<String>, String> {
    let found = look(around, &Wanted { kind, name: None }, false)?;
    let name = |it: Found| match it {
        Found::Pod(it) => it.pod.metadata.name,
        Found::Object(object) => object.name().to_owned(),
    };
    Ok(found.into_iter().map(name).collect())
}
