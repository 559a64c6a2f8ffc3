//! Floor 5: cases, the exchange format of policy tests. A case is one JSON object with a request, the policies that
//! govern it and, optionally, the decision that is expected; in the place of the request may stand the checks of a call.
//!
//! [`Cases`] answers decision cases line by line; [`check`](documents::check) answers documents that are to be accepted
//! or refused. Both never fail on a line: what cannot be read is answered as an error in its place.
//!
//! For authors, with the feature `cli`: [`mod@test`] runs the case files that stand beside policies, [`library`] holds the
//! policies to start from.

mod call_case;
pub mod case;
pub mod cases;
pub mod documents;
#[cfg(feature = "cli")]
pub mod library;
#[cfg(feature = "cli")]
pub mod test;

pub use case::{Case, CaseError, Expectation};
pub use cases::{Answer, Cases};
