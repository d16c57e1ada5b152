//! What can be loaded, and what it is called.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use predicates::prelude::*;
use serde_json::{Value, json};

use crate::archive::{self, Image, Tar, docker, gzip, oci, of_files, plain, programs, write_into, zstd};
use crate::common::User;
use crate::hostile::refused;
use crate::{good, pod};

#[test]
fn every_form_of_archive_runs() {
    let user = User::new();
    let image = || [good()];
    write_into(&user.path("layout"), &oci(&image(), zstd));
    fs::write(user.path("saved.tar.gz"), gzip(docker(&image(), plain))).unwrap();
    let forms: [(&str, Option<Vec<u8>>); 7] = [
        ("docker", Some(docker(&image(), plain))),
        ("docker, layers packed", Some(docker(&image(), gzip))),
        ("docker, as a whole packed with zstd", Some(zstd(docker(&image(), plain)))),
        ("OCI, gzip", Some(of_files(&oci(&image(), gzip)))),
        ("OCI, zstd", Some(of_files(&oci(&image(), zstd)))),
        ("layout", None),
        ("saved.tar.gz", None),
    ];
    for (form, bytes) in forms {
        let loaded = match bytes {
            Some(bytes) => user.load(&bytes),
            None => user.out(&["image", "load", user.path(form).to_str().unwrap()]),
        };
        assert_eq!(loaded, "Loaded image: demo:1\n", "{form}");
        assert_eq!(user.run(&pod("demo:1", "")), "sesame\n", "{form}");
        user.peapod(&["image", "rm", "demo:1"]).assert().success();
    }
    assert_eq!(user.out(&["image", "ls", "-o", "name"]), "");
}

#[test]
fn names_are_completed_on_both_sides() {
    let user = User::new();
    let named = |name: &str, word: &str| {
        let layer = Tar::new().dir("etc/").file("etc/word", word);
        Image::new(name, json!({ "Cmd": ["/bin/cat", "/etc/word"] }), &[programs(), layer.bytes()])
    };
    // Two images in one archive, one of them with podman's name.
    let both = docker(&[named("docker.io/library/one:latest", "one\n"), named("localhost/two:v2", "two\n")], plain);
    assert_eq!(user.load(&both), "Loaded image: one:latest\nLoaded image: localhost/two:v2\n");
    for (name, word) in
        [("one", "one\n"), ("docker.io/one:latest", "one\n"), ("two:v2", "two\n"), ("localhost/two:v2", "two\n")]
    {
        assert_eq!(user.run(&pod(name, "")), word, "{name}");
    }
    let unknown = predicate::str::contains("image \"two:v3\" is not known").and(predicate::str::contains("image load"));
    user.peapod(&["run", "-"]).write_stdin(pod("two:v3", "")).assert().code(2).stderr(unknown);
    // One that is loaded comes before the catalogue's; and the machine is always the machine.
    user.load(&docker(&[named("busybox:latest", "mine\n")], plain));
    assert_eq!(user.run(&pod("busybox", "")), "mine\n");
    let list: Value = serde_json::from_str(&user.out(&["image", "ls", "-o", "json"])).unwrap();
    let one = list.as_array().unwrap().iter().find(|it| it["name"] == "docker.io/library/one:latest").unwrap();
    assert_eq!(user.run(&pod(one["id"].as_str().unwrap(), "")), "one\n");
    assert_eq!(user.run(&pod(&format!("one@{}", one["id"].as_str().unwrap()), "")), "one\n");
    let table = user.out(&["image", "ls"]);
    assert!(table.starts_with("REPOSITORY") && table.contains("\nlocalhost/two "), "{table}");
}

#[test]
fn of_several_platforms_this_machines_is_taken() {
    let user = User::new();
    let mut files = BTreeMap::new();
    let strange = Image { architecture: "s390x", ..good() };
    let mut list = Vec::new();
    for image in [&strange, &good()] {
        let mut one = archive::manifest(&mut files, image, gzip);
        one["platform"] = json!({ "os": "linux", "architecture": image.architecture });
        list.push(one);
    }
    let mut about = archive::manifest(&mut files, &strange, gzip);
    about["platform"] = json!({ "os": "unknown", "architecture": "unknown" });
    list.push(about);
    let index = |files: &mut BTreeMap<String, Vec<u8>>, list: Vec<Value>| {
        let mut inner = archive::blob(files, json!({ "manifests": list }).to_string().into_bytes());
        inner["annotations"] = json!({ "io.containerd.image.name": "docker.io/library/many:1" });
        files.insert("index.json".to_owned(), json!({ "manifests": [inner] }).to_string().into_bytes());
    };
    index(&mut files, list.clone());
    assert_eq!(user.load(&of_files(&files)), "Loaded image: many:1\n");
    assert_eq!(user.run(&pod("many:1", "")), "sesame\n");
    index(&mut files, list[..1].to_vec());
    let said = || predicate::str::contains("holds no image for linux/").and(predicate::str::contains("s390x"));
    user.peapod(&["image", "load", "-"]).write_stdin(of_files(&files)).assert().code(1).stderr(said());
    user.peapod(&["image", "load", "-"]).write_stdin(docker(&[strange], plain)).assert().code(1).stderr(said());
}

#[test]
fn a_name_for_an_archive_that_has_none() {
    let user = User::new();
    let mut files = oci(&[good()], plain);
    let mut index: Value = serde_json::from_slice(&files["index.json"]).unwrap();
    index["manifests"][0]["annotations"] = json!({});
    files.insert("index.json".to_owned(), index.to_string().into_bytes());
    let archive = of_files(&files);
    refused(&user, "no name", &archive, &["no name", "--name NAME"], &[]);
    user.peapod(&["image", "load", "-", "--name=mine:2"])
        .write_stdin(archive)
        .assert()
        .success()
        .stdout("Loaded image: mine:2\n");
    assert_eq!(user.run(&pod("mine:2", "")), "sesame\n");
    assert!(user.error(1, &["image", "load", "/nowhere.tar"]).contains("/nowhere.tar: No such file"));
    let store = user.images();
    assert!(Path::new(&store).join("images.json").exists());
}
