//! Which version of the API an engine speaks.
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

/// The version that the engine at `unix://…` or `tcp://…` names; none if it
/// does not answer like an engine.
pub(super) async fn version(host: &str) -> Option<ClientVersion> {
    timeout(PATIENCE, ask(host)).await.ok().flatten()
}

async fn ask(host: &str) -> Option<ClientVersion> {
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

fn parse(head: &str) -> Option<ClientVersion> {
    let mut lines = head.lines();
    if lines.next()?.split(' ').nth(1)? != "200" {
        return None;
    }
    let version = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("api-version").then_some(value)
    })?;
    let (major, minor) = version.trim().split_once('.')?;
    Some(ClientVersion {
        major_version: major.parse().ok()?,
        minor_version: minor.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_of_an_engine_names_a_version() {
        let of = |head: &str| parse(head).map(|v| (v.major_version, v.minor_version));
        let good = "HTTP/1.1 200 OK\r\nServer: x\r\nApi-Version: 1.41\r\n\r\n";
        assert_eq!(of(good), Some((1, 41)));
        assert_eq!(of(&good.replace("200 OK", "403 Forbidden")), None);
        assert_eq!(of(&good.replace("1.41", "new")), None);
        assert_eq!(of("HTTP/1.1 200 OK\r\n\r\n"), None);
        assert_eq!(of(""), None);
    }
}
