//! Counts down, a word each tenth of a second: each is on its way before the next is written. A trailer says how many.
wit_bindgen::generate!({ path: "wit", world: "hello-async", generate_all });

use wasi::clocks::monotonic_clock;
use wasi::http::types::{ErrorCode, Fields, Request, Response};

const TENTH: u64 = 100_000_000;

struct Hello;

impl exports::wasi::http::handler::Guest for Hello {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let target = request.get_path_with_query().unwrap_or_default();
        let (mut writer, body) = wit_stream::new::<u8>();
        let (promise, trailers) = wit_future::new(|| Ok(None));
        let headers = Fields::new();
        let _ = headers.append("content-type", b"text/plain; charset=utf-8");
        let _ = headers.append("trailer", b"x-words");
        let (response, _) = Response::new(headers, Some(body), trailers);
        // Goes on when the response is on its way.
        wit_bindgen::spawn_local(async move {
            let words = ["three", "two", "one", &target];
            for word in words {
                if !writer.write_all(format!("{word}\n").into_bytes()).await.is_empty() {
                    return;
                }
                monotonic_clock::wait_for(TENTH).await;
            }
            drop(writer);
            let trailers = Fields::new();
            let _ = trailers.append("x-words", words.len().to_string().as_bytes());
            let _ = promise.write(Ok(Some(trailers))).await;
        });
        Ok(response)
    }
}

export!(Hello);
