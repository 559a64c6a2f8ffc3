//! `pattern`: see `src/targets/pattern.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::targets::pattern;

fuzz_target!(|data: &[u8]| -> Corpus { if pattern::run(data) { Corpus::Keep } else { Corpus::Reject } });
