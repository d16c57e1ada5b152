//! Task 7.4: what to start and what to end.
//!
//! The full listing comes once in 20 s, and here the clock runs 40 times as fast: all this holds without inotify.

use std::time::{Duration, Instant};

use crate::node::{
    Room, end, hear, hear_times, heard_is, held, let_go, manifest, pod, program, slow, still, text, told,
};
use podcheck::{Result, expect, expect_eq, step};

const FAST: [&str; 2] = ["--speed", "40"];

/// Its containers are asked to end, and it is shown no more. The others do not notice.
pub fn a_removed_file_ends_its_pod() -> Result {
    let room = Room::with(&[("a.yaml", pod("a", "a")), ("b.yaml", pod("b", "b"))])?;
    let mut kubelet = room.start(&FAST)?;
    hear(&mut kubelet, "hello a")?;
    hear(&mut kubelet, "hello b")?;
    room.running(&mut kubelet, "b-node")?;
    let (a, b) = (program(&kubelet, "a")?, program(&kubelet, "b")?);
    room.remove("a.yaml")?;
    hear(&mut kubelet, "bye a")?;
    room.gone(&mut kubelet, "a-node")?;
    expect("the process of the pod whose file was removed", "has ended", !a.is_alive(), "still there")?;
    room.put("c.yaml", &pod("c", "c").to_string())?;
    hear(&mut kubelet, "hello c")?;
    still(&kubelet, "the pod whose file was not touched", b)?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// The new one waits for the old one's end: never are there two of one name.
pub fn an_edit_replaces_the_pod() -> Result {
    let room = Room::with(&[("a.yaml", manifest("a", &slow("v1", 0.5)))])?;
    let mut kubelet = room.start(&FAST)?;
    hear(&mut kubelet, "hello v1")?;
    let old = room.running(&mut kubelet, "a-node")?;
    room.put("a.yaml", &pod("a", "v2").to_string())?;
    hear(&mut kubelet, "hello v2")?;
    heard_is(&kubelet, "what the old and the new pod print", "hello v1 / asked v1 / bye v1 / hello v2")?;
    let new = room.running(&mut kubelet, "a-node")?;
    let uid = |pod: &podcheck::Value| text(&pod["metadata"]["uid"]).to_owned();
    expect("the uid after the edit", format!("another than {}", uid(&old)), uid(&old) != uid(&new), uid(&new))?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// 30 s, which take 0.75 s here.
pub fn with_its_full_grace_period() -> Result {
    let deaf = "trap '' TERM; echo hello v1; while :; do sleep 0.1; done";
    let mut deaf = manifest("a", deaf);
    deaf["spec"]["terminationGracePeriodSeconds"] = 30.into();
    let room = Room::with(&[("a.yaml", deaf)])?;
    let mut kubelet = room.start(&FAST)?;
    hear(&mut kubelet, "hello v1")?;
    let edited = Instant::now();
    room.put("a.yaml", &pod("a", "v2").to_string())?;
    hear(&mut kubelet, "hello v2")?;
    let took = edited.elapsed();
    let expected = "at least 0.75 s after the edit, with --speed 40";
    let observed = format!("after {:.2} s", took.as_secs_f64());
    if took < Duration::from_millis(730) {
        return Err(kubelet.failure("when a pod that ignores SIGTERM is replaced", expected, observed));
    }
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// A pod that takes as long to end as it is let: no clock decides.
fn patient(name: &str, word: &str) -> podcheck::Value {
    let mut pod = manifest(name, &held(word));
    pod["spec"]["terminationGracePeriodSeconds"] = 100_000.into();
    pod
}

/// Waits until the kubelet knows of all that was changed so far: a file that comes later has been seen.
fn taken_up(room: &Room, kubelet: &mut podcheck::Running) -> Result {
    room.put("mark.yaml", &pod("mark", "mark").to_string())?;
    hear(kubelet, "hello mark")
}

/// Those between it and the first never run.
pub fn only_the_last_of_many_edits_runs() -> Result {
    let room = Room::with(&[("a.yaml", patient("a", "v0"))])?;
    let mut kubelet = room.start(&FAST)?;
    hear(&mut kubelet, "hello v0")?;
    let v0 = program(&kubelet, "v0")?;
    let edit = |n: u32| {
        // Moved into place: nobody can read half a file.
        let written = std::fs::write(room.outside("next"), pod("a", &format!("v{n}")).to_string());
        written
            .and_then(|()| std::fs::rename(room.outside("next"), room.path("a.yaml")))
            .map_err(|error| podcheck::Failure::grader(format!("edit a file: {error}")))
    };
    step(
        "for n in $(seq 300); do sed \"s/v0/v$n/g\" $D/manifests/a.yaml > $D/next; mv $D/next $D/manifests/a.yaml; done",
    );
    (1..=300).try_for_each(edit)?;
    hear(&mut kubelet, "asked v0")?;
    taken_up(&room, &mut kubelet)?;
    let_go(v0)?;
    hear(&mut kubelet, "hello v300")?;
    let expected = "hello v0 / asked v0 / hello mark / bye v0 / hello v300";
    heard_is(&kubelet, "what is printed after 300 quick edits", expected)?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// The same content is the same pod: it ends, and starts again.
pub fn removed_and_added_again() -> Result {
    let manifest = patient("a", "a");
    let room = Room::with(&[("a.yaml", manifest.clone())])?;
    let mut kubelet = room.start(&FAST)?;
    let before = room.running(&mut kubelet, "a-node")?;
    hear(&mut kubelet, "hello a")?;
    let first = program(&kubelet, "a")?;
    room.remove("a.yaml")?;
    hear(&mut kubelet, "asked a")?;
    room.put("a.yaml", &manifest.to_string())?;
    taken_up(&room, &mut kubelet)?;
    let_go(first)?;
    hear_times(&mut kubelet, "hello a", 2)?;
    heard_is(&kubelet, "what the pods print", "hello a / asked a / hello mark / bye a / hello a")?;
    let after = room.running(&mut kubelet, "a-node")?;
    expect_eq(
        "the uid of the same content, added again",
        text(&before["metadata"]["uid"]),
        text(&after["metadata"]["uid"]),
    )?;
    let restarts = |pod: &podcheck::Value| pod["status"]["containerStatuses"][0]["restartCount"].to_string();
    expect_eq("the restart count before its file was removed", "0", restarts(&before))?;
    expect_eq("the restart count of the same pod, added again while it ended", "1", restarts(&after))?;
    let_go(program(&kubelet, "a")?)?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// The first file has the name, until it goes.
pub fn two_files_with_one_name() -> Result {
    let room = Room::with(&[("b.yaml", pod("web", "second")), ("a.yaml", pod("web", "first"))])?;
    let mut kubelet = room.start(&FAST)?;
    hear(&mut kubelet, "hello first")?;
    told(&mut kubelet, &["manifests/b.yaml: pod ", "a.yaml, too"])?;
    heard_is(&kubelet, "what is printed with two files of one name", "hello first")?;
    room.remove("a.yaml")?;
    hear(&mut kubelet, "hello second")?;
    room.put("a.yaml", &pod("web", "third").to_string())?;
    hear(&mut kubelet, "hello third")?;
    let expected = "hello first / bye first / hello second / bye second / hello third";
    heard_is(&kubelet, "what is printed when the first file goes, and comes back", expected)?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// A pod's full name counts: its namespace, and its name.
pub fn one_name_in_two_namespaces() -> Result {
    let mut other = pod("web", "other");
    other["metadata"]["namespace"] = "kube-system".into();
    let room = Room::with(&[("a.yaml", pod("web", "web")), ("b.yaml", other)])?;
    let mut kubelet = room.start(&FAST)?;
    for word in ["hello web", "hello other"] {
        hear(&mut kubelet, word).map_err(|failure| match kubelet.stderr().contains("b.yaml: pod default/") {
            true => {
                podcheck::Failure::new("task 7.2 is in the way: `static_pod` changes the file's namespace", "", failure)
            }
            false => failure,
        })?;
    }
    let other = program(&kubelet, "other")?;
    room.remove("a.yaml")?;
    hear(&mut kubelet, "bye web")?;
    still(&kubelet, "the pod of the same name in another namespace", other)?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// It stays to be seen, and is not started again.
pub fn a_pod_that_has_ended_stays() -> Result {
    let mut done = manifest("a", "echo hello a");
    done["spec"]["restartPolicy"] = "Never".into();
    let room = Room::with(&[("a.yaml", done)])?;
    let mut kubelet = room.start(&FAST)?;
    room.wait_for(&mut kubelet, "a-node", "phase Succeeded", |pod| pod["status"]["phase"] == "Succeeded")?;
    // Two listings later.
    std::thread::sleep(Duration::from_millis(1100));
    heard_is(&kubelet, "what a pod with the policy Never prints", "hello a")?;
    room.wait_for(&mut kubelet, "a-node", "phase Succeeded", |pod| pod["status"]["phase"] == "Succeeded")?;
    room.remove("a.yaml")?;
    room.gone(&mut kubelet, "a-node")?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// Inotify watches a directory. What a link leads to may lie anywhere.
pub fn the_listing_sees_what_inotify_cannot() -> Result {
    let room = Room::new()?;
    let far = room.outside("far.yaml");
    let write = |word: &str| room.put_outside("far.yaml", &pod("far", word).to_string());
    write("v1")?;
    room.link(&far, "far.yaml")?;
    let mut kubelet = room.start(&FAST)?;
    hear(&mut kubelet, "hello v1")?;
    write("v2")?;
    hear(&mut kubelet, "hello v2")?;
    heard_is(&kubelet, "what is printed when the target of a link is edited", "hello v1 / bye v1 / hello v2")
}

/// A directory that is gone holds no pods; one that comes back does.
pub fn a_directory_that_goes_and_comes_back() -> Result {
    let room = Room::with(&[("a.yaml", pod("a", "a"))])?;
    let mut kubelet = room.start(&FAST)?;
    hear(&mut kubelet, "hello a")?;
    room.rename(&room.manifests(), &room.outside("elsewhere"))?;
    told(&mut kubelet, &["manifests: not there any more"])?;
    hear(&mut kubelet, "bye a")?;
    room.rename(&room.outside("elsewhere"), &room.manifests())?;
    hear_times(&mut kubelet, "hello a", 2)?;
    end(kubelet)?.expect_code(130).map(|_| ())
}
