//! Two things that Cargo does not know by itself: that a new migration is a
//! reason to build again, and what is in the web interface.
//!
//! The interface is built before, by `make web` (Cargo runs no node). Where
//! `web/dist/` is not there, the binary says so instead of showing it;
//! `RUNBAY_REQUIRE_WEB=1` makes that an error, for what is released.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=web/dist");
    println!("cargo::rerun-if-env-changed=RUNBAY_REQUIRE_WEB");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("Cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("Cargo sets it"));
    let dist = root.join("web/dist");
    let wanted = env::var_os("CARGO_FEATURE_EMBED_UI").is_some();
    let mut files = Vec::new();
    if wanted && dist.join("index.html").is_file() {
        walk(&dist, &mut files);
    } else if env::var_os("RUNBAY_REQUIRE_WEB").is_some() {
        println!("cargo::error=web/dist/ is not there: run `make web` first");
    }
    files.sort();
    fs::write(out.join("ui.rs"), table(&dist, &files)).expect("OUT_DIR can be written");
}

/// All files below a folder but the compressed ones.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder)
        .expect("web/dist can be read")
        .flatten()
    {
        let path = entry.path();
        let compressed = path
            .extension()
            .is_some_and(|ext| ext == "br" || ext == "gz");
        if path.is_dir() {
            walk(&path, files);
        } else if !compressed {
            files.push(path);
        }
    }
}

/// `FILES`, by path.
fn table(dist: &Path, files: &[PathBuf]) -> String {
    let mut rows: Vec<(String, String)> = files.iter().map(|path| row(dist, path)).collect();
    rows.sort();
    let mut text = String::from("pub(super) static FILES: &[File] = &[\n");
    for (_, row) in rows {
        text.push_str(&row);
    }
    text.push_str("];\n");
    text
}

fn row(dist: &Path, path: &Path) -> (String, String) {
    let name = path.strip_prefix(dist).expect("it was found there");
    let name = name.to_string_lossy().replace('\\', "/");
    let bytes = fs::read(path).expect("web/dist can be read");
    let beside = |ext: &str| {
        let file = PathBuf::from(format!("{}.{ext}", path.display()));
        match file.is_file() {
            true => format!("include_bytes!({:?})", file.display().to_string()),
            false => "&[]".to_owned(),
        }
    };
    let (gzip, brotli) = (beside("gz"), beside("br"));
    // Whoever takes neither gets it from the gzip; one copy less in the binary.
    let plain = match gzip.as_str() {
        "&[]" => format!("include_bytes!({:?})", path.display().to_string()),
        _ => "&[]".to_owned(),
    };
    let mut text = String::new();
    writeln!(
        text,
        "File {{ path: {name:?}, media: {:?}, etag: \"\\\"{:016x}-{:x}\\\"\", plain: {plain}, gzip: {gzip}, brotli: {brotli} }},",
        media(&name),
        fnv(&bytes),
        bytes.len(),
    )
    .expect("texts grow");
    (name, text)
}

fn media(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// FNV-1a, 64 bits: tells versions of our own files apart, and nothing more.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
