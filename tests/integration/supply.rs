//! What the library is built from and with: the list in ARCHITECTURE.md is what cargo finds, every version is locked,
//! and the least Rust is the same wherever it is told.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The crates below the library with no feature, on any platform: name and version. Not `--offline`: a build downloads
/// none of those that only other platforms need.
fn core() -> BTreeSet<(String, String)> {
    let options = "tree --edges normal --no-default-features --target all --prefix none --locked --format";
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(options.split(' ')).arg("{p}").current_dir(env!("CARGO_MANIFEST_DIR"));
    let ended = cargo.output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let tree = String::from_utf8(ended.stdout).unwrap();
    let words = tree.lines().map(|line| line.split(' ').take(2).map(str::to_owned).collect::<Vec<_>>());
    let crates = words.filter_map(|words| <[String; 2]>::try_from(words).ok());
    crates.filter(|[name, _]| name != "verdikt").map(|[name, version]| (name, version)).collect()
}

/// What stands in backticks in a text.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn the_core_is_built_from_what_the_architecture_lists() {
    let text = file("ARCHITECTURE.md");
    let section = text.split("## What the core is built from").nth(1).unwrap().split("\n## ").next().unwrap();
    let listed: BTreeSet<_> =
        quoted(section).filter(|name| !name.contains([' ', '.'])).map(str::to_owned).collect();
    let found: BTreeSet<_> = core().into_iter().map(|(name, _)| name).collect();
    assert_eq!(listed, found, "listed, and found by cargo");
    for line in section.lines().filter(|line| line.starts_with("| `")) {
        let reason = line.split('|').nth(2).unwrap().trim();
        assert!(!reason.is_empty(), "no reason: {line}");
    }
}

#[test]
fn every_crate_of_the_core_is_locked_to_the_registry() {
    let lock = file("Cargo.lock");
    let locked: BTreeSet<_> = lock.split("[[package]]").map(str::trim).collect();
    for (name, version) in core() {
        let version = version.trim_start_matches('v');
        let head = format!("name = \"{name}\"\nversion = \"{version}\"\n");
        let entry = locked.iter().find(|entry| entry.starts_with(&head));
        let entry = entry.unwrap_or_else(|| panic!("{name} {version} is not in Cargo.lock"));
        assert!(entry.contains("registry+https://github.com/rust-lang/crates.io-index"), "{entry}");
        assert!(entry.contains("checksum = "), "{entry}");
    }
}

/// Each dependency says in a line above it why it is there, and none comes from elsewhere or in any version.
#[test]
fn every_dependency_has_its_reason() {
    let manifest = file("Cargo.toml");
    let section = manifest.split("\n[dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap();
    let lines: Vec<_> = section.lines().collect();
    for pair in lines.windows(2).filter(|pair| !pair[1].is_empty() && !pair[1].starts_with('#')) {
        assert!(pair[0].starts_with("# "), "no reason: {}", pair[1]);
        assert!(!pair[1].contains("git =") && !pair[1].contains("\"*\""), "{}", pair[1]);
    }
}

#[test]
fn the_least_rust_is_told_alike_everywhere() {
    let manifest = file("Cargo.toml");
    let least = manifest.lines().find_map(|line| line.strip_prefix("rust-version = \"")).unwrap();
    let told = format!("Rust {}", least.trim_end_matches('"'));
    for name in ["README.md", "CONTRIBUTING.md"] {
        let text = file(name);
        assert!(text.contains(&format!("{told} or later")), "{name} does not say {told} or later");
    }
    // The gate is not in the published package.
    let gate = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/run");
    if let Ok(text) = std::fs::read_to_string(gate) {
        assert!(text.contains(&told), "the gate does not say {told}");
    }
}
