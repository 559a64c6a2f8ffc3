//! `principal`: see `src/targets/principal.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::targets::principal;

fuzz_target!(|data: &[u8]| -> Corpus { if principal::run(data) { Corpus::Keep } else { Corpus::Reject } });
