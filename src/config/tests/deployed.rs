//! What the image and the compose files set: that the program knows it, and that
//! they agree with each other.

use super::*;
use std::collections::BTreeMap;

const COMPOSED: [&str; 2] = ["compose.yaml", "compose.socket-proxy.yaml"];

fn text(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// The lines of a block of YAML below its heading, without its indentation.
fn block(text: &str, heading: &str) -> Vec<String> {
    let lines = text.lines().skip_while(|line| *line != heading).skip(1);
    let depth = heading.len() - heading.trim_start().len() + 2;
    let inside = |line: &&str| line.trim().is_empty() || line.starts_with(&" ".repeat(depth));
    let lines = lines.take_while(inside).filter(|line| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#')
    });
    lines.map(|line| line[depth..].to_owned()).collect()
}

/// The lines of a key of the service, or of the list below it.
fn of_service(file: &str, key: &str) -> Vec<String> {
    let service = block(&text(file), "  runbay:").join("\n");
    block(&service, key)
}

/// What compose makes of a value where nothing is exported.
fn by_default(value: &str) -> String {
    let mut value = value.trim_matches('"').to_owned();
    // From the innermost outwards.
    while let Some(begin) = value.rfind("${") {
        let end = begin + value[begin..].find('}').expect("a brace is closed");
        let given = value[begin + 2..end].split_once(":-").unwrap_or_default();
        let default = given.1.to_owned();
        value.replace_range(begin..=end, &default);
    }
    value
}

/// The variables of the image.
fn of_image() -> Vec<(String, String)> {
    let dockerfile = text("Dockerfile");
    let last = dockerfile.split("FROM scratch").last().unwrap();
    let found = last.split_whitespace().filter_map(|word| {
        let (name, value) = word.split_once('=')?;
        name.starts_with("RUNBAY_")
            .then(|| (name.into(), value.into()))
    });
    found.collect()
}

/// The variables of a service, those of its image among them.
fn variables(file: &str) -> Vec<(String, String)> {
    let given = of_service(file, "environment:");
    let given = given.iter().map(|line| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_owned(), by_default(value))
    });
    of_image().into_iter().chain(given).collect()
}

#[test]
fn every_variable_of_the_image_and_the_compose_files_is_a_setting() {
    for file in COMPOSED {
        let mut variables = variables(file);
        assert_eq!(variables.len(), 5 + if file == COMPOSED[0] { 3 } else { 4 });
        let folder = home("");
        let at = |name: &str, variables: &[(String, String)]| {
            let found = variables.iter().position(|(known, _)| known == name);
            found.unwrap_or_else(|| panic!("{file} sets no {name}"))
        };
        let home = at("RUNBAY_HOME", &variables);
        let own = PathBuf::from(variables.remove(home).1);
        assert_eq!(own, Path::new("/srv/runbay"));
        let given: Vec<_> = { variables.iter() }
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let config = load(folder.path(), &given).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(config.server.expose && config.server.bind.port() == 7000);
        let url = config.server.external_url.unwrap();
        assert_eq!(url.to_string(), "http://127.0.0.1:7000", "{file}");
        assert_eq!(config.server.allowed_hosts.len(), 1, "{file}");
        // What is written is on volumes, for the rest is only read.
        let volumes = of_service(file, "volumes:");
        for path in [&own, &config.data_dir, &config.key_file] {
            let on = |line: &&String| {
                let target = line.rsplit_once(':').map_or("", |(_, target)| target);
                path.starts_with(target)
            };
            assert!(volumes.iter().any(|line| on(&line)), "{file}: {path:?}");
        }
        // A volume would keep those of the image that it was made with.
        let bundled = config.images_dir.strip_prefix("/").unwrap();
        assert!(!config.images_dir.starts_with(&own), "{bundled:?}");
        let layout = text("deploy/rootfs.sh");
        assert!(layout.contains(&format!("$root/{}/$name", bundled.display())));
        let host = config.docker_host.as_deref();
        match file {
            "compose.yaml" => assert_eq!(host, None),
            _ => assert_eq!(host, Some("tcp://socket-proxy:2375")),
        }
    }
}

#[test]
fn both_compose_files_say_the_same_of_the_service() {
    let kept = |file| {
        let mut lines = of_service(file, "volumes:");
        lines.retain(|line| !line.contains("docker.sock"));
        lines
    };
    let [plain, filtered] = COMPOSED;
    assert_eq!(kept(plain), kept(filtered));
    for key in ["ports:", "cap_drop:", "security_opt:", "tmpfs:"] {
        assert_eq!(of_service(plain, key), of_service(filtered, key), "{key}");
    }
    assert_eq!(of_service(plain, "cap_drop:"), ["- ALL"]);
    let only = of_service(plain, "ports:");
    assert_eq!(only, ["- \"127.0.0.1:${RUNBAY_PORT:-7000}:7000\""]);
    // The places of the image are those of the volumes.
    let volumes = kept(plain);
    let targets = volumes.iter().map(|line| line.rsplit_once(':').unwrap().1);
    let targets: Vec<_> = targets.collect();
    let dockerfile = text("Dockerfile");
    let volume = dockerfile.lines().find(|line| line.starts_with("VOLUME "));
    let of_image: Vec<String> = serde_json::from_str(&volume.unwrap()["VOLUME ".len()..]).unwrap();
    assert_eq!(targets, of_image);
    // The socket is in one of them alone, and the list that is mounted is there.
    assert!(text(plain).contains("- /var/run/docker.sock:/var/run/docker.sock"));
    let service = block(&text(filtered), "  runbay:").join("\n");
    assert!(!service.contains("docker.sock"), "{service}");
    assert!(text(filtered).contains("- ./deploy/socket-proxy.cfg:/etc/socket-proxy.cfg:ro"));
    assert!(text("deploy/socket-proxy.cfg").contains("frontend docker"));
}

#[test]
fn the_key_is_a_secret_of_compose_where_the_service_looks_for_it() {
    let file = "compose.key.yaml";
    let named = block(&text(file), "secrets:");
    assert_eq!(named.len(), 2, "{named:?}");
    let name = named[0].trim_end_matches(':');
    let source = named[1].trim().strip_prefix("file: ").unwrap();
    assert_eq!(by_default(source), "/etc/runbay/runbay.key");
    assert_eq!(of_service(file, "secrets:"), [format!("- {name}")]);
    // Over the variables of either file.
    let folder = home("");
    for composed in COMPOSED {
        let mut given: BTreeMap<_, _> = variables(composed).into_iter().collect();
        given.extend(variables(file));
        given.remove("RUNBAY_HOME");
        let given: Vec<_> = { given.iter() }
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let config = load(folder.path(), &given).unwrap();
        assert_eq!(config.key_file, Path::new("/run/secrets").join(name));
    }
}
