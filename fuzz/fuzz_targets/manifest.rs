//! `manifest`: see `src/targets/manifest.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::targets::manifest;

fuzz_target!(|data: &[u8]| -> Corpus { if manifest::run(data) { Corpus::Keep } else { Corpus::Reject } });
