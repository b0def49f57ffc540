/* Middleware over mik:core/handler: logs what is asked for, adds a header to what is answered. */
#include "../include/mik.h"
#include "../include/wasi.h"

static mik_response_t response;

EXPORT(MIK "#handle") mik_response_t *handle(int32_t method, const uint8_t *path, size_t path_size, const mik_header_t *headers,
                                             size_t header_count, int32_t has_body, const uint8_t *body, size_t body_size) {
  mik_next(method, path, path_size, headers, header_count, has_body, body, body_size, &response);
  print_line(get_stderr(), JOIN(TEXT("middleware: "), mik_method_text(method), TEXT(" "), ((bytes_t){path, path_size}),
                                TEXT(" -> "), bytes_of_number(response.status)));

  size_t count = response.header_count;
  mik_header_t *more = scratch_allocate((count + 1) * sizeof(mik_header_t));
  for (size_t i = 0; i < count; i++) more[i] = response.headers[i];
  more[count] = (mik_header_t){TEXT("x-patchbay"), TEXT("middleware")};
  response.headers = more;
  response.header_count = count + 1;
  return &response;
}

EXPORT("cabi_post_" MIK "#handle") void handle_post(mik_response_t *done) {
  (void)done;
  scratch_reset();
}
