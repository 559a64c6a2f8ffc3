//! What a run is told as: JSON and `JUnit` for programs, the matrix of who may do what for people.

mod html;
mod json;
mod junit;
mod matrix;

pub use html::html;
pub use json::json;
pub use junit::junit;
pub use matrix::{Cell, Matrix, State};

/// A case file that could not be read, so that none of its cases were run.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The file, as messages give it.
    pub file: String,
    /// What is wrong, in a line.
    pub error: String,
}
