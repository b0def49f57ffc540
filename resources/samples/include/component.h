/*
 * What a small component in C needs and no libc gives here: an allocator, the canonical ABI's realloc, byte strings.
 *
 * Two kinds of memory:
 *   - scratch: lives until scratch_reset(). The canonical ABI lowers arguments and host results into it through
 *     cabi_realloc, and so do results that wait for their post-return.
 *   - kept: heap_allocate / heap_release, for what a component remembers between calls.
 * One file is one module: everything is static on purpose.
 */
#ifndef PATCHBAY_COMPONENT_H
#define PATCHBAY_COMPONENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name))) extern
#define EXPORT(name) __attribute__((export_name(name)))
#define UNUSED __attribute__((unused)) static

/* A view of bytes; owns nothing. */
typedef struct {
  const uint8_t *data;
  size_t size;
} bytes_t;

#define TEXT(literal) ((bytes_t){(const uint8_t *)("" literal), sizeof(literal) - 1})

_Noreturn UNUSED void trap(void) { __builtin_trap(); }

/* ------------------------------------------------------------------------------------------------ heap: first fit */

typedef struct block {
  size_t size;        /* bytes after this header */
  struct block *next; /* the next free block by address, or the next scratch block */
} block_t;

enum { HEAP_ALIGN = 16, PAGE = 65536 };
_Static_assert(sizeof(block_t) <= HEAP_ALIGN, "a header fits in front of an aligned block");

extern uint8_t __heap_base;
static block_t *heap_free_list;
static uintptr_t heap_end; /* end of the memory that the heap has taken so far */

UNUSED void heap_release(void *pointer) {
  if (!pointer) return;
  block_t *block = (block_t *)((uint8_t *)pointer - HEAP_ALIGN);
  block_t **link = &heap_free_list;
  block_t *before = NULL;
  while (*link && *link < block) {
    before = *link;
    link = &(*link)->next;
  }
  block->next = *link;
  *link = block;
  /* Neighbours become one again, or the heap would fall to crumbs. */
  if (block->next && (uint8_t *)block + HEAP_ALIGN + block->size == (uint8_t *)block->next) {
    block->size += HEAP_ALIGN + block->next->size;
    block->next = block->next->next;
  }
  if (before && (uint8_t *)before + HEAP_ALIGN + before->size == (uint8_t *)block) {
    before->size += HEAP_ALIGN + block->size;
    before->next = block->next;
  }
}

/* Takes more linear memory and puts it on the free list; traps when the host gives none. */
static void heap_grow(size_t size) {
  if (!heap_end) heap_end = ((uintptr_t)&__heap_base + HEAP_ALIGN - 1) & ~(uintptr_t)(HEAP_ALIGN - 1);
  uint64_t needed = (uint64_t)heap_end + HEAP_ALIGN + size;
  uint64_t have = (uint64_t)__builtin_wasm_memory_size(0) * PAGE;
  if (needed > have) {
    uint64_t pages = (needed - have + PAGE - 1) / PAGE;
    if (pages > 65536 || __builtin_wasm_memory_grow(0, (size_t)pages) == (size_t)-1) trap();
    have = (uint64_t)__builtin_wasm_memory_size(0) * PAGE;
  }
  /* The last page of a four gigabyte memory stays unused, so that addresses never wrap. */
  uint64_t limit = (uint64_t)65535 * PAGE;
  if (have > limit) have = limit;
  if (needed > have) trap();
  block_t *block = (block_t *)heap_end;
  block->size = (size_t)(have - heap_end - HEAP_ALIGN);
  heap_end = (uintptr_t)have;
  heap_release((uint8_t *)block + HEAP_ALIGN);
}

UNUSED void *heap_allocate(size_t size) {
  if (size > 0xf0000000u) trap();
  size = size ? (size + HEAP_ALIGN - 1) & ~(size_t)(HEAP_ALIGN - 1) : HEAP_ALIGN;
  for (;;) {
    for (block_t **link = &heap_free_list; *link; link = &(*link)->next) {
      block_t *block = *link;
      if (block->size < size) continue;
      if (block->size >= size + 2 * HEAP_ALIGN) {
        block_t *rest = (block_t *)((uint8_t *)block + HEAP_ALIGN + size);
        rest->size = block->size - size - HEAP_ALIGN;
        rest->next = block->next;
        *link = rest;
        block->size = size;
      } else {
        *link = block->next;
      }
      return (uint8_t *)block + HEAP_ALIGN;
    }
    heap_grow(size);
  }
}

/* ----------------------------------------------------------------------------------------------- scratch, canonical ABI */

static block_t *scratch_list;

UNUSED void *scratch_allocate(size_t size) {
  uint8_t *pointer = heap_allocate(size);
  block_t *block = (block_t *)(pointer - HEAP_ALIGN);
  block->next = scratch_list;
  scratch_list = block;
  return pointer;
}

typedef block_t *scratch_mark_t;
UNUSED scratch_mark_t scratch_mark(void) { return scratch_list; }

/* Ends the life of what was allocated as scratch since the mark. */
UNUSED void scratch_release_to(scratch_mark_t mark) {
  while (scratch_list != mark) {
    block_t *block = scratch_list;
    scratch_list = block->next;
    heap_release((uint8_t *)block + HEAP_ALIGN);
  }
}

/* Ends the life of everything that was allocated as scratch. */
UNUSED void scratch_reset(void) { scratch_release_to(NULL); }

EXPORT("cabi_realloc") void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  if (align > HEAP_ALIGN) trap();
  if (size == 0) return (void *)align;
  void *pointer = scratch_allocate(size);
  if (old && old_size) __builtin_memcpy(pointer, old, old_size < size ? old_size : size);
  return pointer;
}

/* ------------------------------------------------------------------------------------------------------------ bytes */

UNUSED bool bytes_equal(bytes_t a, bytes_t b) {
  if (a.size != b.size) return false;
  for (size_t i = 0; i < a.size; i++)
    if (a.data[i] != b.data[i]) return false;
  return true;
}

/* Joins `count` parts in scratch memory. */
UNUSED bytes_t bytes_join(const bytes_t *parts, size_t count) {
  size_t size = 0;
  for (size_t i = 0; i < count; i++) size += parts[i].size;
  uint8_t *data = scratch_allocate(size);
  size_t at = 0;
  for (size_t i = 0; i < count; i++) {
    if (parts[i].size) __builtin_memcpy(data + at, parts[i].data, parts[i].size);
    at += parts[i].size;
  }
  return (bytes_t){data, size};
}
#define JOIN(...) \
  bytes_join((const bytes_t[]){__VA_ARGS__}, sizeof((const bytes_t[]){__VA_ARGS__}) / sizeof(bytes_t))

/* Decimal digits in scratch memory. */
UNUSED bytes_t bytes_of_number(uint64_t number) {
  uint8_t *end = (uint8_t *)scratch_allocate(20) + 20;
  uint8_t *at = end;
  do {
    *--at = (uint8_t)('0' + number % 10);
    number /= 10;
  } while (number);
  return (bytes_t){at, (size_t)(end - at)};
}

#endif
