//! What the answers of a network's trial mean, and what to do about them.

use super::{Check, NETWORK as NAME};
use serde::Deserialize;
use std::net::IpAddr;

/// What the container saw, as `probe.py` prints it.
#[derive(Debug, Deserialize)]
pub(super) struct Seen {
    pub(super) gateway: Option<IpAddr>,
    pub(super) subnet: Option<String>,
    pub(super) host: Option<Answer>,
    pub(super) metadata: Answer,
    pub(super) neighbour: Answer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Answer {
    /// Connected.
    Open,
    /// Connected, but to somebody else.
    Other,
    /// Somebody said no at once.
    Refused,
    /// Nobody answered.
    Closed,
}

/// What the answers mean. `lasting` says whether the network stays.
pub(super) fn judge(seen: &Seen, same_machine: bool, lasting: bool) -> Vec<Check> {
    let subnet = match (&seen.subnet, lasting) {
        (Some(subnet), true) => subnet.as_str(),
        // That of a throwaway network is another's tomorrow.
        _ => "SUBNET",
    };
    let ask_again = if lasting {
        ""
    } else {
        "\nSUBNET is not fixed before the first run has made its network: ask again then"
    };
    vec![
        host(seen, same_machine, subnet, ask_again),
        metadata(seen.metadata, subnet, ask_again),
        neighbour(seen.neighbour),
    ]
}

fn host(seen: &Seen, same_machine: bool, subnet: &str, ask_again: &str) -> Check {
    let Some((gateway, answer)) = seen.gateway.zip(seen.host) else {
        return Check::warning(NAME, "runs have no way out of the machine")
            .then("does the engine forward packets? sysctl net.ipv4.ip_forward=1");
    };
    if answer == Answer::Open {
        return Check::warning(
            NAME,
            format!("a run reaches services of this machine that listen on all addresses, at {gateway} (tried); your local network is most likely open, too (not tried)"),
        )
        .then(format!(
            "iptables -I INPUT -s {subnet} -m conntrack --ctstate NEW -j DROP (if your name server is this machine, let port 53 through before it)\nfor tasks that need no network: network = \"none\" in task.toml{ask_again}"
        ));
    }
    if !same_machine {
        return Check::note(
            NAME,
            "whether a run reaches services of the engine's machine cannot be tried from here",
        )
        .then("run `runbay doctor` on that machine, outside of containers");
    }
    Check::ok(
        NAME,
        format!(
            "a run does not reach services of this machine at {gateway} (tried); your local network was not tried"
        ),
    )
}

fn metadata(answer: Answer, subnet: &str, ask_again: &str) -> Check {
    match answer {
        Answer::Open | Answer::Other => Check::warning(
            NAME,
            "169.254.169.254:80 answers a run: there, a cloud tells machines their credentials",
        )
        .then(format!(
            "iptables -I DOCKER-USER -s {subnet} -d 169.254.169.254 -p tcp --dport 80 -j DROP{ask_again}"
        )),
        Answer::Refused | Answer::Closed => {
            Check::ok(NAME, "a run does not reach 169.254.169.254:80 (tried)")
        }
    }
}

/// That runs do not reach each other is promised, not merely hoped for. The
/// neighbour listens, so a refusal is a firewall's.
fn neighbour(answer: Answer) -> Check {
    match answer {
        Answer::Open | Answer::Other => Check::error(
            NAME,
            "runs reach each other: the engine does not keep the containers of a network apart",
        )
        .then("modprobe br_netfilter && sysctl net.bridge.bridge-nf-call-iptables=1; the engine must not run with iptables=false"),
        Answer::Refused | Answer::Closed => Check::ok(NAME, "runs do not reach each other (tried)"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    fn seen(host: Answer, metadata: Answer, neighbour: Answer) -> Seen {
        Seen {
            gateway: Some([172, 20, 0, 1].into()),
            subnet: Some("172.20.0.0/16".to_owned()),
            host: Some(host),
            metadata,
            neighbour,
        }
    }

    fn levels(seen: &Seen, same_machine: bool) -> Vec<Level> {
        let found = judge(seen, same_machine, true);
        found.iter().map(|check| check.level).collect()
    }

    #[test]
    fn what_is_open_is_said_and_what_was_not_tried_is_not_called_closed() {
        use Answer::{Closed, Open, Other, Refused};
        use Level::{Error, Note, Ok, Warning};
        for (host, metadata, neighbour, same, expected) in [
            (Closed, Closed, Closed, true, [Ok, Ok, Ok]),
            (Refused, Refused, Closed, true, [Ok, Ok, Ok]),
            (Open, Open, Open, true, [Warning, Warning, Error]),
            (Open, Closed, Closed, false, [Warning, Ok, Ok]),
            (Closed, Closed, Closed, false, [Note, Ok, Ok]),
            (Other, Other, Refused, false, [Note, Warning, Ok]),
        ] {
            let seen = seen(host, metadata, neighbour);
            assert_eq!(levels(&seen, same), expected, "{seen:?} {same}");
        }
    }

    #[test]
    fn rules_name_a_subnet_only_if_it_lasts() {
        let open = seen(Answer::Open, Answer::Open, Answer::Closed);
        for (lasting, there) in [(true, true), (false, false)] {
            for check in &judge(&open, true, lasting)[..2] {
                let remedy = check.remedy.as_deref().unwrap();
                assert_eq!(remedy.contains("172.20.0.0/16"), there, "{remedy}");
                assert_eq!(remedy.contains("ask again"), !there, "{remedy}");
            }
        }
    }
}
