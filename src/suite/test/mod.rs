//! Tests of policies: case files beside the policies ([`TestFile`]), run ([`mod@run`]), counted ([`Coverage`]), tried on
//! broken copies of the policies ([`mod@mutate`]), and told ([`report`]).
//!
//! 1. `yaml` reads a text, `file` its cases, with `table`, `each` and [`mod@call`] written out; `policies` what governs them.
//! 2. `run` decides each case and says why a decision is not the expected one.
//! 3. `coverage` counts which parts of which policies the cases have met.
//! 4. `mutate` breaks the policies, one part at a time, and finds what no case notices.

pub mod call;
pub mod coverage;
mod each;
mod file;
pub mod mutate;
mod points;
mod policies;
pub mod report;
mod request;
pub mod run;
mod table;
mod yaml;

pub use call::{AskedCall, CallFacts, CallForm, Translate, WrittenCall};
pub use coverage::Coverage;
pub use file::{Accepted, Check, TestFile, Unreadable};
pub use points::Point;
pub use policies::{Attached, Governing, Policies, PolicyText};
pub use request::{Given, RequestParts};
pub use run::{CheckResult, FileResult, run};
