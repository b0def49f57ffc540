/* A handler of mik:core: says hello on every path, and sends a body back to whoever posts one. Needs no WASI. */
#include "../include/mik.h"

static mik_response_t response;
static mik_header_t content_type;

EXPORT(MIK "#handle") mik_response_t *handle(int32_t method, const uint8_t *path, size_t path_size, const mik_header_t *headers,
                                             size_t header_count, int32_t has_body, const uint8_t *body, size_t body_size) {
  content_type = (mik_header_t){TEXT("content-type"), TEXT("text/plain; charset=utf-8")};
  response = (mik_response_t){200, &content_type, 1, 1, {0}};
  if ((method == MIK_POST || method == MIK_PUT) && has_body) {
    content_type.value = TEXT("application/octet-stream");
    for (size_t i = 0; i < header_count; i++)
      if (bytes_equal(headers[i].name, TEXT("content-type"))) content_type.value = headers[i].value;
    response.body = (bytes_t){body, body_size};
  } else {
    response.body = JOIN(TEXT("Hello from mik-handler! You asked for "), ((bytes_t){path, path_size}), TEXT("\n"));
  }
  return &response;
}

EXPORT("cabi_post_" MIK "#handle") void handle_post(mik_response_t *done) {
  (void)done;
  scratch_reset();
}
