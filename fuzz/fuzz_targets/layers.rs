//! `layers`: see `src/target/layers.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::target::layers;

fuzz_target!(|data: &[u8]| -> Corpus { if layers::run(data) { Corpus::Keep } else { Corpus::Reject } });
