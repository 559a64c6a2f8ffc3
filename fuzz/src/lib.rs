//! What the fuzz targets compare verdikt with, how their inputs come from bytes, and the targets themselves: each takes
//! bytes and panics at a wrong answer. `fuzz_targets/` gives them to libFuzzer; the tests of this crate give them the
//! seeds, on stable.

pub mod ask;
#[path = "../../tests/bound/mod.rs"]
pub mod bound;
pub mod case;
pub mod dice;
pub mod json;
pub mod matcher;
#[path = "../../tests/oracle/mod.rs"]
pub mod oracle;
pub mod spell;
pub mod targets;
pub mod template;
pub mod vocabulary;

#[cfg(test)]
mod seeds;
