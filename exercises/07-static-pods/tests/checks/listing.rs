//! Task 7.1: which files are manifests.

use crate::node::{Room, end, hear, heard_is, pod, told};
use podcheck::Result;

/// Whatever their names end in.
pub fn every_file_is_a_manifest() -> Result {
    let room = Room::with(&[
        ("one.yaml", pod("one", "one")),
        ("two.json", pod("two", "two")),
        ("three", pod("three", "three")),
        ("four.yaml~", pod("four", "four")),
    ])?;
    room.put(
        "five.yml",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: five\nspec:\n  containers:\n    - name: app\n      image: host\n      \
         command: [sh, -c, 'echo hello five; sleep 0.1']\n",
    )?;
    let mut kubelet = room.start(&[])?;
    for word in ["one", "two", "three", "four", "five"] {
        hear(&mut kubelet, &format!("hello {word}"))?;
    }
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// In silence, whatever they are.
pub fn hidden_files_are_passed_over() -> Result {
    let room = Room::with(&[(".one.yaml", pod("one", "hidden")), ("two.yaml", pod("two", "two"))])?;
    room.put(".broken", "{")?;
    room.fifo(".fifo")?;
    let mut kubelet = room.start(&[])?;
    hear(&mut kubelet, "hello two")?;
    heard_is(&kubelet, "what the containers print, with a manifest in .one.yaml", "hello two")?;
    let stderr = kubelet.stderr();
    let of_hidden: Vec<&str> =
        stderr.lines().filter(|line| line.contains("/.") && line.contains("manifests/.")).collect();
    if !of_hidden.is_empty() {
        return Err(kubelet.failure("what the kubelet says of hidden files", "nothing", of_hidden.join("\n")));
    }
    end(kubelet)?.expect_code(130).map(|_| ())
}

pub fn a_directory_is_not_entered() -> Result {
    let room = Room::with(&[("web.yaml", pod("web", "web"))])?;
    room.make_dir("more")?;
    room.put("more/inner.yaml", &pod("inner", "inner").to_string())?;
    let mut kubelet = room.start(&[])?;
    told(&mut kubelet, &["manifests/more: ", "passed over: a directory"])?;
    hear(&mut kubelet, "hello web")?;
    heard_is(&kubelet, "what the containers print, with a manifest in more/", "hello web")
}

/// Who opens a FIFO that nobody writes to waits without end.
pub fn a_fifo_blocks_nobody() -> Result {
    let room = Room::with(&[("web.yaml", pod("web", "web"))])?;
    room.fifo("a-fifo.yaml")?;
    let mut kubelet = room.start(&[])?;
    told(&mut kubelet, &["manifests/a-fifo.yaml: ", "passed over: not a regular file"])?;
    hear(&mut kubelet, "hello web")?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// A link is what it leads to; where it leads nowhere, the system's own word is the reason.
pub fn links_are_followed() -> Result {
    let room = Room::with(&[("web.yaml", pod("web", "web"))])?;
    room.put_outside("far.yaml", &pod("far", "far").to_string())?;
    room.link(&room.outside("far.yaml"), "a-link.yaml")?;
    room.link(&room.path("b-loop.yaml"), "b-loop.yaml")?;
    room.link(&room.outside("nothing"), "c-dangling.yaml")?;
    room.link(&room.outside(""), "d-directory.yaml")?;
    let mut kubelet = room.start(&[])?;
    hear(&mut kubelet, "hello far")?;
    hear(&mut kubelet, "hello web")?;
    told(&mut kubelet, &["manifests/b-loop.yaml: passed over: Too many levels of symbolic links"])?;
    told(&mut kubelet, &["manifests/c-dangling.yaml: passed over: No such file or directory"])?;
    told(&mut kubelet, &["manifests/d-directory.yaml: passed over: a directory"])?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// Both lists are, as `sort` has it: capitals come before small letters. It is seen by the order of the complaints.
pub fn in_the_order_of_their_names() -> Result {
    let room = Room::with(&[("web.yaml", pod("web", "web"))])?;
    for name in ["m", "c", "Z", "k", "a", "B", "x", "f"] {
        room.make_dir(&format!("{name}.directory"))?;
        room.put(&format!("{name}.broken"), "{")?;
    }
    let mut kubelet = room.start(&[])?;
    hear(&mut kubelet, "hello web")?;
    let stderr = kubelet.stderr();
    let named = stderr.lines().filter_map(|line| line.split_once("manifests/").and_then(|it| it.1.split_once(':')));
    let names: Vec<&str> = named.map(|it| it.0).collect();
    for (end, what) in [(".directory", "what is passed over"), (".broken", "the broken manifests")] {
        let told: Vec<&str> = names.iter().filter_map(|name| name.strip_suffix(end)).collect();
        if told.join(" ") != "B Z a c f k m x" {
            return Err(kubelet.failure(format!("the order of {what}, by name"), "B Z a c f k m x", told.join(" ")));
        }
    }
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// What is wrong with a file is said once, with its path; the others run.
pub fn broken_files_are_reported() -> Result {
    let room = Room::with(&[("web.yaml", pod("web", "web")), ("last.yaml", pod("last", "last"))])?;
    let good = pod("big", "big").to_string();
    // The most a manifest may have, and one byte more.
    let padded = |bytes: usize| format!("{good}\n#{}", "x".repeat(bytes - good.len() - 2));
    room.put("big.yaml", &padded(10 << 20))?;
    room.put("bigger.yaml", &padded((10 << 20) + 1).replacen("big", "bigger", 1))?;
    room.put("empty.yaml", "")?;
    room.put("job.yaml", "apiVersion: batch/v1\nkind: Job\nmetadata: { name: job }\n")?;
    room.put("nameless.yaml", &pod("", "nameless").to_string())?;
    room.put("none.yaml", "]")?;
    room.put("two.yaml", &format!("{good}\n---\n{good}\n"))?;
    let mut kubelet = room.start(&["--speed", "40"])?;
    for word in ["web", "last", "big"] {
        hear(&mut kubelet, &format!("hello {word}"))?;
    }
    for (file, words) in [
        ("bigger.yaml", "larger than 10485760 bytes"),
        ("empty.yaml", "holds no document"),
        ("job.yaml", "kind"),
        ("nameless.yaml", "name"),
        ("none.yaml", "line 1"),
        ("two.yaml", "2 documents"),
    ] {
        told(&mut kubelet, &[&format!("manifests/{file}"), words])?;
    }
    // Two listings later.
    std::thread::sleep(std::time::Duration::from_millis(1200));
    let stderr = kubelet.stderr();
    let complaints = stderr.lines().filter(|line| line.contains("manifests/empty.yaml")).count();
    if complaints != 1 {
        return Err(kubelet.failure("how often the kubelet complains of empty.yaml", "once", complaints));
    }
    end(kubelet)?.expect_code(130).map(|_| ())
}
