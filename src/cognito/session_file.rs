//! The file of a session: what `verdikt session` writes and a later decision reads. It is not signed: whoever can write it
//! decides who they are. Keep it as one keeps a policy file; it is for the command line and for tests, not for users.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::policy::{Document, Kind, Limits};
use crate::text::diagnostic::bounded;
use crate::text::json::{self, JsonLimits};

use super::session::{Session, SessionError, SessionParts};

/// Most bytes of a file.
pub const MAX_BYTES: usize = 256 * 1024;

/// The form of the file.
const VERSION: u32 = 1;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    verdikt_session: u32,
    session: SessionParts,
    session_policies: Option<Vec<WrittenPolicy>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WrittenPolicy {
    name: String,
    policy: Box<RawValue>,
}

impl Session {
    /// The session as the text of a file.
    ///
    /// # Errors
    /// A session policy cannot be written.
    pub fn to_json(&self) -> Result<String, SessionError> {
        let failed = |error: serde_json::Error| SessionError::File(error.to_string());
        let policy = |document: &Document| {
            let text = document.source().text().to_owned();
            let policy = RawValue::from_string(text)?;
            Ok(WrittenPolicy { name: document.name().to_owned(), policy })
        };
        let policies = self.session_documents().map(|documents| documents.iter().map(policy).collect());
        let written = Written {
            verdikt_session: VERSION,
            session: self.parts().clone(),
            session_policies: policies.transpose().map_err(failed)?,
        };
        serde_json::to_string(&written).map_err(failed)
    }

    /// Reads the text of a file. That it is not over is asked when it is used.
    ///
    /// # Errors
    /// It is no session file, or of a session that cannot be.
    pub fn from_json(text: &str) -> Result<Self, SessionError> {
        let refused = SessionError::File;
        let limits = JsonLimits { bytes: MAX_BYTES, depth: 40, string: 8 * 1_024 };
        if let Some(problem) = json::parse(text, &limits).1.into_iter().next() {
            return Err(refused(problem.message));
        }
        let written: Written =
            serde_json::from_str(text).map_err(|error| refused(bounded(&error.to_string())))?;
        if written.verdikt_session != VERSION {
            return Err(refused(format!("`verdikt_session` is not {VERSION}: make it anew")));
        }
        let policy = |one: WrittenPolicy| {
            Document::parse(Kind::Session, &one.name, one.policy.get(), &Limits::default())
                .map(|parsed| parsed.document)
                .map_err(|rejected| refused(rejected.to_string()))
        };
        let policies = written.session_policies.map(|list| list.into_iter().map(policy).collect());
        Self::new(written.session, policies.transpose()?)
    }
}
