//! What the fuzz targets compare verdikt with, and how their inputs come from bytes.

pub mod case;
pub mod json;
pub mod matcher;
#[path = "../../tests/oracle/mod.rs"]
pub mod oracle;
pub mod template;
pub mod vocabulary;
