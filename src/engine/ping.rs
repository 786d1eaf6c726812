//! Which engine it is, and which version of the API it speaks.
//!
//! The client library asks for `/version`, for which the engine starts runc and
//! the init to ask them for theirs (6 to 12 ms on Docker 20.10); a ping has it
//! in its head and costs next to nothing. What goes wrong here is no error: the
//! library then asks in its own way, and says what is the matter.

use bollard::ClientVersion;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

/// An engine that is slower than this is asked in the other way.
const PATIENCE: Duration = Duration::from_secs(2);

/// The longest head of an answer, bytes.
const MAX_HEAD: u64 = 16 * 1024;

/// What an engine says of itself.
pub(super) struct Pong {
    /// The newest version of the API it speaks.
    pub(super) version: ClientVersion,
    /// Whether it is Podman, which speaks Docker's language too.
    pub(super) podman: bool,
}

/// Asks the engine at `unix://…` or `tcp://…`; none if it does not answer like
/// one.
pub(super) async fn ping(host: &str) -> Option<Pong> {
    timeout(PATIENCE, ask(host)).await.ok().flatten()
}

async fn ask(host: &str) -> Option<Pong> {
    let head = match host.split_once("://")? {
        ("unix", path) => head_of(UnixStream::connect(path).await.ok()?).await,
        (_, place) => {
            let place = place.trim_end_matches('/');
            head_of(TcpStream::connect(place).await.ok()?).await
        }
    };
    parse(&head?)
}

async fn head_of(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> Option<String> {
    let request = b"HEAD /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.ok()?;
    let mut head = String::new();
    let mut limited = stream.take(MAX_HEAD);
    limited.read_to_string(&mut head).await.ok()?;
    Some(head)
}

fn parse(head: &str) -> Option<Pong> {
    let mut lines = head.lines();
    if lines.next()?.split(' ').nth(1)? != "200" {
        return None;
    }
    let header = |wanted: &str| {
        lines.clone().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted).then_some(value)
        })
    };
    let (major, minor) = header("api-version")?.trim().split_once('.')?;
    Some(Pong {
        version: ClientVersion {
            major_version: major.parse().ok()?,
            minor_version: minor.parse().ok()?,
        },
        podman: header("libpod-api-version").is_some(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_of_an_engine_names_a_version() {
        let of = |head: &str| {
            let pong = parse(head)?;
            Some((pong.version.major_version, pong.version.minor_version))
        };
        let good = "HTTP/1.1 200 OK\r\nServer: x\r\nApi-Version: 1.41\r\n\r\n";
        assert_eq!(of(good), Some((1, 41)));
        assert_eq!(of(&good.replace("200 OK", "403 Forbidden")), None);
        assert_eq!(of(&good.replace("1.41", "new")), None);
        assert_eq!(of("HTTP/1.1 200 OK\r\n\r\n"), None);
        assert_eq!(of(""), None);
        assert!(!parse(good).unwrap().podman);
        let podman = good.replace("Server: x", "Libpod-Api-Version: 5.4.0");
        assert!(parse(&podman).unwrap().podman);
    }
}
