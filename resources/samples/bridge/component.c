/*
 * Serves mik:core/handler as wasi:http/incoming-handler.
 *
 * The body of a request is collected up to MIK_MAX_BODY_SIZE bytes (environment, default 10 MiB), the response is written in
 * pieces of any total size. What the inner handler cannot express is answered here as problem+json:
 * 501 for other methods, 413 over the limit, 400 when the body breaks off, 500 for a status no HTTP response can have.
 */
#include "../include/mik.h"
#include "../include/wasi.h"

enum { DEFAULT_LIMIT = 10 * 1024 * 1024, CHUNK = 64 * 1024 };

IMPORT("wasi:cli/environment@" WASI, "get-environment") void get_environment(list_t *);

static void log_line(bytes_t text) { print_line(get_stderr(), JOIN(TEXT("[bridge] "), text)); }

/* The limit is read once per instance. A value that is no number leaves the default. */
static uint64_t body_limit(void) {
  static uint64_t limit = 0;
  static bool known = false;
  if (known) return limit;
  known = true;
  limit = DEFAULT_LIMIT;
  list_t variables;
  get_environment(&variables);
  const entry_t *entries = (const entry_t *)variables.data;
  for (size_t i = 0; i < variables.size; i++) {
    if (!bytes_equal((bytes_t){entries[i].name.data, entries[i].name.size}, TEXT("MIK_MAX_BODY_SIZE"))) continue;
    uint64_t number = 0;
    size_t size = entries[i].value.size;
    bool good = size > 0 && size <= 10;
    for (size_t at = 0; good && at < size; at++) {
      uint8_t digit = entries[i].value.data[at];
      good = digit >= '0' && digit <= '9';
      number = number * 10 + (uint64_t)(digit - '0');
    }
    if (good) limit = number;
  }
  return limit;
}

/* Well-formed UTF-8 (Unicode 15, table 3-7). */
static bool is_utf8(list_t text) {
  for (size_t i = 0; i < text.size;) {
    uint8_t first = text.data[i++];
    if (first < 0x80) continue;
    uint8_t low = 0x80, high = 0xbf;
    int more;
    if (first >= 0xc2 && first <= 0xdf) more = 1;
    else if (first >= 0xe0 && first <= 0xef) more = 2;
    else if (first >= 0xf0 && first <= 0xf4) more = 3;
    else return false;
    if (first == 0xe0) low = 0xa0;
    if (first == 0xed) high = 0x9f;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;
    for (; more > 0; more--) {
      if (i >= text.size || text.data[i] < low || text.data[i] > high) return false;
      low = 0x80, high = 0xbf;
      i++;
    }
  }
  return true;
}

/* Text as it stands between the quotes of a JSON string. */
static bytes_t json_escape(bytes_t text) {
  uint8_t *out = scratch_allocate(text.size * 6);
  size_t at = 0;
  for (size_t i = 0; i < text.size; i++) {
    uint8_t byte = text.data[i];
    if (byte == '"' || byte == '\\') {
      out[at++] = '\\';
      out[at++] = byte;
    } else if (byte < 0x20) {
      out[at++] = '\\', out[at++] = 'u', out[at++] = '0', out[at++] = '0';
      out[at++] = (uint8_t)('0' + (byte >> 4));
      out[at++] = (uint8_t)"0123456789abcdef"[byte & 15];
    } else {
      out[at++] = byte;
    }
  }
  return (bytes_t){out, at};
}

static void respond_problem(handle_t outparam, bytes_t path, uint16_t status, bytes_t title, bytes_t detail) {
  handle_t headers = fields_new();
  fields_append(headers, TEXT("content-type"), TEXT("application/problem+json"));
  respond(outparam, status, headers,
          JOIN(TEXT("{\"type\":\"about:blank\",\"title\":\""), title, TEXT("\",\"status\":"), bytes_of_number(status),
               TEXT(",\"detail\":\""), json_escape(detail), TEXT("\",\"instance\":\""), json_escape(path), TEXT("\"}")));
}

/* mik's method, or -1 for one that it does not know. */
static int32_t mik_method_of(handle_t request) {
  method_t method;
  request_method(request, &method);
  switch (method.tag) {
    case METHOD_GET: return MIK_GET;
    case METHOD_HEAD: return MIK_HEAD;
    case METHOD_POST: return MIK_POST;
    case METHOD_PUT: return MIK_PUT;
    case METHOD_DELETE: return MIK_DELETE;
    case METHOD_OPTIONS: return MIK_OPTIONS;
    case METHOD_PATCH: return MIK_PATCH;
    default: return -1;
  }
}

typedef enum { BODY_WHOLE, BODY_TOO_LARGE, BODY_BROKEN } body_end_t;
typedef struct { uint8_t *data; size_t size; size_t room; } buffer_t;

/* Reads the body into heap memory that the caller releases. */
static body_end_t read_body(handle_t request, buffer_t *buffer) {
  result_handle_t body, stream;
  request_consume(request, &body);
  if (body.tag) return BODY_BROKEN;
  incoming_body_stream(body.value, &stream);
  if (stream.tag) trap();
  uint64_t limit = body_limit();
  body_end_t end = BODY_WHOLE;
  for (;;) {
    scratch_mark_t mark = scratch_mark();
    result_read_t read;
    input_blocking_read(stream.value, CHUNK, &read);
    if (read.tag) {
      if (read.value.error.tag == STREAM_FAILED) {
        error_drop(read.value.error.failed);
        end = BODY_BROKEN;
      }
      break;
    }
    list_t chunk = read.value.bytes;
    if (chunk.size > limit - buffer->size) {
      end = BODY_TOO_LARGE;
      break;
    }
    if (chunk.size > buffer->room - buffer->size) {
      size_t room = buffer->room ? buffer->room * 2 : CHUNK;
      while (room < buffer->size + chunk.size) room *= 2;
      uint8_t *wider = heap_allocate(room);
      if (buffer->size) __builtin_memcpy(wider, buffer->data, buffer->size);
      heap_release(buffer->data);
      buffer->data = wider;
      buffer->room = room;
    }
    if (chunk.size) __builtin_memcpy(buffer->data + buffer->size, chunk.data, chunk.size);
    buffer->size += chunk.size;
    scratch_release_to(mark);
  }
  input_drop(stream.value);
  incoming_body_drop(body.value);
  return end;
}

/* The headers as text; a value that is not UTF-8 cannot be passed on and is named on stderr. */
static size_t read_headers(handle_t request, mik_header_t **out) {
  handle_t fields = request_headers(request);
  list_t list;
  fields_entries(fields, &list);
  fields_drop(fields);
  const entry_t *entries = (const entry_t *)list.data;
  mik_header_t *headers = scratch_allocate(list.size * sizeof(mik_header_t));
  size_t count = 0;
  for (size_t i = 0; i < list.size; i++) {
    bytes_t name = {entries[i].name.data, entries[i].name.size};
    if (is_utf8(entries[i].value)) headers[count++] = (mik_header_t){name, {entries[i].value.data, entries[i].value.size}};
    else log_line(JOIN(TEXT("header "), name, TEXT(" left out: its value is not UTF-8")));
  }
  *out = headers;
  return count;
}

static void answer(handle_t request, handle_t outparam, bytes_t path, int32_t method, buffer_t *body) {
  switch (read_body(request, body)) {
    case BODY_TOO_LARGE:
      respond_problem(outparam, path, 413, TEXT("Content Too Large"),
                      JOIN(TEXT("The request body is larger than "), bytes_of_number(body_limit()), TEXT(" bytes.")));
      return;
    case BODY_BROKEN:
      respond_problem(outparam, path, 400, TEXT("Bad Request"), TEXT("The request body broke off."));
      return;
    case BODY_WHOLE:
      break;
  }
  mik_header_t *headers;
  size_t count = read_headers(request, &headers);
  mik_response_t response;
  mik_next(method, path.data, path.size, headers, count, body->size > 0, body->data, body->size, &response);

  if (response.status < 100 || response.status > 599) {
    log_line(JOIN(TEXT("the handler answered with status "), bytes_of_number(response.status)));
    respond_problem(outparam, path, 500, TEXT("Internal Server Error"),
                    JOIN(TEXT("The handler answered with status "), bytes_of_number(response.status), TEXT(", which HTTP does not have.")));
    return;
  }
  handle_t fields = fields_new();
  for (size_t i = 0; i < response.header_count; i++)
    if (!fields_append(fields, response.headers[i].name, response.headers[i].value))
      log_line(JOIN(TEXT("response header "), response.headers[i].name, TEXT(" left out: the host refuses it")));
  respond(outparam, response.status, fields, response.has_body ? response.body : TEXT(""));
}

EXPORT("wasi:http/incoming-handler@" WASI "#handle") void handle(handle_t request, handle_t outparam) {
  scratch_reset();
  option_string_t given;
  request_path(request, &given);
  bytes_t path = given.tag ? (bytes_t){given.value.data, given.value.size} : TEXT("");
  int32_t method = mik_method_of(request);
  if (method < 0) {
    respond_problem(outparam, path, 501, TEXT("Not Implemented"), JOIN(TEXT("mik:core/handler has no method "), method_text(request), TEXT(".")));
  } else {
    buffer_t body = {0};
    answer(request, outparam, path, method, &body);
    heap_release(body.data);
  }
  request_drop(request);
}
