//! The httpGet probe: one GET, and what its status says.

use podkit::engine::Answer;
use podkit::pod::HttpGetAction;
use podkit::runner::Question;
use podkit::wire::http::{Response, Scheme, Url, exchange};

use crate::ask::{host, port};

/// At most this many requests are sent: the first one, and nine that redirects ask for.
pub const REQUESTS: usize = 10;

/// GETs the [`url`], goes on to where [`redirect`] leads, with at most [`REQUESTS`] requests in all, and says what the
/// last answer means ([`judge`]). What goes wrong on the way (no connection, no HTTP, one redirect
/// too many) is a failure. A port that the container does not know is an error.
pub fn get(question: &Question, action: &HttpGetAction) -> Answer {
    // ANCHOR: task_4_7
    let mut url = match url(question, action) {
        Ok(url) => url,
        Err(message) => return Answer::Error(message),
    };
    for _ in 0..REQUESTS {
        let response = match exchange(&url, &request(&url, action)) {
            Ok(response) => response,
            Err(error) => return Answer::Failure(format!("Get \"{url}\": {error}")),
        };
        match redirect(&url, &response) {
            Some(to) => url = to,
            None => return judge(response.status),
        }
    }
    Answer::Failure(format!("Get \"{url}\": stopped after {REQUESTS} redirects"))
    // ANCHOR_END: task_4_7
}

/// 200 to 299 is a success, 300 to 399 one with a warning (a redirect that nobody follows): `Probe terminated
/// redirects`. Any other is a failure: `HTTP probe failed with statuscode: 503`.
pub fn judge(status: u16) -> Answer {
    // ANCHOR: task_4_7_b
    match status {
        200..300 => Answer::Success,
        300..400 => Answer::Warning("Probe terminated redirects".into()),
        _ => Answer::Failure(format!("HTTP probe failed with statuscode: {status}")),
    }
    // ANCHOR_END: task_4_7_b
}

/// Where a redirect (301, 302, 303, 307 or 308) leads to: to its Location, as this page sees it ([`Url::follow`]), if
/// that is on the same host. `None`: to nowhere.
pub fn redirect(url: &Url, response: &Response) -> Option<Url> {
    // ANCHOR: task_4_7_c
    if !matches!(response.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let to = url.follow(response.location.as_deref()?)?;
    (to.host == url.host).then_some(to)
    // ANCHOR_END: task_4_7_c
}

/// The lines of the request: `GET PATH HTTP/1.1`, then the [`USUAL`] headers, then those of the manifest.
///
/// A header of the manifest takes the place of the usual one of its name, whatever the case of its letters.
/// `Host` without a value is as if it was not there; `Accept` without a value leaves the header out.
pub fn request(url: &Url, action: &HttpGetAction) -> Vec<String> {
    // ANCHOR: task_4_8
    // STARTER: // A plain GET, until you have written it.
    // STARTER: vec![format!("GET {} HTTP/1.1", url.path), format!("Host: {}", url.authority()), "Connection: close".into()]
    let is = |header: &&podkit::pod::HttpHeader, name: &str| header.name.eq_ignore_ascii_case(name);
    let own = || action.http_headers.iter().filter(|header| !(is(header, "Host") && header.value.is_empty()));
    let mut lines = vec![format!("GET {} HTTP/1.1", url.path)];
    for (name, value) in [("Host", url.authority().as_str())].into_iter().chain(USUAL) {
        if !own().any(|header| is(&header, name)) {
            lines.push(format!("{name}: {value}"));
        }
    }
    let sent = own().filter(|header| !(is(header, "Accept") && header.value.is_empty()));
    lines.extend(sent.map(|header| format!("{}: {}", header.name, header.value)));
    lines
    // ANCHOR_END: task_4_8
}

/// What every request says after its Host.
pub const USUAL: [(&str, &str); 3] = [("User-Agent", "kube-probe/1.36"), ("Accept", "*/*"), ("Connection", "close")];

/// What the manifest asks for, as a URL. Given.
pub fn url(question: &Question, action: &HttpGetAction) -> Result<Url, String> {
    let port = port(question.container, &action.port)?;
    let is_https = action.scheme.as_deref().is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
    let scheme = if is_https { Scheme::Https } else { Scheme::Http };
    Ok(Url::new(scheme, host(action.host.as_deref(), question), port, action.path.as_deref().unwrap_or("/")))
}
