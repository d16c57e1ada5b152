//! `get pods -w`: all there is, and then each change.

use podkit::control::{Reply, Request};
use podkit::manifest::to_yaml;

use super::{Found, Get, Output, print_value, selects};
use crate::cli::{Around, print};
use crate::columns::{heads, lines, row};
use crate::talk::{self, Talk};
use crate::wanted::{Kind, Wanted};

/// Until the node ends.
pub fn watch(around: &Around, args: &Get, wanted: &[Wanted]) -> Result<(), String> {
    let [Wanted { kind: Kind::Pod, name }] = wanted else {
        return Err("-w: pods can be watched: all of them, or one".to_owned());
    };
    let namespace = (!args.all_namespaces).then(|| around.namespace.clone());
    let request = Request::Get { namespace, name: name.clone(), watch: true };
    let none = || name.as_ref().map_or(Ok(()), |name| Err(format!("pods {name:?} not found")));
    let Some(talk) = talk::ask(&request)? else {
        eprintln!("No resources found in {} namespace.", around.namespace);
        return none();
    };
    follow(args, talk)
}

fn follow(args: &Get, mut talk: Talk) -> Result<(), String> {
    let is_wide = args.output == Some(Output::Wide);
    let mut widths = Vec::new();
    // What there is at first is one table; its names wait for the first pod.
    let mut is_listed = false;
    let mut rows = Vec::new();
    if !args.no_headers {
        rows.push(heads(is_wide, args.all_namespaces));
    }
    let names = rows.len();
    while let Some(reply) = talk.next()? {
        match reply {
            Reply::NotFound { message } | Reply::Refused { message } => return Err(message),
            Reply::Listed => is_listed = true,
            Reply::Pod { shown, .. } => {
                let found = Found::Pod(shown);
                let Found::Pod(shown) = &found else { continue };
                match args.output {
                    _ if !selects(&args.selector, &found) => {}
                    Some(Output::Name) => print(found.name()),
                    Some(Output::Json) => print_value(Output::Json, &found.value()),
                    Some(Output::Yaml) => print(format_args!("---\n{}", to_yaml(&found.value()).trim_end())),
                    _ => rows.push(row(shown, is_wide, args.all_namespaces)),
                }
            }
            _ => {}
        }
        if is_listed && (rows.len() > names || (!widths.is_empty() && !rows.is_empty())) {
            lines(&std::mem::take(&mut rows), &mut widths).into_iter().for_each(print);
        }
    }
    Ok(())
}
