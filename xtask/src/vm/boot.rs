//! One boot: a command goes in, its words and its exit status come out.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::kernel::Kernel;
use super::which;

/// The first program, and what it starts, are scripts of this repository.
const INIT: &str = include_str!("../../vm/init");
const INSIDE: &str = include_str!("../../vm/inside");

/// A boot takes seconds and a check less than a minute; what hangs is to end, and to be told.
const AT_MOST: Duration = Duration::from_secs(600);

/// What is run, and where.
pub struct Job<'a> {
    /// For sh.
    pub command: String,
    pub root: &'a Path,
    /// Taken along: `/run/vm/NAME`. Where these are kept, an ordinary user may not look.
    pub programs: Vec<(String, PathBuf)>,
}

/// Does the job as an ordinary user with a cgroup of his own: this user, or the owner of the workbook.
/// Tells each line; returns the exit status.
pub fn boot(kernel: &Kernel, job: &Job, mut tell: impl FnMut(&str)) -> Result<u8> {
    let dir = tempfile::Builder::new().prefix("peas-vm-").tempdir().context("failed to make a directory")?;
    let initrd = dir.path().join("initrd");
    pack(dir.path(), kernel, job, &initrd)?;
    let qemu = Command::new("qemu-system-x86_64")
        // Emulated: a virtual machine's own KVM often hangs at the firmware.
        .args(["-accel", "tcg,thread=multi", "-cpu", "max", "-m", "1024", "-smp", "2"])
        .args(["-nographic", "-no-reboot", "-nic", "none", "-kernel"])
        .arg(&kernel.image)
        .arg("-initrd")
        .arg(&initrd)
        .args(["-append", "console=ttyS0 loglevel=1 panic=-1"])
        .args(["-virtfs", "local,path=/,mount_tag=host,security_model=passthrough,readonly=on,multidevs=remap"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .context("failed to start qemu-system-x86_64")?;
    listen(Machine(qemu), &mut tell)
}

/// Ends with its value.
struct Machine(Child);

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn listen(mut machine: Machine, tell: &mut impl FnMut(&str)) -> Result<u8> {
    let console = machine.0.stdout.take().context("qemu has no console")?;
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(console).split(b'\n').map_while(Result::ok) {
            // Nobody listens any more when the time is over.
            let _ = sender.send(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned());
        }
    });
    let mut before = Vec::new();
    let mut has_begun = false;
    loop {
        match lines.recv_timeout(AT_MOST) {
            Ok(line) if line == "vm: begin" => has_begun = true,
            Ok(line) if has_begun => match line.strip_prefix("vm: end ") {
                Some(status) => return status.trim().parse().with_context(|| format!("the status `{status}`")),
                None => tell(&line),
            },
            Ok(line) => before.push(line),
            Err(error) if has_begun => bail!("the virtual machine's command has no end: {error}"),
            Err(_) => bail!("the virtual machine did not come up:\n{}", before.join("\n")),
        }
    }
}

/// The job, as assignments that sh reads.
fn assignments(Job { root, command, .. }: &Job) -> Result<String> {
    use std::os::unix::fs::MetadataExt;
    let (mut uid, mut gid) = (nix::unistd::geteuid().as_raw(), nix::unistd::getegid().as_raw());
    if uid == 0 {
        let owner = root.metadata().with_context(|| format!("failed to look at {}", root.display()))?;
        (uid, gid) = (owner.uid(), owner.gid());
    }
    if uid == 0 {
        // Any user will do, and this one is nobody here.
        (uid, gid) = (65534, 65534);
    }
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    Ok(format!(
        "JOB_UID={uid}\nJOB_GID={gid}\nJOB_HOME=/tmp\nJOB_DIR={}\nJOB={}\n",
        quoted(&root.display().to_string()),
        quoted(command)
    ))
}

/// The initial RAM file system: busybox, the modules, the scripts, the job.
fn pack(dir: &Path, kernel: &Kernel, job: &Job, initrd: &Path) -> Result<()> {
    let tree = dir.join("tree");
    for name in ["bin", "modules", "programs"] {
        std::fs::create_dir_all(tree.join(name))?;
    }
    for (name, file) in &job.programs {
        std::fs::copy(file, tree.join("programs").join(name))
            .with_context(|| format!("failed to copy {}", file.display()))?;
    }
    let busybox = which("busybox").context("there is no busybox")?;
    std::fs::copy(&busybox, tree.join("bin/busybox")).context("failed to copy busybox")?;
    let mut order = String::new();
    for module in &kernel.modules {
        let name = module.file_name().context("a module without a name")?;
        std::fs::copy(module, tree.join("modules").join(name))
            .with_context(|| format!("failed to copy {}", module.display()))?;
        order.push_str(&format!("{}\n", name.display()));
    }
    for (path, text) in
        [("init", INIT), ("inside", INSIDE), ("job", assignments(job)?.as_str()), ("modules/order", &order)]
    {
        let mut file = std::fs::File::create(tree.join(path))?;
        file.write_all(text.as_bytes())?;
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    }
    // busybox has everything for it; the kernel reads an archive that is not compressed, too.
    let script = format!("cd '{}' && find . | busybox cpio -o -H newc > '{}'", tree.display(), initrd.display());
    super::said_by(Command::new("busybox").args(["sh", "-c", &script])).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sh_reads_the_job_as_it_was_meant() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("it's a place");
        std::fs::create_dir(&root).unwrap();
        let command = r#"echo "$HOME" 'a  b' `id`"#;
        let file = dir.path().join("job");
        let job = Job { command: command.to_owned(), root: &root, programs: Vec::new() };
        std::fs::write(&file, assignments(&job).unwrap()).unwrap();
        let script = format!(". '{}'; printf '%s\n%s' \"$JOB_DIR\" \"$JOB\"", file.display());
        let read = super::super::said_by(Command::new("sh").args(["-c", &script])).unwrap();
        assert_eq!(read, format!("{}\n{command}", root.display()));
    }
}
