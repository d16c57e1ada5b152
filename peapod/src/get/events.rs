//! `get events`: what has happened to all pods.

use super::Get;
use super::find::pods;
use crate::cli::{Around, print};
use crate::columns::{age, lines};

/// What has happened to all pods, the newest last.
pub fn events(around: &Around, args: &Get) -> Result<(), String> {
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    for it in pods(around, None, args.all_namespaces)? {
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
