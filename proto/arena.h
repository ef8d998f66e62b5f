// An allocator with a budget, freed in one go. A message from a peer lives in one, so that no input can cost more
// memory than its door allows; so do the events and replies made from it.
#ifndef THIDUA_PROTO_ARENA_H
#define THIDUA_PROTO_ARENA_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

// An empty arena that will hand out at most `budget` bytes, its own bookkeeping included. NULL: out of memory.
struct arena *arena_new(size_t budget);

// Frees the arena and all that came from it. NULL is accepted.
void arena_free(struct arena *arena);

// Forgets all that came from it and keeps its first block for the next use.
void arena_reset(struct arena *arena);

// Zeroed memory, aligned for any type, valid until arena_reset or arena_free. NULL: the budget or memory is used up.
void *arena_alloc(struct arena *arena, size_t size);

// Copies into the arena; the string copy is terminated. NULL: the budget or memory is used up.
void *arena_copy(struct arena *arena, const void *bytes, size_t size);
char *arena_strdup(struct arena *arena, const char *text);

// Bytes handed out since it was new or reset.
size_t arena_used(const struct arena *arena);

// The budget it was made with.
size_t arena_budget(const struct arena *arena);

// True once an allocation was refused; stays so until arena_reset.
bool arena_exhausted(const struct arena *arena);

// The arena as protobuf-c's allocator; its free does nothing.
ProtobufCAllocator *arena_allocator(struct arena *arena);

#endif
