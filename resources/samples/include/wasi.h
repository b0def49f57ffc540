/*
 * The functions of WASI 0.2 that the samples call, as the canonical ABI flattens them, with helpers on top.
 * Handles are i32. Results that do not fit one register are written to the pointer in the last parameter:
 * a discriminant byte first, the payload at its own alignment.
 */
#ifndef PATCHBAY_WASI_H
#define PATCHBAY_WASI_H

#include "component.h"

#define WASI "0.2.12"
#define TYPES "wasi:http/types@" WASI
#define STREAMS "wasi:io/streams@" WASI

typedef int32_t handle_t;

/* result<own<T>> and the like: tag 0 is ok */
typedef struct { uint8_t tag; handle_t value; } result_handle_t;
/* list<T> and string */
typedef struct { uint8_t *data; size_t size; } list_t;
/* option<string> */
typedef struct { uint8_t tag; list_t value; } option_string_t;
/* variant method; cases below METHOD_OTHER have no payload */
typedef struct { uint8_t tag; list_t other; } method_t;
enum { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_PUT, METHOD_DELETE, METHOD_CONNECT, METHOD_OPTIONS, METHOD_TRACE, METHOD_PATCH, METHOD_OTHER };
/* stream-error: last-operation-failed(own<error>) or closed */
typedef struct { uint8_t tag; handle_t failed; } stream_error_t;
enum { STREAM_FAILED, STREAM_CLOSED };
typedef struct { uint8_t tag; stream_error_t error; } result_write_t;
typedef struct { uint8_t tag; union { list_t bytes; stream_error_t error; } value; } result_read_t;
/* tuple<field-name, field-value> */
typedef struct { list_t name; list_t value; } entry_t;
/* result<_, error-code>: opaque but for its tag */
typedef struct { _Alignas(8) uint8_t tag; uint8_t rest[39]; } result_error_code_t;

IMPORT(TYPES, "[method]incoming-request.method") void request_method(handle_t, method_t *);
IMPORT(TYPES, "[method]incoming-request.path-with-query") void request_path(handle_t, option_string_t *);
IMPORT(TYPES, "[method]incoming-request.headers") handle_t request_headers(handle_t);
IMPORT(TYPES, "[method]incoming-request.consume") void request_consume(handle_t, result_handle_t *);
IMPORT(TYPES, "[resource-drop]incoming-request") void request_drop(handle_t);
IMPORT(TYPES, "[method]incoming-body.stream") void incoming_body_stream(handle_t, result_handle_t *);
IMPORT(TYPES, "[resource-drop]incoming-body") void incoming_body_drop(handle_t);

IMPORT(TYPES, "[constructor]fields") handle_t fields_new(void);
IMPORT(TYPES, "[method]fields.append") void fields_append_raw(handle_t, const uint8_t *, size_t, const uint8_t *, size_t, uint8_t *);
IMPORT(TYPES, "[method]fields.entries") void fields_entries(handle_t, list_t *);
IMPORT(TYPES, "[resource-drop]fields") void fields_drop(handle_t);

IMPORT(TYPES, "[constructor]outgoing-response") handle_t response_new(handle_t);
IMPORT(TYPES, "[method]outgoing-response.set-status-code") int32_t response_set_status(handle_t, int32_t);
IMPORT(TYPES, "[method]outgoing-response.body") void response_body(handle_t, result_handle_t *);
IMPORT(TYPES, "[static]response-outparam.set") void outparam_set_raw(handle_t, int32_t, int32_t, int32_t, int64_t, int32_t, int32_t, int32_t, int32_t);
IMPORT(TYPES, "[method]outgoing-body.write") void outgoing_body_write(handle_t, result_handle_t *);
IMPORT(TYPES, "[static]outgoing-body.finish") void outgoing_body_finish_raw(handle_t, int32_t, int32_t, result_error_code_t *);
IMPORT(TYPES, "[resource-drop]outgoing-body") void outgoing_body_drop(handle_t);

IMPORT(STREAMS, "[method]input-stream.blocking-read") void input_blocking_read(handle_t, int64_t, result_read_t *);
IMPORT(STREAMS, "[resource-drop]input-stream") void input_drop(handle_t);
IMPORT(STREAMS, "[method]output-stream.blocking-write-and-flush") void output_blocking_write(handle_t, const uint8_t *, size_t, result_write_t *);
IMPORT(STREAMS, "[resource-drop]output-stream") void output_drop(handle_t);
IMPORT("wasi:io/error@" WASI, "[resource-drop]error") void error_drop(handle_t);
IMPORT("wasi:cli/stdout@" WASI, "get-stdout") handle_t get_stdout(void);
IMPORT("wasi:cli/stderr@" WASI, "get-stderr") handle_t get_stderr(void);

/* Writes all bytes; false when the reader is gone. One call takes at most 4096 bytes by the interface's contract. */
UNUSED bool output_write(handle_t stream, bytes_t bytes) {
  for (size_t at = 0; at < bytes.size;) {
    size_t size = bytes.size - at;
    if (size > 4096) size = 4096;
    result_write_t result;
    output_blocking_write(stream, bytes.data + at, size, &result);
    if (result.tag) {
      if (result.error.tag == STREAM_FAILED) error_drop(result.error.failed);
      return false;
    }
    at += size;
  }
  return true;
}

UNUSED void print_line(handle_t stream, bytes_t text) {
  output_write(stream, JOIN(text, TEXT("\n")));
  output_drop(stream);
}

UNUSED bytes_t method_text(handle_t request) {
  static const bytes_t names[] = {TEXT("GET"), TEXT("HEAD"), TEXT("POST"), TEXT("PUT"), TEXT("DELETE"),
                                  TEXT("CONNECT"), TEXT("OPTIONS"), TEXT("TRACE"), TEXT("PATCH")};
  method_t method;
  request_method(request, &method);
  if (method.tag >= METHOD_OTHER) return (bytes_t){method.other.data, method.other.size};
  return names[method.tag];
}

/* Path and query, `/` when the request names none. */
UNUSED bytes_t path_text(handle_t request) {
  option_string_t path;
  request_path(request, &path);
  if (!path.tag) return TEXT("/");
  return (bytes_t){path.value.data, path.value.size};
}

/* False when the host refuses the name or the value. */
UNUSED bool fields_append(handle_t fields, bytes_t name, bytes_t value) {
  uint8_t result[2];
  fields_append_raw(fields, name.data, name.size, value.data, value.size, result);
  return result[0] == 0;
}

/* Answers with a whole body; `headers` is given away. */
UNUSED void respond(handle_t outparam, int32_t status, handle_t headers, bytes_t content) {
  handle_t response = response_new(headers);
  if (response_set_status(response, status)) trap();
  result_handle_t body, stream;
  response_body(response, &body);
  if (body.tag) trap();
  outparam_set_raw(outparam, 0, response, 0, 0, 0, 0, 0, 0);
  bool whole = true;
  if (content.size) {
    outgoing_body_write(body.value, &stream);
    if (stream.tag) trap();
    whole = output_write(stream.value, content);
    output_drop(stream.value);
  }
  if (!whole) {
    /* The client left: dropping an unfinished body says so. */
    outgoing_body_drop(body.value);
    return;
  }
  result_error_code_t finished;
  outgoing_body_finish_raw(body.value, 0, 0, &finished);
}

#endif
