//! `arn`: see `src/targets/arn.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::targets::arn;

fuzz_target!(|data: &[u8]| -> Corpus { if arn::run(data) { Corpus::Keep } else { Corpus::Reject } });
