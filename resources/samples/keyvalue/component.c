/* A library: values by key in the memory of its instance, behind a resource. */
#include "../include/component.h"

#define STORE "patchbay:keyvalue/store@0.1.0"

enum { KEY_LIMIT = 256, TOTAL_LIMIT = 16 * 1024 * 1024 };
enum { REFUSED_KEY_SIZE, REFUSED_FULL };

IMPORT("[export]" STORE, "[resource-new]bucket") int32_t bucket_handle_new(int32_t);

/* Keys and values are copies of our own. */
typedef struct entry {
  struct entry *next;
  bytes_t key;
  bytes_t value;
} entry_t;

/* Buckets outlive their handles: a handle is only a way to reach one. */
typedef struct bucket {
  struct bucket *next;
  bytes_t name;
  entry_t *entries;
} bucket_t;

static bucket_t *buckets;
static size_t total;

static bytes_t keep(bytes_t bytes) {
  uint8_t *data = heap_allocate(bytes.size);
  if (bytes.size) __builtin_memcpy(data, bytes.data, bytes.size);
  return (bytes_t){data, bytes.size};
}

static void forget(bytes_t bytes) { heap_release((void *)(uintptr_t)bytes.data); }

/* The link that points at the entry, or at the end of the list. */
static entry_t **find(bucket_t *bucket, bytes_t key) {
  entry_t **link = &bucket->entries;
  while (*link && !bytes_equal((*link)->key, key)) link = &(*link)->next;
  return link;
}

EXPORT(STORE "#[constructor]bucket") int32_t bucket_open(const uint8_t *name, size_t name_size) {
  bytes_t wanted = {name, name_size};
  bucket_t *bucket = buckets;
  while (bucket && !bytes_equal(bucket->name, wanted)) bucket = bucket->next;
  if (!bucket) {
    bucket = heap_allocate(sizeof(bucket_t));
    *bucket = (bucket_t){buckets, keep(wanted), NULL};
    buckets = bucket;
  }
  scratch_reset();
  return bucket_handle_new((int32_t)(uintptr_t)bucket);
}

EXPORT(STORE "#[dtor]bucket") void bucket_closed(bucket_t *bucket) { (void)bucket; }

typedef struct { uint8_t tag; bytes_t value; } option_bytes_t;
static option_bytes_t got;

EXPORT(STORE "#[method]bucket.get") option_bytes_t *bucket_get(bucket_t *bucket, const uint8_t *key, size_t key_size) {
  entry_t *entry = *find(bucket, (bytes_t){key, key_size});
  /* The value is lifted before anything can change it: no copy needed. */
  got = entry ? (option_bytes_t){1, entry->value} : (option_bytes_t){0};
  scratch_reset();
  return &got;
}

typedef struct { uint8_t tag; uint8_t refusal; } result_refusal_t;
static result_refusal_t done;

static result_refusal_t set(bucket_t *bucket, bytes_t key, bytes_t value) {
  if (key.size < 1 || key.size > KEY_LIMIT) return (result_refusal_t){1, REFUSED_KEY_SIZE};
  entry_t **link = find(bucket, key);
  entry_t *entry = *link;
  size_t before = entry ? entry->key.size + entry->value.size : 0;
  if (value.size > TOTAL_LIMIT || total - before + key.size + value.size > TOTAL_LIMIT) return (result_refusal_t){1, REFUSED_FULL};
  total = total - before + key.size + value.size;
  if (entry) {
    forget(entry->value);
    entry->value = keep(value);
    return (result_refusal_t){0};
  }
  *link = heap_allocate(sizeof(entry_t));
  **link = (entry_t){NULL, keep(key), keep(value)};
  return (result_refusal_t){0};
}

EXPORT(STORE "#[method]bucket.set") result_refusal_t *bucket_set(bucket_t *bucket, const uint8_t *key, size_t key_size, const uint8_t *value, size_t value_size) {
  done = set(bucket, (bytes_t){key, key_size}, (bytes_t){value, value_size});
  scratch_reset();
  return &done;
}

EXPORT(STORE "#[method]bucket.delete") int32_t bucket_delete(bucket_t *bucket, const uint8_t *key, size_t key_size) {
  entry_t **link = find(bucket, (bytes_t){key, key_size});
  entry_t *entry = *link;
  scratch_reset();
  if (!entry) return 0;
  *link = entry->next;
  total -= entry->key.size + entry->value.size;
  forget(entry->key);
  forget(entry->value);
  heap_release(entry);
  return 1;
}

typedef struct { bytes_t *keys; size_t count; } key_list_t;
static key_list_t listed;

EXPORT(STORE "#[method]bucket.keys") key_list_t *bucket_keys(bucket_t *bucket) {
  size_t count = 0;
  for (entry_t *entry = bucket->entries; entry; entry = entry->next) count++;
  listed = (key_list_t){scratch_allocate(count * sizeof(bytes_t)), count};
  size_t at = 0;
  for (entry_t *entry = bucket->entries; entry; entry = entry->next) listed.keys[at++] = entry->key;
  return &listed;
}

EXPORT("cabi_post_" STORE "#[method]bucket.keys") void bucket_keys_post(key_list_t *list) {
  (void)list;
  scratch_reset();
}
