//! `apply`: what manifests ask for, in the background.

use std::path::{Path, PathBuf};

use podkit::cli::{self, Source};
use podkit::control::{Reply, Request};
use podkit::manifest::{Document, Problem};
use podkit::objects::{self, Object};
use podkit::pod::Pod;

use crate::cli::{Around, print};
use crate::talk;

#[derive(clap::Args)]
pub struct Apply {
    /// A manifest, of one document or several, or a directory of them; `-` reads standard input. May be repeated
    #[arg(short = 'f', long = "filename", value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Let image NAME be the root file system in DIRECTORY
    #[arg(long, value_name = "NAME=DIRECTORY", value_parser = cli::directory)]
    image: Vec<(String, PathBuf)>,
}

/// What a document asks for.
pub enum Asked {
    Pod(Box<Pod>),
    Object(Box<Object>),
}

impl Asked {
    /// As kubectl prints it: `pod/web`.
    pub fn name(&self) -> String {
        match self {
            Asked::Pod(pod) => format!("pod/{}", pod.metadata.name),
            Asked::Object(object) => format!("{}/{}", object.kind().to_lowercase(), object.name()),
        }
    }
}

/// Everything that is good is applied, whatever else is refused.
pub fn apply(around: &Around, args: &Apply) -> Result<(), String> {
    let mut refused = 0;
    let mut asked = Vec::new();
    for file in files(&args.files)? {
        let text = cli::text(&file)?;
        let documents = cli::documents_and_items(around.runner, &text)
            .map_err(|problem| format!("{}: {problem}", file.display()))?;
        for document in &documents {
            match read(around, document, &file, Source::CommandLine) {
                Ok(one) => asked.push(one),
                Err(messages) => {
                    refused += 1;
                    messages.iter().for_each(|message| eprintln!("{message}"));
                }
            }
        }
    }
    // What pods refer to comes first, so that no container waits for what is in the same file.
    asked.sort_by_key(|one| matches!(one, Asked::Pod(_)));
    for one in asked {
        let name = one.name();
        let request = match one {
            Asked::Object(object) => Request::Put { object },
            Asked::Pod(pod) => {
                for image in cli::images(around.runner, &pod, &args.image).values() {
                    if let Err(message) = image {
                        eprintln!("warning: {message}");
                    }
                }
                Request::Apply { pod, directories: args.image.clone(), speed: around.speed }
            }
        };
        match talk::ask_or_start(around.runner, &request)? {
            Reply::Applied { what, warning } => {
                print(format_args!("{name} {what}"));
                if let Some(warning) = warning {
                    eprintln!("warning: {name}: {warning}");
                }
            }
            Reply::Refused { message } | Reply::NotFound { message } => {
                refused += 1;
                eprintln!("{message}");
            }
            other => return Err(format!("{name}: the node answers something else: {other:?}")),
        }
    }
    // Each refusal has been told.
    if refused == 0 { Ok(()) } else { Err(String::new()) }
}

/// The files; a directory stands for the manifests in it.
pub fn files(given: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut all = Vec::new();
    for path in given {
        if !path.is_dir() {
            all.push(path.clone());
            continue;
        }
        let entries = path.read_dir().map_err(|error| format!("reading {}: {error}", path.display()))?;
        let is_manifest = |path: &PathBuf| {
            path.extension().is_some_and(|end| ["yaml", "yml", "json"].iter().any(|known| end == *known))
        };
        let mut found: Vec<PathBuf> =
            entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_manifest).collect();
        if found.is_empty() {
            return Err(format!("{}: holds no .yaml, .yml or .json", path.display()));
        }
        found.sort();
        all.extend(found);
    }
    Ok(all)
}

/// What a document asks for, or every reason to refuse it.
pub fn read(around: &Around, document: &Document, file: &Path, source: Source) -> Result<Asked, Vec<String>> {
    if around.runner.env.is_some()
        && let Some(read) = objects::read(document)
    {
        let mut object = read.object;
        let subject = format!("{} {:?}", object.kind(), object.name());
        if source == Source::CommandLine {
            for field in &read.unknown {
                let line = document.line(field);
                let why = "no field that this runner knows";
                eprintln!("not honoured: {subject}: {}", Problem { line, ..Problem::new(field.clone(), why) });
            }
        }
        if !read.problems.is_empty() {
            return Err(read.problems.iter().map(|problem| format!("{subject}: {problem}")).collect());
        }
        let namespace = namespace(around, document).map_err(|why| vec![format!("{subject}: {why}")])?;
        object.metadata_mut().namespace = Some(namespace);
        return Ok(Asked::Object(Box::new(object)));
    }
    let mut pod = cli::pod_of_document(around.runner, document, file, source)?;
    let value = document.decode::<serde_json::Value>().map(|decoded| decoded.value).unwrap_or_default();
    if value.pointer("/metadata/name").is_none() {
        let why = "must be given: with generateName, each apply would make another pod";
        return Err(vec![format!("{}: metadata.name: {why}", file.display())]);
    }
    let namespace = namespace(around, document);
    pod.metadata.namespace = Some(namespace.map_err(|why| vec![format!("pod {:?}: {why}", pod.metadata.name)])?);
    Ok(Asked::Pod(Box::new(pod)))
}

/// The namespace that a manifest names, else that of the command line. If both name one, it must be the same.
pub fn namespace(around: &Around, document: &Document) -> Result<String, String> {
    let value = document.decode::<serde_json::Value>().map(|decoded| decoded.value).unwrap_or_default();
    let named = value.pointer("/metadata/namespace").and_then(|it| it.as_str()).filter(|it| !it.is_empty());
    match (named, &around.namespace) {
        (Some(named), given) if given != "default" && given != named => {
            Err(format!("metadata.namespace: is {named:?}, and --namespace says {given:?}"))
        }
        (Some(named), _) => Ok(named.to_owned()),
        (None, given) => Ok(given.clone()),
    }
}
