//! `session`: see `src/targets/session.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::targets::session;

fuzz_target!(|data: &[u8]| -> Corpus { if session::run(data) { Corpus::Keep } else { Corpus::Reject } });
