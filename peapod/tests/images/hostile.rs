//! Archives that nobody should trust.

use std::collections::BTreeMap;
use std::fs;

use serde_json::json;
use tar::EntryType;

use crate::archive::{self, Image, ROOT, Tar, docker, gzip, oci, of_files, plain, programs, write_into};
use crate::common::User;
use crate::{good, left, pod, shell};

/// What happens to an archive that is refused: its words, and nothing is left.
pub fn refused(user: &User, what: &str, archive: &[u8], words: &[&str], options: &[&str]) {
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
    let deep = tar().record("path", &"a/".repeat(1900)).dir("x/");
    refused(&user, "a deep tree", &of(deep), &["deeper than 250 directories"], &[]);
    let below = (0..245).fold(String::new(), |path, _| path + "a/");
    let deep = tar()
        .record("path", &below)
        .dir("x/")
        .record("linkpath", &below)
        .link("down", "x")
        .dir("down/b/")
        .file("down/b/c/d/e/f/g/h/i/j/k", "");
    refused(&user, "a tree that is deep through a link", &of(deep), &["\"down/b/", "deeper than 250 directories"], &[]);
    let link = tar().entry(EntryType::Symlink, "manifest.json", "../../etc/passwd", ROOT, b"").bytes();
    refused(&user, "a manifest that is a link", &link, &["\"manifest.json\"", "out of the archive"], &[]);

    let zeros = gzip(vec![0; 1 << 20]);
    let bomb = docker(&[Image::new("bomb:1", json!({}), &[vec![0; 1024]])], |_| gzip(vec![0; 1 << 20]).repeat(80));
    refused(&user, "a bomb", &bomb, &["layer 1", "200 times its size"], &[]);
    refused(&user, "a small bomb", &bomb, &["more than 1048576 bytes", "--max-size"], &["--max-size=1Mi"]);
    refused(&user, "a packed archive", &zeros.repeat(3), &["more than 1048576 bytes"], &["--max-size=1Mi"]);
    let many = (0..20).fold(tar(), |tar, at| tar.file(&format!("f{at}"), ""));
    refused(&user, "many entries", &of(many), &["more than 10 entries", "--max-entries"], &["--max-entries=10"]);
    let implied = tar().file("a/b/c/d/e/f/g/h/i/j/k", "");
    refused(
        &user,
        "many directories that nobody names",
        &of(implied),
        &["more than 10 entries"],
        &["--max-entries=10"],
    );
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
