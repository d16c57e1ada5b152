//! Task 7.5: what a change of a file means. From one listing to the next it takes 20 s here: whatever happens
//! sooner was told by inotify.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::node::{MOMENT, Room, end, hear, heard, heard_is, pod, program, still, told};
use podcheck::{Result, Running, step};

/// A kubelet that has listed its directory and runs one pod of it.
fn started(room: &Room) -> Result<Running> {
    room.put("z.yaml", &pod("z", "z").to_string())?;
    let mut kubelet = room.start(&[])?;
    hear(&mut kubelet, "hello z")?;
    room.running(&mut kubelet, "z-node")?;
    Ok(kubelet)
}

/// A new file, and an edit in place.
pub fn a_written_file_is_seen_at_once() -> Result {
    let room = Room::new()?;
    let mut kubelet = started(&room)?;
    room.put("a.yaml", &pod("a", "v1").to_string())?;
    hear(&mut kubelet, "hello v1")?;
    room.put("a.yaml", &pod("a", "v2").to_string())?;
    hear(&mut kubelet, "hello v2")?;
    heard_is(&kubelet, "what is printed", "hello z / hello v1 / bye v1 / hello v2")?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// A file that is still open for writing is not complete. Whoever writes it may take long.
pub fn a_half_written_file_is_not_read() -> Result {
    let room = Room::new()?;
    let mut kubelet = started(&room)?;
    room.put_slowly("a.yaml", &pod("a", "a").to_string(), || {
        std::thread::sleep(2 * MOMENT);
        let stderr = kubelet.stderr();
        match stderr.lines().find(|line| line.contains("manifests/a.yaml")) {
            None => Ok(()),
            Some(line) => Err(kubelet.failure("what the kubelet says of a file half written", "nothing", line)),
        }
    })?;
    hear(&mut kubelet, "hello a")?;
    heard_is(&kubelet, "what is printed", "hello z / hello a")?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// As `kubeadm`, editors and careful people do it: written elsewhere, then moved.
pub fn a_moved_file_is_seen_at_once() -> Result {
    let room = Room::new()?;
    let mut kubelet = started(&room)?;
    let outside = room.outside("new.yaml");
    let write = |word: &str| room.put_outside("new.yaml", &pod("a", word).to_string());
    write("v1")?;
    room.rename(&outside, &room.path("a.yaml"))?;
    hear(&mut kubelet, "hello v1")?;
    write("v2")?;
    room.rename(&outside, &room.path("a.yaml"))?;
    hear(&mut kubelet, "hello v2")?;
    room.rename(&room.path("a.yaml"), &outside)?;
    hear(&mut kubelet, "bye v2")?;
    heard_is(&kubelet, "what is printed", "hello z / hello v1 / bye v1 / hello v2 / bye v2")?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

pub fn a_deleted_file_is_seen_at_once() -> Result {
    let room = Room::new()?;
    let mut kubelet = started(&room)?;
    let z = program(&kubelet, "z")?;
    room.put("a.yaml", &pod("a", "a").to_string())?;
    hear(&mut kubelet, "hello a")?;
    room.remove("a.yaml")?;
    hear(&mut kubelet, "bye a")?;
    still(&kubelet, "the pod whose file was not touched", z)?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// Nothing is written when a link is made.
pub fn a_new_link_is_seen_at_once() -> Result {
    let room = Room::new()?;
    let mut kubelet = started(&room)?;
    for (file, word) in [("far-a", "soft"), ("far-b", "hard")] {
        room.put_outside(file, &pod(word, word).to_string())?;
    }
    room.link(&room.outside("far-a"), "a.yaml")?;
    hear(&mut kubelet, "hello soft")?;
    room.hard_link(&room.outside("far-b"), "b.yaml")?;
    hear(&mut kubelet, "hello hard")?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// A file that was broken by an edit keeps its pod; the next listing takes it away.
pub fn a_broken_edit_ends_the_pod_at_the_next_listing() -> Result {
    let room = Room::with(&[("a.yaml", pod("a", "a")), ("b.yaml", pod("b", "b"))])?;
    // A listing every 4 s.
    let mut kubelet = room.start(&["--speed", "5"])?;
    hear(&mut kubelet, "hello a")?;
    hear(&mut kubelet, "hello b")?;
    let (a, b) = (program(&kubelet, "a")?, program(&kubelet, "b")?);
    room.put("a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {")?;
    told(&mut kubelet, &["manifests/a.yaml"])?;
    std::thread::sleep(Duration::from_millis(500));
    still(&kubelet, "a pod half a second after its file was broken", a)?;
    // A good file is taken up meanwhile, and that is not the listing yet.
    room.put("c.yaml", &pod("c", "c").to_string())?;
    hear(&mut kubelet, "hello c")?;
    hear(&mut kubelet, "bye a")?;
    room.gone(&mut kubelet, "a-node")?;
    still(&kubelet, "the pod whose file was not touched", b)?;
    // Those of two containers that start together may come in any order.
    let printed: Vec<String> =
        heard(&kubelet).into_iter().filter(|line| line != "hello a" && line != "hello b").collect();
    if printed != ["hello c", "bye a"] {
        return Err(kubelet.failure("what is printed after the edit", "hello c / bye a", printed.join(" / ")));
    }
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// Who mends it in time has lost nothing.
pub fn mended_in_time() -> Result {
    let room = Room::new()?;
    let mut kubelet = started(&room)?;
    let z = program(&kubelet, "z")?;
    room.put("z.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {")?;
    told(&mut kubelet, &["manifests/z.yaml"])?;
    room.put("z.yaml", &pod("z", "z").to_string())?;
    room.put("a.yaml", &pod("a", "a").to_string())?;
    hear(&mut kubelet, "hello a")?;
    still(&kubelet, "the pod whose file was broken and mended", z)?;
    heard_is(&kubelet, "what is printed", "hello z / hello a")?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// One file after another, broken, for two seconds.
pub fn a_stream_of_broken_files() -> Result {
    let room = Room::new()?;
    let mut kubelet = started(&room)?;
    let z = program(&kubelet, "z")?;
    let stop = AtomicBool::new(false);
    step("(for n in $(seq 2000); do echo \"{ this is: no manifest $n\" > $D/manifests/broken-$((n % 50)); done) &");
    let heard_good = std::thread::scope(|scope| {
        scope.spawn(|| {
            let until = Instant::now() + Duration::from_secs(20);
            for n in (0..).take_while(|_| !stop.load(Ordering::Relaxed) && Instant::now() < until) {
                let _ =
                    std::fs::write(room.path(&format!("broken-{}", n % 50)), format!("{{ this is: no manifest {n}"));
            }
        });
        std::thread::sleep(Duration::from_millis(300));
        let put = room.put("good.yaml", &pod("good", "good").to_string());
        let heard_good = put.and_then(|()| hear(&mut kubelet, "hello good"));
        stop.store(true, Ordering::Relaxed);
        heard_good
    });
    heard_good?;
    still(&kubelet, "the pod that ran before", z)?;
    let expected = "hello z / hello good";
    let printed = heard(&kubelet).join(" / ");
    if printed != expected {
        return Err(kubelet.failure("what is printed", expected, printed));
    }
    end(kubelet)?.expect_code(130).map(|_| ())
}
