//! `token_header`: see `src/targets/token_header.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::targets::token_header;

fuzz_target!(|data: &[u8]| -> Corpus { if token_header::run(data) { Corpus::Keep } else { Corpus::Reject } });
