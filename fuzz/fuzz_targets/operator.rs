//! `operator`: see `src/targets/operator.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::targets::operator;

fuzz_target!(|data: &[u8]| -> Corpus { if operator::run(data) { Corpus::Keep } else { Corpus::Reject } });
