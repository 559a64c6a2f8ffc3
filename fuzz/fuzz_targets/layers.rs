//! `layers`: see `src/targets/layers.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::targets::layers;

fuzz_target!(|data: &[u8]| -> Corpus { if layers::run(data) { Corpus::Keep } else { Corpus::Reject } });
