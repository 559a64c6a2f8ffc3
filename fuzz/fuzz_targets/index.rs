//! `index`: see `src/targets/index.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::targets::index;

fuzz_target!(|data: &[u8]| -> Corpus { if index::run(data) { Corpus::Keep } else { Corpus::Reject } });
