//! `dynamodb`: see `src/targets/dynamodb.rs`.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use verdikt_fuzz::targets::dynamodb;

fuzz_target!(|data: &[u8]| -> Corpus { if dynamodb::run(data) { Corpus::Keep } else { Corpus::Reject } });
