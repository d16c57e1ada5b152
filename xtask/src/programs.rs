//! The check programs, compiled from the workbook's files, apart from all that is graded.
//!
//! A generated workspace holds them, a package each, with a target directory of its own.
//! A program is compiled again only when something it is made of has changed, so that a warm
//! grading does not call cargo for it. Before any reader's code runs, each program is loaded
//! into a sealed memory file: what runs is what was loaded, whatever happens to the files.

use std::fs::File;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use sha2::{Digest, Sha256};

use crate::workbook::{Chapter, Workbook};
use crate::{cargo, dirs, stage};

/// What the compiled checks look like on disk: changed if anything was written, even by a
/// program that set the dates back (no ordinary program can set a file's change time).
#[derive(PartialEq)]
pub struct Seen(Vec<(PathBuf, u64, i64, i64)>);

/// Looks at the compiled checks of a workbook.
pub fn look(workbook: &Workbook) -> Result<Seen> {
    use std::os::unix::fs::MetadataExt;
    let base = dirs::cache(&workbook.root)?.join("checks");
    let mut seen = Vec::new();
    for path in dirs::files(&base, |path| path == Path::new("lock"))? {
        // One that has gone meanwhile is missing from the list, and so a change.
        if let Ok(meta) = base.join(&path).symlink_metadata() {
            seen.push((path, meta.ino(), meta.ctime(), meta.ctime_nsec()));
        }
    }
    Ok(Seen(seen))
}

impl Programs {
    /// Throws the compiled checks away: the next grading compiles them from the workbook. For
    /// when a submission, which runs as the same user, has put its hands on them.
    pub fn forget(&self, workbook: &Workbook) -> Result<()> {
        let base = dirs::cache(&workbook.root)?.join("checks");
        self.lock.lock()?;
        for dir in ["bin", "ws", "target"] {
            let _ = std::fs::remove_dir_all(base.join(dir));
        }
        Ok(())
    }
}

/// The check program of one chapter.
pub struct Program {
    /// Sealed: opened for execution by each supervisor.
    pub file: File,
    /// SHA-256 over all that the program is made of.
    pub hash: String,
}

/// The check programs of a workbook's chapters, loaded.
pub struct Programs {
    /// By chapter. One that does not compile has the compiler's words instead.
    pub of: Vec<Option<Result<Program, String>>>,
    /// Shared with other gradings; who compiles waits until all have ended. So what changes
    /// while this is held, a submission has changed ([`look`]).
    lock: File,
}

/// Compiles (if need be) and loads the check program of each chapter in `asked`. One that
/// does not compile is a mistake of the workbook; its chapter cannot be graded.
pub fn load(workbook: &Workbook, asked: &[usize]) -> Result<Programs> {
    let base = dirs::cache(&workbook.root)?.join("checks");
    std::fs::create_dir_all(base.join("bin"))?;
    let shared = shared_hash(workbook)?;
    let hashes: Vec<String> =
        workbook.chapters.iter().map(|chapter| hash(workbook, chapter, &shared)).collect::<Result<_>>()?;
    let stale = || -> Vec<usize> {
        let is_stale = |index: &&usize| {
            let chapter = &workbook.chapters[**index];
            let known = std::fs::read_to_string(key_file(&base, chapter)).unwrap_or_default();
            known != hashes[**index] || !binary_file(&base, chapter).is_file()
        };
        asked.iter().filter(is_stale).copied().collect()
    };
    let path = base.join("lock");
    let mut lock = dirs::lock_shared(&path)?;
    let mut errors = vec![None; workbook.chapters.len()];
    if !stale().is_empty() {
        drop(lock);
        lock = dirs::lock(&path)?;
        // Another grading may have compiled them meanwhile.
        let stale = stale();
        if !stale.is_empty() {
            errors = compile(workbook, &base, &stale, &hashes)?;
        }
        lock.lock_shared()?;
    }
    let mut of: Vec<Option<Result<Program, String>>> = workbook.chapters.iter().map(|_| None).collect();
    for &index in asked {
        let chapter = &workbook.chapters[index];
        of[index] = Some(match errors[index].take() {
            Some(error) => Err(error),
            None => {
                let file = sealed(&binary_file(&base, chapter))?;
                Ok(Program { file, hash: hashes[index].clone() })
            }
        });
    }
    Ok(Programs { of, lock })
}

fn key_file(base: &Path, chapter: &Chapter) -> PathBuf {
    base.join("bin").join(format!("{}.key", chapter.dir))
}

pub fn binary_file(base: &Path, chapter: &Chapter) -> PathBuf {
    base.join("bin").join(&chapter.dir)
}

fn program_name(chapter: &Chapter) -> String {
    format!("checks-{}", chapter.dir)
}

/// What a chapter's program is compiled from, beside podcheck: everything of the exercise
/// that is the workbook's (its tests may include its pods).
fn not_an_input(path: &Path) -> bool {
    let first = path.iter().next().unwrap_or_default();
    ["src", "target", "traps", "Cargo.toml", "checks.yaml"].iter().any(|it| first == *it)
        || first.to_string_lossy().ends_with(".bak")
}

fn podcheck_output(path: &Path) -> bool {
    path.starts_with("target") || path.starts_with("tests")
}

fn shared_hash(workbook: &Workbook) -> Result<Vec<u8>> {
    let exercises = workbook.root.join("exercises");
    let mut hash = Sha256::new();
    feed(&mut hash, &exercises.join("podcheck"), podcheck_output)?;
    for file in ["Cargo.lock", "Cargo.toml"] {
        hash.update(std::fs::read(exercises.join(file)).unwrap_or_default());
    }
    hash.update(manifest(workbook)?);
    let toolchain = std::env::var_os("RUSTUP_TOOLCHAIN").unwrap_or_default();
    hash.update(toolchain.as_encoded_bytes());
    Ok(hash.finalize().to_vec())
}

fn hash(workbook: &Workbook, chapter: &Chapter, shared: &[u8]) -> Result<String> {
    let mut hash = Sha256::new();
    hash.update(shared);
    hash.update(program_manifest(workbook, chapter)?);
    feed(&mut hash, &chapter.exercise(&workbook.root), not_an_input)?;
    Ok(dirs::hex(&hash.finalize()))
}

fn feed(hash: &mut Sha256, dir: &Path, skip: impl Fn(&Path) -> bool) -> Result<()> {
    for path in dirs::files(dir, skip)? {
        let bytes =
            std::fs::read(dir.join(&path)).with_context(|| format!("failed to read {}", dir.join(&path).display()))?;
        hash.update(path.as_os_str().as_encoded_bytes());
        hash.update([0]);
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    }
    Ok(())
}

/// Compiles the programs in `stale`. Gives the compiler's words for each that fails.
fn compile(workbook: &Workbook, base: &Path, stale: &[usize], hashes: &[String]) -> Result<Vec<Option<String>>> {
    let exercises = workbook.root.join("exercises");
    let workspace = base.join("ws");
    let text = manifest(workbook)?;
    dirs::write_if_changed(&workspace.join("Cargo.toml"), text.as_bytes())?;
    if let Ok(lock) = std::fs::read(exercises.join("Cargo.lock")) {
        let origin = workspace.join("Cargo.lock.workbook");
        if dirs::write_if_changed(&origin, &lock)? || !workspace.join("Cargo.lock").exists() {
            std::fs::write(workspace.join("Cargo.lock"), lock)?;
        }
    }
    let podcheck = exercises.join("podcheck");
    dirs::mirror(&podcheck, &workspace.join("podcheck"), podcheck_output)?;
    let manifest_of_podcheck = std::fs::read_to_string(podcheck.join("Cargo.toml"))?;
    let without = without_sections(&manifest_of_podcheck, &["[[test]]", "[dev-dependencies]"]);
    dirs::write_if_changed(&workspace.join("podcheck/Cargo.toml"), without.as_bytes())?;
    for chapter in &workbook.chapters {
        let to = workspace.join(&chapter.dir);
        dirs::mirror(&chapter.exercise(&workbook.root), &to, not_an_input)?;
        let text = program_manifest(workbook, chapter)?;
        dirs::write_if_changed(&to.join("Cargo.toml"), text.as_bytes())?;
    }
    let mut args = Vec::new();
    for &index in stale {
        args.push("--package".to_string());
        args.push(program_name(&workbook.chapters[index]));
    }
    let path = workspace.join("Cargo.toml");
    let said = cargo::build(&path, &base.join("target"), &args, "compiling the checks (only when they have changed)")?;
    let mut errors = vec![None; workbook.chapters.len()];
    for &index in stale {
        let chapter = &workbook.chapters[index];
        let name = program_name(chapter);
        let of_it = |it: &&serde_json::Value| it["target"]["name"] == name.as_str();
        let executable = said.messages.iter().filter(of_it).find_map(|it| it["executable"].as_str());
        match executable {
            Some(executable) => {
                // In this order: a key without its program would be believed.
                let _ = std::fs::remove_file(key_file(base, chapter));
                let binary = binary_file(base, chapter);
                let _ = std::fs::remove_file(&binary);
                std::fs::copy(executable, &binary).with_context(|| format!("failed to copy {executable}"))?;
                std::fs::write(key_file(base, chapter), &hashes[index])?;
            }
            None => {
                let words: Vec<_> = said
                    .messages
                    .iter()
                    .filter(|it| it["reason"] == "compiler-message" && it["message"]["level"] == "error")
                    .filter_map(|it| it["message"]["rendered"].as_str())
                    .take(3)
                    .collect();
                let words = if words.is_empty() { said.stderr.trim().to_string() } else { words.join("\n") };
                errors[index] = Some(format!("the checks do not compile:\n{words}"));
            }
        }
    }
    Ok(errors)
}

/// The generated workspace: podcheck, and a package for each chapter's check program.
fn manifest(workbook: &Workbook) -> Result<String> {
    let own = std::fs::read_to_string(workbook.root.join("exercises/Cargo.toml"))?;
    let mut members = vec!["podcheck".to_string()];
    members.extend(workbook.chapters.iter().map(|chapter| chapter.dir.clone()));
    Ok(stage::with_members(&own, &members))
}

/// The generated package of one check program. It has the dependencies that the chapter's
/// own tests have, but for the reader's crates and podkit: a check never links those.
fn program_manifest(workbook: &Workbook, chapter: &Chapter) -> Result<String> {
    let path = chapter.solution(&workbook.root).join("Cargo.toml");
    let text = std::fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?;
    let mut dependencies = section(&text, "[dev-dependencies]");
    let name = |line: &str| line.split(['=', ' ', '.']).next().unwrap_or("").to_string();
    for line in section(&text, "[dependencies]") {
        let known = dependencies.iter().any(|it| name(it) == name(line));
        if !known && !line.contains("path =") {
            dependencies.push(line);
        }
    }
    let dependencies = dependencies.join("\n").replace("../../exercises/podcheck", "../podcheck");
    let name = program_name(chapter);
    Ok(format!(
        "# Made by `cargo xtask grade`.\n[package]\nname = \"{name}\"\nversion = \"0.0.0\"\n\
         edition = \"2024\"\npublish = false\nautobins = false\nautotests = false\n\n\
         [dependencies]\n{dependencies}\n\n\
         [[bin]]\nname = \"{name}\"\npath = \"tests/checks.rs\"\ntest = false\n"
    ))
}

fn section<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    text.lines()
        .skip_while(|line| line.trim() != name)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        .collect()
}

fn without_sections(text: &str, names: &[&str]) -> String {
    let mut keep = true;
    let mut out = String::new();
    for line in text.lines() {
        if line.starts_with('[') {
            keep = !names.contains(&line.trim());
        }
        if keep {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// A copy of a program in memory that nobody can change any more.
fn sealed(path: &Path) -> Result<File> {
    let bytes = std::fs::read(path).with_context(|| format!("failed to read {}", path.display()))?;
    let flags = MFdFlags::MFD_ALLOW_SEALING | MFdFlags::MFD_CLOEXEC;
    let fd = memfd_create(c"check", flags).context("failed to make a memory file")?;
    let mut file = File::from(fd);
    file.write_all(&bytes).context("failed to load the checks into memory")?;
    let seals = SealFlag::F_SEAL_SEAL | SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_WRITE;
    fcntl(&file, FcntlArg::F_ADD_SEALS(seals)).context("failed to seal the checks")?;
    // The kernel does not execute what someone holds open for writing: open it again.
    let own = format!("/proc/self/fd/{}", file.as_raw_fd());
    File::open(own).context("failed to open the sealed checks")
}
