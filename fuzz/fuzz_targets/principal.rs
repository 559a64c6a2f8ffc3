//! `principal`: see `src/target/principal.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::target::principal;

fuzz_target!(|data: &[u8]| -> Corpus { if principal::run(data) { Corpus::Keep } else { Corpus::Reject } });
