// The Rust peer: hyper 1.x, HTTP/1.1 or HTTP/2, on one current-thread tokio runtime.
// In: BENCH_LIFETIME (seconds), and the arguments: `http2` for HTTP/2 alone, `gather` for answers of pipelined HTTP/1.1 requests
// in one write. Out: `listening <port>`, then the same answers as every other server here.
// It never uses a second thread, so that its CPU time compares with that of a JavaScript process.
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{HeaderValue, CONTENT_TYPE};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};

const CHUNK: usize = 65_536;
static ZEROS: [u8; CHUNK] = [0; CHUNK];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lifetime = std::env::var("BENCH_LIFETIME").ok().and_then(|text| text.parse().ok()).unwrap_or(600);
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let has = |name: &str| std::env::args().any(|argument| argument == name);
    let (http2, gather) = (has("http2"), has("gather"));
    println!("listening {}", listener.local_addr()?.port());
    tokio::select! {
        () = tokio::time::sleep(Duration::from_secs(lifetime)) => Ok(()),
        error = accept(listener, http2, gather) => Err(error.into()),
    }
}

async fn accept(listener: TcpListener, http2: bool, gather: bool) -> std::io::Error {
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => return error,
        };
        let _ = stream.set_nodelay(true);
        if http2 {
            tokio::spawn(serve_http2(stream));
        } else {
            tokio::spawn(serve_http1(stream, gather));
        }
    }
}

// No timer, so no timeouts: hyper at its fastest. Gathering helps pipelining, and copies large bodies.
async fn serve_http1(stream: TcpStream, gather: bool) {
    let _ = http1::Builder::new()
        .pipeline_flush(gather)
        .serve_connection(TokioIo::new(stream), service_fn(answer))
        .await;
}

async fn serve_http2(stream: TcpStream) {
    let _ = http2::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service_fn(answer))
        .await;
}

async fn answer(request: Request<Incoming>) -> Result<Response<Payload>, Infallible> {
    let path = request.uri().path();
    if path == "/" {
        return Ok(full("text/plain", Bytes::from_static(b"Hello, World!")));
    }
    if path == "/json" {
        return Ok(json(request).await);
    }
    if path == "/discard" {
        return Ok(discard(request).await);
    }
    if let Some(length) = path.strip_prefix("/bytes/").and_then(|text| text.parse().ok()) {
        return Ok(typed("application/octet-stream", Payload::Zeros(length)));
    }
    let mut response = Response::new(Payload::Full(None));
    *response.status_mut() = StatusCode::NOT_FOUND;
    Ok(response)
}

/// Parses the document and answers it printed again, as `JSON.parse` and `JSON.stringify` do elsewhere.
async fn json(request: Request<Incoming>) -> Response<Payload> {
    let bytes = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or(serde_json::Value::Null);
    full("application/json", Bytes::from(value.to_string()))
}

/// Reads the body to its end and answers its length.
async fn discard(request: Request<Incoming>) -> Response<Payload> {
    let mut body = request.into_body();
    let mut total = 0;
    while let Some(Ok(frame)) = body.frame().await {
        total += frame.data_ref().map_or(0, Bytes::len);
    }
    full("text/plain", Bytes::from(total.to_string()))
}

fn full(kind: &'static str, bytes: Bytes) -> Response<Payload> {
    typed(kind, Payload::Full(Some(bytes)))
}

fn typed(kind: &'static str, payload: Payload) -> Response<Payload> {
    let mut response = Response::new(payload);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// One body type without boxing: a whole answer, or so many zero bytes in chunks of 64 KiB.
enum Payload {
    Full(Option<Bytes>),
    Zeros(u64),
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let bytes = match &mut *self {
            Payload::Full(bytes) => bytes.take(),
            Payload::Zeros(0) => None,
            Payload::Zeros(left) => {
                let size = (*left).min(CHUNK as u64);
                *left -= size;
                Some(Bytes::from_static(&ZEROS[..size as usize]))
            }
        };
        Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Payload::Full(None) | Payload::Zeros(0))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Payload::Full(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Payload::Zeros(left) => SizeHint::with_exact(*left),
        }
    }
}
