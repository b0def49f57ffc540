//! Middleware of WASI 0.3: hands every request on, adds a header to the answer, and counts what passes through the body
//! while it passes. In 0.2 no middleware can do either, for there a response goes from the innermost handler to the host.
wit_bindgen::generate!({ path: "wit", world: "middleware-async", generate_all });

use wasi::http::handler;
use wasi::http::types::{ErrorCode, Request, Response};
use wit_bindgen::{spawn_local as spawn, StreamResult};

struct Middleware;

impl exports::wasi::http::handler::Guest for Middleware {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let target = request.get_path_with_query().unwrap_or_default();
        let answer = handler::handle(request).await?;
        let (status, fields) = (answer.get_status_code(), answer.get_headers().clone());
        fields.append("x-through", b"middleware-async").map_err(|_| ErrorCode::InternalError(None))?;
        let (_, taken) = wit_future::new(|| Ok(()));
        let (mut source, trailers) = Response::consume_body(answer, taken);
        let (mut writer, body) = wit_stream::new::<u8>();
        let (response, _) = Response::new(fields, Some(body), trailers);
        let _ = response.set_status_code(status);
        spawn(async move {
            let mut size = 0;
            loop {
                let (result, bytes) = source.read(Vec::with_capacity(64 * 1024)).await;
                size += bytes.len();
                if !bytes.is_empty() && !writer.write_all(bytes).await.is_empty() {
                    break;
                }
                if matches!(result, StreamResult::Dropped) {
                    break;
                }
            }
            drop(writer);
            say(&format!("{target}: {size} bytes\n")).await;
        });
        Ok(response)
    }
}

async fn say(text: &str) {
    let (mut writer, data) = wit_stream::new::<u8>();
    let done = wasi::cli::stdout::write_via_stream(data);
    writer.write_all(text.as_bytes().to_vec()).await;
    drop(writer);
    let _ = done.await;
}

export!(Middleware);
