//! Task 4.6: a connection, and the health question of gRPC.

use crate::answers::Comes::{Error, Failure, Success};
use crate::answers::judge;
use crate::real;
use podcheck::Result;

/// Whoever takes the connection is fine: nothing is said.
pub fn a_connection_is_a_success() -> Result {
    judge(
        &[
            ("open", "tcpSocket: { port: 8080 }", Success),
            ("closed", "tcpSocket: { port: 8099 }", Failure("refused")),
            ("itself", "tcpSocket: { port: 8080, host: 127.0.0.3 }", Success),
            ("elsewhere", "tcpSocket: { port: 8080, host: 192.0.2.1 }", Failure("")),
        ],
        "",
    )
    .map(|_| ())
}

/// A name is one of the container's own ports; an unknown one is nobody's failure.
pub fn a_port_may_have_a_name() -> Result {
    judge(
        &[
            ("by-name", "tcpSocket: { port: web }", Success),
            ("closed", "tcpSocket: { port: other }", Failure("refused")),
            ("unknown", "tcpSocket: { port: nobody }", Error("nobody")),
            ("too-big", "tcpSocket: { port: big }", Error("big")),
        ],
        "      ports: [{ name: web, containerPort: 8080 }, { name: other, containerPort: 8098 }]\n",
    )
    .map(|_| ())
}

/// The server as a whole, or one of its services.
pub fn only_serving_is_healthy() -> Result {
    let running = judge(
        &[
            ("whole", "grpc: { port: 8080 }", Success),
            ("fine", "grpc: { port: 8080, service: fine }", Success),
            ("down", "grpc: { port: 8080, service: down }", Failure("NOT_SERVING")),
        ],
        "",
    )?;
    let log = real::log(&real::told(&running), "server");
    for line in ["grpc health of \"\"", "grpc health of \"fine\"", "grpc health of \"down\""] {
        if !log.iter().any(|it| it == line) {
            return Err(running.failure("what the server was asked", line, log.join("\n")));
        }
    }
    Ok(())
}

/// No answer is no good answer.
pub fn who_does_not_answer_grpc_is_not_healthy() -> Result {
    judge(
        &[
            ("closed", "grpc: { port: 8099 }", Failure("refused")),
            ("no-health", "grpc: { port: 8080, service: other }", Failure("implement")),
            ("hangs", "grpc: { port: 8080, service: hang }", Failure("time")),
            ("cut", "grpc: { port: 8080, service: cut }", Failure("")),
        ],
        "",
    )
    .map(|_| ())
}
