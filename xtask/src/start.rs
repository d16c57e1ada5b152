//! `cargo xtask start`: the book in the browser, with the grader watching.
//!
//! The one command for a newcomer. It says what the machine lacks, builds the book, serves it
//! to this machine alone ([`serve`]), opens the browser if there is one, and grades a chapter
//! whenever one of its files is saved. An edit of the book shows in the browser by itself.

mod serve;

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};

use crate::grade::{self, Request};
use crate::stage::Subject;
use crate::{book, doctor, starters, watch};
use serve::Site;

#[derive(clap::Args)]
pub struct Args {
    /// Do not open the browser.
    #[arg(long)]
    no_open: bool,
    /// The port to serve on (default: 4000, or the next free one).
    #[arg(long)]
    port: Option<u16>,
}

pub fn run(args: &Args, root: &Path) -> Result<ExitCode> {
    let lacks = doctor::in_brief(root);
    if !lacks.is_empty() {
        println!("Some of the checks cannot be graded on this machine:");
        lacks.iter().for_each(|line| println!("  {line}"));
        println!("  (`cargo xtask doctor` says which, and you can start without.)\n");
    }
    let listener = bind(args.port)?;
    let address = format!("http://{}/", listener.local_addr()?);
    // Before it is built: cargo and the solutions' figures may take a moment.
    println!("Building the book; the first time takes about a minute ...");
    let site = Site::new(&book::build(root)?)?;
    serve::spawn(listener, site.clone())?;
    let watched = root.to_path_buf();
    std::thread::spawn(move || rebuild(&watched, &site));
    println!("The book is at {address}");
    println!("Save a file under exercises/ and its chapter is graded here. Ctrl-C ends.\n");
    if !args.no_open {
        open_browser(&address);
    }
    grade_what_is_saved(root)
}

/// The grader's watch, in this thread, until Ctrl-C ends both.
fn grade_what_is_saved(root: &Path) -> Result<ExitCode> {
    grade::notice_signals();
    if let Err(error) = watch::watch(root, &Request::new(Subject::Exercises)) {
        eprintln!("error: {error:#}");
        eprintln!("Nothing is graded any more, but the book is still there. Ctrl-C ends.");
    }
    while !grade::cancelled() {
        grade::nap(Duration::from_secs(1));
    }
    println!("\nEnded. See you.");
    Ok(ExitCode::SUCCESS)
}

/// Loopback only: nobody else on the network is served.
fn bind(asked: Option<u16>) -> Result<TcpListener> {
    let on = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    if let Some(port) = asked {
        return on(port).with_context(|| format!("cannot serve on port {port}"));
    }
    for port in 4000..4100 {
        match on(port) {
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {}
            other => return other.with_context(|| format!("cannot serve on port {port}")),
        }
    }
    bail!("the ports 4000 to 4099 are all taken; give one with --port")
}

/// Builds the book again when a file that goes into it changes.
fn rebuild(root: &Path, site: &Site) {
    let mut last = newest(root);
    loop {
        std::thread::sleep(Duration::from_millis(400));
        let now = newest(root);
        if now == last {
            continue;
        }
        last = now;
        match book::build(root).and_then(|built| site.replace(&built)) {
            Ok(()) => println!("The book is built again."),
            Err(error) => eprintln!("The book is as it was before your edit: {error:#}"),
        }
    }
}

/// The last change to anything in the book, and how many files there are.
fn newest(root: &Path) -> (Option<SystemTime>, usize) {
    let mut dirs = vec![root.join("book/src"), root.join("book/theme"), root.join("solutions")];
    for chapter in std::fs::read_dir(root.join("exercises")).into_iter().flatten().flatten() {
        // Not src/: those are the reader's, and the book shows starters.
        dirs.push(chapter.path().join("pods"));
    }
    let mut files: Vec<PathBuf> = vec![root.join("book/book.toml")];
    for dir in dirs.iter().filter(|dir| dir.is_dir()) {
        files.extend(starters::files(dir).unwrap_or_default().into_iter().map(|file| dir.join(file)));
    }
    let times = files.iter().filter_map(|file| file.metadata().and_then(|it| it.modified()).ok());
    (times.max(), files.len())
}

/// Opens an address in the browser, if there is one; never fails without.
pub fn open_browser(address: &str) {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let desktop = set("DISPLAY") || set("WAYLAND_DISPLAY");
    let programs: &[&str] = if cfg!(target_os = "macos") {
        &["open"]
    } else if set("WSL_DISTRO_NAME") {
        &["wslview", "explorer.exe"]
    } else if desktop {
        &["xdg-open"]
    } else {
        &[]
    };
    for program in programs {
        let started =
            Command::new(program).arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        if let Ok(mut child) = started {
            // Some of these stay as long as the browser does.
            std::thread::spawn(move || child.wait());
            return;
        }
    }
}
