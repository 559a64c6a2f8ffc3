//! API calls to checks.

mod composite;
mod s3;
mod s3_docs;
mod s3_hostile;
mod s3_properties;
mod schema;
