//! TLS, for probes: whoever answers is believed, since a probe asks "do you work?" and not "who are you?".

use std::io::{self, Read, Write};
use std::net::TcpStream;

/// Where bytes go both ways.
pub trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

/// The client's side of TLS on a connection. No certificate is verified.
///
/// # Errors
/// The other side speaks no TLS; or this machine cannot (see below).
pub fn client(host: &str, stream: TcpStream) -> io::Result<Box<dyn Stream>> {
    known::client(host, stream)
}

/// The server's side, with a certificate and its key (PKCS 8), both as PEM.
///
/// # Errors
/// The certificate does not fit the key; or this machine cannot.
pub fn server(certificate: &[u8], key: &[u8], stream: TcpStream) -> io::Result<Box<dyn Stream>> {
    known::server(certificate, key, stream)
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod known {
    use std::io;
    use std::net::TcpStream;
    use std::sync::Arc;

    use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
    use rustls::crypto::CryptoProvider;
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
    use rustls::{
        ClientConfig, ClientConnection, DigitallySignedStruct, Error, ServerConfig, ServerConnection, SignatureScheme,
        StreamOwned,
    };

    use super::Stream;

    pub fn client(host: &str, stream: TcpStream) -> io::Result<Box<dyn Stream>> {
        let provider = Arc::new(rustls_graviola::default_provider());
        let config = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
            .with_no_client_auth();
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let connection = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
        Ok(Box::new(StreamOwned::new(connection, stream)))
    }

    pub fn server(certificate: &[u8], key: &[u8], stream: TcpStream) -> io::Result<Box<dyn Stream>> {
        let certificate = CertificateDer::from_pem_slice(certificate).map_err(io::Error::other)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(io::Error::other)?;
        let config = ServerConfig::builder_with_provider(Arc::new(rustls_graviola::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .map_err(io::Error::other)?;
        let connection = ServerConnection::new(Arc::new(config)).map_err(io::Error::other)?;
        Ok(Box::new(StreamOwned::new(connection, stream)))
    }

    /// Takes every certificate for good.
    #[derive(Debug)]
    struct Anybody(Arc<CryptoProvider>);

    impl ServerCertVerifier for Anybody {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, Error> {
            Ok(ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Ok(HandshakeSignatureValid::assertion())
        }

        fn verify_tls13_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Ok(HandshakeSignatureValid::assertion())
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.0.signature_verification_algorithms.supported_schemes()
        }
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod known {
    use std::io;
    use std::net::TcpStream;

    use super::Stream;

    pub fn client(_: &str, _: TcpStream) -> io::Result<Box<dyn Stream>> {
        Err(io::Error::other("https is not honoured on this processor: there is no TLS for it here"))
    }

    pub fn server(_: &[u8], _: &[u8], _: TcpStream) -> io::Result<Box<dyn Stream>> {
        Err(io::Error::other("there is no TLS for this processor here"))
    }
}
