//! TLS of the listeners: a certificate that is replaced without a restart.

use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{DEFAULT_VERSIONS, ServerConfig};

use super::config::TlsFiles;

/// Why a certificate or its key cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file.
    #[error("the {what} in `{file}` cannot be read: {problem}")]
    File {
        /// Which.
        what: &'static str,
        /// Its name.
        file: String,
        /// Why.
        problem: String,
    },
    /// They do not belong together, or the key is of no kind that is known.
    #[error("the certificate and its key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

/// The certificate at hand.
#[derive(Debug)]
pub(super) struct Certificate {
    files: TlsFiles,
    current: ArcSwap<CertifiedKey>,
}

impl Certificate {
    /// Reads the files.
    ///
    /// # Errors
    /// They cannot be read, or not be used together.
    pub(super) fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        Ok(Self { files: files.clone(), current: ArcSwap::from_pointee(read(files)?) })
    }

    /// Reads them again; what is refused leaves those of before.
    pub(super) fn reload(&self) -> Result<(), TlsError> {
        self.current.store(Arc::new(read(&self.files)?));
        Ok(())
    }

    /// How connections are encrypted with it.
    pub(super) fn config(self: &Arc<Self>) -> Result<Arc<ServerConfig>, TlsError> {
        let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
        let builder = builder.with_protocol_versions(DEFAULT_VERSIONS)?.with_no_client_auth();
        let mut config = builder.with_cert_resolver(Arc::<Self>::clone(self));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

fn read(files: &TlsFiles) -> Result<CertifiedKey, TlsError> {
    let problem = |what, file: &Path, problem: String| TlsError::File {
        what,
        file: file.display().to_string(),
        problem,
    };
    let certificates = CertificateDer::pem_file_iter(&files.certificate).and_then(Iterator::collect);
    let certificates: Vec<CertificateDer<'static>> =
        certificates.map_err(|error| problem("certificate", &files.certificate, error.to_string()))?;
    if certificates.is_empty() {
        return Err(problem("certificate", &files.certificate, "there is none in it".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key);
    let key = key.map_err(|error| problem("key", &files.key, error.to_string()))?;
    Ok(CertifiedKey::from_der(certificates, key, &default_provider())?)
}
