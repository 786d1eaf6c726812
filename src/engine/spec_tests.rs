//! Whatever a specification says, what is sent stays within the sandbox.

use super::*;
use proptest::prelude::*;
use serde_json::Value;

/// All that is ever said to the engine about its host.
const SENT: &[&str] = &[
    "AutoRemove",
    "CapAdd",
    "CapDrop",
    "CgroupnsMode",
    "CpuShares",
    "Init",
    "IpcMode",
    "LogConfig",
    "Memory",
    "MemorySwap",
    "Mounts",
    "NanoCpus",
    "NetworkMode",
    "OomScoreAdj",
    "PidsLimit",
    "Privileged",
    "PublishAllPorts",
    "ReadonlyRootfs",
    "RestartPolicy",
    "SecurityOpt",
    "ShmSize",
    "Tmpfs",
    "Ulimits",
];

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Run), Just(Role::Build), Just(Role::System)]
}

/// Texts that have been used to break out, and any others.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,16}",
        "[a-z0-9][a-z0-9_.-]{0,12}",
        proptest::sample::select(vec![
            "host",
            "bridge",
            "container:abc",
            "ns:/proc/1/ns/net",
            "/var/run/docker.sock",
            "/proc",
            "/",
            "/x/../etc",
            "/etc:/etc",
            "/task",
        ])
        .prop_map(str::to_owned),
    ]
}

fn tmpfs() -> impl Strategy<Value = Tmpfs> {
    (
        text(),
        any::<u64>(),
        0u32..0o7777,
        any::<(u32, u32, bool)>(),
    )
        .prop_map(|(path, size, mode, (uid, gid, exec))| Tmpfs {
            path,
            size,
            mode,
            uid,
            gid,
            exec,
        })
}

fn volume() -> impl Strategy<Value = Volume> {
    prop_oneof![
        text().prop_map(|path| Volume::Anonymous { path }),
        (text(), text()).prop_map(|(name, path)| Volume::Named { name, path }),
    ]
}

fn network() -> impl Strategy<Value = NetworkMode> {
    prop_oneof![Just(NetworkMode::None), text().prop_map(NetworkMode::Named)]
}

prop_compose! {
    fn spec()(
        role in role(),
        cmd in proptest::collection::vec(text(), 0..3),
        pairs in proptest::collection::vec((text(), text()), 0..3),
        workdir in text(),
        numbers in any::<(u64, f64, u32, u64)>(),
        small in any::<bool>(),
        tmpfs in proptest::collection::vec(tmpfs(), 0..3),
        volumes in proptest::collection::vec(volume(), 0..3),
        network in network(),
        fsize in any::<Option<u64>>(),
    ) -> ContainerSpec {
        let plain = ContainerSpec::new(ImageId("sha256:ab".to_owned()), role, cmd);
        let (memory, cpus, pids, log_bytes) =
            if small { (1 << 29, 1.5, 64, 1 << 20) } else { numbers };
        ContainerSpec {
            env: pairs.clone(),
            labels: pairs,
            entrypoint: None,
            workdir, memory, cpus, pids, log_bytes, tmpfs, volumes, network, fsize,
            ..plain
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn forbidden_keys_are_never_sent(spec in spec()) {
        let Ok(body) = spec.body(true) else { return Ok(()) };
        let body = serde_json::to_value(body).unwrap();
        let host = body["HostConfig"].as_object().unwrap();
        for key in host.keys() {
            prop_assert!(SENT.contains(&key.as_str()), "{key} was sent");
        }
        prop_assert_eq!(&host["Privileged"], false);
        prop_assert_eq!(&host["CapDrop"], &serde_json::json!(["ALL"]));
        let options = host["SecurityOpt"].as_array().unwrap();
        prop_assert_eq!(&options[0], "no-new-privileges:true");
        let filtered = options[1].as_str().unwrap().starts_with("seccomp={");
        prop_assert!(filtered);
        prop_assert_eq!(options.len(), 2);
        prop_assert_eq!(&host["IpcMode"], "private");
        prop_assert_eq!(&host["CgroupnsMode"], "private");
        prop_assert_eq!(&host["Memory"], &host["MemorySwap"]);
        prop_assert!(host["Memory"].as_i64().unwrap() > 0);
        prop_assert!(host["NanoCpus"].as_i64().unwrap() > 0);
        prop_assert!(host["PidsLimit"].as_i64().unwrap() > 0);
        prop_assert_eq!(host.contains_key("CapAdd"), spec.role == Role::System);
        prop_assert_eq!(&host["ReadonlyRootfs"], spec.role == Role::Run);
        let network = host["NetworkMode"].as_str().unwrap();
        prop_assert!(network == "none" || is_own_network(network));
        for mount in host["Mounts"].as_array().unwrap() {
            prop_assert_eq!(&mount["Type"], "volume");
            let source = mount.get("Source").and_then(Value::as_str).unwrap_or_default();
            prop_assert!(!source.contains('/'));
        }
        let user = if spec.role == Role::System { "0:0" } else { "10001:10001" };
        prop_assert_eq!(&body["User"], user);
    }
}

#[test]
fn the_network_of_others_is_never_joined() {
    for name in [
        "host",
        "bridge",
        "default",
        "container:1",
        "ns:/x",
        "",
        "-x",
    ] {
        let mut spec = ContainerSpec::new(ImageId("sha256:ab".to_owned()), Role::Run, vec![]);
        spec.network = NetworkMode::Named(name.to_owned());
        assert!(
            matches!(spec.body(true), Err(EngineError::BadSpec(_))),
            "{name}"
        );
    }
}

#[test]
fn an_image_is_named_by_id_only() {
    let spec = ContainerSpec::new(ImageId("python:3.13".to_owned()), Role::Run, vec![]);
    assert!(matches!(spec.body(true), Err(EngineError::BadSpec(_))));
}
