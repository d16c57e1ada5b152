//! The tests of the book in a real browser (`xtask/browser/`): what they need, and a run of one.
//!
//! They are node's own tests, driven by playwright-core. A reader needs none of it, so where
//! it is not installed the tests are left out, by name.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::lanes;

/// The oldest node that xtask/browser/package.json allows.
const NODE: (u32, u32) = (18, 19);

/// Where chromium may be found; `CHROMIUM` names another.
const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// What is missing, and the line to type.
pub struct Lack {
    pub why: String,
    pub fix: String,
}

/// All that is missing for the tests; they can be run if that is nothing.
pub fn lacks(root: &Path) -> Vec<Lack> {
    let mut lacks = Vec::new();
    let mut lack = |why: String, fix: &str| lacks.push(Lack { why, fix: fix.to_owned() });
    let (major, minor) = NODE;
    match node() {
        None => lack("there is no node".to_owned(), "sudo apt-get install nodejs npm"),
        Some(version) if version < NODE => {
            let (has, had) = version;
            lack(
                format!("node is {has}.{had}, and {major}.{minor} is the oldest that will do"),
                "see https://nodejs.org",
            );
        }
        Some(_) => {}
    }
    if chromium().is_none() {
        lack("there is no chromium".to_owned(), "sudo apt-get install chromium");
    }
    if let Err(why) = modules(&root.join("xtask/browser")) {
        lack(why.to_string(), "npm ci --prefix xtask/browser");
    }
    lacks
}

/// The test files, in order. None at all is an error: it would look like success.
pub fn tests(root: &Path) -> Result<Vec<PathBuf>> {
    let dir = root.join("xtask/browser/test");
    let entries = std::fs::read_dir(&dir).with_context(|| format!("failed to read {}", dir.display()))?;
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    found.retain(|path| path.to_string_lossy().ends_with(".test.js"));
    // The longest ones first, so that none of them is left for the end.
    let length = |test: &PathBuf| ["live.test.js", "axe.test.js"].iter().position(|it| test.ends_with(it)).unwrap_or(9);
    found.sort_by_key(|test| (length(test), test.clone()));
    ensure!(!found.is_empty(), "there are no tests in {}", dir.display());
    Ok(found)
}

/// `keyboard` of `.../keyboard.test.js`.
pub fn name(test: &Path) -> String {
    let file = test.file_name().unwrap_or_default().to_string_lossy();
    format!("browser: {}", file.trim_end_matches(".test.js").replace('-', " "))
}

/// Runs the files, and tells of each as it ends. They spend much of their time waiting, so two
/// or more run at a time; but nothing runs beside the one that measures speed.
pub fn run(root: &Path, tests: &[PathBuf], mut tell: impl FnMut(&Path, Result<()>, Instant)) {
    let (alone, others): (Vec<&PathBuf>, Vec<&PathBuf>) =
        tests.iter().partition(|test| test.ends_with("lighthouse.test.js"));
    for test in alone {
        let start = Instant::now();
        tell(test, run_one(root, test), start);
    }
    let timed = |test: &&PathBuf| {
        let start = Instant::now();
        (run_one(root, test), start)
    };
    lanes::each(lanes::number(), &others, timed, |test, (outcome, start)| tell(test, outcome, start));
}

/// Runs one file; its words are shown only if it fails.
fn run_one(root: &Path, test: &Path) -> Result<()> {
    let output = Command::new("node")
        .args(["--test", "--test-reporter=spec"])
        .arg(test)
        .current_dir(root.join("xtask/browser"))
        .env("CHROMIUM", chromium().context("there is no chromium")?)
        .env("PEAS_XTASK", own_program(root)?)
        .env("NO_COLOR", "1")
        .env_remove("FORCE_COLOR")
        // Node would take itself to be inside of another test run.
        .env_remove("NODE_TEST_CONTEXT")
        .stdin(Stdio::null())
        .output()
        .context("failed to start node")?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    // What failed is told again at the end, in full.
    let from = said.find("failing tests:").unwrap_or(0);
    let lines: Vec<&str> = said[from..].lines().take(120).collect();
    bail!("in xtask/browser: node --test test/{}\n{}", test.file_name().unwrap_or_default().display(), lines.join("\n"))
}

/// A copy of this program: its file may have been replaced by a build since, and nobody else may
/// follow `/proc/PID/exe` of a process that has graded (it has made itself undumpable).
fn own_program(root: &Path) -> Result<PathBuf> {
    static COPY: Mutex<Option<PathBuf>> = Mutex::new(None);
    let mut made = COPY.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(copy) = &*made {
        return Ok(copy.clone());
    }
    let dir = root.join("target/browser");
    std::fs::create_dir_all(&dir).with_context(|| format!("failed to make {}", dir.display()))?;
    // A new file: the old copy may still run.
    let (new, copy) = (dir.join("xtask.new"), dir.join("xtask"));
    std::fs::copy("/proc/self/exe", &new).with_context(|| format!("failed to write {}", new.display()))?;
    std::fs::rename(&new, &copy).with_context(|| format!("failed to write {}", copy.display()))?;
    Ok(made.insert(copy).clone())
}

fn node() -> Option<(u32, u32)> {
    let output = Command::new("node").arg("--version").stdin(Stdio::null()).output().ok()?;
    version(std::str::from_utf8(&output.stdout).ok()?)
}

/// `v18.20.4`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn chromium() -> Option<PathBuf> {
    if let Some(asked) = std::env::var_os("CHROMIUM").filter(|it| !it.is_empty()) {
        return Some(asked.into());
    }
    let path = std::env::var_os("PATH")?;
    let dirs: Vec<PathBuf> = std::env::split_paths(&path).collect();
    CHROMIUM.iter().find_map(|name| dirs.iter().map(|dir| dir.join(name)).find(|file| file.is_file()))
}

/// Is what package.json pins installed, in those versions?
fn modules(dir: &Path) -> Result<()> {
    let read = |path: &Path| -> Result<Value> { Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?) };
    let package = read(&dir.join("package.json")).context("xtask/browser/package.json cannot be read")?;
    let pinned = package["devDependencies"].as_object().context("xtask/browser/package.json pins nothing")?;
    for (name, wanted) in pinned {
        let there = read(&dir.join("node_modules").join(name).join("package.json"));
        match there {
            Ok(there) if there["version"] == *wanted => {}
            Ok(there) => bail!("{name} is {}, and should be {wanted}", there["version"]),
            Err(_) => bail!("{name} is not installed in xtask/browser"),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node() {
        assert_eq!(version("v18.20.4\n"), Some((18, 20)));
        assert!(version("v18.20.4").unwrap() >= NODE && version("v18.9.0").unwrap() < NODE);
        assert_eq!(version("18"), None);
    }

    #[test]
    fn what_is_not_installed_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let why = || modules(dir.path()).unwrap_err().to_string();
        assert!(why().contains("package.json"));
        write("package.json", r#"{"devDependencies": {"axe-core": "4.1.0"}}"#);
        assert!(why().contains("axe-core is not installed"));
        write("node_modules/axe-core/package.json", r#"{"version": "4.0.9"}"#);
        assert_eq!(why(), r#"axe-core is "4.0.9", and should be "4.1.0""#);
        write("node_modules/axe-core/package.json", r#"{"version": "4.1.0"}"#);
        assert!(modules(dir.path()).is_ok());
    }

    #[test]
    fn a_directory_without_tests_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        assert!(tests(dir.path()).is_err());
        std::fs::create_dir_all(dir.path().join("xtask/browser/test")).unwrap();
        assert!(tests(dir.path()).is_err());
        assert_eq!(name(Path::new("/a/no-script.test.js")), "browser: no script");
    }
}
