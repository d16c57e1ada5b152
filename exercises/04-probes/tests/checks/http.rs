//! Tasks 4.7 and 4.8: httpGet.

use std::time::{Duration, Instant};

use crate::answers::Comes::{Failure, Success, Warning};
use crate::answers::{Case, judge};
use crate::real;
use crate::sim::of;
use podcheck::{Process, Result, Running};

/// 200 to 299, 300 to 399, and all others.
pub fn every_status_has_its_meaning() -> Result {
    judge(
        &[
            ("s200", "httpGet: { path: /status/200, port: 8080 }", Success),
            ("s299", "httpGet: { path: /status/299, port: 8080 }", Success),
            ("s300", "httpGet: { path: /status/300, port: 8080 }", Warning),
            ("s302", "httpGet: { path: /status/302, port: 8080 }", Warning),
            ("s399", "httpGet: { path: /status/399, port: 8080 }", Warning),
            ("s400", "httpGet: { path: /status/400, port: 8080 }", Failure("statuscode: 400")),
            ("s503", "httpGet: { path: /status/503, port: 8080 }", Failure("statuscode: 503")),
            ("closed", "httpGet: { path: /, port: 8099 }", Failure("refused")),
            ("by-name", "httpGet: { path: /healthz, port: web }", Success),
            ("unknown", "httpGet: { path: /, port: nobody }", crate::answers::Comes::Error("nobody")),
        ],
        "      ports: [{ name: web, containerPort: 8080 }]\n",
    )
    .map(|_| ())
}

/// To another page, not to another server.
pub fn redirects_are_followed_on_the_host() -> Result {
    let to = |url: &str| format!("httpGet: {{ path: '/to?{url}', port: 8080 }}");
    let [own, bad, other, named] =
        ["/status/204", "http://127.0.0.1:8080/status/418", "http://127.0.0.2:8080/status/419", "//example.test/"]
            .map(to);
    let cases: [Case; 4] = [
        ("own", &own, Success),
        ("own-but-bad", &bad, Failure("statuscode: 418")),
        ("other-host", &other, Warning),
        ("other-name", &named, Warning),
    ];
    let running = judge(&cases, "")?;
    let log = real::log(&real::told(&running), "server");
    let has = |path: &str| log.iter().any(|it| it.starts_with(&format!("GET {path} ")));
    if !has("/status/204") || !has("/status/418") {
        return Err(running.failure(
            "what the server was asked",
            "GET /status/204 and GET /status/418",
            log.join("\n"),
        ));
    }
    if has("/status/419") {
        return Err(running.failure("a redirect to another host", "not followed", log.join("\n")));
    }
    Ok(())
}

/// Ten requests, and not for ever: the tenth redirect is one too many.
pub fn no_more_than_ten_requests() -> Result {
    judge(
        &[
            ("nine", "httpGet: { path: /hops/9, port: 8080 }", Success),
            ("ten", "httpGet: { path: /hops/10, port: 8080 }", Failure("10 redirects")),
            ("circle", "httpGet: { path: /circle, port: 8080 }", Failure("10 redirects")),
        ],
        "",
    )
    .map(|_| ())
}

/// The whole exchange has one time limit, and an answer has an end.
pub fn bad_servers_fail() -> Result {
    let get = |path: &str| format!("httpGet: {{ path: /{path}, port: 8080 }}");
    let paths = ["hang", "drip", "drip-body", "close", "cut", "noise", "long-head"];
    let handlers = paths.map(get);
    let mut cases: Vec<Case> = Vec::new();
    for (name, handler) in paths.iter().zip(&handlers) {
        let words = if ["hang", "drip", "drip-body"].contains(name) { "time" } else { "Get \"http://127.0.0.1:8080/" };
        cases.push((name, handler, Failure(words)));
    }
    judge(&cases, "").map(|_| ())
}

/// A gigabyte is no reason to fail, nor are chunks, nor a server that is only slow.
pub fn odd_servers_are_fine() -> Result {
    judge(
        &[
            ("flood", "httpGet: { path: /flood, port: 8080 }", Success),
            ("chunks", "httpGet: { path: /chunks, port: 8080 }", Success),
            ("no-path", "httpGet: { port: 8080 }", Success),
            ("no-slash", "httpGet: { path: healthz, port: 8080 }", Success),
            ("patient", "httpGet: { path: /drip, port: 8080 }\n        timeoutSeconds: 10", Success),
        ],
        "",
    )
    .map(|_| ())
}

/// TLS, whoever it is: the certificate is the server's own work.
pub fn https_without_a_name() -> Result {
    let running = judge(
        &[
            ("private", "httpGet: { path: /healthz, port: 8080, scheme: HTTPS }", Success),
            ("bad", "httpGet: { path: /status/500, port: 8080, scheme: HTTPS }", Failure("statuscode: 500")),
            ("sent-there", "httpGet: { path: '/to?https://127.0.0.1:8080/chunks', port: 8080 }", Success),
            ("no-tls", "httpGet: { path: /healthz, port: 8097, scheme: HTTPS }", Failure("")),
        ],
        "",
    )?;
    let log = real::log(&real::told(&running), "server");
    if log.iter().any(|it| it == "TLS") {
        Ok(())
    } else {
        Err(running.failure("the server's log", "TLS", log.join("\n")))
    }
}

/// Looks that hang, fail and succeed: afterwards there are as many processes and descriptors as before.
pub fn looks_leave_nothing_behind() -> Result {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: { name: looks }\nspec:\n  terminationGracePeriodSeconds: 1\n  containers:\n    \
                - name: app\n      image: peapod/patient\n      livenessProbe:\n        httpGet: { path: /healthz, port: 8080 }\n        \
                periodSeconds: 1\n      readinessProbe:\n        httpGet: { path: /hang, port: 8080 }\n        periodSeconds: 1\n    \
                - name: other\n      image: host\n      command: [sleep, \"600\"]\n      readinessProbe:\n        \
                exec: { command: [sh, -c, \"echo no; exit 1\"] }\n        periodSeconds: 1\n";
    let mut running = real::made(text).args(["--speed", "20"]).spawn()?;
    // A hundred looks at 20 a second.
    let looks =
        |running: &Running| real::log(&real::told(running), "app").iter().filter(|it| it.contains("healthz")).count();
    real::wait_for(&mut running, "two running containers", |pod| {
        ["app", "other"].iter().all(|name| of(&pod["status"], name)["state"].get("running").is_some())
    })?;
    let me = Process(running.id());
    let count = || -> Result<(usize, usize)> {
        let node = me
            .wait_for("the node", |it| it.parent() == Some(me) && it.numbers().is_ok_and(|it| it.last() == Some(&1)))?;
        let open = std::fs::read_dir(node.path("fd")).map_or(0, Iterator::count);
        Ok((open, node.descendants().len()))
    };
    let until = |least: usize| {
        let end = Instant::now() + real::LONG.mul_f64(podcheck::cli::machine_factor());
        while looks(&running) < least && Instant::now() < end && me.is_alive() {
            std::thread::sleep(Duration::from_millis(20));
        }
        looks(&running)
    };
    let before = until(10);
    let (open, processes) = count()?;
    let after = until(110);
    if before < 10 || after < 110 {
        let observed = format!("{after}{}", if after == 0 { format!(": {}", running.stderr()) } else { String::new() });
        return Err(running.failure(
            "looks at the server within some seconds, period 1 s, speed 20",
            "110 or more",
            observed,
        ));
    }
    let (open_now, processes_now) = count()?;
    // One look of each kind may be on its way.
    if open_now > open + 6 || processes_now > processes + 4 {
        let observed =
            format!("{open} and {processes} after {before} looks, {open_now} and {processes_now} after {after}");
        return Err(running.failure(
            "open descriptors of the node, and processes below it",
            "no more than before",
            observed,
        ));
    }
    Ok(())
}

fn seen(handler: &str) -> Result<Vec<String>> {
    let running = judge(&[("asks", handler, Success)], "")?;
    let log = real::log(&real::told(&running), "server");
    Ok(log.into_iter().skip_while(|it| !it.starts_with("GET /headers")).collect())
}

/// The first request that the server has printed.
fn first(lines: &[String]) -> Vec<&str> {
    let others = lines.iter().skip(1).take_while(|it| !it.starts_with("GET "));
    lines.iter().take(1).chain(others).map(String::as_str).collect()
}

fn expect_lines<'a>(what: &str, mut expected: Vec<&'a str>, lines: &'a [String]) -> Result {
    let mut observed = first(lines);
    let (head, own) = (observed.first().copied().unwrap_or("nothing"), expected.remove(0));
    podcheck::expect_eq("the first line of the request", own, head)?;
    observed.remove(0);
    for list in [&mut expected, &mut observed] {
        list.sort_unstable();
    }
    podcheck::expect_eq(what, expected.join("\n"), observed.join("\n"))
}

/// The request, as the kubelet sends it.
pub fn what_the_server_sees() -> Result {
    let lines = seen("httpGet: { path: '/headers?a=b c', port: 8080 }")?;
    let usual = ["Host: 127.0.0.1:8080", "User-Agent: kube-probe/1.36", "Accept: */*", "Connection: close"];
    let expected = [&["GET /headers?a=b%20c HTTP/1.1"], usual.as_slice()].concat();
    expect_lines("the headers of a request", expected, &lines)
}

/// Headers of the manifest come on top, or instead.
pub fn headers_of_the_manifest() -> Result {
    let get = |headers: &str| format!("httpGet: {{ path: /headers, port: 8080, httpHeaders: [{headers}] }}");
    let head = "GET /headers HTTP/1.1";
    let more = seen(&get("{ name: X-Asks, value: kubelet }, { name: X-Asks, value: again }"))?;
    let usual = ["Host: 127.0.0.1:8080", "User-Agent: kube-probe/1.36", "Accept: */*", "Connection: close"];
    let expected = [&[head], usual.as_slice(), &["X-Asks: kubelet", "X-Asks: again"]].concat();
    expect_lines("the headers with two more", expected, &more)?;
    let own =
        "{ name: host, value: shop.example }, { name: user-agent, value: me }, { name: ACCEPT, value: text/plain }";
    let own = seen(&get(own))?;
    let expected = vec![head, "host: shop.example", "user-agent: me", "ACCEPT: text/plain", "Connection: close"];
    expect_lines("the headers with own Host, User-Agent and Accept", expected, &own)?;
    let none = seen(&get("{ name: Accept, value: '' }, { name: Host, value: '' }"))?;
    let expected = vec![head, "Host: 127.0.0.1:8080", "User-Agent: kube-probe/1.36", "Connection: close"];
    expect_lines("the headers with an empty Accept and an empty Host", expected, &none)
}

/// The notes' own example: asked by tcpSocket, first after 5 s.
pub fn the_notes_pod_is_ready() -> Result {
    let text = include_str!("../../pods/pod-probe.yaml");
    let mut running = real::pod("04-probes/pods/pod-probe.yaml", text).args(["--speed", "10"]).spawn()?;
    real::wait_for(&mut running, "condition Ready", |pod| {
        let all = pod["status"]["conditions"].as_array();
        all.into_iter().flatten().any(|it| it["type"] == "Ready" && it["status"] == "True")
    })?;
    // As long as it takes to be asked by liveness, too: 20 s of its own time.
    std::thread::sleep(Duration::from_secs(3));
    let bad = real::told(&running).iter().any(|it| it["reason"] == "Unhealthy" || it["reason"] == "Killing");
    if bad { Err(running.failure("events Unhealthy and Killing", "none", running.stdout())) } else { Ok(()) }
}
