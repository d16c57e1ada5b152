//! `image`: archives are loaded, and pods run from them; what is hostile is refused.

#[path = "common/archive.rs"]
mod archive;
mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command as Plain, Stdio};

use archive::{About, Image, ROOT, Tar, WHEN, docker, gzip, oci, of_files, plain, programs, write_into, zstd};
use common::{User, until};
use predicates::prelude::*;
use serde_json::{Value, json};
use tar::EntryType;

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
fn the_configuration_is_honoured_and_the_manifest_wins() {
    let user = User::new();
    let accounts = Tar::new()
        .dir("etc/")
        .file("etc/passwd", "root:x:0:0::/root:/bin/sh\napp:x:100:101::/home/app:/bin/sh\n")
        .file("etc/group", "root:x:0:\napp:x:101:\nstaff:x:50:app\n");
    let run = json!({
        "Entrypoint": ["/bin/echo", "entry"], "Cmd": ["cmd"], "Env": ["COLOUR=red", "PATH=/bin"],
        "WorkingDir": "/srv/work", "User": if user.has_ids() { "app" } else { "root" },
        "ExposedPorts": { "80/tcp": {} }, "Volumes": { "/data": {} }, "StopSignal": "SIGQUIT",
    });
    user.load(&docker(&[Image::new("demo:1", run, &[programs(), accounts.bytes()])], plain));
    assert_eq!(user.run(&pod("demo:1", "")), "entry cmd\n");
    assert_eq!(user.run(&pod("demo:1", "    args: [mine]\n")), "entry mine\n");
    assert_eq!(user.run(&pod("demo:1", "    command: [/bin/echo, mine]\n")), "mine\n");
    assert_eq!(user.run(&pod("demo:1", "    command: [/bin/echo]\n    args: [a, b]\n")), "a b\n");
    let script = "echo $COLOUR $PATH; pwd; id; ls -d /data 2>/dev/null";
    let said = user.run(&pod("demo:1", &(shell(&format!("{script}; true")))));
    let who = if user.has_ids() { "uid=100(app) gid=101(app) groups=50(staff),101(app)" } else { "uid=0(root)" };
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[..2], ["red /bin", "/srv/work"]);
    assert!(lines[2].starts_with(who) && lines.len() == 3, "{said}");
    let other = shell("echo $COLOUR; pwd") + "    env: [{ name: COLOUR, value: blue }]\n    workingDir: /bin\n";
    assert_eq!(user.run(&pod("demo:1", &other)), "blue\n/bin\n");
}

#[test]
fn layers_lie_over_each_other() {
    let user = User::new();
    let first = Tar::new()
        .dir("a/")
        .file("a/kept", "1")
        .file("a/gone", "1")
        .file("a/changed", "1")
        .dir("opaque/")
        .file("opaque/old", "1")
        .dir("tree/")
        .dir("tree/deep/")
        .file("tree/deep/file", "1")
        .link("lib", "usr/lib")
        .dir("usr/")
        .dir("usr/lib/")
        .file("was-file", "1")
        .dir("was-dir/")
        .file("was-dir/file", "1");
    let second = Tar::new()
        .file("a/.wh.gone", "")
        .file("a/changed", "2")
        // In any order: it is of the same layer, and stays.
        .file("opaque/before", "2")
        .file("opaque/.wh..wh..opq", "")
        .file("opaque/after", "2")
        .file(".wh.tree", "")
        .file("lib/new", "2")
        .dir("was-file/")
        .file("was-file/inside", "2")
        .file("was-dir", "2")
        .file(".wh..wh.plnk", "")
        .file("a/.wh.never-there", "");
    let layers = [programs(), first.bytes(), second.bytes()];
    user.load(&docker(&[Image::new("demo:1", json!({}), &layers)], plain));
    let script = "cd /; find a opaque tree lib was-file was-dir usr -type f 2>/dev/null | sort; cat a/changed";
    let files = ["a/changed", "a/kept", "opaque/after", "opaque/before", "usr/lib/new", "was-dir", "was-file/inside"];
    assert_eq!(user.run(&pod("demo:1", &shell(script))), files.join("\n") + "\n2\n");
}

#[test]
fn owners_modes_times_and_links_are_kept() {
    let user = User::new();
    let has_ids = user.has_ids();
    let long = format!("long/{}", "x".repeat(200));
    let layer = Tar::new()
        .dir("d/")
        .entry(EntryType::Directory, "d/sticky/", "", About(0o1777, 0, 0), b"")
        .entry(EntryType::Regular, "d/suid", "", About(0o4755, 0, 0), b"x")
        .entry(EntryType::Regular, "d/theirs", "", About(0o640, 12, 34), b"x")
        .hard("d/second", "d/theirs")
        .link("d/link", "/d/theirs")
        .entry(EntryType::Fifo, "d/pipe", "", About(0o600, 0, 0), b"")
        .record("path", &long)
        .file("short", "long name")
        .record("mtime", "1700000000.5")
        .file("d/half", "");
    user.load(&docker(&[Image::new("demo:1", json!({}), &[programs(), layer.bytes()])], plain));
    let stat = "cd /d; stat -c '%n %F %a %u:%g %h %Y' . sticky suid theirs second pipe; stat -c %N link; cat /long/*";
    let owner = if has_ids { "12:34" } else { "0:0" };
    let expected = [
        format!(". directory 755 0:0 3 {WHEN}"),
        format!("sticky directory 1777 0:0 2 {WHEN}"),
        format!("suid regular file 4755 0:0 1 {WHEN}"),
        format!("theirs regular file 640 {owner} 2 {WHEN}"),
        format!("second regular file 640 {owner} 2 {WHEN}"),
        format!("pipe fifo 600 0:0 1 {WHEN}"),
        "'link' -> '/d/theirs'".to_owned(),
        "long name".to_owned(),
    ];
    let said = user.run(&pod("demo:1", &shell(stat)));
    // An overlay counts the links of a directory as one.
    let said = said.replace("755 0:0 1 ", "755 0:0 3 ").replace("1777 0:0 1 ", "1777 0:0 2 ");
    let said = said.replace("suid regular file 4755 0:0 3", "suid regular file 4755 0:0 1");
    assert_eq!(said, expected.join("\n") + "\n");
}

#[test]
fn what_a_container_writes_stays_in_it() {
    let user = User::new();
    user.load(&docker(&[good()], plain));
    let script = "echo changed > /etc/word; touch /new; cat /etc/word";
    assert_eq!(user.run(&pod("demo:1", &shell(script))), "changed\n");
    assert_eq!(user.run(&pod("demo:1", &shell("cat /etc/word; ls /new 2>/dev/null; true"))), "sesame\n");
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
fn one_that_a_pod_has_is_not_removed() {
    let user = User::new();
    user.load(&docker(&[good()], plain));
    user.apply(&pod("demo:1", &shell("sleep 100")));
    user.until_status("web", "Running");
    assert!(user.error(1, &["image", "rm", "demo:1"]).contains("is in use by a pod"));
    // Its name may go to another image. It stays until the pod is gone.
    let newer = Image { run: json!({ "Cmd": ["/bin/echo", "newer"] }), ..good() };
    user.load(&docker(&[newer], plain));
    assert_eq!(user.out(&["exec", "web", "--", "cat", "/etc/word"]), "sesame\n");
    user.peapod(&["delete", "pod", "web"]).assert().success();
    assert_eq!(user.run(&pod("demo:1", "")), "newer\n");
    let gone = "Untagged: demo:1\nDeleted: sha256:";
    user.peapod(&["image", "rm", "demo:1"]).assert().success().stdout(predicate::str::starts_with(gone));
    assert!(user.error(1, &["image", "rm", "demo:1"]).contains("no such image: demo:1"));
    assert_eq!(left(&user), Vec::<String>::new());
}

/// What is in the store, but for the list of names and the lock.
fn left(user: &User) -> Vec<String> {
    let Ok(entries) = fs::read_dir(user.images()) else { return Vec::new() };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != "images.json" && name != ".lock").collect()
}

#[test]
fn a_load_that_is_killed_leaves_nothing_that_counts() {
    let user = User::new();
    user.load(&docker(&[good()], plain));
    let large = vec![b'x'; 64 << 20];
    let layer = Tar::new().entry(EntryType::Regular, "large", "", ROOT, &large).file("more", "x");
    let file = user.path("large.tar");
    fs::write(&file, docker(&[Image::new("large:1", json!({}), &[layer.bytes()])], plain)).unwrap();
    let file = file.to_str().unwrap();
    let mut load = user.plain(&["image", "load", file]).stdout(Stdio::null()).spawn().unwrap();
    until("the load to begin", || user.images().join(".new/rootfs/large").exists());
    load.kill().unwrap();
    load.wait().unwrap();
    until("its processes to end", || common::processes_with(file).is_empty());
    assert_eq!(user.out(&["image", "ls", "-o", "name"]), "demo:1\n");
    assert_eq!(user.run(&pod("demo:1", "")), "sesame\n");
    user.load(&docker(&[good()], plain));
    assert_eq!(left(&user).len(), 1, "{:?}", left(&user));
    // Control: nothing was wrong with the archive.
    assert_eq!(user.out(&["image", "load", file]), "Loaded image: large:1\n");
}

/// What happens to an archive that is refused: its words, and nothing is left.
fn refused(user: &User, what: &str, archive: &[u8], words: &[&str], options: &[&str]) {
    let arguments = [&["image", "load", "-"], options].concat();
    let output = user.peapod(&arguments).write_stdin(archive).output().expect("peapod");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{what}: {said}");
    for word in words {
        assert!(said.contains(word), "{what}: {word:?} is not in: {said}");
    }
    assert_eq!(left(user), Vec::<String>::new(), "{what}");
    assert_eq!(user.out(&["image", "ls", "-o", "name"]), "", "{what}");
}

#[test]
fn what_would_lead_out_is_refused_and_named() {
    let user = User::new();
    fs::create_dir(user.path("outside")).unwrap();
    let secret = user.file("outside/secret", "untouched");
    let outside = user.path("outside").display().to_string();
    let up = "../".repeat(20) + outside.trim_start_matches('/');
    let file = secret.display().to_string();
    let tar = Tar::new;
    let single: [(&str, Tar, &[&str]); 14] = [
        ("..", tar().file("../evil", "x"), &["\"../evil\"", "`..`"]),
        (".. within", tar().file("a/../../evil", "x"), &["\"a/../../evil\"", "`..`"]),
        ("absolute", tar().file(&format!("{outside}/evil"), "x"), &["evil\"", "absolute"]),
        (".. in a record", tar().record("path", "../evil").file("good", "x"), &["\"../evil\"", "`..`"]),
        (
            "through a link",
            tar().link("out", &outside).file("out/evil", "x"),
            &["\"out/evil\"", "leads out", "\"/out\""],
        ),
        ("through a link up", tar().link("out", &up).file("out/evil", "x"), &["\"out/evil\"", "leads out"]),
        ("a directory through a link", tar().link("out", &outside).dir("out/evil/"), &["evil", "leads out"]),
        (
            "through two links",
            tar().link("a", "b").link("b", &outside).file("a/evil", "x"),
            &["\"a/evil\"", "leads out"],
        ),
        ("a circle", tar().link("a", "b").link("b", "a").file("a/evil", "x"), &["\"a/evil\"", "40 links"]),
        ("hard link", tar().hard("evil", &file), &["\"evil\"", "hard link", "absolute"]),
        ("hard link up", tar().hard("evil", &format!("{up}/secret")), &["\"evil\"", "hard link", "`..`"]),
        (
            "hard link through a link",
            tar().link("out", &outside).hard("evil", "out/secret"),
            &["\"evil\"", "hard link", "leads out"],
        ),
        ("hard link to nothing", tar().hard("evil", "nothing"), &["\"evil\"", "not in the image"]),
        ("whiteout of ..", tar().file("a/.wh...", ""), &["\"a/.wh...\"", "whiteout"]),
    ];
    for (what, layer, words) in single {
        refused(&user, what, &docker(&[Image::of(layer)], plain), words, &[]);
    }
    // What the first layer has is no way out for the second one.
    let layers = [tar().link("out", &outside).bytes(), tar().file("out/evil", "x").bytes()];
    let image = Image::new("hostile:1", json!({}), &layers);
    refused(&user, "through a lower layer", &docker(&[image], plain), &["layer 2 of 2", "\"out/evil\""], &[]);
    let layers = [tar().link("out", &outside).bytes(), tar().file("out/.wh.secret", "").bytes()];
    let image = Image::new("hostile:1", json!({}), &layers);
    refused(&user, "a whiteout through a link", &docker(&[image], plain), &["\"out/.wh.secret\"", "leads out"], &[]);
    let image = Image::new("hostile:1", json!({ "WorkingDir": up }), &[tar().file("a", "").bytes()]);
    refused(&user, "a working directory", &docker(&[image], plain), &["working directory"], &[]);
    assert_eq!(fs::read_to_string(&secret).unwrap(), "untouched");
    assert_eq!(fs::read_dir(user.path("outside")).unwrap().count(), 1);
    // Control: links as real images have them, and files written through one that stays inside.
    let links =
        tar().dir("usr/").dir("usr/lib/").link("lib", "/usr/lib").file("lib/fine", "fine").link("etc", "/nowhere");
    user.load(&docker(&[Image::new("fine:1", json!({}), &[programs(), links.bytes()])], plain));
    assert_eq!(user.run(&pod("fine:1", &shell("cat /usr/lib/fine"))).trim_end(), "fine");
}

#[test]
fn what_is_broken_or_too_much_is_refused() {
    let user = User::new();
    let tar = Tar::new;
    let of = |layer: Tar| docker(&[Image::of(layer)], plain);
    let whole = docker(&[good()], plain);
    refused(&user, "nothing", b"", &["standard input:"], &[]);
    refused(&user, "no archive", &[b'x'; 2000], &["no tar that can be read"], &[]);
    refused(&user, "cut off", &whole[..whole.len() / 2], &["ends too early"], &[]);
    let packed = gzip(whole.clone());
    refused(&user, "cut off, packed", &packed[..packed.len() / 2], &["standard input:"], &[]);
    refused(&user, "no image", &tar().file("readme", "x").bytes(), &["holds no image", "manifest.json"], &[]);
    refused(
        &user,
        "a layer of nothing",
        &docker(&[Image::new("a:1", json!({}), &[vec![b'x'; 600]])], plain),
        &["layer 1"],
        &[],
    );
    refused(&user, "twice in a layer", &of(tar().file("a", "1").file("a", "2")), &["\"a\"", "twice"], &[]);
    refused(
        &user,
        "an unknown kind",
        &of(tar().entry(EntryType::new(b'Z'), "a", "", ROOT, b"")),
        &["\"a\"", "kind"],
        &[],
    );
    let again = tar().file("manifest.json", "[]").file("manifest.json", "[]").bytes();
    refused(&user, "twice in the archive", &again, &["\"manifest.json\"", "twice"], &[]);
    let deep = format!("{{\"x\":{}", "[".repeat(100_000));
    refused(&user, "a deep manifest", &tar().file("index.json", &deep).bytes(), &["index.json: EOF"], &[]);
    let long = " ".repeat(9 << 20);
    refused(&user, "a huge manifest", &tar().file("manifest.json", &long).bytes(), &["larger than 8388608 bytes"], &[]);
    let name = "x".repeat(20_000);
    let long = tar().entry(EntryType::GNULongName, "@", "", ROOT, name.as_bytes()).file("a", "");
    refused(&user, "a name without end", &of(long), &["longer than 16384 bytes"], &[]);
    let link = tar().entry(EntryType::Symlink, "manifest.json", "../../etc/passwd", ROOT, b"").bytes();
    refused(&user, "a manifest that is a link", &link, &["\"manifest.json\"", "out of the archive"], &[]);

    let zeros = gzip(vec![0; 1 << 20]);
    let bomb = docker(&[Image::new("bomb:1", json!({}), &[vec![0; 1024]])], |_| gzip(vec![0; 1 << 20]).repeat(80));
    refused(&user, "a bomb", &bomb, &["layer 1", "200 times its size"], &[]);
    refused(&user, "a small bomb", &bomb, &["more than 1048576 bytes", "--max-size"], &["--max-size=1Mi"]);
    refused(&user, "a packed archive", &zeros.repeat(3), &["more than 1048576 bytes"], &["--max-size=1Mi"]);
    let many = (0..20).fold(tar(), |tar, at| tar.file(&format!("f{at}"), ""));
    refused(&user, "many entries", &of(many), &["more than 10 entries", "--max-entries"], &["--max-entries=10"]);
    // Control.
    user.peapod(&["image", "load", "-", "--max-size=100Mi", "--max-entries=40"]).write_stdin(whole).assert().success();
    assert_eq!(user.run(&pod("demo:1", "")), "sesame\n");
}

#[test]
fn digests_and_sizes_are_what_they_must_be() {
    let user = User::new();
    let other = Tar::new().file("other", "x").bytes();
    let changed = |files: &BTreeMap<String, Vec<u8>>, name: &str, change: fn(&mut Vec<u8>)| {
        let mut files = files.clone();
        change(files.get_mut(name).unwrap_or_else(|| panic!("{name}")));
        of_files(&files)
    };
    let mut files = BTreeMap::new();
    let image = Image::of(Tar::new().file("a", "aaaa"));
    let name = |bytes: &[u8]| format!("blobs/sha256/{}", archive::digest(bytes).trim_start_matches("sha256:"));
    files.extend(oci(std::slice::from_ref(&image), plain));
    let (config, layer) = (name(&image.config()), name(&image.layers[0]));
    let flip: fn(&mut Vec<u8>) = |bytes| bytes[20] ^= 1;
    let cases: [(&str, Vec<u8>, &[&str]); 4] = [
        ("a layer", changed(&files, &layer, flip), &["its digest must be"]),
        ("a configuration", changed(&files, &config, flip), &["its digest must be"]),
        ("a longer layer", changed(&files, &layer, |bytes| bytes.push(0)), &["bytes long, and is"]),
        ("an index", changed(&files, "index.json", |bytes| bytes.truncate(20)), &["index.json:"]),
    ];
    for (what, archive, words) in cases {
        refused(&user, what, &archive, words, &[]);
    }
    let mut missing = files.clone();
    missing.remove(&layer);
    refused(&user, "a missing layer", &of_files(&missing), &["is not in it", &layer], &[]);
    let lie = Image { layers: vec![other], ..image.clone() };
    let archive = docker(std::slice::from_ref(&lie), |_| Tar::new().file("another", "y").bytes());
    refused(&user, "another layer than the configuration says", &archive, &["layer 1 of 1", "its digest must be"], &[]);
    // A layout in a directory is not trusted more than one in an archive: a link in it leads nowhere.
    write_into(&user.path("layout"), &files);
    fs::remove_file(user.path("layout").join(&layer)).unwrap();
    fs::write(user.path("secret"), &image.layers[0]).unwrap();
    std::os::unix::fs::symlink(user.path("secret"), user.path("layout").join(&layer)).unwrap();
    assert!(user.error(1, &["image", "load", user.path("layout").to_str().unwrap()]).contains(&layer));
    // Control.
    assert_eq!(user.load(&of_files(&files)), "Loaded image: hostile:1\n");
}

#[test]
fn what_is_left_out_is_said() {
    let user = User::new();
    let layer = Tar::new()
        .dir("dev/")
        .entry(EntryType::Char, "dev/mem", "", About(0o666, 0, 0), b"")
        .entry(EntryType::Block, "dev/sda", "", About(0o666, 0, 0), b"")
        .record("SCHILY.xattr.security.capability", "x")
        .file("powerful", "")
        .record("SCHILY.xattr.user.overlay.opaque", "y")
        .file("sly", "")
        .entry(EntryType::Regular, "theirs", "", About(0o600, 70_000, 0), b"");
    let archive = docker(&[Image::new("demo:1", json!({}), &[programs(), layer.bytes()])], plain);
    let done = user.peapod(&["image", "load", "-"]).write_stdin(archive).assert().success();
    let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    for words in
        ["device files", "\"dev/mem\" and 1 more", "file capabilities", "\"powerful\"", "\"sly\"", "\"theirs\""]
    {
        assert!(said.contains(words), "{words:?} is not in: {said}");
    }
    assert_eq!(user.run(&pod("demo:1", &shell("ls /dev/mem /dev/sda 2>/dev/null; stat -c %u /theirs"))), "0\n");
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

#[test]
fn without_overlayfs_a_container_gets_a_copy() {
    let user = User::new();
    user.load(&docker(&[good()], plain));
    let id = fs::read_dir(user.images()).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
    let image = user.images().join(id.into_iter().find(|name| name.len() == 64).unwrap()).join("rootfs");
    // An overlay over an overlay over an overlay is one too many for the kernel.
    let pod =
        user.file("pod.yaml", &pod("stacked", &shell("echo changed > /etc/word; cat /etc/word; stat -c %h /bin/sh")));
    fs::create_dir(user.path("mounts")).unwrap();
    let script = format!(
        "set -e; mount -t tmpfs none {mounts}; cd {mounts}; mkdir u1 w1 m1 u2 w2 m2
         mount -t overlay overlay m1 -o userxattr,lowerdir={},upperdir=u1,workdir=w1
         mount -t overlay overlay m2 -o userxattr,lowerdir=m1,upperdir=u2,workdir=w2
         {peapod} run --image stacked=$PWD/m2 {pod}; cat m2/etc/word; mount | grep -c ' {mounts}/m2 '",
        image.display(),
        mounts = user.path("mounts").display(),
        peapod = assert_cmd::cargo::cargo_bin("peapod").display(),
        pod = pod.display(),
    );
    // In a user namespace of its own. Not in that of `peapod unshare`: who has another root directory there than the
    // namespace began with may make none in it.
    let done = Plain::new("unshare").args(["-Urm", "sh", "-c", &script]).output().expect("unshare, of util-linux");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(said.contains("warning: no overlayfs here (EINVAL"), "{said}");
    assert_eq!(String::from_utf8_lossy(&done.stdout), "[app] changed\n[app] 14\nsesame\n1\n");
}

#[test]
fn the_images_signal_asks_for_the_end() {
    let user = User::new();
    let run = json!({ "StopSignal": "SIGQUIT" });
    user.load(&docker(&[Image::new("demo:1", run, &[programs()])], plain));
    let script =
        "trap 'echo quit; exit 0' QUIT; trap 'echo term; exit 0' TERM; echo ready; while :; do /bin/sleep 0.05; done";
    user.apply(&pod("demo:1", &shell(script)).replace("PeriodSeconds: 0", "PeriodSeconds: 20"));
    until("the pod to be ready", || user.out(&["logs", "web"]) == "ready\n");
    let mut logs = user.plain(&["logs", "-f", "web"]).stdout(Stdio::piped()).spawn().unwrap();
    user.peapod(&["delete", "pod", "web"]).assert().success();
    let mut said = String::new();
    std::io::Read::read_to_string(&mut logs.stdout.take().unwrap(), &mut said).unwrap();
    logs.wait().unwrap();
    assert_eq!(said, "ready\nquit\n");
}

#[test]
fn a_pod_may_wait_for_its_image() {
    let user = User::new();
    let words = predicate::str::contains("image \"demo:1\" is not known").and(predicate::str::contains("image load"));
    let manifest = pod("demo:1", &shell("sleep 100"));
    user.peapod(&["apply", "-f", "-", "--speed=20"]).write_stdin(manifest).assert().success().stderr(words);
    user.until_status("web", "ErrImageNeverPull");
    user.load(&docker(&[good()], plain));
    user.until_status("web", "Running");
}

#[test]
fn a_pull_policy_is_no_reason_to_pull() {
    let user = User::new();
    user.load(&docker(&[good()], plain));
    for policy in ["Always", "IfNotPresent", "Never"] {
        let manifest = pod("demo:1", &format!("    imagePullPolicy: {policy}\n"));
        assert_eq!(user.run(&manifest), "sesame\n", "{policy}");
        let told =
            predicate::str::contains("imagePullPolicy: nothing is downloaded").count(usize::from(policy == "Always"));
        user.peapod(&["check", "-"]).write_stdin(manifest).assert().success().stdout(told);
    }
}

#[test]
fn the_links_of_an_image_lead_into_it() {
    let user = User::new();
    fs::create_dir(user.path("outside")).unwrap();
    let secret = user.file("outside/passwd", "root:x:0:0::/stolen:/bin/sh\napp:x:0:0::/stolen:/bin/sh\n");
    // As the machine's files are seen from the node, and as they are seen from outside.
    for at in ["/host", ""] {
        let to = format!("{at}{}", user.path("outside").display());
        let layer = ["etc", "dev", "proc", "sys", "tmp"].iter().fold(Tar::new(), |tar, name| tar.link(name, &to));
        let image = Image::new(
            "sly:1",
            json!({ "Cmd": ["/bin/sh", "-c", "ls -a /etc/; cat /etc/passwd"] }),
            &[programs(), layer.bytes()],
        );
        user.load(&docker(&[image], plain));
        let output = user.peapod(&["run", "-"]).write_stdin(pod("sly:1", "")).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!said.contains("stolen"), "{said}");
        // Who the image says its user is, is not looked up outside either.
        let layers = [programs(), Tar::new().link("etc", &to).bytes()];
        let image = Image::new("sly:1", json!({ "User": "app", "Cmd": ["/bin/true"] }), &layers);
        user.load(&docker(&[image], plain));
        user.apply(&pod("sly:1", ""));
        user.until_status("web", "CreateContainerError");
        assert!(user.out(&["describe", "pod", "web"]).contains("unable to find user app"));
        user.peapod(&["delete", "pod", "web", "--force", "--grace-period=0"]).assert().success();
    }
    let names: Vec<_> = fs::read_dir(user.path("outside")).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(names, ["passwd"]);
    assert!(fs::read_to_string(secret).unwrap().ends_with("/stolen:/bin/sh\n"));
}
