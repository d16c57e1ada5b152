//! `volumes`: what a pod's volumes hold, and where its containers see them, without running any.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::env::amount;
use super::objects::pod_with_objects;
use super::{Format, kubelet, print, refuse};
use crate::environment::{Around, LOOPBACK, Missing, NodeFacts};
use crate::image::Image;
use crate::pod::{Quantity, Volume};
use crate::runner::Runner;
use crate::volumes::{Contents, Files, Mount, Payload};

#[derive(clap::Args)]
pub struct Volumes {
    /// A manifest with one pod, and the objects it refers to; `-` reads standard input
    file: PathBuf,
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Write the files as well: each volume into a directory of its name in DIRECTORY. What was written there
    /// before is brought up to date
    #[arg(long, value_name = "DIRECTORY")]
    into: Option<PathBuf>,
    /// The node's name
    #[arg(long, value_name = "NAME", default_value = "node", value_parser = kubelet::node_name)]
    node: String,
    /// What the node can give of a resource, in place of what this machine has
    #[arg(long, value_name = "RESOURCE=QUANTITY", value_parser = amount)]
    allocatable: Vec<(String, Quantity)>,
}

/// Exit status 1 if the pod would wait for something that is missing.
pub fn volumes(runner: &Runner, args: Volumes) -> ExitCode {
    let Some(parts) = runner.volumes else { return refuse("volumes: what containers share comes in chapter 10") };
    let (mut pod, objects) = match pod_with_objects(runner, &args.file) {
        Ok(read) => read,
        Err(messages) => return refuse(messages.join("\n")),
    };
    pod.spec.node_name.get_or_insert_with(|| args.node.clone());
    let mut node = NodeFacts::of_machine(&args.node);
    node.allocatable.extend(args.allocatable);
    let contents = Contents { pod: &pod, node: &node, objects: &objects };
    let mut waits = false;
    for volume in &pod.spec.volumes {
        let files = (parts.files)(&contents, volume);
        waits |= files.is_err();
        let written = match (&args.into, &files) {
            (Some(into), Ok(files)) if volume.is_of_files() => {
                match write(&parts, &into.join(&volume.name), files.clone()) {
                    Ok(anything) => Some(anything),
                    Err(error) => return refuse(format!("{}: {error}", into.join(&volume.name).display())),
                }
            }
            _ => None,
        };
        match args.format {
            Format::Human => tell_volume(volume, &files, written),
            Format::Json => print(volume_as_json(volume, &files, written)),
        }
    }
    let (image, pod_ips) = (Image::host(), [LOOPBACK.to_owned()]);
    for container in pod.all_containers() {
        let around = Around { pod: &pod, container, image: &image, node: &node, pod_ips: &pod_ips, objects: &objects };
        let mounts = (parts.mounts)(&around);
        waits |= mounts.is_err();
        match args.format {
            Format::Human => tell_mounts(&container.name, &mounts),
            Format::Json => print(mounts_as_json(&container.name, &mounts)),
        }
    }
    ExitCode::from(u8::from(waits))
}

fn write(parts: &crate::volumes::Volumes, dir: &Path, files: Files) -> std::io::Result<bool> {
    fs::create_dir_all(dir)?;
    (parts.write)(dir, &Payload { files, group: None })
}

fn tell_volume(volume: &Volume, files: &Result<Files, Missing>, written: Option<bool>) {
    let written = match written {
        None => "",
        Some(true) => " (written)",
        Some(false) => " (as it was)",
    };
    let Volume { name, .. } = volume;
    print(format_args!("volume {name}: {}{written}", volume.sources().join(" and ")));
    match files {
        Err(missing) => print(format_args!("  waits: FailedMount: {missing}")),
        Ok(files) => {
            for (path, file) in files {
                print(format_args!("  {:04o} {path}: {}", file.mode, shown(&file.bytes)));
            }
        }
    }
}

fn tell_mounts(container: &str, mounts: &Result<Vec<Mount>, Missing>) {
    print(format_args!("container {container}:"));
    match mounts {
        Err(missing) => print(format_args!("  waits: CreateContainerConfigError: {missing}")),
        Ok(mounts) => {
            for Mount { volume, sub_path, target, read_only } in mounts {
                let part = if sub_path.is_empty() { String::new() } else { format!("/{sub_path}") };
                let how = if *read_only { " (read-only)" } else { "" };
                print(format_args!("  {}: {volume}{part}{how}", target.display()));
            }
        }
    }
}

fn volume_as_json(volume: &Volume, files: &Result<Files, Missing>, written: Option<bool>) -> Value {
    let mut line = json!({ "volume": volume.name, "source": volume.sources().join(" and ") });
    match files {
        Err(missing) => line["waiting"] = json!({ "reason": "FailedMount", "message": missing.0 }),
        Ok(files) if volume.is_of_files() => {
            line["files"] = json!({});
            for (path, file) in files {
                let mode = format!("{:04o}", file.mode);
                line["files"][path] = json!({ "mode": mode, "text": String::from_utf8_lossy(&file.bytes) });
            }
        }
        Ok(_) => {}
    }
    if let Some(written) = written {
        line["written"] = json!(written);
    }
    line
}

fn mounts_as_json(container: &str, mounts: &Result<Vec<Mount>, Missing>) -> Value {
    match mounts {
        Err(missing) => {
            let waiting = json!({ "reason": "CreateContainerConfigError", "message": missing.0 });
            json!({ "container": container, "waiting": waiting })
        }
        Ok(mounts) => {
            let mount = |it: &Mount| json!({ "volume": it.volume, "subPath": it.sub_path, "target": it.target, "readOnly": it.read_only });
            json!({ "container": container, "mounts": mounts.iter().map(mount).collect::<Vec<Value>>() })
        }
    }
}

/// On one line, and not too much of it.
fn shown(bytes: &[u8]) -> String {
    const MOST: usize = 60;
    let text = String::from_utf8_lossy(bytes);
    let start: String = text.chars().take(MOST).collect();
    let more = if start.len() < text.len() { "..." } else { "" };
    format!("{}{more}", start.escape_debug())
}
