//! `print`: see `src/targets/print.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::targets::print;

fuzz_target!(|data: &[u8]| -> Corpus { if print::run(data) { Corpus::Keep } else { Corpus::Reject } });
