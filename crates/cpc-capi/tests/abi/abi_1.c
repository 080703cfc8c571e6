/*
 * A program built against the header of the first published version of ABI 1, cpc-1.h, which stays as it is: every
 * later library of this ABI must serve it. The step `capi` builds and runs it with the current library, also under
 * sanitizers and valgrind: all structs are on the heap at the size that this header gives them, so that a library that
 * reads or writes more of them is caught.
 */
#include "cpc-1.h"

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

/* 2026-11-23T12:00:00Z. */
static const int64_t NOON = 1795435200000;
static const int64_t HOUR = 3600000;
static const int64_t DAY = 86400000;

static cpc_text text(const char *string) {
    cpc_text made = {string, strlen(string)};
    return made;
}

/* Structs of zeros, each with its size in front; freed by the caller. */
static void *structs(size_t size, size_t count) {
    unsigned char *made = calloc(count, size);
    CHECK(made != NULL);
    for (size_t index = 0; index < count; index++) {
        uint32_t struct_size = (uint32_t)size;
        memcpy(made + index * size, &struct_size, sizeof struct_size);
    }
    return made;
}

#define NEW(type, count) ((type *)structs(sizeof(type), (count)))

/* Two senders, the second with every member. */
static void set_wallet(cpc_engine *engine) {
    const cpc_text operators[2] = {text("ana"), text("bia")};
    cpc_sender *senders = NEW(cpc_sender, 2);
    senders[0].id = text("5514990000001");
    senders[1].id = text("5514990000002");
    senders[1].flags = CPC_SENDER_HAS_DAILY_LIMIT | CPC_SENDER_HAS_PACE;
    senders[1].weight = 2;
    senders[1].daily_limit = 1000;
    senders[1].per_second = 20;
    senders[1].burst = 5;
    senders[1].group = text("g");
    senders[1].operators = operators;
    senders[1].operator_count = 1;
    cpc_wallet *wallet = NEW(cpc_wallet, 1);
    wallet->flags = CPC_WALLET_HAS_WINDOW;
    wallet->tag = text("emp1");
    wallet->window_ms = 12 * (uint64_t)HOUR;
    wallet->operators = operators;
    wallet->operator_count = 2;
    wallet->senders = senders;
    wallet->sender_count = 2;
    cpc_outcome *outcome = NEW(cpc_outcome, 1);
    cpc_applied *applied = NEW(cpc_applied, 1);
    CHECK(cpc_engine_set_wallet(engine, NOON, wallet, outcome, applied) == CPC_OK);
    CHECK(outcome->status == CPC_STATUS_APPLIED && outcome->struct_size == sizeof(cpc_outcome));
    CHECK(applied->seq == 1 && applied->effective_at == NOON && applied->struct_size == sizeof(cpc_applied));
    free(senders);
    free(wallet);
    free(outcome);
    free(applied);
}

static void dispatch(cpc_engine *engine) {
    const char *phones[4] = {"5511988876204", "+55 (11) 98887-6204", "5520988876204", "5511988876205"};
    cpc_message *messages = NEW(cpc_message, 4);
    for (size_t index = 0; index < 4; index++) {
        messages[index].flags = CPC_MESSAGE_CLOSE_TICKET | CPC_MESSAGE_HAS_ID;
        messages[index].id_message = 100 + index;
        messages[index].phone = text(phones[index]);
        messages[index].specialist_code = text("bia");
        messages[index].contract = text("1091757");
        messages[index].main_template = text("Ola");
        messages[index].retry_template = text("Ola?");
    }
    messages[3].client_id = text("c1");
    messages[3].main_template = text(" ");
    cpc_batch *batch = NEW(cpc_batch, 1);
    batch->campaign = text("campaign");
    batch->id_account = text("1234");
    batch->tag = text("emp1");
    batch->messages = messages;
    batch->count = 4;
    cpc_outcome *outcomes = NEW(cpc_outcome, 4);
    /* Only the first must say its size; the library sets the others. */
    for (size_t index = 1; index < 4; index++) outcomes[index].struct_size = 0;
    CHECK(cpc_engine_preview(engine, NOON, batch, outcomes, 4) == CPC_OK);
    CHECK(outcomes[3].status == CPC_STATUS_ACCEPTED);
    CHECK(cpc_engine_dispatch(engine, NOON, batch, outcomes, 4, NULL) == CPC_OK);
    for (size_t index = 0; index < 4; index++) CHECK(outcomes[index].struct_size == sizeof(cpc_outcome));
    CHECK(outcomes[0].status == CPC_STATUS_ACCEPTED && outcomes[0].dispatch == 1);
    CHECK(outcomes[0].to == 5511988876204 && outcomes[0].send_at == NOON);
    CHECK(outcomes[0].blocked_until == NOON + 12 * HOUR && outcomes[0].stage == 0);
    const uint32_t accepted = CPC_HAS_DISPATCH | CPC_HAS_SENDER | CPC_HAS_TO | CPC_HAS_SEND_AT |
                              CPC_HAS_BLOCKED_UNTIL | CPC_HAS_STAGE;
    CHECK((outcomes[0].present & accepted) == accepted);
    CHECK(outcomes[1].status == CPC_STATUS_DUPLICATE_IN_BATCH && outcomes[1].first_index == 0);
    CHECK(outcomes[1].retry_at == NOON + 12 * HOUR);
    CHECK(outcomes[2].status == CPC_STATUS_INVALID_PHONE);
    CHECK(outcomes[3].status == CPC_STATUS_ACCEPTED && (outcomes[3].present & CPC_WARNS_EMPTY_TEMPLATE) != 0);

    batch->count = 1;
    messages[0].specialist_code = text(" ");
    CHECK(cpc_engine_dispatch(engine, NOON, batch, outcomes, 4, NULL) == CPC_OK);
    CHECK(outcomes[0].status == CPC_STATUS_INVALID_FIELD && (outcomes[0].present & CPC_HAS_FIELD) != 0);
    CHECK(outcomes[0].field.length == 14 && memcmp(outcomes[0].field.data, "specialistCode", 14) == 0);
    free(messages);
    free(batch);
    free(outcomes);
}

static void dispatch_columns(cpc_engine *engine) {
    const uint64_t phones[2] = {5511988876206, 5511988876204};
    cpc_columns *columns = NEW(cpc_columns, 1);
    columns->flags = CPC_COLUMNS_CLOSE_TICKET;
    columns->campaign = text("campaign");
    columns->tag = text("emp1");
    columns->specialist_code = text("ana");
    columns->main_template = text("Ola");
    columns->count = 2;
    columns->phones.data = phones;
    columns->phones.stride = sizeof phones[0];
    columns->client_ids.data = "c2c3";
    columns->client_ids.width = 2;
    columns->client_ids.stride = 2;
    cpc_outcome *outcomes = NEW(cpc_outcome, 2);
    CHECK(cpc_engine_dispatch_columns(engine, NOON, columns, outcomes, 2, NULL) == CPC_OK);
    CHECK(outcomes[0].status == CPC_STATUS_ACCEPTED && outcomes[0].dispatch == 3);
    CHECK(outcomes[1].status == CPC_STATUS_CONTACT_BLOCKED && outcomes[1].retry_at == NOON + 12 * HOUR);
    free(columns);
    free(outcomes);
}

static void contact(cpc_engine *engine) {
    cpc_target *target = NEW(cpc_target, 1);
    target->kind = CPC_TARGET_PHONE;
    target->id = text("5511988876204");
    cpc_contact *view = NEW(cpc_contact, 1);
    CHECK(cpc_engine_contact(engine, NOON + HOUR, target, view) == CPC_OK);
    CHECK(view->struct_size == sizeof(cpc_contact) && view->state == CPC_GATE_BLOCKED);
    CHECK(view->key == 551188876204 && view->dispatch == 1 && view->stage == 0);
    CHECK(view->since == NOON && view->until == NOON + 12 * HOUR && view->at == NOON + HOUR);
    CHECK(view->pending_stages == CPC_PENDING_STAGE_1 && view->suppression == CPC_SUPPRESSION_NONE);

    cpc_reply *reply = NEW(cpc_reply, 1);
    reply->flags = CPC_REPLY_HAS_RECEIVED_AT;
    reply->phone = text("551188876204");
    reply->received_at = NOON + HOUR;
    cpc_outcome *outcome = NEW(cpc_outcome, 1);
    CHECK(cpc_engine_reply(engine, NOON + HOUR, reply, outcome, NULL) == CPC_OK);
    CHECK(outcome->status == CPC_STATUS_REPLIED);
    CHECK(cpc_engine_contact(engine, NOON + HOUR, target, view) == CPC_OK);
    CHECK(view->state == CPC_GATE_REPLIED && view->last_reply == NOON + HOUR);
    CHECK(cpc_engine_opt_out(engine, NOON + HOUR, target, outcome, NULL) == CPC_OK);
    CHECK(cpc_engine_contact(engine, NOON + HOUR, target, view) == CPC_OK);
    CHECK(view->state == CPC_GATE_SUPPRESSED && view->suppression == CPC_SUPPRESSION_OPTED_OUT);
    free(target);
    free(view);
    free(reply);
    free(outcome);
}

static void report(cpc_engine *engine) {
    cpc_report *report = NEW(cpc_report, 1);
    report->delivery = CPC_DELIVERY_DELIVERED;
    report->dispatch = 3;
    cpc_outcome *outcome = NEW(cpc_outcome, 1);
    CHECK(cpc_engine_report(engine, NOON + HOUR, report, outcome, NULL) == CPC_OK);
    CHECK(outcome->status == CPC_STATUS_APPLIED);
    free(report);
    free(outcome);
}

static void time_passes(cpc_engine *engine) {
    cpc_deadlines *deadlines = NEW(cpc_deadlines, 1);
    CHECK(cpc_engine_deadlines(engine, NOON + HOUR, deadlines) == CPC_OK);
    CHECK(deadlines->present == (CPC_HAS_FOLLOW_UP | CPC_HAS_EXPIRY) && deadlines->follow_up == NOON + 12 * HOUR);
    cpc_outcome *outcomes = NEW(cpc_outcome, 3);
    size_t count = 9;
    CHECK(cpc_engine_follow_ups(engine, NOON + 12 * HOUR, outcomes, 3, &count, NULL) == CPC_OK && count == 1);
    CHECK(outcomes[0].status == CPC_STATUS_ACCEPTED && outcomes[0].stage == 1 && outcomes[0].origin == 2);
    CHECK(outcomes[0].phone == 5511988876205);
    CHECK(cpc_engine_expire(engine, NOON + DAY, outcomes, 3, &count, NULL) == CPC_OK && count == 2);
    CHECK(outcomes[1].status == CPC_STATUS_EXPIRED && outcomes[1].expired_at > NOON);
    CHECK(outcomes[1].struct_size == sizeof(cpc_outcome));
    cpc_stats *stats = NEW(cpc_stats, 1);
    CHECK(cpc_engine_stats(engine, NOON + DAY, stats) == CPC_OK);
    CHECK(stats->dispatches == 4 && stats->wallets == 1 && stats->senders == 2 && stats->opted_out == 1);
    free(deadlines);
    free(outcomes);
    free(stats);
}

static void sizes_are_checked(cpc_engine *engine) {
    cpc_target *target = NEW(cpc_target, 1);
    target->kind = CPC_TARGET_CLIENT;
    target->id = text("c1");
    cpc_contact *view = NEW(cpc_contact, 1);
    view->struct_size = sizeof(cpc_contact) - 8;
    CHECK(cpc_engine_contact(engine, NOON, target, view) == CPC_ERR_STRUCT_SIZE);
    view->struct_size = UINT32_MAX;
    CHECK(cpc_engine_contact(engine, NOON, target, view) == CPC_ERR_STRUCT_SIZE);
    view->struct_size = sizeof(cpc_contact);
    target->struct_size = 0;
    CHECK(cpc_engine_contact(engine, NOON, target, view) == CPC_ERR_STRUCT_SIZE);
    free(target);
    free(view);
}

int main(void) {
    CHECK(cpc_abi_version() == CPC_ABI_VERSION);
    cpc_engine *engine = NULL;
    CHECK(cpc_engine_new(CPC_LANGUAGE_EN, &engine) == CPC_OK);
    set_wallet(engine);
    dispatch(engine);
    dispatch_columns(engine);
    contact(engine);
    report(engine);
    time_passes(engine);
    sizes_are_checked(engine);
    CHECK(cpc_engine_free(engine) == CPC_OK);
    return 0;
}
