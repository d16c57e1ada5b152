//! `--help` and its like: who has nothing else gets a pod running, inspected, exec'd into and deleted.

mod common;

use std::process::Command as Plain;

use common::User;

/// What the help shows to be typed: the lines below `Examples:`, without what is said about them.
fn examples(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1).take_while(|line| !line.is_empty());
    let mut all: Vec<String> = Vec::new();
    for line in lines {
        match line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')) {
            Some(rest) => all.push(rest.split("   ").next().unwrap_or_default().to_owned()),
            // The rest of the one above.
            None => all.last_mut().expect("an example").push_str(&format!("\n{line}")),
        }
    }
    all
}

/// Types a line into a shell.
fn shell(user: &User, line: &str) -> (bool, String) {
    let peapod = assert_cmd::cargo::cargo_bin("peapod");
    let dir = peapod.parent().expect("a directory").display().to_string();
    let path = format!("{dir}:{}", std::env::var("PATH").unwrap_or_default());
    let mut command = Plain::new("sh");
    command.args(["-c", line]).current_dir(user.path("")).env("PATH", path);
    command.env("PEAPOD_STATE", user.state()).env("PEAPOD_IMAGES", user.images());
    let output = command.stdin(std::process::Stdio::null()).output().expect("sh");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn the_examples_do_what_they_say() {
    let user = User::new();
    let all = examples(&user.out(&["--help"]));
    assert!(all.len() > 8, "{all:?}");
    for line in &all {
        // Those that go on until somebody ends them; and those of docker, which not every machine has.
        let line = match line.as_str() {
            "peapod exec -it web -- sh" => "echo 'echo in the pod' | peapod exec -i web -- sh",
            "peapod logs web -f" => "peapod logs web",
            "peapod run pod.yaml" => {
                "sed s/3600/0/ pod.yaml | sed 's/spec: {/spec: { restartPolicy: Never,/' | peapod run -"
            }
            line if line.starts_with("docker") => continue,
            line => line,
        };
        let (is_done, said) = shell(&user, line);
        assert!(is_done, "{line}: {said}");
        match line {
            "peapod apply -f pod.yaml" => user.until_status("web", "Running"),
            "peapod get pods" => assert!(said.contains("web") && said.contains("Running"), "{said}"),
            "peapod describe pod web" => assert!(said.contains("Started container app"), "{said}"),
            "peapod delete pod web" => assert!(said.contains("pod \"web\" deleted"), "{said}"),
            "peapod check pod.yaml" => assert!(said.contains("pod.yaml: ok"), "{said}"),
            "peapod doctor" => assert!(said.contains("run here") || said.contains("works here"), "{said}"),
            line if line.starts_with("echo 'echo") => assert_eq!(said, "in the pod\n"),
            line if line.ends_with("run -") => assert!(said.contains("Succeeded"), "{said}"),
            _ => {}
        }
    }
    for must in ["apply -f", "get pods", "describe pod", "logs", "exec -it", "delete pod", "image load", "doctor"] {
        assert!(all.iter().any(|line| line.contains(must)), "{must}");
    }
}

#[test]
fn examples_of_commands_are_of_their_own_words() {
    let user = User::new();
    let (is_done, said) = shell(&user, &examples(&user.out(&["--help"]))[0]);
    assert!(is_done, "{said}");
    user.peapod(&["apply", "-f"]).arg(user.path("pod.yaml")).assert().success();
    user.until_status("web", "Running");
    for command in ["get", "exec", "delete"] {
        for line in examples(&user.out(&[command, "--help"])) {
            let line = line.replace("-it ", "").replace(" -- sh", " -- true");
            let (is_done, said) = shell(&user, &format!("{line} || {{ test {command} = delete && peapod get pods; }}"));
            assert!(is_done && !said.contains("Usage:"), "{line}: {said}");
        }
    }
}

#[test]
fn the_manual_and_the_completions_know_every_command() {
    let user = User::new();
    let help = user.out(&["--help"]);
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let commands: Vec<&str> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.contains(&"image") && commands.contains(&"doctor"), "{commands:?}");
    let manual = user.out(&["man"]).replace('\\', "");
    for command in &commands {
        assert!(manual.contains(&format!("peapod-{command}(1)")), "{command}");
    }
    std::fs::create_dir(user.path("man")).unwrap();
    user.peapod(&["man"]).arg(user.path("man")).assert().success();
    for page in ["peapod.1", "peapod-image-load.1", "peapod-doctor.1", "peapod-apply.1"] {
        assert!(user.path("man").join(page).exists(), "{page}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let script = user.out(&["completions", shell]);
        for word in commands.iter().chain(&["load", "ls", "rm"]) {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}
