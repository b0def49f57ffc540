/* Counts how often each path was asked for, in whatever store it is wired to. */
#include "../include/wasi.h"

#define STORE "patchbay:keyvalue/store@0.1.0"

typedef struct { uint8_t tag; list_t value; } option_list_t;
typedef struct { uint8_t tag; uint8_t refusal; } result_refusal_t;

IMPORT(STORE, "[constructor]bucket") handle_t bucket_open(const uint8_t *, size_t);
IMPORT(STORE, "[method]bucket.get") void bucket_get(handle_t, const uint8_t *, size_t, option_list_t *);
IMPORT(STORE, "[method]bucket.set") void bucket_set(handle_t, const uint8_t *, size_t, const uint8_t *, size_t, result_refusal_t *);
IMPORT(STORE, "[resource-drop]bucket") void bucket_drop(handle_t);

static uint64_t number_of(list_t text) {
  uint64_t number = 0;
  for (size_t i = 0; i < text.size && text.data[i] >= '0' && text.data[i] <= '9'; i++) number = number * 10 + (uint64_t)(text.data[i] - '0');
  return number;
}

EXPORT("wasi:http/incoming-handler@" WASI "#handle") void handle(handle_t request, handle_t outparam) {
  scratch_reset();
  bytes_t path = path_text(request);
  for (size_t i = 0; i < path.size; i++)
    if (path.data[i] == '?') path.size = i;

  bytes_t name = TEXT("counter");
  handle_t bucket = bucket_open(name.data, name.size);
  option_list_t before;
  bucket_get(bucket, path.data, path.size, &before);
  bytes_t count = bytes_of_number((before.tag ? number_of(before.value) : 0) + 1);
  result_refusal_t stored;
  bucket_set(bucket, path.data, path.size, count.data, count.size, &stored);
  bucket_drop(bucket);

  handle_t headers = fields_new();
  fields_append(headers, TEXT("content-type"), TEXT("text/plain; charset=utf-8"));
  if (stored.tag) respond(outparam, 507, headers, TEXT("The store does not take this path.\n"));
  else respond(outparam, 200, headers, JOIN(path, TEXT(" was asked for "), count, bytes_equal(count, TEXT("1")) ? TEXT(" time\n") : TEXT(" times\n")));
  request_drop(request);
}
