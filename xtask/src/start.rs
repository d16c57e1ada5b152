//! `cargo xtask start`: the book in the browser, with the grader watching.
//!
//! The one command for a newcomer. It says what the machine lacks, builds the book, serves it
//! to this machine alone ([`serve`]), opens the browser if there is one, and grades a chapter
//! whenever one of its files is saved. An edit of the book shows in the browser by itself.

mod board;
mod hub;
mod serve;
mod site;

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::grade::{self, Request};
use crate::stage::Subject;
use crate::workbook::Workbook;
use crate::{book, doctor, watch};
use board::Board;
use hub::Hub;
use serve::Server;
use site::Site;

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
    let hub = Hub::new(serve::most_streams());
    hub.say("book", "", &json!(site.book().stamp));
    let (build, builds) = sync_channel(1);
    let board = Board::new(hub.clone(), Workbook::load(root)?, build);
    board.first_look();
    serve::spawn(listener, Server { site: site.clone(), hub: hub.clone() })?;
    let built = root.to_path_buf();
    std::thread::spawn(move || rebuild(&built, &site, &hub, &builds));
    println!("The book is at {address}");
    println!("Save a file under exercises/ and its chapter is graded here. Ctrl-C ends.\n");
    if !args.no_open {
        open_browser(&address);
    }
    grade_what_is_saved(root, &board)
}

/// The grader's watch, in this thread, until Ctrl-C ends both.
fn grade_what_is_saved(root: &Path, board: &Board) -> Result<ExitCode> {
    grade::notice_signals();
    let watched = Workbook::load(root).and_then(|it| watch::run(&it, &Request::new(Subject::Exercises), board));
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

/// Builds the book again when a file that goes into it changes, and tells the pages if that
/// makes a difference.
fn rebuild(root: &Path, site: &Site, hub: &Hub, builds: &Receiver<()>) {
    while builds.recv().is_ok() {
        let before = site.book().stamp.clone();
        match book::build(root).and_then(|built| site.replace(&built)) {
            Ok(stamp) if stamp == before => {}
            Ok(stamp) => {
                println!("The book is built again.");
                hub.say("book", "", &json!(stamp));
            }
            Err(error) => eprintln!("The book is as it was before your edit: {error:#}"),
        }
    }
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
