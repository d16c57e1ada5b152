//! Task 10.6: a sidecar that ships a log.

use std::fs;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use podcheck::{Cli, Result, Running, expect, wait_until};

use crate::helpers::{Room, end, helper, own, prints, stays};
use crate::kit::{SOON, text};

fn shipper(room: &Room) -> Result<Running> {
    helper("shipper", &[&room.text("app.log")])
}

/// Half a line is not shipped. Its second half makes it one.
pub fn only_whole_lines() -> Result {
    let room = Room::new()?;
    let mut log = room.log("app.log")?;
    log.add("one\ntw")?;
    let mut running = shipper(&room)?;
    stays(&mut running, "what is shipped of `one` and the half line `tw`", &["one"])?;
    log.add("o\n\nthree\n")?;
    prints(&mut running, "what is shipped when the line is whole", &["one", "two", "", "three"])?;
    end(running).map(drop)
}

/// A sidecar starts before the application, and so before its log.
pub fn waits_for_the_file() -> Result {
    let room = Room::new()?;
    let mut running = shipper(&room)?;
    stays(&mut running, "what is shipped of a file that is not there", &[])?;
    room.log("app.log")?.add("first\n")?;
    prints(&mut running, "what is shipped when the file is there", &["first"])?;
    end(running).map(drop)
}

/// Something else has the name: that is told once, and no reason to end. A pipe must not even be waited for.
pub fn what_is_no_file_is_told() -> Result {
    let room = Room::new()?;
    let path = room.path("app.log");
    own("make a directory", fs::create_dir(&path))?;
    let mut running = shipper(&room)?;
    let told = |running: &Running| running.stderr().matches("is no file").count();
    let is_told = wait_until(SOON, || told(&running) > 0 || running.try_wait().is_some());
    if !is_told || told(&running) == 0 {
        running.expect_started()?;
        let observed = running.tail("nothing is told");
        return Err(running.failure(
            "what is told of a directory",
            "a line on standard error, with `is no file`",
            observed,
        ));
    }
    own("remove the directory", fs::remove_dir(&path))?;
    let made = own("start mkfifo", Command::new("mkfifo").arg(&path).status())?;
    expect("mkfifo", "it makes a pipe", made.success(), made)?;
    stays(&mut running, "what is shipped of a pipe", &[])?;
    let times = told(&running);
    expect("how often it is told of a directory, then of a pipe", "once, or once for each", times <= 2, times)?;
    own("remove the pipe", fs::remove_file(&path))?;
    room.log("app.log")?.add("at last\n")?;
    prints(&mut running, "what is shipped when it is a file", &["at last"])?;
    end(running).map(drop)
}

/// Many lines, written in pieces that are no lines.
pub fn each_line_once() -> Result {
    let room = Room::new()?;
    let mut log = room.log("app.log")?;
    let mut running = shipper(&room)?;
    let lines: Vec<String> = (0..400).map(|n| format!("line {n} {}", "x".repeat(n * 7 % 90))).collect();
    let text = lines.join("\n") + "\n";
    for (n, piece) in text.as_bytes().chunks(37).enumerate() {
        log.add(&String::from_utf8_lossy(piece))?;
        if n % 20 == 0 {
            sleep(Duration::from_millis(5));
        }
    }
    let expected: Vec<&str> = lines.iter().map(String::as_str).collect();
    prints(&mut running, "400 lines, written in pieces", &expected)?;
    stays(&mut running, "the same a moment later", &expected)?;
    end(running).map(drop)
}

/// As `> app.log` in a shell does, and what is called copytruncate.
pub fn a_file_that_is_emptied() -> Result {
    let room = Room::new()?;
    let mut log = room.log("app.log")?;
    log.add("one\ntwo\nhalf a li")?;
    let mut running = shipper(&room)?;
    prints(&mut running, "what is shipped before the file is emptied", &["one", "two"])?;
    log.empty()?;
    log.add("new\n")?;
    let all = ["one", "two", "half a li", "new"];
    prints(&mut running, "what is shipped when the file was emptied in the middle of a line", &all)?;
    log.add("and more\n")?;
    prints(&mut running, "what is shipped afterwards", &[&all[..], &["and more"]].concat())?;
    end(running).map(drop)
}

/// Rotation: the log gets another name, and a new one is made. Who writes need not notice at once.
pub fn a_file_that_is_moved_away() -> Result {
    let room = Room::new()?;
    let mut old = room.log("app.log")?;
    old.add("one\n")?;
    let mut running = shipper(&room)?;
    prints(&mut running, "what is shipped before the file is moved away", &["one"])?;
    room.rename("app.log", "app.log.1")?;
    stays(&mut running, "what is shipped when the file has another name", &["one"])?;
    old.add("late\n")?;
    prints(&mut running, "a line that is still written into the moved file", &["one", "late"])?;
    old.add("half")?;
    stays(&mut running, "half a line in the moved file", &["one", "late"])?;
    let mut new = room.log("app.log")?;
    new.add("new\n")?;
    let all = ["one", "late", "half", "new"];
    prints(&mut running, "what is shipped when a new file has the name", &all)?;
    new.add("more\n")?;
    prints(&mut running, "what is shipped afterwards", &[&all[..], &["more"]].concat())?;
    end(running).map(drop)
}

/// Moved away right after a line was written, again and again: no line is lost, and none comes twice.
pub fn nothing_is_lost_in_between() -> Result {
    let room = Room::new()?;
    let mut running = shipper(&room)?;
    let mut expected = Vec::new();
    for round in 0..6 {
        let mut log = room.log("app.log")?;
        log.add(&format!("{round}.first\n"))?;
        expected.push(format!("{round}.first"));
        // Now the shipper has this file. Its next look is up to 50 ms away.
        let shipped: Vec<&str> = expected.iter().map(String::as_str).collect();
        prints(&mut running, "the first line of a new file", &shipped)?;
        sleep(Duration::from_millis(round * 7));
        log.add(&format!("{round}.last\n"))?;
        expected.push(format!("{round}.last"));
        room.rename("app.log", "app.log.1")?;
    }
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    prints(&mut running, "lines of a log that is moved away six times", &expected)?;
    end(running).map(drop)
}

/// Asked to end, it ships what is there by then.
pub fn the_last_lines_come_too() -> Result {
    let room = Room::new()?;
    let mut log = room.log("app.log")?;
    log.add("one\n")?;
    let mut running = shipper(&room)?;
    prints(&mut running, "what is shipped first", &["one"])?;
    log.add("two\nlast words")?;
    let printed = end(running)?;
    expect(
        "what is shipped when the shipper is asked to end",
        "one\ntwo\nlast words",
        printed == "one\ntwo\nlast words\n",
        printed,
    )
}

/// The whole of it: an application, a volume, a native sidecar.
pub fn a_sidecar_ships() -> Result {
    let (path, text) = text!("shipper.yaml");
    let ran = Cli::new("run").manifest(path, text).run()?;
    ran.expect_code(0)?;
    let shipped: Vec<String> = ran.stdout_lines().into_iter().filter(|line| line.starts_with("[shipper] ")).collect();
    let expected = ["[shipper] order 1", "[shipper] order 2", "[shipper] order 3", "[shipper] closed"];
    ran.expect("what the sidecar has shipped", expected.join("\n"), shipped == expected, shipped.join("\n")).map(drop)
}
