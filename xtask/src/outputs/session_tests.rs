//! Unit tests of sessions: small ones, with bash alone.

use super::*;

fn run(text: &str) -> Result<String> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("exercises")).unwrap();
    Session::of(text)?.run(dir.path())
}

#[test]
fn commands_are_run_with_the_reference_runner() {
    let session = Session::of("% needs: a, b\n$ a b\nout\n$ c\n").unwrap();
    assert_eq!(session.commands, ["a b", "c"]);
    assert_eq!(session.needs, ["a", "b"]);
    let got = Place { root: Path::new("/w"), tmp: "/t/x/".into() }.really("cargo run -p lifecycle -- run x.yaml");
    assert_eq!(got, "cargo run --quiet --manifest-path '/w/Cargo.toml' -p lifecycle -- run x.yaml");
}

#[test]
fn what_is_printed_on_both_streams_is_kept() {
    let got = run("$ echo a; echo b >&2; (exit 3)\n$ echo $?\n$ echo 'q'; pwd\n").unwrap();
    let want = "$ echo a; echo b >&2; (exit 3)\na\nb\n$ echo $?\n3\n$ echo 'q'; pwd\nq\n~/peas-in-a-pod/exercises\n";
    assert_eq!(got, want);
}

#[test]
fn what_is_kept_in_tmp_is_kept_elsewhere() {
    let text = "% first: mkdir /tmp/mine; echo one > /tmp/mine/file\n$ ls /tmp/mine/*\n/tmp/mine/file\n";
    assert_eq!(run(text).unwrap(), text);
    assert_eq!(run(text).unwrap(), text, "and nothing of it is left");
    assert!(!Path::new("/tmp/mine/file").exists());
}

#[test]
fn ctrl_c_is_pressed_when_it_is_time() {
    let text = "% when: ready\n$ sh -c 'trap \"echo bye; exit 7\" INT; echo ready; while :; do sleep 0.05; done'\nready\n^C\nbye\n$ echo $?\n7\n";
    assert_eq!(run(text).unwrap(), text);
    let twice =
        text.replace("% when: ready", "% when: ready\n% when: again").replace("echo ready;", "echo ready; echo again;");
    assert_eq!(run(&twice).unwrap(), twice.replace("\n^C", "\nagain\n^C"));
    let error = run("% when: ready\n$ echo no\n^C\n").unwrap_err().to_string();
    assert!(error.contains("never pressed"), "{error}");
    assert!(Session::of("$ sleep 9\n^C\n").is_err());
}

#[test]
fn something_runs_beside_it_and_ends_with_it() {
    let mark = format!("beside-{}", std::process::id());
    let beside = format!("bash -c 'echo up; exec -a {mark} sleep 50'");
    let text =
        format!("% beside: {beside}\n% when: up\n% first: it=there\n$ echo $it; pgrep -c -f '^{mark}'\nthere\n1\n");
    assert_eq!(run(&text).unwrap(), text);
    let left = Command::new("pgrep").args(["-f", &format!("^{mark}")]).output().unwrap();
    assert!(!left.status.success(), "still there: {}", String::from_utf8_lossy(&left.stdout));
    let error = run("% beside: echo down\n% when: up\n$ true\n").unwrap_err().to_string();
    assert!(error.contains("ended before it said `up`"), "{error}");
}

#[test]
fn only_ids_and_the_order_of_containers_may_differ() {
    let old = "% needs: user\n$ a\nnet:[4026531833]  x\n[a] one\n[b] one\n[a] two\n$ b\nend\n";
    let new = "$ a\nnet:[4026539999] x\n[b] one\n[a] one\n[a] two\n$ b\nend\n";
    assert_eq!(difference(old, new), None);
    for (from, to) in [("two", "three"), ("$ b", "$ c"), ("[a] one\n[a] two", "[a] two\n[a] one"), ("end\n", "")] {
        let other = new.replace(from, to);
        assert_ne!(other, new);
        assert!(difference(old, &other).is_some(), "{from}");
    }
    assert_eq!(difference("% differs: pids\n$ a\n[a] pids 1 2\n", "$ a\n[a] pids 1\n"), None);
    assert!(difference("% differs: pids\n$ a\n[a] pids 1 2\n", "$ a\n").is_some());
    let got = difference("$ a\nexit 3\n", "$ a\nexit 4\n").unwrap();
    assert_eq!(got.replace(' ', ""), "-exit3\n+exit4");
}

#[test]
fn readers_do_not_see_the_lines_at_the_top() {
    assert_eq!(shown("% needs: x\n% when: y\n$ a\n% not at the top\n"), "$ a\n% not at the top\n");
}
