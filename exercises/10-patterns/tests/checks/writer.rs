//! Task 10.5: all files at once.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use crate::helpers::{Room, own};
use crate::kit::text;
use crate::shows::{Shown, file, pod, printed, show_with};
use podcheck::{Cli, Result, Watch, expect, expect_eq};

/// A pod whose volume `v` has these files: of a ConfigMap, all keys, or these items.
fn write(room: &Room, data: &str, items: &str) -> Result<Shown> {
    let map = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: settings }}\n{data}\n");
    let volume = format!("- {{ name: v, configMap: {{ name: settings{items} }} }}");
    show_with(&file(&[&map, &pod(&volume, "")]), &["--into", &room.text("into")])
}

fn says_written(shown: &Shown, expected: bool) -> Result {
    let observed = shown.of("volume", "v")?["written"].as_bool();
    shown.ran.expect("whether anything was written", expected, observed == Some(expected), format!("{observed:?}"))?;
    Ok(())
}

/// What lies in the volume, each name with what it leads to.
fn names(dir: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in own("list a directory", fs::read_dir(dir))? {
        let entry = own("list a directory", entry)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        names.push(match fs::read_link(entry.path()) {
            Ok(to) => format!("{name} -> {}", to.display()),
            Err(_) => name,
        });
    }
    names.sort_unstable();
    Ok(names)
}

/// The same without the directory that `..data` leads to, whose name is the writer's affair. There is one.
fn links(dir: &Path) -> Result<String> {
    let data = own("read the link ..data", fs::read_link(dir.join("..data")))?.display().to_string();
    let is_good = data.starts_with("..") && !data.contains('/') && dir.join(&data).is_dir();
    expect("where ..data leads", "a directory beside it, with two dots before its name", is_good, &data)?;
    let names = names(dir)?;
    let others: Vec<&String> = names.iter().filter(|name| **name != data && !name.starts_with("..data -> ")).collect();
    Ok(others.iter().map(|name| name.as_str()).collect::<Vec<&str>>().join(", "))
}

fn read(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

pub fn links_lead_to_the_files() -> Result {
    let room = Room::new()?;
    let items = ", items: [{ key: a, path: a }, { key: b, path: deep/b }, { key: a, path: deep/down/c, mode: 0600 }]";
    let shown = write(&room, "data: { a: one, b: two }", items)?;
    says_written(&shown, true)?;
    let dir = room.path("into").join("v");
    expect_eq("the names in the volume", "a -> ..data/a, deep -> ..data/deep", &*links(&dir)?)?;
    for (path, text, mode) in [("a", "one", 0o644), ("deep/b", "two", 0o644), ("deep/down/c", "one", 0o600)] {
        expect_eq(format!("the text of {path}"), Some(text), read(&dir.join(path)).as_deref())?;
        let about = own("look at a file", fs::metadata(dir.join(path)))?;
        expect_eq(format!("the mode of {path}"), mode, about.permissions().mode() & 0o7777)?;
    }
    Ok(())
}

pub fn what_is_there_is_left_alone() -> Result {
    let room = Room::new()?;
    let data = "data: { a: one, b: two }";
    says_written(&write(&room, data, "")?, true)?;
    let dir = room.path("into").join("v");
    let before = own("read the link ..data", fs::read_link(dir.join("..data")))?;
    let inode = |path: &Path| fs::metadata(path).map(|about| about.ino()).ok();
    let file = inode(&dir.join("a"));
    let watch = Watch::new(&dir)?;
    says_written(&write(&room, data, "")?, false)?;
    let happened = watch.events();
    expect("what happened in the directory", "nothing", happened.is_empty(), happened.join(", "))?;
    expect_eq("where ..data leads", before, own("read the link ..data", fs::read_link(dir.join("..data")))?)?;
    expect("the file", "is the same", inode(&dir.join("a")) == file && file.is_some(), "it is another")?;
    // But for one letter, or one key, all is written again.
    says_written(&write(&room, "data: { a: one, b: too }", "")?, true)?;
    says_written(&write(&room, "data: { a: one }", "")?, true)?;
    says_written(&write(&room, "data: { a: one, c: \"\" }", "")?, true)
}

/// Whoever follows `..data` at any moment finds all the old files, or all the new ones.
pub fn a_link_is_turned() -> Result {
    let room = Room::new()?;
    write(&room, "data: { a: one, b: two }", "")?;
    let dir = room.path("into").join("v");
    let old = own("read the link ..data", fs::read_link(dir.join("..data")))?.display().to_string();
    let watch = Watch::new(&dir)?;
    says_written(&write(&room, "data: { b: three, c: four }", "")?, true)?;
    let happened = watch.events();
    let new = own("read the link ..data", fs::read_link(dir.join("..data")))?.display().to_string();
    let all = happened.join(", ");
    let at = |event: String| happened.iter().position(|it| *it == event);
    let turned = at("to ..data".to_owned());
    let never = ["create ..data", "delete ..data", "from ..data"].iter().all(|it| at((*it).to_owned()).is_none());
    expect("what happened to ..data", "another link was renamed to it", turned.is_some() && never, &all)?;
    let order = [
        (format!("create {new}"), "the new directory before the link is turned", true),
        ("create ..data_tmp".to_owned(), "the new link before it is renamed", true),
        ("create c".to_owned(), "a new name after that, since it would lead nowhere", false),
        ("delete a".to_owned(), "an old name after that", false),
        (format!("delete {old}"), "the old directory after that", false),
    ];
    for (event, what, is_before) in order {
        let position = at(event.clone());
        let is = position.is_some_and(|it| (Some(it) < turned) == is_before);
        expect(what, format!("`{event}` {}", if is_before { "before `to ..data`" } else { "after it" }), is, &all)?;
    }
    let touched = at("create b".to_owned()).is_some() || at("delete b".to_owned()).is_some();
    expect("the name b, which stays", "nothing happens to it", !touched, &all)
}

pub fn names_come_and_go() -> Result {
    let room = Room::new()?;
    let dir = room.path("into").join("v");
    own("make a directory", fs::create_dir_all(&dir))?;
    // What a killed writer has left, and what is not the writer's at all.
    own("make a link", std::os::unix::fs::symlink("..gone", dir.join("..data_tmp")))?;
    own("make a directory", fs::create_dir(dir.join("mounted")))?;
    for (data, expected) in [
        ("data: { a: one, b: two }", "a -> ..data/a, b -> ..data/b, mounted"),
        ("data: { b: two, c: three }", "b -> ..data/b, c -> ..data/c, mounted"),
        ("data: {}", "mounted"),
        ("data: { a: four }", "a -> ..data/a, mounted"),
    ] {
        says_written(&write(&room, data, "")?, true)?;
        expect_eq("the names in the volume, and nothing of the old files", expected, &*links(&dir)?)?;
    }
    expect_eq("the text of a", Some("four"), read(&dir.join("a")).as_deref())?;
    let volumes = own("list a directory", fs::read_dir(room.path("into")))?.count();
    expect_eq("how many directories were made: one for each volume of files", 1, volumes)
}

/// The manifest of the page.
pub fn a_container_reads_them() -> Result {
    let (path, text) = text!("files.yaml");
    let ran = Cli::new("run").manifest(path, text).run()?;
    ran.expect_code(0)?;
    printed(&ran, "where a key leads", "[app] 'colour' -> '..data/colour'")?;
    printed(&ran, "a value of the ConfigMap", "[app] colour is red")?;
    printed(&ran, "a value of the Secret", "[app] password is hunter2")?;
    printed(&ran, "its mode", "[app] -r-------- db/password")?;
    // A group that the pod asks for may read it, too.
    let grouped = text.replace("spec:\n  restartPolicy", "spec:\n  securityContext: { fsGroup: 0 }\n  restartPolicy");
    let ran = Cli::new("run").manifest_text("files.yaml", &grouped).run()?;
    ran.expect_code(0)?;
    printed(&ran, "its mode with fsGroup", "[app] -r--r----- db/password")
}
