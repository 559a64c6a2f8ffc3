//! The seeds of `corpus/`: they hold on stable, and the cases of `tests/suite` become more of them.

use std::fs;
use std::path::{Path, PathBuf};

use suite::Ask;

use crate::targets;

#[allow(clippy::pedantic, reason = "of another package")]
#[path = "../../tests/suite/model.rs"]
mod suite;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every target has its binary and seeds; the seeds hold.
#[test]
fn the_seeds_hold() {
    for (name, run) in targets::ALL {
        assert!(root().join("fuzz_targets").join(name).with_extension("rs").exists(), "{name}");
        let seeds = fs::read_dir(root().join("corpus").join(name)).expect(name);
        let seeds: Vec<PathBuf> = seeds.map(|entry| entry.expect("a file").path()).collect();
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for path in seeds {
            let bytes = fs::read(&path).expect("a seed");
            assert!(std::panic::catch_unwind(|| run(&bytes)).is_ok(), "{}", path.display());
        }
    }
}

/// Writes every case of the suite as a seed below the folder `VERDIKT_SEEDS`: `minimise.sh` takes those that reach more.
#[test]
#[ignore = "writes files, for minimise.sh"]
fn seeds_of_the_suite() {
    let out = PathBuf::from(std::env::var("VERDIKT_SEEDS").expect("VERDIKT_SEEDS is a folder"));
    let folder = root().parent().expect("the package stands in the repository").join("tests/suite");
    let write = |target: &str, number: usize, text: &str| {
        let folder = out.join(target);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(number.to_string()), text).expect("a file");
    };
    let mut number = 0;
    for (name, file) in suite::load_from(&folder) {
        let mut lines = Vec::new();
        for entry in file.entries(&name) {
            number += 1;
            match entry.ask {
                Ask::Decision { line, .. } => {
                    write("decide", number, &line);
                    if let Ok(case) = serde_json::from_str::<serde_json::Value>(&line) {
                        write("request", number, &case["request"].to_string());
                    }
                    lines.push(line);
                }
                Ask::Document { text, .. } => {
                    write("parse", number, &text);
                    write("json", number, &text);
                }
            }
        }
        lines.chunks(3).for_each(|lines| {
            number += 1;
            write("batch", number, &lines.join("\n"));
        });
    }
}
