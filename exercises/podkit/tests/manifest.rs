//! From text to documents, and back to lines.

use podkit::manifest::{Document, FieldPath};
use podkit::pod::Pod;

fn one(text: &str) -> Document {
    let mut documents = Document::parse(text).expect("is YAML");
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

fn line(document: &Document, field: &str) -> Option<usize> {
    document.line(&FieldPath::of(field))
}

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: two
  labels: {app: web, tier: front}
spec:
  containers:
  - name: web
    image: host
    ports:
    - containerPort: 8080
  - image: host
    name: side
";

#[test]
fn a_field_is_found_on_the_line_of_its_key() {
    let pod = one(POD);
    assert_eq!(line(&pod, "metadata.name"), Some(4));
    assert_eq!(line(&pod, "metadata.labels.tier"), Some(5));
    assert_eq!(line(&pod, "spec.containers"), Some(7));
    assert_eq!(line(&pod, "spec.containers[0].ports[0].containerPort"), Some(11));
    assert_eq!(line(&pod, "spec.containers[1].name"), Some(13));
}

#[test]
fn a_field_that_is_not_there_is_on_the_line_above_it() {
    let pod = one(POD);
    assert_eq!(line(&pod, "spec.containers[1].ports[3].name"), Some(12));
    assert_eq!(line(&pod, "spec.restartPolicy"), Some(6));
}

#[test]
fn json_and_later_documents_have_lines_too() {
    let json = one("{\n \"kind\": \"Pod\",\n \"spec\": {\n  \"containers\": [\n   {\"name\": \"a\"}\n  ]\n }\n}\n");
    assert_eq!(line(&json, "spec.containers[0].name"), Some(5));
    let documents =
        Document::parse("kind: Pod\n---\n# nothing\n---\nkind: Service\nmetadata:\n  name: s\n").expect("is YAML");
    let kinds: Vec<_> = documents.iter().map(|document| document.kind()).collect();
    assert_eq!(kinds, [Some("Pod"), Some("Service")]);
    assert_eq!(line(&documents[1], "metadata.name"), Some(7));
}

#[test]
fn the_first_wrong_type_is_named_and_can_be_cut_out() {
    let mut pod = one("kind: Pod\nspec:\n  containers:\n  - name: [x]\n    ports: 3\n");
    let first = pod.decode::<Pod>().expect_err("name is a list");
    assert_eq!((first.field.to_string(), first.line), ("spec.containers[0].name".into(), Some(4)));
    assert!(pod.remove(&first.field));
    let second = pod.decode::<Pod>().expect_err("ports is a number");
    assert_eq!((second.field.to_string(), second.line), ("spec.containers[0].ports".into(), Some(5)));
    assert!(pod.remove(&second.field));
    assert!(!pod.remove(&second.field), "there is nothing left to cut");
    assert!(pod.decode::<Pod>().is_ok());
}

#[test]
fn cutting_entries_of_a_list_ends() {
    let mut pod = one("spec:\n  containers:\n  - 5\n  - args: [1, ok]\n");
    for _ in 0..10 {
        let Err(problem) = pod.decode::<Pod>() else { return };
        if !pod.remove(&problem.field) {
            return;
        }
    }
    panic!("removing never ended");
}

#[test]
fn what_the_types_do_not_know_is_listed() {
    let pod = one("kind: Pod\nmetadata: {name: a, colour: red}\nspec:\n  colour: x\n  containers: []\n");
    let unknown = pod.decode::<Pod>().expect("is a pod").unknown;
    let unknown: Vec<String> = unknown.iter().map(ToString::to_string).collect();
    assert_eq!(unknown, ["metadata.colour", "spec.colour"]);
}

#[test]
fn what_is_not_yaml_has_a_line() {
    for (text, line) in [("a: 1\nb: [\n", 3), ("a: 1\na: 2\n", 1), ("a: b: c\n", 1)] {
        let problem = Document::parse(text).expect_err(text);
        assert!(problem.rule.starts_with("not valid YAML"), "{problem}");
        assert!(problem.line.is_some_and(|found| found.abs_diff(line) <= 1), "{text:?}: {problem:?}");
    }
}

#[test]
fn a_text_that_grows_when_it_is_read_is_refused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for n in 1..12 {
        let before = n - 1;
        bomb += &format!(
            "a{n}: &a{n} [*a{before}, *a{before}, *a{before}, *a{before}, *a{before}, *a{before}, *a{before}]\n"
        );
    }
    assert!(Document::parse(&bomb).is_err());
    for deep in ["[", "{a: ", "- ", "? ", "a: [\n"] {
        let problem = Document::parse(&deep.repeat(2_000_000)).expect_err(deep);
        assert!(problem.rule.contains("deep"), "{deep:?}: {problem}");
    }
}
