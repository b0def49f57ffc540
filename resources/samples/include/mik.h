/* mik:core/handler as the canonical ABI flattens it. */
#ifndef PATCHBAY_MIK_H
#define PATCHBAY_MIK_H

#include "component.h"

#define MIK "mik:core/handler@0.1.0"

enum { MIK_GET, MIK_POST, MIK_PUT, MIK_PATCH, MIK_DELETE, MIK_HEAD, MIK_OPTIONS };

/* tuple<string, string> */
typedef struct { bytes_t name; bytes_t value; } mik_header_t;

/* record response, as it lies in memory */
typedef struct {
  uint16_t status;
  const mik_header_t *headers;
  size_t header_count;
  uint8_t has_body;
  bytes_t body;
} mik_response_t;

IMPORT(MIK, "handle") void mik_next(int32_t method, const uint8_t *path, size_t path_size, const mik_header_t *headers,
                                    size_t header_count, int32_t has_body, const uint8_t *body, size_t body_size,
                                    mik_response_t *response);

UNUSED bytes_t mik_method_text(int32_t method) {
  static const bytes_t names[] = {TEXT("GET"), TEXT("POST"), TEXT("PUT"), TEXT("PATCH"), TEXT("DELETE"), TEXT("HEAD"), TEXT("OPTIONS")};
  if (method < MIK_GET || method > MIK_OPTIONS) trap();
  return names[method];
}

#endif
