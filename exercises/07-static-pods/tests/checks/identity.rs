//! Tasks 7.2 and 7.3: who a static pod is.

use crate::node::{Room, end, manifest, pod, text, told};
use podcheck::{Failure, Result, Running, Value, expect, expect_eq};

const HASH: &str = "kubernetes.io/config.hash";

/// In lower case, and inside the pod as well.
pub fn the_nodes_name_is_at_the_end() -> Result {
    let room = Room::with(&[("web.yaml", manifest("web", "echo hello $(hostname); sleep 0.1"))])?;
    let mut kubelet = room.start(&["--node", "Worker-1"])?;
    let shown = room.wait_for(&mut kubelet, "web-worker-1", "such a pod", |_| true)?;
    expect_eq("spec.nodeName with --node Worker-1", "Worker-1", text(&shown["spec"]["nodeName"]))?;
    crate::node::hear(&mut kubelet, "hello web-worker-1")?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// Its own, else `default`.
pub fn a_namespace_of_its_own() -> Result {
    let mut other = pod("other", "other");
    other["metadata"]["namespace"] = "kube-system".into();
    let room = Room::with(&[("a.yaml", pod("web", "web")), ("b.yaml", other)])?;
    let mut kubelet = room.start(&[])?;
    for word in ["hello web", "hello other"] {
        crate::node::hear(&mut kubelet, word)?;
    }
    let mut shown = Vec::new();
    podcheck::wait_until(crate::node::LONG, || {
        shown = room.get().unwrap_or_default();
        shown.len() == 2
    });
    let full =
        shown.iter().map(|pod| format!("{}/{}", text(&pod["metadata"]["namespace"]), text(&pod["metadata"]["name"])));
    let mut full: Vec<String> = full.collect();
    full.sort();
    expect_eq("the pods, with their namespaces", "default/web-node kube-system/other-node", &*full.join(" "))?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// What the file says of labels, annotations and tolerations stays.
pub fn it_is_marked_as_static() -> Result {
    let mut own = pod("web", "web");
    own["metadata"]["annotations"] = podcheck::serde_json::json!({ "mine": "yes" });
    own["metadata"]["labels"] = podcheck::serde_json::json!({ "app": "web" });
    own["spec"]["tolerations"] = podcheck::serde_json::json!([{ "key": "mine", "operator": "Exists" }]);
    let room = Room::with(&[("web.yaml", own)])?;
    let mut kubelet = room.start(&[])?;
    let shown = room.wait_for(&mut kubelet, "web-node", "such a pod", |_| true)?;
    let meta = &shown["metadata"];
    expect_eq(
        "annotation kubernetes.io/config.source",
        "file",
        text(&meta["annotations"]["kubernetes.io/config.source"]),
    )?;
    expect("metadata.uid", "a uid", !text(&meta["uid"]).is_empty(), &meta["uid"])?;
    expect_eq("annotation kubernetes.io/config.hash, the uid", text(&meta["uid"]), text(&meta["annotations"][HASH]))?;
    expect_eq("its own annotation `mine`", "yes", text(&meta["annotations"]["mine"]))?;
    expect_eq("its own label `app`", "web", text(&meta["labels"]["app"]))?;
    let expected = r#"[{"key":"mine","operator":"Exists"},{"effect":"NoExecute","operator":"Exists"}]"#;
    let tolerations = shown["spec"]["tolerations"].to_string();
    expect("spec.tolerations", expected, tolerations == expected, &tolerations)?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// A uid in the file is the pod's; an empty one is none.
pub fn a_uid_in_the_file_stays() -> Result {
    let with_uid = |name: &str, uid: &str| {
        let mut pod = pod(name, name);
        pod["metadata"]["uid"] = uid.into();
        pod
    };
    let room = Room::with(&[("a.yaml", with_uid("own", "my-own-uid")), ("b.yaml", with_uid("empty", ""))])?;
    let mut kubelet = room.start(&[])?;
    let own = room.wait_for(&mut kubelet, "own-node", "such a pod", |_| true)?;
    expect_eq("metadata.uid where the file says my-own-uid", "my-own-uid", text(&own["metadata"]["uid"]))?;
    expect_eq("config.hash where the file says my-own-uid", "my-own-uid", text(&own["metadata"]["annotations"][HASH]))?;
    let empty = room.wait_for(&mut kubelet, "empty-node", "such a pod", |_| true)?;
    expect(
        "metadata.uid where the file says \"\"",
        "a uid",
        !text(&empty["metadata"]["uid"]).is_empty(),
        &empty["metadata"]["uid"],
    )?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// 253 bytes with the node's name are the most.
pub fn the_nodes_name_counts() -> Result {
    let (fits, too_long) = ("x".repeat(248), "y".repeat(249));
    let room = Room::with(&[("a.yaml", pod(&fits, "fits")), ("b.yaml", pod(&too_long, "long"))])?;
    let mut kubelet = room.start(&[])?;
    told(&mut kubelet, &["manifests/b.yaml", "is longer than 253"])?;
    room.running(&mut kubelet, &format!("{fits}-node"))?;
    end(kubelet)?.expect_code(130).map(|_| ())
}

/// The uids of the pods, by name without the node's.
fn uids(room: &Room, args: &[&str], names: &[&str]) -> Result<Vec<String>> {
    let mut kubelet = room.start(args)?;
    let shown = all(room, &mut kubelet, names.len())?;
    end(kubelet)?.expect_code(130)?;
    let uid = |name: &&str| {
        let is = |pod: &&Value| text(&pod["metadata"]["name"]).starts_with(name);
        text(&shown.iter().find(is).map_or(Value::Null, |pod| pod["metadata"]["uid"].clone())).to_owned()
    };
    Ok(names.iter().map(uid).collect())
}

fn all(room: &Room, kubelet: &mut Running, count: usize) -> Result<Vec<Value>> {
    let mut shown = Vec::new();
    podcheck::wait_until(crate::node::LONG, || {
        shown = room.get().unwrap_or_default();
        shown.len() == count || kubelet.try_wait().is_some()
    });
    kubelet.expect_started()?;
    match shown.len() == count {
        true => Ok(shown),
        false => Err(kubelet.failure(
            "how many pods `get pods` shows",
            count,
            crate::node::said(kubelet, &shown.len().to_string()),
        )),
    }
}

/// The next kubelet finds the pods it knows, also where a file was only written in another way.
pub fn the_same_content_is_the_same_pod() -> Result {
    let room = Room::with(&[("a.yaml", pod("a", "a")), ("b.yaml", pod("b", "b"))])?;
    let before = uids(&room, &[], &["a", "b"])?;
    for uid in &before {
        let is_hash = uid.len() == 32 && uid.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
        expect("a uid", "32 hexadecimal digits", is_hash, uid)?;
    }
    let program = crate::node::polite("b").replace('\'', "''");
    room.put(
        "b.yaml",
        &format!(
            "# The same pod, in other words.\nkind: Pod\nspec:\n  terminationGracePeriodSeconds: 120\n  containers:\n    - command:\n        - sh\n        - -c\n        - \
             '{program}'\n      image: host\n      name: app\nmetadata: {{ name: b }}\napiVersion: v1\n"
        ),
    )?;
    let after = uids(&room, &[], &["a", "b"])?;
    expect_eq("the uid of an untouched file, with the next kubelet", &before[0], &after[0])?;
    expect_eq("the uid of a file with a comment more and its keys in another order", &before[1], &after[1])
}

/// However small.
pub fn every_edit_is_another_pod() -> Result {
    let names = ["a", "b", "c", "d", "e"];
    let edits: [fn(&mut Value); 4] = [
        |pod| pod["metadata"]["labels"] = podcheck::serde_json::json!({ "app": "x" }),
        |pod| pod["spec"]["terminationGracePeriodSeconds"] = 29.into(),
        |pod| pod["spec"]["containers"][0]["name"] = "apq".into(),
        |pod| pod["spec"]["containers"][0]["env"] = podcheck::serde_json::json!([{ "name": "A", "value": "b" }]),
    ];
    let files = names.map(|name| (name, pod(name, "it")));
    let room = Room::with(&files)?;
    let before = uids(&room, &[], &names)?;
    for ((name, mut pod), edit) in files.into_iter().zip(edits) {
        edit(&mut pod);
        room.put(name, &pod.to_string())?;
    }
    let after = uids(&room, &[], &names)?;
    for (n, what) in ["a label", "a grace period", "one letter of a container's name", "a variable"].iter().enumerate()
    {
        expect(
            format!("the uid with another edit: {what}"),
            format!("another than {}", before[n]),
            before[n] != after[n],
            &after[n],
        )?;
    }
    expect_eq("the uid of the file that was not edited", &before[4], &after[4])
}

/// Who moves a file, or has another node, has another pod.
pub fn file_and_node_are_a_part_of_it() -> Result {
    let room = Room::with(&[("a.yaml", pod("web", "web"))])?;
    let one = |args: &[&str]| -> Result<String> { Ok(uids(&room, args, &["web"])?.remove(0)) };
    let first = one(&[])?;
    let on_another = one(&["--node", "other"])?;
    expect("the uid on another node", format!("another than {first}"), first != on_another, &on_another)?;
    room.rename(&room.path("a.yaml"), &room.path("b.yaml"))?;
    let moved = one(&[])?;
    expect("the uid in another file", format!("another than {first}"), first != moved, &moved)?;
    // The other room's directory is another one, and the file has the same name.
    let room = Room::with(&[("a.yaml", pod("web", "web"))])?;
    let elsewhere = uids(&room, &[], &["web"])?.remove(0);
    let what = "the uid in a file of the same name, in another directory";
    expect(what, format!("another than {first}"), first != elsewhere, &elsewhere)
}

/// One hash that is known to the letter.
pub fn the_uid_is_fnv_1a_of_three_texts() -> Result {
    let known = Known::new()?;
    let observed = known.uid();
    if known.expected == observed {
        return Ok(());
    }
    if let Some(fields) = known.changed() {
        let what = format!("task 7.2 is in the way: the uid is asked for after {fields} was changed");
        return Err(Failure::new(what, "", ""));
    }
    let text = known.text(&known.json, &known.path);
    let multiplied_first = digits(text.bytes().fold(BASIS, |hash, byte| hash.wrapping_mul(PRIME) ^ u128::from(byte)));
    let of_characters = digits(text.chars().fold(BASIS, |hash, it| (hash ^ u128::from(it)).wrapping_mul(PRIME)));
    let others = [
        (multiplied_first, "it multiplies first, then XORs (FNV-1)"),
        (of_characters, "the hash of the characters, not of the bytes"),
        (known.expected.trim_start_matches('0').to_owned(), "without the zeros in front"),
        (fnv_1a(&known.text(&known.json, "a.yaml")), "the hash with the file's name in place of its path"),
    ];
    let why = others.iter().find(|it| it.0 == observed).map_or_else(String::new, |it| format!(": {}", it.1));
    Err(Failure::new("a pod's uid", format!("{}, the hash of\n{text}", known.expected), format!("{observed}{why}")))
}

/// The uid is that of the pod as the file has it: before the name, or anything else, is changed.
pub fn the_uid_is_made_first() -> Result {
    let known = Known::new()?;
    expect_eq("metadata.name", "web-node", text(&known.shown["metadata"]["name"]))?;
    // Until task 7.3 is done the uid is the full name.
    let of_changed = match known.uid() {
        "kube-system/web-node" => Some("the name".to_owned()),
        _ => known.changed(),
    };
    match of_changed {
        None => Ok(()),
        Some(fields) => {
            let observed = format!("of the pod after {fields} was changed");
            Err(Failure::new("the uid", "of the pod as the file has it", observed))
        }
    }
}

/// Where FNV begins, and what it multiplies by, with 128 bits.
const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = (1 << 88) + 0x13b;

fn digits(hash: u128) -> String {
    format!("{hash:032x}")
}

fn fnv_1a(text: &str) -> String {
    digits(text.bytes().fold(BASIS, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME)))
}

const NAME: &str = r#"{"name":"web","#;
const OWN: &str = r#""annotations":{"#;
const LAST: &str = r#""enableServiceLinks":true"#;

/// A pod whose uid is known before it runs. Its file says everything, as JSON in the order of `to_json`: so what
/// is read from it has just this text. The uid begins with a zero.
struct Known {
    json: String,
    path: String,
    expected: String,
    /// As `get` shows it.
    shown: Value,
}

impl Known {
    fn new() -> Result<Known> {
        let room = Room::new()?;
        let dir = room.manifests().canonicalize().map_err(|error| Failure::grader(format!("canonicalize: {error}")))?;
        let mut known = Known {
            json: String::new(),
            path: dir.join("a.yaml").display().to_string(),
            expected: String::new(),
            shown: Value::Null,
        };
        for n in 0.. {
            known.json = format!(
                r#"{{"apiVersion":"v1","kind":"Pod","metadata":{NAME}"namespace":"kube-system",{OWN}"mine":"ü {n}"}}}},"spec":{{"containers":[{{"name":"app","image":"host","imagePullPolicy":"Always","command":["sh","-c","trap 'exit 0' TERM; sleep 1000 & wait"],"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}}],"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst",{LAST}}}}}"#
            );
            known.expected = fnv_1a(&known.text(&known.json, &known.path));
            if known.expected.starts_with('0') {
                break;
            }
        }
        room.put("a.yaml", &known.json)?;
        let mut kubelet = room.start(&[])?;
        known.shown = all(&room, &mut kubelet, 1)?.remove(0);
        end(kubelet)?.expect_code(130)?;
        Ok(known)
    }

    /// What is hashed.
    fn text(&self, json: &str, path: &str) -> String {
        format!("{json}host:nodefile:{path}")
    }

    fn uid(&self) -> &str {
        text(&self.shown["metadata"]["uid"])
    }

    /// If its uid is the hash of the pod with some of `static_pod`'s changes made already: which ones.
    fn changed(&self) -> Option<String> {
        const NODE: &str = r#""nodeName":"node","enableServiceLinks":true"#;
        const SOURCE: &str = r#""annotations":{"kubernetes.io/config.source":"file","#;
        const TOLERATION: &str =
            r#""tolerations":[{"operator":"Exists","effect":"NoExecute"}],"enableServiceLinks":true"#;
        let changes = [
            ("the name", NAME, r#"{"name":"web-node","#),
            ("spec.nodeName", LAST, NODE),
            ("an annotation", OWN, SOURCE),
            ("the tolerations", LAST, TOLERATION),
        ];
        (1u32..1 << changes.len()).find_map(|some| {
            let made: Vec<_> =
                changes.iter().enumerate().filter(|(n, _)| some & (1 << n) != 0).map(|it| it.1).collect();
            let json = made.iter().fold(self.json.clone(), |json, (_, from, to)| json.replacen(from, to, 1));
            let is = fnv_1a(&self.text(&json, &self.path)) == self.uid();
            is.then(|| made.iter().map(|it| it.0).collect::<Vec<_>>().join(", "))
        })
    }
}
