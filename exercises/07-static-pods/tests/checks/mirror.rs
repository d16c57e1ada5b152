//! Task 7.6: what the API is shown.

use crate::node::{Room, end, hear, heard_is, pod, program, still, text, told};
use podcheck::{Result, Value, expect, expect_eq};

const HASH: &str = "kubernetes.io/config.hash";
const MIRROR: &str = "kubernetes.io/config.mirror";

fn is_mirror(pod: &Value) -> Result {
    let annotations = &pod["metadata"]["annotations"];
    expect("annotation kubernetes.io/config.hash", "a hash", annotations[HASH].is_string(), &annotations[HASH])?;
    expect_eq("annotation kubernetes.io/config.mirror, the hash", text(&annotations[HASH]), text(&annotations[MIRROR]))
}

/// It names the node as its owner, and has the pod's status.
pub fn get_shows_a_mirror() -> Result {
    let room = Room::with(&[("web.yaml", pod("web", "web"))])?;
    let mut kubelet = room.start(&["--node", "Worker-1"])?;
    let shown = room.running(&mut kubelet, "web-worker-1")?;
    is_mirror(&shown)?;
    let owners = shown["metadata"]["ownerReferences"].to_string();
    let expected = r#"[{"apiVersion":"v1","controller":true,"kind":"Node","name":"Worker-1","uid":"Worker-1"}]"#;
    expect("metadata.ownerReferences", expected, owners == expected, &owners)?;
    let seen = text(&shown["metadata"]["annotations"]["kubernetes.io/config.seen"]);
    expect("annotation kubernetes.io/config.seen", "a time", seen.ends_with('Z'), seen)?;
    let ran = room.cli(&["get", "pods"]).run()?;
    ran.expect_code(0)?;
    let table: Vec<String> =
        ran.stdout_lines().iter().map(|it| it.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let expected = "NAME READY STATUS RESTARTS / web-worker-1 1/1 Running 0";
    expect("`get pods`", expected, table.join(" / ") == expected, table.join(" / "))?;
    room.cli(&["get", "pod", "web"]).run()?.expect_code(1)?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// It is made again, and the pod has noticed nothing.
pub fn a_deleted_mirror_comes_back() -> Result {
    let room = Room::with(&[("web.yaml", pod("web", "web"))])?;
    let mut kubelet = room.start(&["--speed", "20"])?;
    hear(&mut kubelet, "hello web")?;
    let before = room.running(&mut kubelet, "web-node")?;
    let web = program(&kubelet, "web")?;
    // Time enough for another second on the kubelet's clock.
    std::thread::sleep(std::time::Duration::from_millis(150));
    let ran = room.delete("web-node")?;
    ran.expect_code(0)?;
    told(&mut kubelet, &["default/web-node", "mirror was deleted", "the pod goes on"])?;
    let made = |pod: &Value| text(&pod["metadata"]["creationTimestamp"]).to_owned();
    let after =
        room.wait_for(&mut kubelet, "web-node", "another creationTimestamp", |pod| made(pod) != made(&before))?;
    is_mirror(&after)?;
    expect_eq("the phase in the new mirror", "Running", text(&after["status"]["phase"]))?;
    expect_eq("the uid in the new mirror", text(&before["metadata"]["uid"]), text(&after["metadata"]["uid"]))?;
    still(&kubelet, "the pod whose mirror was deleted", web)?;
    heard_is(&kubelet, "what the pod prints", "hello web")?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// So one sees what is wrong with it. The others run.
pub fn an_unknown_image_is_shown() -> Result {
    let mut missing = pod("missing", "missing");
    missing["spec"]["containers"][0]["image"] = "no/such-image:1".into();
    let room = Room::with(&[("a.yaml", missing), ("b.yaml", pod("web", "web"))])?;
    let mut kubelet = room.start(&[])?;
    let waits =
        |pod: &Value| pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] == "ErrImageNeverPull";
    let shown = room.wait_for(&mut kubelet, "missing-node", "waiting, ErrImageNeverPull", waits)?;
    is_mirror(&shown)?;
    expect_eq("the phase of a pod without its image", "Pending", text(&shown["status"]["phase"]))?;
    hear(&mut kubelet, "hello web")?;
    is_mirror(&room.running(&mut kubelet, "web-node")?)?;
    end(kubelet)?.expect_code(130).map(|_| ())
}
