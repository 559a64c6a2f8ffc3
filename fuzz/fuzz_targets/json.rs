//! `json`: see `src/targets/json.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::targets::json;

fuzz_target!(|data: &[u8]| -> Corpus { if json::run(data) { Corpus::Keep } else { Corpus::Reject } });
