//! `cargo xtask start`: the book in the browser, with the grader watching.
//!
//! The one command for a newcomer. It says what the machine lacks, builds the book, serves it
//! to this machine alone ([`serve`]), opens the browser if there is one, and grades a chapter
//! whenever one of its files is saved. An edit of the book shows in the browser by itself.

mod board;
mod hub;
mod rebuild;
mod serve;
mod site;

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::grade::{self, Request};
use crate::stage::Subject;
use crate::workbook::Workbook;
use crate::{doctor, watch};
use board::Board;
use hub::Hub;
use rebuild::Rebuilder;
use serve::Server;

#[derive(clap::Args)]
pub struct Args {
    /// Do not open the browser.
    #[arg(long)]
    no_open: bool,
    /// The port to serve on (default: 4000, or the next free one).
    #[arg(long)]
    port: Option<u16>,
    /// When a chapter is saved, take the others from the solutions.
    #[arg(long)]
    skip_ahead: bool,
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
    let hub = Hub::new(serve::most_streams());
    let rebuilder = Rebuilder::new(root, &hub)?;
    let (build, builds) = sync_channel(1);
    let board = Board::new(hub.clone(), Workbook::load(root)?, build);
    board.first_look();
    serve::spawn(listener, Server { site: rebuilder.site.clone(), hub })?;
    std::thread::spawn(move || rebuilder.run(&builds));
    println!("The book is at {address}");
    println!("Save a file under exercises/ and its chapter is graded here. Ctrl-C ends.\n");
    if !args.no_open {
        open_browser(&address);
    }
    let mut request = Request::new(Subject::Exercises);
    request.skip_ahead = args.skip_ahead;
    grade_what_is_saved(root, &request, &board)
}

/// The grader's watch, in this thread, until Ctrl-C ends both.
fn grade_what_is_saved(root: &Path, request: &Request, board: &Board) -> Result<ExitCode> {
    grade::notice_signals();
    let watched = Workbook::load(root).and_then(|it| watch::run(&it, request, board));
    if let Err(error) = watched {
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
