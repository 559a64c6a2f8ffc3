//! `parse`: see `src/targets/parse.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::targets::parse;

fuzz_target!(|data: &[u8]| -> Corpus { if parse::run(data) { Corpus::Keep } else { Corpus::Reject } });
