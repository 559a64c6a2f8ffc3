//! `expression`: see `src/targets/expression.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::targets::expression;

fuzz_target!(|data: &[u8]| -> Corpus { if expression::run(data) { Corpus::Keep } else { Corpus::Reject } });
