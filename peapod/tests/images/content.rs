//! What containers see of an image.

use serde_json::json;
use tar::EntryType;

use crate::archive::{About, Image, Tar, WHEN, docker, plain, programs};
use crate::common::User;
use crate::{good, pod, shell};

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
