//! A kernel for the virtual machine: Debian's own, unpacked and not installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{said_by, which};

pub struct Kernel {
    pub image: PathBuf,
    /// In the order in which they are to be loaded.
    pub modules: Vec<PathBuf>,
}

/// What the machine's files are reached with, and laid over.
const MODULES: [&str; 4] = ["virtio_pci", "9p", "9pnet_virtio", "overlay"];

/// The kernel in `target/vm`, fetched if there is none.
pub fn kernel(root: &Path) -> Result<Kernel> {
    let dir = root.join("target/vm");
    let tree = dir.join("kernel");
    if !tree.is_dir() {
        fetch(&dir, &tree)?;
    }
    let modules = tree.join("lib/modules");
    let release = only(&modules)?;
    Ok(Kernel {
        image: tree.join("boot").join(format!("vmlinuz-{release}")),
        modules: in_order(&tree, &release).with_context(|| format!("failed to find modules in {}", tree.display()))?,
    })
}

fn fetch(dir: &Path, tree: &Path) -> Result<()> {
    std::fs::create_dir_all(dir).with_context(|| format!("failed to make {}", dir.display()))?;
    // The metapackage names the newest one. (The `cloud` ones have no 9p.)
    let depends = said_by(Command::new("apt-cache").args(["depends", "linux-image-amd64"]))?;
    let package = depends.lines().find_map(|line| line.trim().strip_prefix("Depends: "));
    let package = package.context("linux-image-amd64 is no package here: is this Debian on x86_64?")?;
    eprintln!("fetching {package} (only the first time) ...");
    let new = tempfile::tempdir_in(dir).context("failed to make a directory in target/vm")?;
    said_by(Command::new("apt-get").args(["download", "-q", package]).current_dir(new.path()))?;
    let file = new.path().join(only(new.path())?);
    let unpacked = new.path().join("tree");
    said_by(Command::new("dpkg-deb").arg("-x").args([&file, &unpacked]))?;
    let release = only(&unpacked.join("lib/modules"))?;
    said_by(Command::new(which("depmod").unwrap_or("depmod".into())).arg("-b").arg(&unpacked).arg(&release))?;
    std::fs::rename(&unpacked, tree).with_context(|| format!("failed to move it to {}", tree.display()))
}

/// The name of the one entry of a directory.
fn only(dir: &Path) -> Result<String> {
    let entries = std::fs::read_dir(dir).with_context(|| format!("failed to read {}", dir.display()))?;
    let names: Vec<String> = entries.flatten().map(|it| it.file_name().to_string_lossy().into_owned()).collect();
    ensure!(names.len() == 1, "{} holds {names:?}, and should hold one thing", dir.display());
    Ok(names.concat())
}

fn in_order(tree: &Path, release: &str) -> Result<Vec<PathBuf>> {
    let mut modules: Vec<PathBuf> = Vec::new();
    for name in MODULES {
        let mut modprobe = Command::new(which("modprobe").unwrap_or("modprobe".into()));
        modprobe.arg("-d").arg(tree).args(["-S", release, "--show-depends", name]);
        for line in said_by(&mut modprobe)?.lines() {
            let path = line.strip_prefix("insmod ").map(|path| PathBuf::from(path.trim()));
            modules.extend(path.filter(|path| !modules.contains(path)));
        }
    }
    ensure!(!modules.is_empty(), "modprobe names none");
    Ok(modules)
}
