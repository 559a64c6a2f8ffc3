//! `s3`: see `src/targets/s3.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::targets::s3;

fuzz_target!(|data: &[u8]| -> Corpus { if s3::run(data) { Corpus::Keep } else { Corpus::Reject } });
