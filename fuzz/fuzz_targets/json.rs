//! `json`: see `src/target/json.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::target::json;

fuzz_target!(|data: &[u8]| -> Corpus { if json::run(data) { Corpus::Keep } else { Corpus::Reject } });
