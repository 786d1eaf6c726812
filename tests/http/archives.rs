//! Archives, most of them made by somebody who means harm.

use crate::world::{Answer, World, tree};
use axum::http::Method;
use proptest::prelude::*;
use std::io::Write;
use std::path::Path;

const TAR: &str = "application/x-tar";
const GZIP: &str = "application/gzip";
const ZIP: &str = "application/zip";

fn header(kind: tar::EntryType, size: u64) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o644);
    header
}

/// A tar whose names are written as they are, without any check.
fn tar_of(files: &[(&[u8], tar::EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, kind, content) in files {
        let mut header = header(*kind, content.len() as u64);
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        if kind.is_symlink() || kind.is_hard_link() {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        builder.append(&header, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

fn plain(files: &[(&str, &str)]) -> Vec<u8> {
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (name.as_bytes(), tar::EntryType::Regular, text.as_bytes()))
        .collect();
    tar_of(&files)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn zip_of(files: &[(&str, &[u8], Option<u32>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content, mode) in files {
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .unix_permissions(mode.unwrap_or(0o644));
        match *mode {
            Some(mode) if mode & 0o170_000 == 0o120_000 => {
                writer.add_symlink(*name, "/etc/passwd", options).unwrap();
            }
            _ => {
                writer.start_file(*name, options).unwrap();
                writer.write_all(content).unwrap();
            }
        }
    }
    writer.finish().unwrap().into_inner()
}

async fn put(world: &World, name: &str, media: &str, bytes: Vec<u8>) -> Answer {
    let path = format!("/api/v1/tasks/{name}/archive");
    world
        .ask(Method::PUT, &path, &[("content-type", media)], bytes)
        .await
}

#[tokio::test]
async fn an_archive_becomes_a_task() {
    let world = World::new();
    let files = [("./main.py", "print(1)\n"), ("./lib/a.txt", "a")];
    put(&world, "one", TAR, plain(&files)).await.ok(201);
    put(&world, "two", GZIP, gzip(&plain(&files))).await.ok(201);
    let zip = zip_of(&[
        ("main.py", b"print(1)\n", None),
        ("lib/a.txt", b"a", Some(0o755)),
    ]);
    put(&world, "three", ZIP, zip).await.ok(201);
    let expected = vec![
        ("lib/".to_owned(), vec![]),
        ("lib/a.txt".to_owned(), b"a".to_vec()),
        ("main.py".to_owned(), b"print(1)\n".to_vec()),
    ];
    for task in ["one", "two", "three"] {
        assert_eq!(tree(&world.path(&format!("tasks/{task}"))), expected);
    }
    // One folder around it all is how people pack.
    let wrapped = plain(&[("project/main.py", ""), ("project/lib/x", "")]);
    put(&world, "four", TAR, wrapped).await.ok(201);
    assert!(world.path("tasks/four/main.py").exists());

    put(&world, "one", TAR, plain(&[("main.py", "")]))
        .await
        .problem(409);
    let path = "/api/v1/tasks/one/archive?replace=true";
    let headers = [("content-type", TAR)];
    let new = plain(&[("main.py", "print(2)\n")]);
    world.ask(Method::PUT, path, &headers, new).await.ok(201);
    assert_eq!(tree(&world.path("tasks/one")).len(), 1);
    let versions = world.get("/api/v1/tasks/one/versions").await.ok(200);
    assert_eq!(versions.as_array().unwrap().len(), 1, "{versions}");
    assert_eq!(
        tree(&world.path("tasks"))
            .iter()
            .filter(|(p, _)| p.starts_with('.'))
            .count(),
        0
    );
}

/// Everything that must be refused, by name.
fn corpus() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    use tar::EntryType as T;
    let one = |name: &[u8], kind| tar_of(&[(b"main.py", T::Regular, b""), (name, kind, b"")]);
    let file = |name: &[u8]| one(name, T::Regular);
    let mut found = vec![
        ("not an archive", TAR, b"hello".to_vec()),
        ("nothing", TAR, Vec::new()),
        ("not gzip", GZIP, plain(&[("main.py", "")])),
        ("not zip", ZIP, plain(&[("main.py", "")])),
        ("empty tar", TAR, plain(&[])),
        ("slip", TAR, file(b"../evil")),
        ("deep slip", TAR, file(b"a/../../evil")),
        ("absolute", TAR, file(b"/tmp/evil")),
        ("backslash", TAR, file(b"..\\evil")),
        ("drive", TAR, file(b"c:evil")),
        ("not UTF-8", TAR, file(b"a\xff")),
        ("newline", TAR, file(b"a\nb")),
        ("symlink", TAR, one(b"link", T::Symlink)),
        ("hard link", TAR, one(b"link", T::Link)),
        ("device", TAR, one(b"dev", T::Char)),
        ("block device", TAR, one(b"dev", T::Block)),
        ("pipe", TAR, one(b"pipe", T::Fifo)),
        ("old sparse", TAR, one(b"sparse", T::GNUSparse)),
        ("reserved", TAR, file(b"sub/NUL.txt")),
        ("trailing dot", TAR, file(b"name.")),
        ("file as folder", TAR, file(b"main.py/x")),
        ("twice", TAR, file(b"main.py")),
        ("case", TAR, file(b"MAIN.py")),
        ("folder case", TAR, plain(&[("Lib/a", ""), ("lib/b", "")])),
        ("composed", TAR, plain(&[("\u{e9}", ""), ("e\u{301}", "")])),
        ("too deep", TAR, file(&b"d/".repeat(17))),
        ("zip slip", ZIP, zip_of(&[("../evil", b"", None)])),
        ("zip link", ZIP, zip_of(&[("link", b"", Some(0o120_777))])),
        (
            "zip case",
            ZIP,
            zip_of(&[("a", b"", None), ("A", b"", None)]),
        ),
        (
            "zip bomb",
            ZIP,
            zip_of(&[("zeros", &vec![0; 8 << 20], None)]),
        ),
        (
            "gzip bomb",
            GZIP,
            gzip(&tar_of(&[(b"zeros", T::Regular, &vec![0; 8 << 20])])),
        ),
        (
            "cut short",
            GZIP,
            gzip(&plain(&[("main.py", "x")]))[..30].to_vec(),
        ),
    ];
    let many: Vec<_> = (0..10_001).map(|n| format!("f{n}")).collect();
    let many: Vec<_> = many.iter().map(|name| (name.as_str(), "")).collect();
    found.push(("too many", TAR, plain(&many)));
    let mut lie = plain(&[("main.py", "x")]);
    lie[124..136].copy_from_slice(b"77777777777\0");
    found.push(("a lie about size", TAR, lie));
    found
}

#[tokio::test]
async fn what_is_refused_leaves_nothing_behind() {
    let world = World::new();
    world.task("canary");
    let before = tree(&world.path("tasks"));
    for (what, media, bytes) in corpus() {
        let answer = put(&world, "new", media, bytes).await;
        let status = answer.status.as_u16();
        assert!(matches!(status, 413 | 422), "{what}: {answer:?}");
        answer.problem(status);
        assert_eq!(tree(&world.path("tasks")), before, "{what}");
    }
    let odd = put(&world, "new", "multipart/form-data", Vec::new()).await;
    assert_eq!(odd.pointer(415), "/content-type");
    assert!(!Path::new("/tmp/evil").exists());
}

#[test]
fn no_bytes_make_half_a_task() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let world = World::new();
    let good = [
        plain(&[("main.py", "print(1)"), ("lib/a", "a")]),
        zip_of(&[("main.py", b"print(1)", None), ("lib/a", b"a", None)]),
    ];
    let config = ProptestConfig {
        cases: 100,
        ..ProptestConfig::default()
    };
    proptest!(config, |(which in 0usize..2, edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6))| {
        let mut bytes = good[which].clone();
        for (at, byte) in &edits {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        let media = [TAR, ZIP][which];
        let answer = runtime.block_on(put(&world, "new", media, bytes));
        prop_assert!(answer.status.as_u16() < 500, "{answer:?}");
        let found = tree(&world.path("tasks"));
        if answer.status == 201 {
            runtime.block_on(world.ask(Method::DELETE, "/api/v1/tasks/new", &[], ""));
        } else {
            prop_assert!(found.is_empty(), "{found:?}");
        }
    });
}

/// What is downloaded of a task makes the same task elsewhere.
#[tokio::test]
async fn a_download_makes_the_same_task() {
    let world = World::new();
    world.write("tasks/one/main.py", "import lib.text\n");
    world.write("tasks/one/lib/text.py", "print(1)\n");
    world.write("tasks/one/.gitignore", "*.log\n");
    world.write("tasks/one/old.log", "not code\n");
    let answer = world.get("/api/v1/tasks/one/archive").await;
    let packed = answer.ok_bytes().to_vec();
    assert_eq!(answer.header("content-length"), packed.len().to_string());
    assert!(answer.header("content-disposition").contains("one.tar.gz"));
    let again = world.get("/api/v1/tasks/one/archive").await;
    assert_eq!(again.ok_bytes(), packed, "the same code, other bytes");

    let there = World::new();
    let headers = [("content-type", GZIP)];
    let path = "/api/v1/tasks/two/archive";
    let made = there.ask(Method::PUT, path, &headers, packed.clone()).await;
    made.ok(201);
    let mut expected = tree(&world.path("tasks/one"));
    expected.retain(|(name, _)| name != "old.log");
    assert_eq!(tree(&there.path("tasks/two")), expected);

    let part = [("range", "bytes=2-5")];
    let part = world
        .ask(Method::GET, "/api/v1/tasks/one/archive", &part, "")
        .await;
    assert_eq!(
        (part.status.as_u16(), part.ok_bytes()),
        (206, &packed[2..=5])
    );
    world.get("/api/v1/tasks/none/archive").await.problem(404);
}
