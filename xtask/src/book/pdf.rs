//! `cargo xtask book --pdf FILE`: the page that holds the whole book, printed by a browser.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// Looked for in `PATH`, in this order.
const BROWSERS: [&str; 7] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "brave-browser",
];

/// It takes a few seconds; a browser that hangs is ended.
const PATIENCE: Duration = Duration::from_secs(120);

pub fn write(built: &Path, pdf: &Path) -> Result<()> {
    let browser = browser().with_context(|| {
        format!(
            "to write a PDF a browser that can print is needed, and none of these is installed: {}.\n       \
             Install one (Debian, Ubuntu: `apt install chromium`; Fedora: `dnf install chromium`), or print \
             `print.html` from the browser you have.",
            BROWSERS.join(", ")
        )
    })?;
    let page = built.join("print.html").canonicalize().context("the book has no print.html")?;
    // The browser may be a snap that sees no other directory, so the name it gets is a full one.
    let dir = pdf.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let dir = dir.canonicalize().with_context(|| format!("cannot write {}: no such directory", pdf.display()))?;
    let file = dir.join(pdf.file_name().context("--pdf wants the name of a file")?);
    let profile = tempfile::tempdir()?;
    // What is there already would look like a success.
    match std::fs::remove_file(&file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot replace {}", file.display()));
        }
        _ => {}
    }
    let mut command = Command::new(&browser);
    command
        .args(["--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking"])
        .args(["--no-pdf-header-footer", "--generate-pdf-document-outline"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--print-to-pdf={}", file.display()));
    if nix::unistd::geteuid().is_root() {
        // Its sandbox does not work for root; the page is our own, and loads nothing.
        command.arg("--no-sandbox");
    }
    command.arg(format!("file://{}", percent(&page)));
    run(command, &browser)?;
    let size = file.metadata().map_or(0, |it| it.len());
    ensure!(size > 0, "{} has written no {}", browser.display(), file.display());
    println!("written: {} ({} kB)", file.display(), size / 1000);
    Ok(())
}

fn browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let dirs: Vec<PathBuf> = std::env::split_paths(&path).collect();
    BROWSERS.iter().find_map(|name| dirs.iter().map(|dir| dir.join(name)).find(|it| it.is_file()))
}

fn run(mut command: Command, browser: &Path) -> Result<()> {
    let heard = tempfile::NamedTempFile::new()?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(heard.reopen()?)
        .spawn()
        .with_context(|| format!("failed to start {}", browser.display()))?;
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if start.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            bail!("{} has not printed the book within {} s", browser.display(), PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    if !status.success() {
        let said = std::fs::read_to_string(heard.path()).unwrap_or_default();
        bail!("{} failed ({status}):\n{}", browser.display(), said.trim_end());
    }
    Ok(())
}

/// A path as it may stand in an address.
fn percent(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/-_.~".contains(&b);
    let bytes = path.as_os_str().as_bytes().iter();
    bytes.map(|&b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_spaces_is_an_address() {
        assert_eq!(percent(Path::new("/a b/파#.html")), "/a%20b/%ED%8C%8C%23.html");
    }
}
