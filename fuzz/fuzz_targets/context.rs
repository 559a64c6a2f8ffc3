//! `context`: see `src/targets/context.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::targets::context;

fuzz_target!(|data: &[u8]| -> Corpus { if context::run(data) { Corpus::Keep } else { Corpus::Reject } });
