/*
 * Middleware of wasi:http 0.2: logs every request and hands it on.
 *
 * In 0.2 the response goes from the inner handler straight to the host (only the host makes a response-outparam), so a
 * middleware can look, log, refuse or answer itself, but never touches the answer of another: status, headers and bodies of
 * any size pass as they are. Middleware over mik:core/handler (the sample `middleware`) has no such limit.
 */
#include "../include/wasi.h"

#define HANDLER "wasi:http/incoming-handler@" WASI

IMPORT(HANDLER, "handle") void next_handle(handle_t, handle_t);

EXPORT(HANDLER "#handle") void handle(handle_t request, handle_t outparam) {
  scratch_reset();
  print_line(get_stderr(), JOIN(TEXT("http-logger: "), method_text(request), TEXT(" "), path_text(request)));
  next_handle(request, outparam);
}
