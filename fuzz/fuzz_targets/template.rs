//! `template`: see `src/targets/template.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::targets::template;

fuzz_target!(|data: &[u8]| -> Corpus { if template::run(data) { Corpus::Keep } else { Corpus::Reject } });
