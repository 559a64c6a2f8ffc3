//! `request`: see `src/targets/request.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::targets::request;

fuzz_target!(|data: &[u8]| -> Corpus { if request::run(data) { Corpus::Keep } else { Corpus::Reject } });
