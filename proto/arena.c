#include "proto/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 2048, BLOCK_MAX = 64 * 1024 };

struct block {
    struct block *next;
    size_t capacity, used;
    alignas(max_align_t) unsigned char bytes[];
};

// The first block stands right behind the arena, in the same piece of memory.
struct arena {
    alignas(max_align_t) size_t budget;
    size_t held; // of the budget: bookkeeping and capacity of all blocks
    size_t used;
    size_t next_block;
    bool exhausted;
    struct block *current; // newest first; big allocations have blocks of their own behind it
    ProtobufCAllocator allocator;
};

static struct block *first_block(struct arena *arena) {
    return (struct block *)(void *)(arena + 1);
}

static void start_over(struct arena *arena) {
    struct block *first = first_block(arena);
    first->next = NULL;
    first->used = 0;
    arena->held = sizeof(struct arena) + sizeof(struct block) + first->capacity;
    arena->used = 0;
    arena->next_block = FIRST_BLOCK * 2;
    arena->exhausted = false;
    arena->current = first;
}

static void *refuse(struct arena *arena) {
    arena->exhausted = true;
    return NULL;
}

// A block with room for `size`, or NULL. An allocation that would fill much of a block gets one of its own, so that
// the rest of the current one is not lost.
static struct block *add_block(struct arena *arena, size_t size) {
    size_t room = arena->budget > arena->held ? arena->budget - arena->held : 0;
    if (room < sizeof(struct block) || size > room - sizeof(struct block))
        return refuse(arena);
    bool own = size > arena->next_block / 4;
    size_t capacity = own ? size : arena->next_block;
    if (capacity > room - sizeof(struct block))
        capacity = room - sizeof(struct block);
    struct block *block = malloc(sizeof(struct block) + capacity);
    if (!block)
        return refuse(arena);
    *block = (struct block){.capacity = capacity};
    arena->held += sizeof(struct block) + capacity;
    if (own) {
        block->next = arena->current->next;
        arena->current->next = block;
    } else {
        block->next = arena->current;
        arena->current = block;
        arena->next_block = arena->next_block < BLOCK_MAX ? arena->next_block * 2 : BLOCK_MAX;
    }
    return block;
}

// `alignment` is a power of two, at most that of max_align_t.
static void *take(struct arena *arena, size_t size, size_t alignment) {
    if (size == 0)
        size = 1;
    struct block *block = arena->current;
    size_t offset = (block->used + alignment - 1) & ~(alignment - 1);
    if (offset > block->capacity || size > block->capacity - offset) {
        block = add_block(arena, size);
        if (!block)
            return NULL;
        offset = 0;
    }
    arena->used += offset - block->used + size;
    block->used = offset + size;
    return block->bytes + offset;
}

// The size of an object is a multiple of its alignment, so the lowest bit of a size bounds what may live there: a
// string of 21 bytes needs no padding in front. Messages are mostly strings.
static void *protobuf_alloc(void *arena, size_t size) {
    size_t alignment = size & (~size + 1);
    return take(arena, size, alignment && alignment < alignof(max_align_t) ? alignment : alignof(max_align_t));
}

static void protobuf_free(void *arena, void *pointer) {
    (void)arena;
    (void)pointer;
}

struct arena *arena_new(size_t budget) {
    const size_t overhead = sizeof(struct arena) + sizeof(struct block);
    size_t capacity = budget > overhead ? budget - overhead : 0;
    if (capacity > FIRST_BLOCK)
        capacity = FIRST_BLOCK;
    struct arena *arena = malloc(overhead + capacity);
    if (!arena)
        return NULL;
    *arena = (struct arena){.budget = budget, .allocator = {protobuf_alloc, protobuf_free, arena}};
    first_block(arena)->capacity = capacity;
    start_over(arena);
    return arena;
}

static void free_blocks(struct arena *arena) {
    struct block *block = arena->current;
    while (block) {
        struct block *next = block->next;
        if (block != first_block(arena))
            free(block);
        block = next;
    }
}

void arena_free(struct arena *arena) {
    if (!arena)
        return;
    free_blocks(arena);
    free(arena);
}

void arena_reset(struct arena *arena) {
    free_blocks(arena);
    start_over(arena);
}

void *arena_alloc(struct arena *arena, size_t size) {
    void *memory = take(arena, size, alignof(max_align_t));
    return memory ? memset(memory, 0, size) : NULL;
}

void *arena_copy(struct arena *arena, const void *bytes, size_t size) {
    void *memory = take(arena, size, alignof(max_align_t));
    if (memory && size > 0)
        memcpy(memory, bytes, size);
    return memory;
}

char *arena_strdup(struct arena *arena, const char *text) {
    size_t size = strlen(text) + 1;
    char *memory = take(arena, size, 1);
    return memory ? memcpy(memory, text, size) : NULL;
}

size_t arena_used(const struct arena *arena) {
    return arena->used;
}

size_t arena_budget(const struct arena *arena) {
    return arena->budget;
}

bool arena_exhausted(const struct arena *arena) {
    return arena->exhausted;
}

ProtobufCAllocator *arena_allocator(struct arena *arena) {
    return &arena->allocator;
}
