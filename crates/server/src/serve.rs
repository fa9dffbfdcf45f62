//! The life of a running hub: from a checked configuration to listeners, and back down.

use anyhow::Context;

use crate::{config::Config, web};

/// Runs the hub until it is asked to stop.
pub(crate) fn run(config: Config) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let address = config.listen[0];
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?;
        tracing::info!(%address, "listening");
        axum::serve(listener, web::router(&config.transport.path, config.client)).await?;
        Ok(())
    })
}
