#include "server/rules/final_board.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/rules/ranking.h"

// The board's text on its way into the hash. A failure sticks.
struct digest {
    EVP_MD_CTX *context;
    bool failed;
};

static void add(struct digest *digest, const char *text) {
    digest->failed = digest->failed || EVP_DigestUpdate(digest->context, text, strlen(text)) != 1;
}

static void add_word(struct digest *digest, const char *word) {
    add(digest, " ");
    add(digest, word);
}

static void add_number(struct digest *digest, int64_t number) {
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    add_word(digest, text);
}

static void add_points(struct digest *digest, int32_t points_cp) {
    if (points_cp == POINTS_NONE)
        add_word(digest, "-");
    else
        add_number(digest, points_cp);
}

static void add_definition(struct digest *digest, const struct period *period) {
    char hex[2 * sizeof period->hash + 1];
    for (size_t i = 0; i < sizeof period->hash; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned)period->hash[i]);
    add(digest, "thidua-board 1\nperiod");
    add_word(digest, period->definition->id);
    add(digest, "\ndefinition");
    add_word(digest, hex);
    add(digest, "\ncriteria");
    for (size_t leaf = 0; leaf < period->n_leaves; leaf++)
        add_word(digest, period_leaf(period, leaf)->code);
    add(digest, "\n");
}

static void add_unit(struct digest *digest, const struct period *period, size_t unit, uint32_t rank,
                     const struct figures *figures) {
    add(digest, "unit");
    add_word(digest, period_unit(period, unit)->id);
    if (rank == 0)
        add_word(digest, "-");
    else
        add_number(digest, rank);
    add_points(digest, figures->base_cp);
    add_number(digest, figures->bonus_cp);
    add_number(digest, figures->deduction_cp);
    add_points(digest, figures->total_cp);
    for (size_t leaf = 0; leaf < period->n_leaves; leaf++)
        add_points(digest, figures->points_cp[leaf]);
    add(digest, "\n");
}

// The ranks by unit index; free them. NULL: out of memory.
static uint32_t *rank_units(const struct period *period, const struct figures *const *figures) {
    struct standing *standings = calloc(period->n_units + 1, sizeof *standings);
    uint32_t *ranks = calloc(period->n_units + 1, sizeof *ranks);
    if (standings == NULL || ranks == NULL) {
        free(standings);
        free(ranks);
        return NULL;
    }
    for (size_t unit = 0; unit < period->n_units; unit++)
        standings[unit] = (struct standing){
            .unit = unit,
            .total_cp = figures[unit]->total_cp,
            .deduction_cp = figures[unit]->deduction_cp,
            .points_cp = figures[unit]->points_cp,
        };
    ranking_order(period, standings, period->n_units);
    for (size_t i = 0; i < period->n_units; i++)
        ranks[standings[i].unit] = standings[i].rank;
    free(standings);
    return ranks;
}

static bool digest_board(struct digest *digest, const struct period *period, const struct figures *const *figures,
                         const uint32_t *ranks, uint8_t hash[BOARD_HASH]) {
    digest->failed = EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL) != 1;
    add_definition(digest, period);
    for (size_t unit = 0; unit < period->n_units; unit++)
        add_unit(digest, period, unit, ranks[unit], figures[unit]);
    return !digest->failed && EVP_DigestFinal_ex(digest->context, hash, NULL) == 1;
}

bool final_board_hash(const struct period *period, const struct figures *const *figures, uint8_t hash[BOARD_HASH]) {
    struct digest digest = {.context = EVP_MD_CTX_new()};
    uint32_t *ranks = rank_units(period, figures);
    bool done = digest.context != NULL && ranks != NULL && digest_board(&digest, period, figures, ranks, hash);
    EVP_MD_CTX_free(digest.context);
    free(ranks);
    return done;
}
