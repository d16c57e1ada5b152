//! A workbook to grade in, and ways to hand in something.

#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;

/// The directory all of this happens in. Kept between runs, so that compiling is rare.
pub fn base() -> PathBuf {
    let asked = std::env::var_os("PEAS_TEST_DIR").map(PathBuf::from);
    let base = asked.unwrap_or(env!("CARGO_TARGET_TMPDIR").into()).join("grader");
    std::fs::create_dir_all(&base).unwrap();
    base.canonicalize().unwrap()
}

/// The fixture workbook, made ready once: exercises/ has the starters.
pub fn root() -> PathBuf {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| workbook("workbook")).clone()
}

/// A copy of the fixture workbook, as someone finds it who has just cloned it.
pub fn workbook(name: &str) -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = base().join(name);
    copy(&own.join("tests/fixture"), &root);
    copy(&own.join("../exercises/podcheck"), &root.join("exercises/podcheck"));
    for name in ["01-one", "02-two"] {
        let checks = root.join("exercises").join(name).join("checks.yaml");
        let checks = std::fs::read_to_string(checks).unwrap();
        let src = format!("{name}/src/lib.rs");
        let text = std::fs::read_to_string(root.join("solutions").join(&src)).unwrap();
        write(&root.join("exercises").join(&src), &starter(&text, &checks));
        let src = format!("{name}/src/main.rs");
        let text = std::fs::read_to_string(root.join("solutions").join(&src)).unwrap();
        write(&root.join("exercises").join(&src), &text);
    }
    root
}

/// Gives a cache the compiled checks of the shared one, for a test that wants its own.
pub fn seed(cache: &Path, root: &Path) -> PathBuf {
    use sha2::{Digest, Sha256};
    let hash = |root: &Path| -> String {
        let digest = Sha256::digest(root.as_os_str().as_encoded_bytes());
        digest[..6].iter().map(|byte| format!("{byte:02x}")).collect()
    };
    // Compiles them, if they are not.
    assert_eq!(Submission::new(&format!("seed-{}", hash(root))).grade(&[]).points(), 10);
    let _ = std::fs::remove_dir_all(cache);
    let from = base().join("cache/peas-in-a-pod").join(hash(&self::root())).join("checks/bin");
    let to = cache.join("peas-in-a-pod").join(hash(root)).join("checks/bin");
    std::fs::create_dir_all(&to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
    to
}

/// What `cargo xtask starters` does, for regions without STARTER lines.
fn starter(text: &str, checks: &str) -> String {
    let title = |id: &str| -> String {
        let after = checks.split(&format!("id: \"{id}\"")).nth(1).unwrap();
        after.split("title: ").nth(1).unwrap().lines().next().unwrap().to_string()
    };
    let mut out = String::new();
    let mut inside = false;
    for line in text.lines() {
        if line.contains("ANCHOR_END:") {
            inside = false;
        }
        if !inside {
            out.push_str(line);
            out.push('\n');
        }
        if let Some(name) = line.trim().strip_prefix("// ANCHOR: task_") {
            inside = true;
            let id = name.replace('_', ".");
            out.push_str(&format!("    todo!(\"task {id}: {}\")\n", title(&id)));
        }
    }
    out
}

pub fn write(path: &Path, text: &str) {
    if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            if entry.file_name() != "target" {
                copy(&entry.path(), &target);
            }
        } else {
            write(&target, &std::fs::read_to_string(entry.path()).unwrap());
        }
    }
}

/// Something handed in. Begins as the solution of both chapters.
pub struct Submission {
    pub dir: PathBuf,
}

impl Submission {
    /// `name` must be different for each test: it names the directory.
    pub fn new(name: &str) -> Submission {
        let dir = base().join("handed-in").join(name);
        let _ = std::fs::remove_dir_all(&dir);
        copy(&root().join("solutions/01-one/src"), &dir.join("01-one/src"));
        copy(&root().join("solutions/02-two/src"), &dir.join("02-two/src"));
        Submission { dir }
    }

    pub fn file(self, path: &str, text: &str) -> Submission {
        write(&self.dir.join(path), text);
        self
    }

    /// The right answer to task 1.1, replaced by another expression.
    pub fn word(self, expression: &str) -> Submission {
        self.replace("01-one/src/lib.rs", "    \"pea\"\n", &format!("    {expression}\n"))
    }

    pub fn replace(self, path: &str, from: &str, to: &str) -> Submission {
        let file = self.dir.join(path);
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{path} has no {from}");
        write(&file, &text.replace(from, to));
        self
    }

    pub fn grade(&self, args: &[&str]) -> Graded {
        let dir = self.dir.to_str().unwrap();
        let mut all = vec!["grade", "--from", dir, "--format", "json"];
        all.extend(args);
        Graded::of(xtask(&all))
    }

    /// As [`Submission::grade`], with the grader started by another program.
    pub fn grade_within(&self, around: &[&str]) -> Graded {
        let dir = self.dir.to_str().unwrap();
        let mut command = Command::new(around[0]);
        command.args(&around[1..]).arg(env!("CARGO_BIN_EXE_xtask"));
        Graded::of(in_fixture(&mut command, &["grade", "--from", dir, "--format", "json"]).output().unwrap())
    }
}

/// What the grader said.
pub struct Graded {
    pub json: Value,
    pub status: i32,
    pub text: String,
}

impl Graded {
    pub fn of(output: Output) -> Graded {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        let json =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}\nstdout: {text}\nstderr: {errors}"));
        Graded { json, status: output.status.code().unwrap_or(-1), text }
    }

    pub fn points(&self) -> u64 {
        self.json["score"]["points"].as_u64().unwrap()
    }

    pub fn out_of(&self) -> u64 {
        self.json["score"]["out_of"].as_u64().unwrap()
    }

    pub fn result(&self, check: &str) -> &Value {
        let results = self.json["results"].as_array().unwrap();
        let found = results.iter().find(|it| it["check"] == check);
        found.unwrap_or_else(|| panic!("no result for {check}"))
    }

    pub fn verdict(&self, check: &str) -> &str {
        self.result(check)["verdict"].as_str().unwrap()
    }

    /// The check failed, all points count, and the feedback holds `words`.
    #[track_caller]
    pub fn fails(&self, check: &str, words: &str) {
        self.fails_of(check, words, 10);
    }

    #[track_caller]
    pub fn fails_of(&self, check: &str, words: &str, out_of: u64) {
        let result = self.result(check);
        assert_eq!(result["verdict"], "fail", "{}", self.text);
        assert!(result.to_string().contains(words), "{words} is not in {result:#}");
        assert_eq!(self.out_of(), out_of, "{}", self.text);
        assert_ne!(self.status, 0);
    }
}

pub fn xtask(args: &[&str]) -> Output {
    xtask_with(args, &[])
}

pub fn xtask_with(args: &[&str], envs: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    in_fixture(&mut command, args).envs(envs.iter().copied()).output().unwrap()
}

fn in_fixture<'a>(command: &'a mut Command, args: &[&str]) -> &'a mut Command {
    let base = base();
    command
        .arg("--root")
        .arg(root())
        .args(args)
        .env("XDG_CACHE_HOME", base.join("cache"))
        .env("XDG_STATE_HOME", base.join("state"))
}

/// Processes whose command line holds `mark`.
pub fn processes(mark: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        if line.contains(mark) {
            found.push(line);
        }
    }
    found
}
