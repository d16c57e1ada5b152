//! The ConfigMaps, Secrets and Services that stand beside a pod in its file.

use std::path::Path;

use super::input;
use super::run::{Source, pod_of_document, pod_of_file};
use crate::manifest::{Document, Problem};
use crate::objects::{Objects, is_object, read};
use crate::pod::Pod;
use crate::runner::Runner;

/// The one pod of a file, and the objects beside it; or every reason not to run it.
pub fn pod_with_objects(runner: &Runner, file: &Path) -> Result<(Pod, Objects), Vec<String>> {
    if runner.env.is_none() {
        return pod_of_file(runner, file, Source::CommandLine).map(|pod| (pod, Objects::default()));
    }
    let text = input::text(file).map_err(|message| vec![message])?;
    let documents =
        input::documents_and_items(runner, &text).map_err(|problem| vec![format!("{}: {problem}", file.display())])?;
    let (others, pods): (Vec<Document>, Vec<Document>) = documents.into_iter().partition(is_object);
    let objects = objects_of(&others);
    let pod = match pods.as_slice() {
        [pod] => pod_of_document(runner, pod, file, Source::CommandLine),
        pods => {
            let kinds: Vec<&str> =
                pods.iter().map(|document| document.kind().unwrap_or("a document without a kind")).collect();
            let holds = if kinds.is_empty() { "none".to_owned() } else { kinds.join(", ") };
            let rule = "must hold one Pod to run, and beside it only ConfigMaps, Secrets and Services; it holds";
            Err(vec![format!("{}: {rule} {holds}", file.display())])
        }
    };
    match (pod, objects) {
        (Ok(pod), Ok(objects)) => Ok((pod, objects)),
        (pod, objects) => Err([pod.err(), objects.err()].into_iter().flatten().flatten().collect()),
    }
}

/// What these documents hold; or every reason not to use them. Of two with one name the later one counts.
pub fn objects_of(documents: &[Document]) -> Result<Objects, Vec<String>> {
    let mut all = Objects::default();
    let mut refused = Vec::new();
    for found in documents.iter().filter_map(|document| Some((document, read(document)?))) {
        let (document, found) = found;
        let subject = format!("{} {:?}", found.object.kind(), found.object.name());
        for field in &found.unknown {
            let line = document.line(field);
            let why = "no field that this runner knows";
            eprintln!("not honoured: {subject}: {}", Problem { line, ..Problem::new(field.clone(), why) });
        }
        refused.extend(found.problems.iter().map(|problem| format!("{subject}: {problem}")));
        if found.problems.is_empty()
            && let Err(message) = all.put(found.object)
        {
            refused.push(message);
        }
    }
    if refused.is_empty() { Ok(all) } else { Err(refused) }
}
