//! Where the workbook is.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The workbook's root: asked for, else around this xtask, else around the current directory.
pub fn root(asked: Option<&Path>) -> Result<PathBuf> {
    if let Some(dir) = asked {
        let dir = dir.canonicalize().with_context(|| format!("--root {}", dir.display()))?;
        return Ok(dir);
    }
    let is_root = |dir: &Path| dir.join("exercises/Cargo.toml").is_file();
    // `cargo run` sets this to the xtask directory of the checkout it was started in.
    let own = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let built = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let here = std::env::current_dir().unwrap_or_default();
    let around_here = here.ancestors().map(Path::to_path_buf);
    let around_xtask = [own, Some(built)].into_iter().flatten().filter_map(|dir| dir.parent().map(Path::to_path_buf));
    let mut candidates: Vec<PathBuf> = around_here.chain(around_xtask).collect();
    candidates.retain(|dir| is_root(dir));
    match candidates.first() {
        Some(dir) => Ok(dir.canonicalize()?),
        None => bail!("no workbook here: go to the directory you cloned and try again"),
    }
}
