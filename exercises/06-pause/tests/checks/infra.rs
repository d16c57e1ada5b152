//! Task 6.5: another program in pause's place.

use std::fs;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use nix::sys::signal::Signal;
use podcheck::{Failure, Process, Result, Running, expect, expect_eq, wait_until};

use crate::kit::{SOON, Script, Told, children, events, orphans, run, send, text, zombies};
use crate::pid_1::{SHARED, number};

/// Holds what there is to hold, and does nothing else.
const SLEEPS: &str = "#!/bin/sh\nexec sleep 1000\n";

fn by_hand(file: &str, check: impl FnOnce() -> Result) -> Result {
    let script = "printf '#!/bin/sh\\nexec sleep 1000\\n' > /tmp/my-pause; chmod +x /tmp/my-pause";
    let run = format!("cargo run -p pause -- run --infra /tmp/my-pause 06-pause/pods/{file}");
    check().map_err(|failure| failure.reproduce(format!("{script}\n{run}")))
}

/// The node of a run, and the process `sleep 1000` right below it.
fn holder(running: &mut Running, not: Option<Process>) -> Result<(Process, Process)> {
    let me = Process(running.id());
    let found = me.wait_for("the program that --infra names", |it| Some(it) != not && it.command() == "sleep 1000");
    let found = match found {
        Ok(found) => found,
        Err(_) => {
            running.expect_started()?;
            let expected = "`sleep 1000` runs, right below the node";
            return Err(running.failure("the program that --infra names", expected, events(running)));
        }
    };
    let node = found.parent().ok_or_else(|| Failure::new("the program that --infra names", "running", "gone"))?;
    Ok((node, found))
}

fn app(node: Process) -> Result<Process> {
    node.wait_for("the program `sleep 61`", |it| it.command() == "sleep 61")
}

/// It is what runs, PID 1, in all the namespaces that the container shares; and there is no pause.
pub fn another_program_holds_the_pod() -> Result {
    by_hand("alone.yaml", || {
        let script = Script::new(SLEEPS)?;
        let mut running = run(text!("alone.yaml")).args(["--infra", &script.arg()]).spawn()?;
        let (node, holder) = holder(&mut running, None)?;
        let app = app(node)?;
        expect_eq("its number in its own PID namespace", 1, number(holder)?)?;
        for kind in SHARED {
            let (held, node) = (holder.namespace(kind)?, node.namespace(kind)?);
            expect_eq(format!("the {kind} namespace of the container"), &held, &app.namespace(kind)?)?;
            // The node itself has only a user namespace of its own, of these four.
            expect(format!("the {kind} namespace of the program"), "not the node's", held != node, &held)?;
        }
        let pauses = node.descendants().into_iter().filter(|it| it.name() == "pause").count();
        expect_eq("pause processes", 0, pauses)
    })
}

/// Its root directory is the machine's, and so is where it begins.
pub fn it_lives_in_the_machines_files() -> Result {
    by_hand("alone.yaml", || {
        let script = Script::new(SLEEPS)?;
        let mut running = run(text!("alone.yaml")).args(["--infra", &script.arg()]).spawn()?;
        let (node, holder) = holder(&mut running, None)?;
        let file = |path: &std::path::Path| fs::metadata(path).map(|it| (it.dev(), it.ino())).ok();
        let seen = file(&holder.inside(&script.arg()));
        expect(
            "the script, below /proc/PID/root",
            "the machine's file",
            seen == file(&script.path),
            format!("{seen:?}"),
        )?;
        let hidden = file(&node.inside(&script.arg()));
        expect("the same below the node's root", "not there", hidden.is_none(), format!("{hidden:?}"))?;
        let same = file(&holder.path("cwd")) == file(&holder.path("root"));
        expect("its working directory", "/, its root", same, "a directory of the node's files, outside its root")
    })
}

/// What a program is called is its first argument: a shell says it with `$0`.
pub fn its_first_argument_is_its_name() -> Result {
    let (path, text) = text!("alone.yaml");
    let run = run((path, text)).args(["--infra", "/bin/sh"]).stdin("echo I am $0. >&2; exec sleep 1000\n");
    let mut running = run.spawn()?;
    holder(&mut running, None)?;
    let called = |running: &Running| running.stderr().lines().find(|it| it.starts_with("I am")).map(str::to_owned);
    wait_until(SOON, || called(&running).is_some());
    let called = called(&running).unwrap_or_default();
    match called == "I am /bin/sh." {
        true => Ok(()),
        false => Err(running.failure("what a shell in pause's place says of itself", "I am /bin/sh.", called)),
    }
}

/// Three descriptors are open: whatever else the node has open would never end.
pub fn it_lets_go_of_the_pipes() -> Result {
    by_hand("alone.yaml", || {
        let script = Script::new(SLEEPS)?;
        // A descriptor that an exec does not close by itself: the runner gets it, and the node.
        let (reader, _writer) =
            nix::unistd::pipe().map_err(|errno| Failure::grader(format!("make a pipe: {errno}")))?;
        let mut running = run(text!("alone.yaml")).args(["--infra", &script.arg()]).spawn()?;
        let (node, holder) = holder(&mut running, None)?;
        let pipe = fs::read_link(format!("/proc/self/fd/{}", reader.as_raw_fd())).unwrap_or_default();
        let open = |process: Process| {
            let entries = fs::read_dir(process.path("fd")).into_iter().flatten().flatten();
            let mut all: Vec<(u32, PathBuf)> = entries
                .filter_map(|it| Some((it.file_name().to_str()?.parse().ok()?, fs::read_link(it.path()).ok()?)))
                .collect();
            all.sort_unstable();
            all
        };
        let has_pipe = open(node).iter().any(|(_, file)| *file == pipe);
        expect("the descriptors of the node", "this check's pipe among them", has_pipe, format!("{:?}", open(node)))?;
        // While it starts it reads its libraries.
        let numbers = || open(holder).iter().map(|it| it.0).collect::<Vec<_>>();
        let three = wait_until(SOON, || numbers() == [0, 1, 2]);
        expect("the descriptors that the program has open", "0, 1 and 2", three, format!("{:?}", open(holder)))
    })
}

/// The same ten orphans, with a PID 1 that looks after nobody, and with pause.
pub fn a_bad_pause_leaves_zombies() -> Result {
    by_hand("orphans.yaml", || {
        let script = Script::new(SLEEPS)?;
        let (path, text) = orphans();
        let mut running = run((path, &text)).args(["--infra", &script.arg()]).spawn()?;
        let (_, holder) = holder(&mut running, None)?;
        let counted = wait_until(SOON, || zombies(holder) == 10);
        expect("zombies below a program that does not collect", 10, counted, zombies(holder))?;
        expect_eq("its children", 10, children(holder).len())?;
        let told = Told::of(running.wait(SOON * 2)?)?;
        told.expect("what the app counts", "orphans: 10 / zombies: 10", told.log("app"))?;
        let told = Told::of(run((path, &text)).run()?)?;
        told.expect("what the app counts, with pause", "orphans: 10 / zombies: 0", told.log("app"))
    })
}

/// It is killed: a new sandbox, with the same program.
pub fn when_it_ends_the_pod_begins_anew() -> Result {
    by_hand("anew.yaml", || {
        let script = Script::new(SLEEPS)?;
        let mut running = run(text!("anew.yaml")).args(["--infra", &script.arg()]).spawn()?;
        let (_, old) = holder(&mut running, None)?;
        let here = |it: &podcheck::Value| it["type"] == "log" && it["line"] == "here I am";
        running.wait_for_json("the app's line", SOON, here)?;
        send(old, Signal::SIGKILL)?;
        running.wait_for_json("the app's line in the new sandbox", SOON * 2, here)?;
        let (_, new) = holder(&mut running, Some(old))?;
        expect_eq("the new one's number in its own PID namespace", 1, number(new)?)?;
        running.signal(podcheck::Signal::SIGINT)?;
        let told = Told::of(running.wait(SOON * 2)?)?;
        expect_eq("events SandboxChanged", 1, told.events("SandboxChanged"))?;
        told.expect("who was started", "setup app setup app", told.starts())
    })
}

/// The exec fails: the pod says why, instead of a sandbox that dies without a word.
pub fn what_cannot_be_run_is_said() -> Result {
    let script = Script::new("#!/no/such/interpreter\n")?;
    let mut running = run(text!("alone.yaml")).args(["--infra", &script.arg()]).spawn()?;
    let told = wait_until(SOON, || running.stdout().contains("FailedCreatePodSandBox"));
    running.expect_started()?;
    let what = "the event FailedCreatePodSandBox, with a program that cannot be run";
    if !told {
        return Err(running.failure(what, "told", events(&running)));
    }
    let failed = Told::of(running.wait(SOON)?)?;
    let said = failed.messages("FailedCreatePodSandBox");
    for expected in ["exec", "my-pause", "ENOENT"] {
        let what = "the message of the event FailedCreatePodSandBox";
        failed.ran.expect(what, format!("{expected} in it"), said.contains(expected), &said)?;
    }
    failed.expect("containers started", "", failed.starts())?;
    // What is no program at all is refused before anything is started.
    fs::set_permissions(&script.path, std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .map_err(|error| Failure::grader(format!("chmod: {error}")))?;
    run(text!("alone.yaml")).args(["--infra", &script.arg()]).run()?.expect_code(2)?;
    Ok(())
}
