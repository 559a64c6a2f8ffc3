//! `batch`: see `src/targets/batch.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::targets::batch;

fuzz_target!(|data: &[u8]| -> Corpus { if batch::run(data) { Corpus::Keep } else { Corpus::Reject } });
