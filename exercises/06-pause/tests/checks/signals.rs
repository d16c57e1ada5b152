//! Task 6.2: what PID 1 hears.

use std::time::Duration;

use nix::sys::signal::Signal;
use podcheck::{Failure, Process, Result, expect, wait_until};

use crate::kit::{Pod, SOON, ends_within, send, state, text, tried};

const AT_ONCE: Duration = Duration::from_secs(1);

pub fn sigterm_ends_it_at_once() -> Result {
    ends_it(Signal::SIGTERM)
}

/// What Ctrl-C sends.
pub fn sigint_ends_it_at_once() -> Result {
    ends_it(Signal::SIGINT)
}

fn ends_it(signal: Signal) -> Result {
    let name = signal.as_str().trim_start_matches("SIG");
    tried("alone.yaml", &format!("kill -{name} $PAUSE"), || {
        let mut pod = Pod::start(text!("alone.yaml"))?;
        pod.program("sleep 61")?;
        // Nobody collects it then, and its exit status can be read.
        send(pod.node, Signal::SIGSTOP)?;
        if !wait_until(SOON, || state(pod.node) == 'T') {
            return Err(Failure::grader("the node does not stop"));
        }
        send(pod.pause, signal)?;
        let ended = ends_within(pod.pause, AT_ONCE);
        expect(format!("pause, after {signal}"), "ended within 1 s", ended, "still running")?;
        let code = exit_status(pod.pause)?;
        expect(format!("how pause has ended, after {signal}"), "exit status 0", code == "exit status 0", code)?;
        send(pod.node, Signal::SIGCONT)
    })
}

/// Of a zombie: the last field of /proc/PID/stat is what wait will give (proc_pid_stat(5)).
fn exit_status(process: Process) -> Result<String> {
    let text = process.read("stat")?;
    let field = text.split_whitespace().next_back().and_then(|it| it.parse::<i32>().ok());
    let status = field.ok_or_else(|| Failure::grader(format!("no exit_code in {text}")))?;
    Ok(match status & 0x7f {
        0 => format!("exit status {}", status >> 8),
        signal => format!("killed by signal {signal}"),
    })
}

/// Nobody has asked for these, so PID 1 does not get them, whatever they do to others.
pub fn other_signals_do_nothing() -> Result {
    tried("alone.yaml", "kill -HUP $PAUSE", || {
        let mut pod = Pod::start(text!("alone.yaml"))?;
        pod.program("sleep 61")?;
        for signal in [
            Signal::SIGHUP,
            Signal::SIGQUIT,
            Signal::SIGABRT,
            Signal::SIGUSR1,
            Signal::SIGUSR2,
            Signal::SIGPIPE,
            Signal::SIGALRM,
            Signal::SIGCHLD,
            Signal::SIGCONT,
            Signal::SIGTSTP,
            Signal::SIGTTIN,
            Signal::SIGWINCH,
            Signal::SIGSEGV,
        ] {
            send(pod.pause, signal)?;
            let ended = ends_within(pod.pause, Duration::from_millis(30));
            expect(format!("pause, after {signal}"), "still running", !ended, "ended")?;
            expect(
                format!("pause, after {signal}"),
                "waiting (state S)",
                state(pod.pause) != 'T',
                "stopped (state T)",
            )?;
        }
        send(pod.pause, Signal::SIGTERM)?;
        let ended = ends_within(pod.pause, AT_ONCE);
        expect("pause, after SIGTERM in the end", "ended within 1 s", ended, "still running")
    })
}

/// It waits without a turn of the processor, and is there when it is asked.
pub fn it_sleeps() -> Result {
    tried("alone.yaml", "ps -o stat,time,comm $PAUSE", || {
        let mut pod = Pod::start(text!("alone.yaml"))?;
        pod.program("sleep 61")?;
        for _ in 0..20 {
            send(pod.pause, Signal::SIGCHLD)?;
        }
        let before = ticks(pod.pause)?;
        std::thread::sleep(Duration::from_millis(700));
        let used = ticks(pod.pause)? - before;
        expect("processor time of pause in 0.7 s", "none", used <= 3, format!("{used} hundredths of a second"))?;
        send(pod.pause, Signal::SIGTERM)?;
        let ended = ends_within(pod.pause, AT_ONCE);
        expect("pause, after SIGTERM in the end", "ended within 1 s", ended, "still running")
    })
}

/// Fields 14 and 15 of /proc/PID/stat: in user mode and in the kernel.
fn ticks(process: Process) -> Result<u64> {
    let text = process.read("stat")?;
    let fields = text.rsplit_once(')').map_or("", |it| it.1);
    Ok(fields.split_whitespace().skip(11).take(2).filter_map(|it| it.parse::<u64>().ok()).sum())
}
