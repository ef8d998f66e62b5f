#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/arena.h"

static void memory_is_zeroed_and_aligned(void **state) {
    (void)state;
    struct arena *arena = arena_new(64 * 1024);
    for (size_t size = 1; size < 200; size += 3) {
        assert_non_null(arena_strdup(arena, "x")); // throws the next one off the alignment
        unsigned char *memory = arena_alloc(arena, size);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0xff, size);
    }
    arena_free(arena);
}

static void reused_memory_is_zeroed_again(void **state) {
    (void)state;
    struct arena *arena = arena_new(8192);
    unsigned char *first = arena_alloc(arena, 512);
    memset(first, 0xff, 512);
    arena_reset(arena);
    unsigned char *second = arena_alloc(arena, 512);
    assert_ptr_equal(first, second);
    for (size_t i = 0; i < 512; i++)
        assert_int_equal(second[i], 0);
    arena_free(arena);
}

static void allocations_do_not_overlap(void **state) {
    (void)state;
    enum { COUNT = 3000 };
    static unsigned char *kept[COUNT];
    struct arena *arena = arena_new(16 * 1024 * 1024);
    for (size_t i = 0; i < COUNT; i++) {
        size_t size = 1 + (i * 37) % (i % 50 == 0 ? 9000 : 90);
        kept[i] = arena_alloc(arena, size);
        assert_non_null(kept[i]);
        memset(kept[i], (int)(i % 251), size);
    }
    for (size_t i = 0; i < COUNT; i++) {
        size_t size = 1 + (i * 37) % (i % 50 == 0 ? 9000 : 90);
        for (size_t at = 0; at < size; at++)
            assert_int_equal(kept[i][at], i % 251);
    }
    arena_free(arena);
}

static void the_budget_is_never_passed(void **state) {
    (void)state;
    static const size_t budgets[] = {0, 1, 100, 500, 4096, 65536, 1024 * 1024};
    for (size_t b = 0; b < sizeof budgets / sizeof budgets[0]; b++) {
        struct arena *arena = arena_new(budgets[b]);
        assert_non_null(arena);
        size_t given = 0;
        while (arena_alloc(arena, 48))
            given += 48;
        assert_true(given <= budgets[b]);
        assert_true(arena_used(arena) <= budgets[b]);
        assert_true(arena_exhausted(arena));
        if (budgets[b] >= 65536)
            assert_true(given >= budgets[b] * 95 / 100); // bookkeeping stays small
        arena_free(arena);
    }
}

static void what_the_budget_forbids_is_refused_unasked(void **state) {
    (void)state;
    struct arena *arena = arena_new(4096);
    assert_false(arena_exhausted(arena));
    assert_null(arena_alloc(arena, SIZE_MAX));
    assert_null(arena_alloc(arena, SIZE_MAX - 64));
    assert_null(arena_alloc(arena, 4096));
    assert_true(arena_exhausted(arena));
    assert_non_null(arena_alloc(arena, 100)); // a small one still fits
    assert_true(arena_exhausted(arena));
    arena_reset(arena);
    assert_false(arena_exhausted(arena));
    assert_int_equal(arena_used(arena), 0);
    assert_int_equal(arena_budget(arena), 4096);
    arena_free(arena);
}

static void a_large_allocation_leaves_the_small_ones_their_room(void **state) {
    (void)state;
    struct arena *arena = arena_new(1024 * 1024);
    char *before = arena_alloc(arena, 16);
    assert_non_null(arena_alloc(arena, 200 * 1000));
    char *after = arena_alloc(arena, 16);
    assert_ptr_equal(after, before + 16);
    arena_free(arena);
}

static void copies_are_copies(void **state) {
    (void)state;
    struct arena *arena = arena_new(4096);
    char text[] = "Đống Đa";
    char *copy = arena_strdup(arena, text);
    int number = 42;
    int *number_copy = arena_copy(arena, &number, sizeof number);
    text[0] = 'x';
    number = 7;
    assert_string_equal(copy, "Đống Đa");
    assert_int_equal(*number_copy, 42);
    assert_non_null(arena_copy(arena, NULL, 0));
    arena_free(arena);
    arena_free(NULL);
}

static void protobuf_gets_what_a_type_of_that_size_needs(void **state) {
    (void)state;
    struct arena *arena = arena_new(64 * 1024);
    ProtobufCAllocator *allocator = arena_allocator(arena);
    size_t before = arena_used(arena);
    for (int i = 0; i < 10; i++)
        allocator->alloc(allocator->allocator_data, 21);
    assert_int_equal(arena_used(arena) - before, 210);
    for (size_t size = 8; size <= 64; size += 8)
        assert_int_equal((uintptr_t)allocator->alloc(allocator->allocator_data, size) % 8, 0);
    void *last = allocator->alloc(allocator->allocator_data, 32);
    assert_int_equal((uintptr_t)last % alignof(max_align_t), 0);
    allocator->free(allocator->allocator_data, last);
    assert_null(allocator->alloc(allocator->allocator_data, 1024 * 1024));
    assert_true(arena_exhausted(arena));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned),
        cmocka_unit_test(reused_memory_is_zeroed_again),
        cmocka_unit_test(allocations_do_not_overlap),
        cmocka_unit_test(the_budget_is_never_passed),
        cmocka_unit_test(what_the_budget_forbids_is_refused_unasked),
        cmocka_unit_test(a_large_allocation_leaves_the_small_ones_their_room),
        cmocka_unit_test(copies_are_copies),
        cmocka_unit_test(protobuf_gets_what_a_type_of_that_size_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
