//! TLS: a certificate that is replaced while the service runs, and one that has expired.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, ClientConnection, Error, RootCertStore, StreamOwned};
use verdikt::server::TlsFiles;

use super::client::request;
use super::world::{Folder, World, allowed, wait_until};

/// A certificate of `localhost` that signs itself, written to both files.
fn certificate(files: &TlsFiles, last_year: i32) -> CertificateDer<'static> {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(last_year, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    put(&files.key, &key.serialize_pem());
    put(&files.certificate, &certificate.pem());
    certificate.der().clone()
}

fn put(path: &Path, text: &str) {
    let beside = path.with_extension("new");
    fs::write(&beside, text).unwrap();
    fs::rename(&beside, path).unwrap();
}

/// Asks as a client that trusts a certificate and offers protocols; the answer as text.
fn ask(world: &World, trusted: &CertificateDer<'static>, protocols: &[&[u8]]) -> Result<String, Error> {
    let headers = [("Content-Type", "application/json"), ("Connection", "close")];
    send(world, trusted, protocols, &request("POST", "/v1/decide", &headers, allowed().as_bytes()))
}

/// The same with another request.
fn send(
    world: &World,
    trusted: &CertificateDer<'static>,
    protocols: &[&[u8]],
    sent: &[u8],
) -> Result<String, Error> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let name = ServerName::try_from("localhost").unwrap();
    let mut connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = TcpStream::connect(world.address).unwrap();
    while connection.is_handshaking() {
        if let Err(error) = connection.complete_io(&mut stream) {
            let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).cloned();
            return Err(inner.unwrap_or_else(|| panic!("{error}")));
        }
    }
    if connection.alpn_protocol() == Some(b"h2") {
        return Ok("HTTP/2".to_owned());
    }
    let mut stream = StreamOwned::new(connection, stream);
    stream.write_all(sent).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    Ok(answer)
}

#[test]
fn certificates_are_replaced_without_a_restart() {
    let folder = Folder::new("tls");
    let files = TlsFiles { certificate: folder.path().join("cert.pem"), key: folder.path().join("key.pem") };
    let expired = certificate(&files, 2020);
    let world = World::with(|config| config.tls = Some(files.clone()));
    let refused = ask(&world, &expired, &[]);
    let is_expired = |error: &CertificateError| {
        matches!(error, CertificateError::Expired | CertificateError::ExpiredContext { .. })
    };
    assert!(matches!(&refused, Err(Error::InvalidCertificate(error)) if is_expired(error)), "{refused:?}");
    // One that cannot be used changes nothing.
    put(&files.certificate, "nonsense");
    std::thread::sleep(std::time::Duration::from_millis(100));
    let still = ask(&world, &expired, &[]);
    assert!(matches!(&still, Err(Error::InvalidCertificate(error)) if is_expired(error)), "{still:?}");
    let good = certificate(&files, 2999);
    wait_until("the new certificate", || ask(&world, &good, &[]).is_ok());
    let answer = ask(&world, &good, &[b"http/1.1"]).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"allowed\":true"), "{answer}");
    assert_eq!(ask(&world, &good, &[b"h2", b"http/1.1"]).unwrap(), "HTTP/2");
    let metrics =
        send(&world, &good, &[], &request("GET", "/metrics", &[("Connection", "close")], b"")).unwrap();
    let failures = "verdikt_reload_failures_total{what=\"certificate\"} ";
    let failures = metrics.lines().find_map(|line| line.strip_prefix(failures)?.parse::<u32>().ok());
    assert!(failures.is_some_and(|failures| failures > 0), "{metrics}");
    assert!(metrics.contains("verdikt_last_reload_successful{what=\"certificate\"} 1"), "{metrics}");
    // Where the service is found is told with the scheme that it speaks.
    let metadata = request("GET", "/.well-known/authzen-configuration", &[("Connection", "close")], b"");
    let told = send(&world, &good, &[], &metadata).unwrap();
    assert!(told.contains(r#""policy_decision_point":"https://localhost""#), "{told}");
}

/// One that begins to speak TLS and goes no further is cut off, as one in the clear is.
#[test]
fn slow_handshakes_are_cut_off() {
    let folder = Folder::new("slow-tls");
    let files = TlsFiles { certificate: folder.path().join("cert.pem"), key: folder.path().join("key.pem") };
    let good = certificate(&files, 2999);
    let world = World::with(|config| {
        config.tls = Some(files);
        config.limits.head_time = std::time::Duration::from_millis(300);
    });
    // A client's hello, its length told and its content held back.
    for start in [&b""[..], b"\x16\x03\x01\x01\x00\x01"] {
        let mut client = world.client();
        client.send(start).unwrap();
        let begun = std::time::Instant::now();
        assert!(client.is_ended());
        assert!(begun.elapsed() < std::time::Duration::from_secs(10));
    }
    assert!(ask(&world, &good, &[]).is_ok());
}

#[test]
fn a_listener_with_tls_does_not_speak_in_the_clear() {
    let folder = Folder::new("clear");
    let files = TlsFiles { certificate: folder.path().join("cert.pem"), key: folder.path().join("key.pem") };
    certificate(&files, 2999);
    let world = World::with(|config| config.tls = Some(files));
    let mut client = world.client();
    client.send(&request("POST", "/v1/decide", &[], allowed().as_bytes())).unwrap();
    assert!(client.try_answer().is_none());
}
