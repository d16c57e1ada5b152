//! From a document to an object, or to everything that is wrong with it.

use serde::de::DeserializeOwned;

use super::rules::{self, Found};
use super::types::{ConfigMap, Object, Secret, Service};
use crate::manifest::{Document, FieldPath, Problem};

/// More wrong types than this are not looked for.
const MOST: usize = 100;

/// What reading an object gave. It may be used if `problems` is empty.
#[derive(Clone, Debug)]
pub struct ReadObject {
    pub object: Object,
    pub problems: Vec<Problem>,
    /// Fields that this workbook does not know.
    pub unknown: Vec<FieldPath>,
}

/// Is it a ConfigMap, a Secret or a Service?
pub fn is_object(document: &Document) -> bool {
    matches!(document.kind(), Some("ConfigMap" | "Secret" | "Service"))
}

/// Reads a ConfigMap, a Secret or a Service; `None` for any other kind.
pub fn read(document: &Document) -> Option<ReadObject> {
    let mut asked = document.clone();
    // `kubectl get -o yaml` prints a status too. It is a report, and no part of what is asked for.
    asked.remove(&FieldPath::of("status"));
    let mut found = Found(Vec::new());
    let (object, unknown) = match document.kind()? {
        "ConfigMap" => {
            let (map, unknown) = decode::<ConfigMap>(&asked, &mut found);
            rules::config_map(&map, &mut found);
            (Object::ConfigMap(map), unknown)
        }
        "Secret" => {
            let (mut secret, unknown) = decode::<Secret>(&asked, &mut found);
            rules::secret(&secret, &mut found);
            secret.merge();
            (Object::Secret(secret), unknown)
        }
        "Service" => {
            let (mut service, unknown) = decode::<Service>(&asked, &mut found);
            rules::service(&service, &mut found);
            service.give_address();
            (Object::Service(service), unknown)
        }
        _ => return None,
    };
    let version = match &object {
        Object::ConfigMap(map) => &map.api_version,
        Object::Secret(secret) => &secret.api_version,
        Object::Service(service) => &service.api_version,
    };
    if version != "v1" && !found.0.iter().any(|problem| problem.field == FieldPath::of("apiVersion")) {
        found.0.push(Problem::new(FieldPath::of("apiVersion"), format!("must be v1 for a {}", object.kind())));
    }
    let mut problems = found.0;
    for problem in &mut problems {
        problem.line = problem.line.or_else(|| document.line(&problem.field));
    }
    Some(ReadObject { object, problems, unknown })
}

/// As far as it can be read: each field of a wrong type is told and left out.
fn decode<T: DeserializeOwned + Default>(document: &Document, found: &mut Found) -> (T, Vec<FieldPath>) {
    let mut rest = document.clone();
    for _ in 0..MOST {
        let problem = match rest.decode::<T>() {
            Ok(decoded) => return (decoded.value, decoded.unknown),
            Err(problem) => problem,
        };
        let could_cut = rest.remove(&problem.field);
        if !found.0.iter().any(|known| known.field == problem.field) {
            found.0.push(Problem { rule: in_our_words(&problem.rule), ..problem });
        }
        if !could_cut {
            break;
        }
    }
    (T::default(), Vec::new())
}

/// The parser's words, as a rule. The usual mistake: a ConfigMap holds texts, so a number needs quotes.
fn in_our_words(rule: &str) -> String {
    let parts = rule.strip_prefix("invalid type: ").and_then(|rest| rest.rsplit_once(", expected "));
    let Some((found, expected)) = parts else { return rule.to_owned() };
    let expected = match expected {
        "a map" => "a mapping",
        "a sequence" => "a list",
        "a boolean" => "true or false",
        "i64" => "a whole number",
        other => other,
    };
    match found {
        "map" => format!("must be {expected}, and is a mapping"),
        "sequence" => format!("must be {expected}, and is a list"),
        _ if expected == "a string" => format!("must be {expected}, and is {found}: put it in quotes"),
        _ => format!("must be {expected}, and is {found}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_one(text: &str) -> ReadObject {
        let documents = Document::parse(text).unwrap();
        read(&documents[0]).unwrap()
    }

    fn problems(text: &str) -> String {
        read_one(text).problems.iter().map(|problem| format!("{problem}\n")).collect()
    }

    #[test]
    fn every_problem_with_its_line() {
        let text =
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a_b\ndata:\n  port: 8080\n  on: true\n  a/b: x\n";
        assert_eq!(
            problems(text),
            "data.port: must be a string, and is integer `8080`: put it in quotes; line 6\n\
             data.on: must be a string, and is boolean `true`: put it in quotes; line 7\n\
             metadata.name: must be lower-case letters, digits, '-' or '.', with a letter or digit at both ends of each part (RFC 1123); line 4\n\
             data.a/b: must have a key of at most 253 letters, digits, '-', '_' or '.'; line 8\n"
        );
    }

    #[test]
    fn a_secret_is_base64_and_its_texts_win() {
        let head = "apiVersion: v1\nkind: Secret\nmetadata: { name: s }\n";
        assert!(problems(&format!("{head}data: {{ a: hunter2 }}\n")).contains("data.a: must be base64"));
        assert!(problems(&format!("{head}data: [a]\n")).contains("data: must be a mapping, and is a list; line 4"));
        let read = read_one(&format!("{head}data: {{ a: Zm9v, b: YmFy }}\nstringData: {{ a: baz }}\n"));
        let Object::Secret(secret) = read.object else { panic!("{read:?}") };
        let texts: Vec<(String, String)> = secret.texts().into_iter().collect();
        assert_eq!(texts, [("a".into(), "baz".into()), ("b".into(), "bar".into())]);
    }

    #[test]
    fn a_service_has_a_name_that_begins_with_a_letter() {
        let text = "apiVersion: v1\nkind: Service\nmetadata: { name: 1web }\nspec: { clusterIP: nowhere, ports: [{ port: 0 }, { port: 80 }] }\n";
        let all = problems(text);
        for word in ["begin with a letter", "clusterIP: must be an IP", "ports[0].name: is required", "ports[0].port"] {
            assert!(all.contains(word), "{word} in {all}");
        }
    }
}
