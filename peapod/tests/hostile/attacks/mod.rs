//! The attacks themselves. Each runs in a process of its own, and says what it has reached or why not.

mod bounds;
mod files;
mod kernel;
mod mounts;
mod network;
mod others;
mod processes;

use std::env;
use std::io;

/// `Ok`: reached, and what. `Err`: refused, and how.
pub type Outcome = Result<String, String>;

/// What an attack is called, and how it goes.
pub type Attack = (&'static str, fn() -> Outcome);

const ALL: &[&[Attack]] =
    &[bounds::ALL, files::ALL, kernel::ALL, mounts::ALL, network::ALL, others::ALL, processes::ALL];

/// What `ATTACKS` names, one after the other.
pub fn carry_out() {
    let orders = env::var("ATTACKS").unwrap_or_default();
    for name in orders.split_whitespace() {
        let attack = ALL.iter().copied().flatten().find(|(known, _)| *known == name);
        let Some((_, attack)) = attack else {
            println!("\nno attack is called {name}");
            continue;
        };
        apart(name, *attack);
    }
}

/// In a child, so that no attack changes what the next one starts from.
fn apart(name: &str, attack: fn() -> Outcome) {
    match fork_once_there_is_room() {
        -1 => println!("\n{name} is not carried out: {}", io::Error::last_os_error()),
        0 => {
            // SAFETY: a number, and a signal that ends the child.
            unsafe { libc::alarm(15) };
            let (word, says) = match attack() {
                Ok(what) => ("reached", what),
                Err(why) => ("refused", why),
            };
            println!("\nATTACK {name} {word} {}", says.replace('\n', " "));
            // SAFETY: ends the process at once.
            unsafe { libc::_exit(0) };
        }
        child => {
            let mut status = 0;
            // SAFETY: a child of ours and a place for its status.
            unsafe { libc::waitpid(child, &raw mut status, 0) };
            if libc::WIFSIGNALED(status) {
                println!("\n{name} is not carried out: killed by signal {}", libc::WTERMSIG(status));
            }
        }
    }
}

/// What an attack has left ends up as children of this process, and they take their places until they are collected.
fn fork_once_there_is_room() -> libc::pid_t {
    for _ in 0..100 {
        // SAFETY: no status is asked for.
        while unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::WNOHANG) } > 0 {}
        // SAFETY: this program has one thread while it attacks (--test-threads=1).
        match unsafe { libc::fork() } {
            -1 => std::thread::sleep(std::time::Duration::from_millis(50)),
            child => return child,
        }
    }
    -1
}

/// One of the facts that the attacker was given.
pub fn fact(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

/// What a system call answered.
pub fn answer(value: libc::c_long) -> Result<libc::c_long, String> {
    if value < 0 { Err(io::Error::last_os_error().to_string()) } else { Ok(value) }
}

/// Tries all, and has reached something if one has.
pub fn any(tries: impl IntoIterator<Item = Outcome>) -> Outcome {
    let mut last = Err("nothing to try".to_owned());
    for one in tries {
        if one.is_ok() {
            return one;
        }
        last = one;
    }
    last
}
