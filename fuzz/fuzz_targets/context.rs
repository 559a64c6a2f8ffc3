//! `context`: see `src/target/context.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::target::context;

fuzz_target!(|data: &[u8]| -> Corpus { if context::run(data) { Corpus::Keep } else { Corpus::Reject } });
