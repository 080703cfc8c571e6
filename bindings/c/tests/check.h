/* What the test programs share: checks that say where they failed, and arguments that are short to write. */
#ifndef CPC_TESTS_CHECK_H
#define CPC_TESTS_CHECK_H

#include "cpc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                              \
    do {                                                                              \
        if (!(condition)) {                                                           \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);   \
            exit(1);                                                                  \
        }                                                                             \
    } while (0)

/* 2026-11-23T12:00:00Z, 09:00 in Brasilia. */
static const int64_t NINE = 1795435200000;
static const int64_t MINUTE = 60000;
static const int64_t HOUR = 3600000;
static const int64_t DAY = 86400000;

static inline cpc_text text(const char *string) {
    cpc_text made = {string, strlen(string)};
    return made;
}

static inline int text_is(cpc_text found, const char *expected) {
    return found.length == strlen(expected) && (found.length == 0 || memcmp(found.data, expected, found.length) == 0);
}

static inline int buffer_is(const cpc_buffer *found, const char *expected) {
    return found->length == strlen(expected) && memcmp(found->data, expected, found->length) == 0;
}

static inline int buffer_has(const cpc_buffer *found, const char *part) {
    size_t length = strlen(part);
    for (size_t at = 0; at + length <= found->length; at++) {
        if (memcmp(found->data + at, part, length) == 0) return 1;
    }
    return 0;
}

static inline cpc_message message(const char *phone) {
    cpc_message made;
    memset(&made, 0, sizeof made);
    made.struct_size = sizeof made;
    made.flags = CPC_MESSAGE_CLOSE_TICKET;
    made.phone = text(phone);
    made.specialist_code = text("admin");
    made.main_template = text("Ola!");
    return made;
}

static inline cpc_batch batch(const cpc_message *messages, size_t count) {
    cpc_batch made;
    memset(&made, 0, sizeof made);
    made.struct_size = sizeof made;
    made.campaign = text("Campanha teste");
    made.tag = text("emp1");
    made.messages = messages;
    made.count = count;
    return made;
}

static inline cpc_outcome room_for_outcome(void) {
    cpc_outcome made;
    memset(&made, 0, sizeof made);
    made.struct_size = sizeof made;
    return made;
}

static inline cpc_applied room_for_applied(void) {
    cpc_applied made;
    memset(&made, 0, sizeof made);
    made.struct_size = sizeof made;
    return made;
}

/* An engine whose wallet emp1 has two senders. */
static inline cpc_engine *new_engine(void) {
    cpc_engine *engine = NULL;
    CHECK(cpc_engine_new(CPC_LANGUAGE_EN, &engine) == CPC_OK);
    cpc_sender senders[2];
    memset(senders, 0, sizeof senders);
    senders[0].struct_size = senders[1].struct_size = sizeof senders[0];
    senders[0].weight = senders[1].weight = 1;
    senders[0].id = text("5514990000001");
    senders[0].flags = CPC_SENDER_HAS_DAILY_LIMIT | CPC_SENDER_HAS_PACE;
    senders[0].daily_limit = 1000;
    senders[0].per_second = 80;
    senders[0].burst = 80;
    senders[1].id = text("5514990000002");
    senders[1].group = text("bm1");
    cpc_wallet wallet;
    memset(&wallet, 0, sizeof wallet);
    wallet.struct_size = sizeof wallet;
    wallet.tag = text("emp1");
    wallet.senders = senders;
    wallet.sender_count = 2;
    cpc_outcome outcome = room_for_outcome();
    CHECK(cpc_engine_set_wallet(engine, NINE, &wallet, &outcome, NULL) == CPC_OK);
    CHECK(outcome.status == CPC_STATUS_APPLIED);
    return engine;
}

#endif
