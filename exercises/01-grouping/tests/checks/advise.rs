//! Task 1.7: one pod or several?

use podcheck::{Cli, Result};
use serde_json::{Value, json};

use crate::kit::advise;

/// Components in one line each: `NAME` alone, `NAME>OTHER` with the three answers after a `:`.
fn application(components: &[&str]) -> String {
    let mut text = "components:\n".to_owned();
    for component in components {
        let (names, answers) = component.split_once(':').unwrap_or((component, ""));
        let (name, with) = names.split_once('>').unwrap_or((names, ""));
        text += &format!("- name: '{name}'\n");
        if !with.is_empty() {
            text += &format!("  with: {with}\n");
        }
        for (letter, answer) in [('h', "sameHost"), ('u', "oneUnit"), ('s', "scalesTogether")] {
            if answers.contains(letter) {
                text += &format!("  {answer}: true\n");
            }
        }
    }
    text
}

fn pods(what: &str, components: &[&str], expected: Value) -> Result<Value> {
    let (ran, json) = advise(&application(components))?;
    let told: Vec<&Value> = json["pods"].as_array().into_iter().flatten().map(|pod| &pod["pod"]).collect();
    ran.expect(what, format!("pods {expected}"), json!(told) == expected, format!("pods {}", json!(told)))?;
    Ok(json)
}

/// Together only if all three answers say so; apart otherwise.
pub fn three_questions() -> Result {
    for no in ["", "h", "u", "s", "hu", "hs", "us"] {
        pods(&format!("answers yes: {no:?}"), &["web", &format!("log>web:{no}")], json!([["web"], ["log"]]))?;
    }
    pods("three times yes", &["web", "log>web:hus"], json!([["web", "log"]]))?;
    pods("a helper that stands first", &["log>web:hus", "web"], json!([["log", "web"]]))?;
    pods("one component", &["web"], json!([["web"]]))?;
    pods("no other component named", &["web:hus", "db:hus"], json!([["web"], ["db"]]))?;
    pods("nothing at all", &[], json!([])).or_else(|_| pods_of_empty())?;
    pods("frontend and database", &["front", "db>front:h", "sync>front:hus"], json!([["front", "sync"], ["db"]]))?;
    Ok(())
}

fn pods_of_empty() -> Result<Value> {
    let (ran, json) = advise("components: []\n")?;
    ran.expect("an application of nothing", "no pods", json["pods"] == json!([]), &json)?;
    Ok(json)
}

/// Belonging is passed on, through helpers of helpers and several helpers of one main.
pub fn belonging_is_passed_on() -> Result {
    pods("several helpers of one", &["a>m:hus", "b>m:hus", "m", "x"], json!([["a", "b", "m"], ["x"]]))?;
    pods("a helper of a helper", &["m", "a>m:hus", "b>a:hus", "c>b:hus"], json!([["m", "a", "b", "c"]]))?;
    pods("the same, from the end", &["c>b:hus", "b>a:hus", "a>m:hus", "m"], json!([["c", "b", "a", "m"]]))?;
    pods(
        "two groups that meet last",
        &["a", "b>a:hus", "c", "d>c:hus", "c2>d:hus", "e>b:hus"],
        json!([["a", "b", "e"], ["c", "d", "c2"]]),
    )?;
    pods(
        "a bridge between two groups",
        &["a", "b>a:hus", "c", "d>c:hus", "e"]
            .iter()
            .map(|c| if *c == "c" { "c>b:hus" } else { c })
            .collect::<Vec<_>>(),
        json!([["a", "b", "c", "d"], ["e"]]),
    )?;
    pods("a chain with a no in it", &["m", "a>m:hu", "b>a:hus"], json!([["m"], ["a", "b"]]))?;
    pods("two that name each other", &["a>b:hus", "b>a:hus", "c"], json!([["a", "b"], ["c"]]))?;
    pods("a ring", &["a>b:hus", "b>c:hus", "c>a:hus"], json!([["a", "b", "c"]]))?;
    pods("a ring with a no", &["a>b:hus", "b>c:hus", "c>a:h"], json!([["a", "b", "c"]]))?;
    pods("a ring of noes", &["a>b", "b>a"], json!([["a"], ["b"]]))?;
    Ok(())
}

/// Each component has a reason, and it is its own.
pub fn reasons_are_given() -> Result {
    let told = pods(
        "five components",
        &["web", "log>web:hus", "db>web:h", "mail>web:us", "cron"],
        json!([["web", "log"], ["db"], ["mail"], ["cron"]]),
    )?;
    let ring = pods("a ring with a no", &["a>b:hus", "b>c:hus", "c>a:h"], json!([["a", "b", "c"]]))?;
    let because =
        |told: &Value, pod: usize, n: usize| told["pods"][pod]["because"][n].as_str().unwrap_or_default().to_owned();
    for (found, words, not) in [
        (because(&told, 0, 0), "web|others", "default"),
        (because(&told, 0, 1), "log|belongs with web|same host", "not"),
        (because(&told, 1, 0), "db|does not belong with web|whole of its own|scaled apart", "different hosts"),
        (because(&told, 2, 0), "mail|does not belong with web|different hosts", "scaled apart"),
        (because(&told, 3, 0), "cron|default is to separate", "belongs"),
        (because(&ring, 0, 2), "c by itself would not belong with a|other answers", "does not"),
    ] {
        let ok = words.split('|').all(|word| found.contains(word)) && !found.contains(not);
        podcheck::expect("a reason", words.replace('|', " ... "), ok, found)?;
    }
    let ran = Cli::new("advise").arg("-").stdin(application(&["web", "log>web:hus", "db"])).run()?;
    ran.expect_code(0)?;
    let text = ran.stdout();
    let ok = ["2 pods", "pod 1: web, log", "pod 2: db"].iter().all(|words| text.contains(words));
    ran.expect("advice for people", "2 pods, pod 1: web, log, pod 2: db", ok, &text)?;
    Ok(())
}

/// A question that is put wrongly is told so, with a line.
pub fn mistakes_are_named() -> Result {
    for (what, components, words) in [
        (
            "an unknown component",
            &["web", "log>wbe:hus"][..],
            "components[1].with: must name a component, and there is no wbe; line 4",
        ),
        ("itself", &["log>log:hus"], "components[0].with: must name another component|line 3"),
        ("a name twice", &["web", "db", "web"], "components[2].name: must be unique|line 4"),
        ("no name", &["", "x"], "components[0].name: is required"),
        ("answers that differ", &["a>b:hus", "b>a:h"], "components[1]: must give the same answers as a"),
        ("two mistakes", &["a>x", "a"], "components[0].with|components[1].name"),
    ] {
        let ran = Cli::new("advise").arg("-").stdin(application(components)).run()?;
        ran.expect_code(2)?;
        let told = ran.stderr();
        let ok = words.split('|').all(|word| told.contains(word));
        ran.expect(what, words.replace('|', " ... "), ok, &told)?;
    }
    // Two that agree are no mistake, and neither are three in a row.
    pods("answers that agree", &["a>b:hus", "b>a:hus"], json!([["a", "b"]]))?;
    pods("noes that differ but agree", &["a>b:h", "b>a:u"], json!([["a"], ["b"]]))?;
    pods("others may differ", &["a>b:hus", "b>c:h", "c"], json!([["a", "b"], ["c"]]))?;
    Ok(())
}
