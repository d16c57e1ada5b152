//! A root file system with a shell and a sleep, from this machine's own files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

const PROGRAMS: [&str; 2] = ["sh", "sleep"];
/// Where the runtimes mount.
const MOUNT_POINTS: [&str; 6] = ["dev", "etc", "proc", "run", "sys", "tmp"];

/// Makes it below `dir` and returns its path.
pub fn make(dir: &Path) -> anyhow::Result<PathBuf> {
    for name in MOUNT_POINTS.iter().chain(&["bin"]) {
        fs::create_dir_all(dir.join(name)).with_context(|| format!("making {name} in {}", dir.display()))?;
    }
    for name in PROGRAMS {
        let program = fs::canonicalize(Path::new("/bin").join(name)).with_context(|| format!("finding {name}"))?;
        copy(&program, &dir.join("bin").join(name))?;
        for library in libraries(&program)? {
            copy(&library, &dir.join(library.strip_prefix("/").unwrap_or(&library)))?;
        }
    }
    Ok(dir.to_owned())
}

/// The shared libraries a program asks for, by `ldd`.
fn libraries(program: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let output = Command::new("ldd").arg(program).output().context("starting ldd")?;
    ensure!(output.status.success(), "ldd {} failed", program.display());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.split_whitespace().filter(|word| word.starts_with('/')).map(PathBuf::from).collect())
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
    }
    fs::copy(from, to).with_context(|| format!("copying {} to {}", from.display(), to.display()))?;
    Ok(())
}
