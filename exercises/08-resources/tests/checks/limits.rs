//! Task 8.3: what requests and limits may say.

use crate::kit::{Pod, one, text_of};
use podcheck::{Result, Value, expect_eq};

/// The problems that `check` finds, as `FIELD: RULE`.
fn problems(pod: &Pod) -> Result<Vec<String>> {
    let ran = pod.check()?;
    let about = ran.json()?;
    let all = about["problems"].as_array().cloned().unwrap_or_default();
    ran.expect("the exit status with this many problems", all.len(), (ran.code() == 2) != all.is_empty(), ran.code())?;
    Ok(all.iter().map(|it| format!("{}: {}", text_of(&it["field"]), text_of(&it["rule"]))).collect())
}

const RESOURCES: &str = "spec.containers[0].resources";

pub fn a_request_above_its_limit() -> Result {
    let cases = [
        ("{requests: {cpu: 2}, limits: {cpu: 1}}", "cpu", "1"),
        ("{requests: {cpu: 1001m}, limits: {cpu: 1}}", "cpu", "1"),
        ("{requests: {cpu: 10}, limits: {cpu: 9000m}}", "cpu", "9"),
        ("{requests: {memory: 1Gi}, limits: {memory: 1G}}", "memory", "1G"),
        ("{requests: {memory: 2Gi}, limits: {memory: 1.5Gi}}", "memory", "1536Mi"),
        ("{requests: {example.com/gpu: 2}, limits: {example.com/gpu: 1}}", "example.com/gpu", "1"),
        ("{requests: {cpu: 1}, limits: {cpu: 0}}", "cpu", "0"),
    ];
    for (resources, name, limit) in cases {
        let rule = format!("{RESOURCES}.requests.{name}: must be less than or equal to {name} limit of {limit}");
        expect_eq(format!("the problems with resources: {resources}"), vec![rule], problems(&one(resources))?)?;
    }
    // Both, in an init container and in a regular one; each in its line.
    let bad = "{requests: {cpu: 3, memory: 3}, limits: {cpu: 1, memory: 1}}";
    let all = problems(&Pod::default().init("first", bad).app("app", bad))?;
    expect_eq("how many problems a pod with four such requests has", 4, all.len())?;
    let ran = Pod::default().init("first", "{}").app("app", bad).check()?;
    let lines =
        ran.json()?["problems"].as_array().into_iter().flatten().map(|it| it["line"].clone()).collect::<Vec<_>>();
    ran.expect_eq("the line of each problem", vec![Value::from(9), Value::from(9)], lines).map(|_| ())
}

/// Amounts are compared, not texts. A request that is not there is the limit.
pub fn a_request_up_to_its_limit() -> Result {
    let good = [
        "{requests: {cpu: 1}, limits: {cpu: 1000m}}",
        "{requests: {cpu: 1000m}, limits: {cpu: 1}}",
        "{requests: {cpu: 9}, limits: {cpu: 10}}",
        "{requests: {cpu: 999m}, limits: {cpu: 1}}",
        "{requests: {memory: 1024Mi}, limits: {memory: 1Gi}}",
        "{requests: {cpu: 100}}",
        "{limits: {cpu: 1}}",
        "{requests: {cpu: 5}, limits: {memory: 1}}",
    ];
    for resources in good {
        expect_eq(
            format!("the problems with resources: {resources}"),
            Vec::<String>::new(),
            problems(&one(resources))?,
        )?;
    }
    let bad = problems(&one("{requests: {cpu: 1001m}, limits: {cpu: 1}}"))?;
    expect_eq("how many problems a request one thousandth above its limit has", 1, bad.len())?;
    for name in ["hugepages-2Mi", "example.com/gpu", "ephemeral-storage"] {
        let resources = format!("{{requests: {{{name}: 1}}, limits: {{{name}: 1}}}}");
        expect_eq(format!("the problems with {name}"), 0, problems(&one(&resources))?.len())?;
    }
    let unknown = problems(&one("{limits: {gpu: 1}, requests: {gpu: 1}}"))?;
    expect_eq("how many problems two amounts of `gpu` have", 2, unknown.len())?;
    let seen = one("{limits: {cpu: 1500u, memory: 2Gi}, requests: {memory: 1Gi}}").seen()?;
    seen.expect("limits.cpu, written 1500u", "/containers/0/limits/cpu", "2m")?;
    seen.expect("requests.cpu, where there is only the limit", "/containers/0/requests/cpu", "2m")?;
    seen.expect("requests.memory, where there are both", "/containers/0/requests/memory", "1Gi")?;
    // Never the other way round.
    let seen = one("{requests: {cpu: 1}}").seen()?;
    seen.expect("limits, where there are only requests", "/containers/0/limits", podcheck::serde_json::json!({}))
}

pub fn less_than_nothing() -> Result {
    let rule = |field: &str| vec![format!("{RESOURCES}.{field}: must be greater than or equal to 0")];
    for (resources, field) in [
        ("{requests: {cpu: -1}}", "requests.cpu"),
        ("{requests: {memory: -1Mi}, limits: {memory: 1Gi}}", "requests.memory"),
        ("{requests: {cpu: -1n}}", "requests.cpu"),
        ("{requests: {cpu: -0.0001}}", "requests.cpu"),
    ] {
        expect_eq(format!("the problems with resources: {resources}"), rule(field), problems(&one(resources))?)?;
    }
    expect_eq(
        "the problems with a request of 0",
        Vec::<String>::new(),
        problems(&one("{requests: {cpu: 0, memory: '-0'}}"))?,
    )
}

/// Rounded up, as ever.
pub fn nothing_finer_than_thousandths() -> Result {
    let seen =
        one("{requests: {cpu: 0.0001, memory: 1n, ephemeral-storage: 1.0001}, limits: {cpu: 1.9991, memory: 2.5Ki}}")
            .seen()?;
    let requests = |name: &str| format!("/containers/0/requests/{name}");
    seen.expect("requests.cpu, written 0.0001", &requests("cpu"), "1m")?;
    seen.expect("requests.memory, written 1n", &requests("memory"), "1m")?;
    seen.expect("requests.ephemeral-storage, written 1.0001", &requests("ephemeral-storage"), "1001m")?;
    seen.expect("limits.cpu, written 1.9991", "/containers/0/limits/cpu", "2")?;
    seen.expect("limits.memory, written 2.5Ki", "/containers/0/limits/memory", "2560")?;
    for (resources, expected) in [
        ("{requests: {memory: 100m}}", "spec.containers[0].resources.requests.memory"),
        ("{limits: {memory: 1500m}, requests: {memory: 1}}", "spec.containers[0].resources.limits.memory"),
        ("{requests: {memory: 1}}", ""),
    ] {
        let ran = one(resources).check()?;
        let warnings = ran.json()?["warnings"].as_array().cloned().unwrap_or_default();
        let fields: Vec<String> = warnings.iter().map(|it| text_of(&it["field"])).collect();
        let what = format!("the fields that are warned of with resources: {resources}");
        ran.expect(what, format!("[{expected}]"), fields.join(", ") == expected, fields.join(", "))?;
    }
    let whole = one("{requests: {cpu: 1m, memory: 3}}").seen()?;
    whole.expect("requests.cpu, written 1m", &requests("cpu"), "1m")?;
    whole.expect("requests.memory, written 3", &requests("memory"), "3")
}
