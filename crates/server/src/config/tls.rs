//! From two PEM files to what rustls listens with. The only part of the configuration that reads other files.

use std::sync::Arc;

use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use super::settings::Settings;

/// The TLS that `[tls]` asks for; `None` when both its keys are empty.
pub(super) fn load(settings: &Settings) -> anyhow::Result<Option<Arc<ServerConfig>>> {
    match (settings.text("tls.certificate"), settings.text("tls.key")) {
        ("", "") => Ok(None),
        ("", _) => Err(settings.refusal("tls.key", "needs tls.certificate as well")),
        (_, "") => Err(settings.refusal("tls.certificate", "needs tls.key as well")),
        (certificate, key) => {
            let chain = read_chain(certificate)
                .map_err(|why| settings.refusal("tls.certificate", format!("{certificate:?} {why}")))?;
            let key = PrivateKeyDer::from_pem_file(key).map_err(|error| {
                settings.refusal("tls.key", format!("{key:?} holds no private key: {error}"))
            })?;
            let config = build(chain, key)
                .map_err(|error| settings.refusal("tls.key", format!("is refused: {error}")))?;
            Ok(Some(Arc::new(config)))
        }
    }
}

fn read_chain(path: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let chain = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| format!("holds no certificate: {error}"))?;
    if chain.is_empty() { Err("holds no certificate".to_owned()) } else { Ok(chain) }
}

/// The provider is named, so that it doesn't depend on what else in the process installed one first.
fn build(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    // Browsers would otherwise try HTTP/2, which has no WebSocket upgrade.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
