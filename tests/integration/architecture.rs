//! The floors: imports only go down, and tools do not import each other.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const FLOORS: [(&str, u8); 13] = [
    ("text", 0),
    ("operator", 1),
    ("request", 1),
    ("policy", 2),
    ("compile", 3),
    ("evaluate", 4),
    ("suite", 5),
    ("service", 5),
    ("cognito", 5),
    ("store", 5),
    ("decision_point", 6),
    ("server", 7),
    // Starts the service, which knows nothing of it.
    ("cli", 8),
];

fn floor(module: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn source_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The module that each `crate::…` path in a file begins with, doc comments left out.
fn imports(text: &str) -> Vec<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code: String = code.flat_map(|line| [line, "\n"]).collect();
    assert!(!code.contains("crate::{"), "a list after `crate::` hides what is imported");
    let after = code.split("crate::").skip(1);
    after.map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()).collect()
}

#[test]
fn imports_only_go_down() {
    let root = source_root();
    let mut wrong = Vec::new();
    for path in sources(&root) {
        let inside = path.strip_prefix(&root).unwrap();
        let module = inside.components().next().unwrap().as_os_str().to_str().unwrap().to_owned();
        let Some(own) = floor(&module) else { continue };
        for import in imports(&std::fs::read_to_string(&path).unwrap()) {
            let Some(other) = floor(&import) else { continue };
            // The store reads the configuration of pools and the schemas of tables.
            let reads = module == "store" && matches!(import.as_str(), "cognito" | "service");
            let side = other == own && import != module && !reads;
            if other > own || side {
                wrong.push(format!("{} imports {import}", inside.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_module_has_a_floor() {
    let entries = std::fs::read_dir(source_root()).unwrap().map(|entry| entry.unwrap().path());
    for folder in entries.filter(|path| path.is_dir()) {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(floor(&name).is_some(), "{name} stands on no floor");
    }
}

#[test]
fn files_are_short_and_say_what_they_are() {
    let root = source_root();
    let mut wrong = BTreeMap::new();
    for path in sources(&root) {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        if text.lines().count() > 500 {
            wrong.insert(name.clone(), "over 500 lines");
        }
        if !text.starts_with("//!") {
            wrong.insert(name, "no head comment");
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
