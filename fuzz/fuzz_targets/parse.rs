//! `parse`: see `src/target/parse.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::target::parse;

fuzz_target!(|data: &[u8]| -> Corpus { if parse::run(data) { Corpus::Keep } else { Corpus::Reject } });
