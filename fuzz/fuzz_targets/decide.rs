//! `decide`: see `src/targets/decide.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::targets::decide;

fuzz_target!(|data: &[u8]| -> Corpus { if decide::run(data) { Corpus::Keep } else { Corpus::Reject } });
