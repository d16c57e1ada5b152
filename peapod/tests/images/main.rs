//! `image`: archives are loaded, and pods run from them; what is hostile is refused.

mod archive;
#[path = "../common/mod.rs"]
mod common;
mod content;
mod forms;
mod hostile;
mod life;

use std::fs;

use archive::{Image, Tar, programs};
use common::User;
use serde_json::json;

/// A pod that runs an image, with more lines of its container.
fn pod(image: &str, more: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{ name: web }}\nspec:\n  restartPolicy: Never\n  \
         terminationGracePeriodSeconds: 0\n  containers:\n  - name: app\n    image: {image:?}\n{more}"
    )
}

fn shell(script: &str) -> String {
    format!("    command: [/bin/sh, -c, {script:?}]\n")
}

impl User {
    fn load(&self, archive: &[u8]) -> String {
        let done = self.peapod(&["image", "load", "-"]).write_stdin(archive).assert().success();
        String::from_utf8(done.get_output().stdout.clone()).expect("UTF-8")
    }

    /// What the containers of a pod say that runs to its end.
    fn run(&self, manifest: &str) -> String {
        let done = self.peapod(&["run", "-"]).write_stdin(manifest.to_owned()).assert().success();
        let said = String::from_utf8(done.get_output().stdout.clone()).expect("UTF-8");
        said.lines().map(|line| line.strip_prefix("[app] ").unwrap_or(line).to_owned() + "\n").collect()
    }

    /// Has the node a range of ids, or a single one?
    fn has_ids(&self) -> bool {
        self.out(&["unshare", "cat", "/proc/self/uid_map"]).contains("65535")
    }
}

fn good() -> Image {
    let more = Tar::new().dir("etc/").file("etc/word", "sesame\n");
    Image::new("demo:1", json!({ "Cmd": ["/bin/cat", "/etc/word"] }), &[programs(), more.bytes()])
}

/// What is in the store, but for the list of names and the lock.
fn left(user: &User) -> Vec<String> {
    let Ok(entries) = fs::read_dir(user.images()) else { return Vec::new() };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != "images.json" && name != ".lock").collect()
}
