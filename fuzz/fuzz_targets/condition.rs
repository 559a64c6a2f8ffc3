//! `condition`: see `src/targets/condition.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::targets::condition;

fuzz_target!(|data: &[u8]| -> Corpus { if condition::run(data) { Corpus::Keep } else { Corpus::Reject } });
