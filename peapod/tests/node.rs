//! The node in the background: it comes with the first pod, goes with the last, and leaves nothing.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use common::{User, pod, processes_with, until};
use predicates::prelude::*;

const SLEEPS: &str = "trap 'exit 0' TERM; sleep 60 & wait";

fn stat(pid: u32) -> Vec<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    text[text.rfind(')').unwrap() + 2..].split_whitespace().map(str::to_owned).collect()
}

/// The process outside: the one that is no child of another one of the node's.
fn outside(user: &User) -> u32 {
    let all = user.node();
    let is_outside = |pid: &&u32| !all.contains(&stat(**pid)[1].parse().unwrap());
    *all.iter().find(is_outside).expect("a node")
}

fn kill(signal: &str, pid: u32) {
    assert!(Command::new("kill").args([signal, &pid.to_string()]).status().unwrap().success());
}

#[test]
fn it_has_a_session_of_its_own_and_no_terminal_and_holds_nothing_open() {
    let user = User::new();
    // The pipe that `apply` writes to ends with `apply`, or the reader would wait for ever.
    let child = user.plain(&["apply", "-f", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.as_ref().unwrap();
    std::io::Write::write_all(&mut stdin, pod("web", SLEEPS).as_bytes()).unwrap();
    assert_eq!(child.wait_with_output().unwrap().stdout, b"pod/web created\n");
    let pid = outside(&user);
    let stat = stat(pid);
    assert_eq!(stat[3], pid.to_string(), "it leads its session");
    assert_eq!(stat[4], "0", "it has no terminal");
    let mode = user.state().metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    assert_eq!(fs::read_link(format!("/proc/{pid}/cwd")).unwrap().to_str(), Some("/"));
}

#[test]
fn whoever_starts_it_may_ignore_what_becomes_of_children() {
    let user = User::new();
    let file = user
        .file("a.yaml", &pod("a", "exit 3").replace("terminationGrace", "restartPolicy: Never\n  terminationGrace"));
    let plain = user.plain(&["apply", "-f"]);
    let script =
        "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])";
    let mut python = Command::new("python3");
    python.args(["-c", script]).arg(plain.get_program()).args(plain.get_args()).arg(file);
    python.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    match python.status() {
        Ok(status) => assert!(status.success()),
        Err(error) => return eprintln!("left out: python3: {error}"),
    }
    user.until_status("a", "Error");
}

#[test]
fn many_first_ones_at_once_make_one_node() {
    let user = User::new();
    let start = |n: i32| {
        let file = user.file(&format!("{n}.yaml"), &pod(&format!("p{n}"), SLEEPS));
        user.plain(&["apply", "-f"]).arg(file).stdout(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<_> = (0..8).map(start).collect();
    for child in children {
        assert!(child.wait_with_output().unwrap().status.success());
    }
    assert_eq!(user.out(&["get", "pods", "-o", "name"]).lines().count(), 8);
    let all = user.node();
    let outsides = all.iter().filter(|pid| !all.contains(&stat(**pid)[1].parse().unwrap())).count();
    assert_eq!(outsides, 1);
}

#[test]
fn killed_it_leaves_nothing_and_the_next_command_says_so() {
    for whom in ["outside", "node"] {
        let user = User::new();
        user.apply(&(pod("a", "sleep 71326") + &pod("b", "sleep 71326")));
        user.until_status("b", "Running");
        let outside = outside(&user);
        let node = user.node().into_iter().find(|&pid| stat(pid)[1] == outside.to_string()).unwrap();
        kill("-KILL", if whom == "outside" { outside } else { node });
        until("all to be gone", || processes_with("sleep 71326").is_empty() && user.node().is_empty());
        let said = predicate::str::contains("was killed").and(predicate::str::contains("2 pods ended with it"));
        user.peapod(&["get", "pods"]).assert().success().stderr(said);
        assert!(!user.state().exists());
        // Once. And then life goes on.
        user.peapod(&["get", "pods"]).assert().success().stderr("No resources found in default namespace.\n");
        user.peapod(&["apply", "-f", "-"]).write_stdin(pod("a", SLEEPS)).assert().success().stderr("");
    }
}

#[test]
fn told_to_end_it_ends_its_pods_gracefully() {
    let user = User::new();
    let kept = user.path("kept");
    fs::write(&kept, "").unwrap();
    user.apply(&pod("a", "trap 'sleep 0.5; exit 0' TERM; sleep 71327 & wait; wait"));
    user.until_status("a", "Running");
    kill("-TERM", outside(&user));
    user.until_status("a", "Terminating");
    until("all to be gone", || user.node().is_empty());
    assert!(!user.state().exists() && processes_with("sleep 71327").is_empty());
}

#[test]
fn without_its_directory_it_ends_and_a_new_one_is_not_touched() {
    let user = User::new();
    user.apply(&pod("old", "trap 'sleep 1; exit 0' TERM; sleep 71328 & wait; wait"));
    user.until_status("old", "Running");
    let old = user.node();
    fs::remove_dir_all(user.state()).unwrap();
    user.peapod(&["get", "pods"]).assert().success().stderr(predicate::str::contains("No resources"));
    user.apply(&pod("new", SLEEPS));
    until("the old node to end", || user.node().iter().all(|pid| !old.contains(pid)));
    assert!(processes_with("sleep 71328").is_empty());
    assert_eq!(user.out(&["get", "pods", "-o", "name"]), "pod/new\n");
}

#[test]
fn a_directory_that_is_not_safe_is_refused() {
    let user = User::new();
    fs::create_dir(user.state()).unwrap();
    fs::set_permissions(user.state(), fs::Permissions::from_mode(0o777)).unwrap();
    let message = predicate::str::contains("must not be open to other users: chmod 700");
    user.peapod(&["apply", "-f", "-"]).write_stdin(pod("a", SLEEPS)).assert().code(1).stderr(message);
    fs::remove_dir(user.state()).unwrap();
    std::os::unix::fs::symlink("/tmp", user.state()).unwrap();
    let message = predicate::str::contains("opening the state directory");
    user.peapod(&["apply", "-f", "-"]).write_stdin(pod("a", SLEEPS)).assert().code(1).stderr(message);
    fs::remove_file(user.state()).unwrap();
    user.apply(&pod("a", SLEEPS));
}

#[test]
fn it_asks_for_pods_in_one_line_and_others_are_told_what_is_wrong() {
    use std::io::{Read, Write};
    let user = User::new();
    user.apply(&pod("a", SLEEPS));
    let ask = |line: &[u8]| {
        let mut stream = std::os::unix::net::UnixStream::connect(user.state().join("node.sock")).unwrap();
        stream.write_all(line).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    assert!(ask(b"{\"ask\":\"get\",\"namespace\":null,\"name\":null,\"watch\":false}\n").contains("\"name\":\"a\""));
    for wrong in [&b"\n"[..], b"nonsense\n", b"{\"ask\":\"fly\"}\n", b"\xff\xfe\n", b"[]\n"] {
        assert!(ask(wrong).contains("the request is none"));
    }
    assert_eq!(user.out(&["get", "pods", "-o", "name"]), "pod/a\n");
}

#[test]
fn words_for_shells_and_a_manual_page() {
    let user = User::new();
    for shell in ["bash", "zsh", "fish"] {
        assert!(user.out(&["completions", shell]).contains("describe"));
    }
    assert!(user.out(&["man"]).contains("peapod"));
    fs::create_dir(user.path("man")).unwrap();
    user.out(&["man", &user.path("man").display().to_string()]);
    assert!(user.path("man/peapod-exec.1").is_file());
    let help = user.out(&["--help"]);
    for word in ["apply", "get", "describe", "logs", "exec", "delete", "run", "check", "simulate", "kubelet"] {
        assert!(help.contains(&format!("\n  {word}")), "{word} in {help}");
    }
    assert!(!help.contains("background  "), "{help}");
}
