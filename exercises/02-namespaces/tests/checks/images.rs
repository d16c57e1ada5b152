//! A directory as an image.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use podcheck::{Failure, Result, expect_eq};

use crate::errors::contains;
use crate::kit::pod;

/// A root file system with a shell, its libraries, and links that try to lead out of it.
fn image(dir: &Path) -> std::io::Result<()> {
    let libraries = Command::new("ldd").arg("/bin/sh").output()?;
    let libraries = String::from_utf8_lossy(&libraries.stdout).into_owned();
    let files = libraries.split_whitespace().filter(|it| it.starts_with('/'));
    for file in files.chain(["/bin/sh"]) {
        let to = dir.join(file.trim_start_matches('/'));
        fs::create_dir_all(to.parent().unwrap_or(dir))?;
        fs::copy(file, to)?;
    }
    symlink("/host/etc", dir.join("etc"))?;
    fs::create_dir_all(dir.join("far"))?;
    symlink("../../../tmp", dir.join("far/out"))?;
    symlink("round", dir.join("round"))?;
    fs::write(dir.join("script"), "#!/no/such/interpreter\n")?;
    fs::set_permissions(dir.join("script"), fs::Permissions::from_mode(0o755))
}

/// Every path below a directory and what kind it is.
fn listing(dir: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let kind = entry.file_type().map(|it| format!("{it:?}")).unwrap_or_default();
        if path.is_dir() && !path.is_symlink() {
            found.extend(listing(&path));
        }
        found.insert(path.display().to_string(), kind);
    }
    found
}

/// Two containers of one image: they write, and neither the image nor the other one sees it.
/// Links of the image stay within it.
pub fn an_image_stays_as_it_is() -> Result {
    let made = tempfile::tempdir().and_then(|dir| {
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755))?;
        image(dir.path()).map(|()| dir)
    });
    let dir = made.map_err(|error| Failure::grader(format!("make an image: {error}")))?;
    let before = listing(dir.path());
    let given = format!("mine={}", dir.path().display());
    let ran = pod!("run", "image.yaml").arg("--image").arg(&given).run()?;
    ran.expect_code(0)?;
    let mut lines = ran.stdout_lines();
    lines.sort();
    let each = ["written", "# Kubernetes-managed hosts file.", "log below /tmp"];
    let mut expected: Vec<String> = each.iter().flat_map(|it| [format!("[one] {it}"), format!("[two] {it}")]).collect();
    expected.sort();
    ran.expect_eq("what the containers say", expected, lines)?;
    expect_eq("the image's directory after the run", before, listing(dir.path()))?;

    let fails = |command: &str, more: &str, words: &[&str]| -> Result {
        let text = include_str!("../../pods/no-program.yaml").replace("host\n", "mine\n");
        let text = format!("{}{more}", text.replace("/etc/hosts", command));
        let cli = podcheck::Cli::new("run").manifest_text("image.yaml", &text).arg("--image").arg(&given);
        let ran = cli.run()?;
        ran.expect_code(1)?;
        contains(&ran, "the error", words)
    };
    fails("/script", "", &["exec /script", "ENOENT", "interpreter"])?;
    fails("/bin/sh", "      terminationMessagePath: /round/log\n", &["follow /round/log", "ELOOP"])
}
