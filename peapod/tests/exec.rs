//! `exec`: a command in a container, judged by what the kernel says of it.

mod common;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use common::{User, pod, pod_with, processes_with, until};
use nix::pty::{Winsize, openpty};
use nix::sys::termios::{LocalFlags, tcgetattr};
use predicates::prelude::*;

const SLEEPS: &str = "trap 'exit 0' TERM; sleep 60 & wait";

fn with_pod() -> User {
    let user = User::new();
    user.apply(&pod("web", SLEEPS));
    user.until_status("web", "Running");
    user
}

#[test]
fn input_output_errors_and_the_exit_status() {
    let user = with_pod();
    user.peapod(&["exec", "web", "--", "sh", "-c", "echo out; echo err >&2; exit 7"])
        .assert()
        .code(7)
        .stdout("out\n")
        .stderr("err\ncommand terminated with exit code 7\n");
    user.peapod(&["exec", "-i", "web", "--", "cat"]).write_stdin("to and fro").assert().success().stdout("to and fro");
    // Without -i there is nothing to read, whatever stands in front of it.
    user.peapod(&["exec", "web", "--", "cat"]).write_stdin("nothing").assert().success().stdout("");
    user.peapod(&["exec", "web", "--", "sh", "-c", "kill -KILL $$"]).assert().code(137);
    let much = "x".repeat(3_000_000);
    user.peapod(&["exec", "-i", "web", "--", "cat"]).write_stdin(much.clone()).assert().success().stdout(much);
}

#[test]
fn a_command_that_cannot_be_started() {
    let user = with_pod();
    assert!(user.error(127, &["exec", "web", "--", "no-such-program"]).contains("no-such-program"));
    assert!(user.error(126, &["exec", "web", "--", "/etc/hosts"]).contains("/etc/hosts"));
    assert!(user.error(1, &["exec", "web", "-c", "other", "--", "true"]).contains("which has: app"));
    assert!(user.error(2, &["exec", "web"]).contains("COMMAND"));
    user.apply(&pod_with("done", "true", "  restartPolicy: Never\n"));
    user.until_status("done", "Completed");
    assert!(user.error(1, &["exec", "done", "--", "true"]).contains("is not running"));
}

#[test]
fn it_is_in_the_containers_namespaces_with_its_variables_and_no_more_rights() {
    let user = User::new();
    let script =
        "readlink /proc/self/ns/*; grep -E '^(Cap|NoNew|Seccomp:)' /proc/self/status; pwd; echo $TIER; sleep 60";
    let manifest = pod("web", script)
        .replace("    command:", "    workingDir: /var/log\n    env: [{ name: TIER, value: front }]\n    command:");
    user.apply(&manifest);
    until("the container to speak", || user.out(&["logs", "web"]).contains("front"));
    let inside = "readlink /proc/self/ns/*; grep -E '^(Cap|NoNew|Seccomp:)' /proc/self/status; pwd; echo $TIER";
    assert_eq!(user.out(&["exec", "web", "--", "sh", "-c", inside]), user.out(&["logs", "web"]));
    // The positive control: here it looks different.
    let mine = fs::read_link("/proc/self/ns/pid").unwrap();
    assert!(!user.out(&["logs", "web"]).contains(&mine.display().to_string()));
}

#[test]
fn what_is_not_looked_at_any_more_ends() {
    let user = with_pod();
    let mut exec = user.plain(&["exec", "web", "--", "sleep", "71322"]).spawn().unwrap();
    until("the command to run", || processes_with("sleep 71322").len() == 2);
    exec.kill().unwrap();
    exec.wait().unwrap();
    until("the command to end", || processes_with("sleep 71322").is_empty());
}

#[test]
fn the_end_of_the_pod_ends_the_command() {
    let user = with_pod();
    let exec = user.plain(&["exec", "web", "--", "sleep", "71323"]).stderr(Stdio::piped()).spawn().unwrap();
    until("the command to run", || processes_with("sleep 71323").len() == 2);
    user.peapod(&["delete", "pod", "web"]).assert().success();
    assert_eq!(exec.wait_with_output().unwrap().status.code(), Some(137));
}

/// A terminal, and `peapod` that was typed in it.
struct Typed {
    screen: File,
    own_end: OwnedFd,
    peapod: Child,
}

fn typed(user: &User, words: &[&str]) -> Typed {
    let size = Winsize { ws_row: 33, ws_col: 111, ws_xpixel: 0, ws_ypixel: 0 };
    let pair = openpty(&size, None).unwrap();
    let end = || Stdio::from(pair.slave.try_clone().unwrap());
    let plain = user.plain(words);
    // A session whose terminal this is: so it hears of a window that changes its size.
    let mut command = Command::new("setsid");
    command.args(["--ctty", "--wait"]).arg(plain.get_program()).args(plain.get_args());
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("TERM", "vt100");
    let peapod = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
    Typed { screen: pair.master.into(), own_end: pair.slave, peapod }
}

impl Typed {
    fn keys(&mut self, keys: &str) {
        self.screen.write_all(keys.as_bytes()).unwrap();
    }

    /// Reads the screen until this stands there.
    fn until(&mut self, text: &str) -> String {
        let mut seen = Vec::new();
        let mut buffer = [0; 4096];
        while !String::from_utf8_lossy(&seen).contains(text) {
            use nix::poll::{PollFd, PollFlags, poll};
            let mut fds = [PollFd::new(self.screen.as_fd(), PollFlags::POLLIN)];
            let ready = poll(&mut fds, 20_000_u16).unwrap();
            assert!(ready > 0, "waited in vain for {text:?}, and saw {:?}", String::from_utf8_lossy(&seen));
            let length = self.screen.read(&mut buffer).unwrap();
            seen.extend_from_slice(&buffer[..length]);
        }
        String::from_utf8_lossy(&seen).into_owned()
    }

    fn echoes(&self) -> bool {
        tcgetattr(&self.own_end).unwrap().local_flags.contains(LocalFlags::ECHO)
    }
}

#[test]
fn a_real_terminal() {
    let user = with_pod();
    let mut typed = typed(&user, &["exec", "-it", "web", "--", "sh"]);
    typed.keys("tty; stty size; echo kind $TERM\n");
    let seen = typed.until("kind vt100");
    assert!(predicate::str::is_match(r"/dev/pts/\d+\r\n33 111\r\n").unwrap().eval(&seen), "{seen}");
    assert!(!typed.echoes(), "keys are handed on one by one");

    // The window changes, and the program in the container hears of it.
    let larger = Winsize { ws_row: 50, ws_col: 132, ws_xpixel: 0, ws_ypixel: 0 };
    podkit::sys::terminal::resize(&typed.own_end, larger.ws_row, larger.ws_col).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    typed.keys("stty size\n");
    typed.until("50 132");

    // Ctrl-C reaches the program, not peapod.
    // What is typed is shown too, so it must not be what is waited for.
    typed.keys("trap : INT; sleep 71324; echo went o''n\n");
    until("the command to run", || processes_with("sleep 71324").len() == 1);
    typed.keys("\x03");
    typed.until("went on");
    assert!(processes_with("sleep 71324").is_empty());

    typed.keys("exit 5\n");
    typed.until("exit code 5");
    assert_eq!(typed.peapod.wait().unwrap().code(), Some(5));
    assert!(typed.echoes(), "the terminal is as it was before");
}

#[test]
fn a_terminal_that_is_closed_ends_the_command() {
    let user = with_pod();
    let mut typed = typed(&user, &["exec", "-it", "web", "--", "sleep", "71325"]);
    until("the command to run", || processes_with("sleep 71325").len() >= 2);
    let _ = typed.peapod.kill();
    let mut peapod = typed.peapod;
    drop(typed.screen);
    drop(typed.own_end);
    peapod.wait().unwrap();
    until("the command to end", || processes_with("sleep 71325").is_empty());
}
