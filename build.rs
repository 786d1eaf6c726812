//! Rebuilds the crate when a migration is added: `embed_migrations!` reads the
//! folder, and Cargo does not know of a new file there by itself.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
