//! A bare axum service that sends bodies back: what the decide service is held against, in the same run.

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;

fn main() -> std::io::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let address = std::env::args().nth(1).filter(|argument| argument.contains(':'));
        let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:8181")).await?;
        let router = Router::new().fallback(post(|body: Bytes| async { body }));
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let service = TowerToHyperService::new(router.clone());
            tokio::spawn(async move {
                let _ =
                    Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
            });
        }
    })
}
