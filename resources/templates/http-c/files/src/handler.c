#include "wasi.h"

EXPORT("wasi:http/incoming-handler@" WASI "#handle") void handle(handle_t request, handle_t outparam) {
  scratch_reset();
  bytes_t method = method_text(request), path = path_text(request);
  print_line(get_stdout(), JOIN(TEXT("{{name}}: "), method, TEXT(" "), path));

  handle_t headers = fields_new();
  fields_append(headers, TEXT("content-type"), TEXT("text/plain; charset=utf-8"));
  respond(outparam, 200, headers, JOIN(TEXT("Hello from {{name}}! You asked for "), path, TEXT("\n")));
  request_drop(request);
}
