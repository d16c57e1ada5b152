//! A web server that says who it is: `simple-container-app [PORT]`.
//!
//! `GET /` names the host, `GET /env` lists the environment, `GET /healthz`
//! says ok; anything else is not found.

use std::sync::Arc;

use super::serve::{Answer, listen, serve};

pub fn main(args: &[String]) -> Result<(), String> {
    let port = match args {
        [] => "8080",
        [port] => port,
        _ => return Err("usage: simple-container-app [PORT]".into()),
    };
    super::port(port)?;
    super::until_asked_to_end(|| {
        let listener = listen(port)?;
        super::say(format_args!("listening on port {port}"));
        serve(listener, Arc::new(answer));
        Ok(())
    })
}

fn answer(request: &str, path: &str) -> Answer {
    super::say(request);
    match path {
        "/" => Answer::text("200 OK", format!("Hello from {}\n", hostname())),
        "/env" => Answer::text("200 OK", environment()),
        "/healthz" => Answer::text("200 OK", "ok\n"),
        _ => Answer::text("404 Not Found", "not found\n"),
    }
}

fn hostname() -> String {
    nix::unistd::gethostname().map_or_else(|_| "nowhere".into(), |name| name.to_string_lossy().into_owned())
}

fn environment() -> String {
    let mut lines: Vec<String> =
        std::env::vars_os().map(|(k, v)| format!("{}={}\n", k.to_string_lossy(), v.to_string_lossy())).collect();
    lines.sort();
    lines.concat()
}
