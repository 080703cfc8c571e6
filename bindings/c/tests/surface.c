/* Every function of the header, used as it should be and as it should not. */

#include "check.h"

static void versions_agree(void) {
    CHECK(cpc_abi_version() == CPC_ABI_VERSION);
    CHECK(strcmp(cpc_version(), CPC_VERSION) == 0);
    char numbers[64];
    snprintf(numbers, sizeof numbers, "%d.%d.%d", CPC_VERSION_MAJOR, CPC_VERSION_MINOR, CPC_VERSION_PATCH);
    CHECK(strcmp(cpc_version(), numbers) == 0);
}

static void names_and_texts(void) {
    CHECK(strcmp(cpc_status_name(CPC_STATUS_CONTACT_BLOCKED), "contact_blocked") == 0);
    CHECK(strcmp(cpc_status_message(CPC_STATUS_CONTACT_BLOCKED, CPC_LANGUAGE_EN), "Contact blocked") == 0);
    CHECK(strcmp(cpc_status_message(CPC_STATUS_CONTACT_BLOCKED, CPC_LANGUAGE_PT_BR), "Contato bloqueado") == 0);
    CHECK(cpc_status_name(1) == NULL && cpc_status_message(0, 9) == NULL && cpc_status_message(1, 1) == NULL);
    CHECK(strcmp(cpc_result_name(CPC_ERR_UNKNOWN_WALLET), "unknown_wallet") == 0);
    CHECK(strcmp(cpc_result_message(CPC_ERR_UNKNOWN_WALLET), "no wallet has this tag") == 0);
    CHECK(cpc_result_name(1) == NULL && cpc_result_message(-11) == NULL);
    CHECK(cpc_result_of_name(text("unknown_wallet")) == CPC_ERR_UNKNOWN_WALLET);
    CHECK(cpc_result_of_name(text("unknown_op")) == CPC_ERR_REFUSED);
}

static void what_comes_from_whatsapp(void) {
    bool is_opt_out = false;
    CHECK(cpc_is_opt_out(text("P\xc3\x81RAR!"), &is_opt_out) == CPC_OK && is_opt_out);
    CHECK(cpc_is_opt_out(text("quero parar"), &is_opt_out) == CPC_OK && !is_opt_out);
    CHECK(cpc_is_opt_out(text("\xff"), &is_opt_out) == CPC_ERR_UTF8);
    CHECK(cpc_is_opt_out(text("parar"), NULL) == CPC_ERR_NULL);
    CHECK(cpc_fault_of_code(131026) == CPC_FAULT_CONTACT && cpc_fault_of_code(131048) == CPC_FAULT_SENDER);
    CHECK(cpc_fault_of_code(131049) == CPC_FAULT_REQUEST && cpc_fault_of_code(7) == CPC_FAULT_AMBIGUOUS);
    cpc_advice advice;
    memset(&advice, 0, sizeof advice);
    CHECK(cpc_advice_of_code(130429, &advice) == CPC_ERR_STRUCT_SIZE && cpc_advice_of_code(7, NULL) == CPC_ERR_NULL);
    advice.struct_size = sizeof advice;
    CHECK(cpc_advice_of_code(130429, &advice) == CPC_OK && advice.fault == CPC_FAULT_SENDER && advice.flags == 0);
    CHECK(advice.sender == CPC_SENDER_ADVICE_HOLD && advice.hold_ms == 10000 && advice.retry == CPC_RETRY_BACK_OFF);
    CHECK(cpc_advice_of_code(131056, &advice) == CPC_OK && advice.retry == CPC_RETRY_AFTER && advice.retry_after_ms == 6000);
    CHECK(cpc_advice_of_code(131050, &advice) == CPC_OK && advice.flags == CPC_ADVICE_OPT_OUT);
}

static void notifications_of_whatsapp_become_commands(void) {
    cpc_engine *engine = NULL;
    CHECK(cpc_engine_new(CPC_LANGUAGE_EN, &engine) == CPC_OK);
    cpc_buffer events = {0}, commands = {0};
    cpc_text ignored = {0};
    const char *body = "{\"entry\":[{\"changes\":[{\"field\":\"messages\",\"value\":{\"messages\":["
                       "{\"from\":\"551188876204\",\"type\":\"text\",\"text\":{\"body\":\"Sair\"}},"
                       "{\"from\":\"551188876204\",\"type\":\"reaction\"}]}}]}]}";
    CHECK(cpc_whatsapp_events(text(body), &events) == CPC_OK);
    const char *event = "{\"message\":{\"phone\":\"551188876204\",\"text\":\"Sair\"}}";
    CHECK(buffer_is(&events, "{\"message\":{\"phone\":\"551188876204\",\"text\":\"Sair\"}}\n{\"ignored\":\"reaction\"}\n"));
    CHECK(cpc_engine_whatsapp_commands(engine, text(event), NINE, &commands, &ignored) == CPC_OK);
    CHECK(buffer_is(&commands, "{\"op\":\"reply\",\"at\":1795435200000,\"phone\":\"551188876204\",\"optOut\":true}\n"));
    CHECK(ignored.length == 0);
    CHECK(cpc_engine_whatsapp_commands(engine, text("{\"ignored\":\"reaction\"}"), NINE, &commands, &ignored) == CPC_OK);
    CHECK(commands.length == 0 && text_is(ignored, "reaction"));
    CHECK(cpc_engine_whatsapp_commands(engine, text(event), NINE, &commands, NULL) == CPC_OK && commands.length > 0);
    CHECK(cpc_whatsapp_events(text("[]"), &events) == CPC_ERR_INVALID_FIELD);
    CHECK(cpc_whatsapp_events(text(body), NULL) == CPC_ERR_NULL);
    CHECK(cpc_engine_whatsapp_commands(engine, text("{}"), NINE, &commands, &ignored) == CPC_ERR_INVALID_FIELD);
    CHECK(cpc_engine_whatsapp_commands(engine, text(event), NINE, NULL, &ignored) == CPC_ERR_NULL);
    CHECK(cpc_engine_whatsapp_commands(NULL, text(event), NINE, &commands, &ignored) == CPC_ERR_NULL);
    cpc_buffer_free(&events);
    cpc_buffer_free(&commands);
    CHECK(cpc_engine_free(engine) == CPC_OK);
}

static void a_wallet_of_zeros_has_the_defaults(void) {
    cpc_engine *engine = NULL;
    CHECK(cpc_engine_new(CPC_LANGUAGE_EN, &engine) == CPC_OK);
    cpc_sender sender;
    memset(&sender, 0, sizeof sender);
    sender.struct_size = sizeof sender;
    sender.id = text("5514990000001");
    cpc_wallet wallet;
    memset(&wallet, 0, sizeof wallet);
    wallet.struct_size = sizeof wallet;
    wallet.tag = text("emp1");
    wallet.senders = &sender;
    wallet.sender_count = 1;
    CHECK(cpc_engine_set_wallet(engine, NINE, &wallet, NULL, NULL) == CPC_OK);
    cpc_buffer answer = {0};
    CHECK(cpc_engine_execute(engine, text("{\"op\":\"wallet\",\"at\":1795435200000,\"tag\":\"emp1\"}"), &answer) == CPC_OK);
    CHECK(buffer_has(&answer, "\"weight\":1") && !buffer_has(&answer, "dailyLimit"));
    wallet.flags = CPC_WALLET_HAS_WINDOW;
    wallet.window_ms = 30 * 86400000ull;
    CHECK(cpc_engine_set_wallet(engine, NINE, &wallet, NULL, NULL) == CPC_ERR_INVALID_FIELD);
    cpc_text field;
    CHECK(cpc_engine_error(engine, &field, NULL) == CPC_ERR_INVALID_FIELD && text_is(field, "windowMs"));
    cpc_buffer_free(&answer);
    CHECK(cpc_engine_free(engine) == CPC_OK);
}

static void a_contact_is_blocked_until_it_answers(void) {
    cpc_engine *engine = new_engine();
    cpc_message messages[3] = {message("5511988876204"), message("+55 (11) 98887-6204"), message("5520988876204")};
    cpc_batch two = batch(messages, 3);
    cpc_outcome outcomes[3] = {room_for_outcome()};
    cpc_applied applied = room_for_applied();

    CHECK(cpc_engine_preview(engine, NINE, &two, outcomes, 3) == CPC_OK);
    CHECK(outcomes[0].status == CPC_STATUS_ACCEPTED);
    CHECK(cpc_engine_dispatch(engine, NINE, &two, outcomes, 3, &applied) == CPC_OK);
    CHECK(applied.seq == 2 && applied.effective_at == NINE);
    CHECK(outcomes[0].status == CPC_STATUS_ACCEPTED && outcomes[0].dispatch == 1 && outcomes[0].to == 5511988876204);
    CHECK(outcomes[0].send_at == NINE && outcomes[0].blocked_until == NINE + DAY && outcomes[0].stage == 0);
    CHECK(outcomes[0].present == (CPC_HAS_DISPATCH | CPC_HAS_SENDER | CPC_HAS_TO | CPC_HAS_SEND_AT |
                                  CPC_HAS_BLOCKED_UNTIL | CPC_HAS_STAGE));
    CHECK(outcomes[1].struct_size == sizeof(cpc_outcome) && outcomes[1].status == CPC_STATUS_DUPLICATE_IN_BATCH);
    CHECK(outcomes[1].first_index == 0 && (outcomes[1].present & CPC_HAS_FIRST_INDEX) != 0);
    CHECK(outcomes[2].status == CPC_STATUS_INVALID_PHONE && outcomes[2].present == 0);

    cpc_buffer id = {0};
    CHECK(cpc_engine_sender_id(engine, outcomes[0].sender, &id) == CPC_OK && buffer_is(&id, "5514990000001"));
    CHECK(cpc_engine_sender_id(engine, 99, &id) == CPC_ERR_UNKNOWN_SENDER);
    cpc_buffer_free(&id);

    cpc_target target = {sizeof target, CPC_TARGET_PHONE, text("551188876204")};
    cpc_contact contact;
    memset(&contact, 0, sizeof contact);
    contact.struct_size = sizeof contact;
    CHECK(cpc_engine_contact(engine, NINE + HOUR, &target, &contact) == CPC_OK);
    CHECK(contact.state == CPC_GATE_BLOCKED && contact.until == NINE + DAY && contact.key == 551188876204);

    cpc_reply reply;
    memset(&reply, 0, sizeof reply);
    reply.struct_size = sizeof reply;
    reply.phone = text("551188876204");
    cpc_outcome outcome = room_for_outcome();
    CHECK(cpc_engine_reply(engine, NINE + HOUR, &reply, &outcome, &applied) == CPC_OK);
    CHECK(outcome.status == CPC_STATUS_REPLIED && applied.seq == 3);
    CHECK(cpc_engine_operator_message(engine, NINE + HOUR, target.id, text("admin"), &outcome, NULL) == CPC_OK);
    CHECK(outcome.status == CPC_STATUS_ALLOWED);
    two.count = 1;
    CHECK(cpc_engine_dispatch(engine, NINE + HOUR, &two, outcomes, 1, NULL) == CPC_OK);
    CHECK(outcomes[0].status == CPC_STATUS_ACCEPTED && outcomes[0].dispatch == 2);
    CHECK(cpc_engine_free(engine) == CPC_OK);
}

static void columns_are_messages(void) {
    cpc_engine *rows = new_engine();
    cpc_engine *by_column = new_engine();
    const uint64_t phones[3] = {5511988876204, 5511988876205, 5511988876204};
    const uint64_t numbers[3] = {7, 8, 9};
    const char clients[3][4] = {"ana", "bia", "cai"};
    cpc_message messages[3] = {message("5511988876204"), message("5511988876205"), message("5511988876204")};
    const char *names[3] = {"ana", "bia", "cai"};
    for (int i = 0; i < 3; i++) {
        messages[i].flags |= CPC_MESSAGE_HAS_ID;
        messages[i].id_message = numbers[i];
        messages[i].client_id = text(names[i]);
    }
    cpc_batch three = batch(messages, 3);
    cpc_columns columns;
    memset(&columns, 0, sizeof columns);
    columns.struct_size = sizeof columns;
    columns.flags = CPC_COLUMNS_CLOSE_TICKET;
    columns.campaign = three.campaign;
    columns.tag = three.tag;
    columns.specialist_code = messages[0].specialist_code;
    columns.main_template = messages[0].main_template;
    columns.count = 3;
    columns.phones.data = phones;
    columns.phones.stride = sizeof phones[0];
    columns.id_messages.data = numbers;
    columns.id_messages.stride = sizeof numbers[0];
    columns.client_ids.data = clients[0];
    columns.client_ids.width = sizeof clients[0];
    columns.client_ids.stride = sizeof clients[0];
    cpc_outcome one[3] = {room_for_outcome()}, other[3] = {room_for_outcome()};
    CHECK(cpc_engine_dispatch(rows, NINE, &three, one, 3, NULL) == CPC_OK);
    CHECK(cpc_engine_dispatch_columns(by_column, NINE, &columns, other, 3, NULL) == CPC_OK);
    CHECK(memcmp(one, other, sizeof one) == 0);
    cpc_digest first, second;
    CHECK(cpc_engine_digest(rows, &first) == CPC_OK && cpc_engine_digest(by_column, &second) == CPC_OK);
    CHECK(first.high == second.high && first.low == second.low);
    columns.phones.data = NULL;
    CHECK(cpc_engine_dispatch_columns(by_column, NINE, &columns, other, 3, NULL) == CPC_ERR_NULL);
    columns.phones.data = phones;
    columns.phones.stride = SIZE_MAX;
    CHECK(cpc_engine_dispatch_columns(by_column, NINE, &columns, other, 3, NULL) == CPC_ERR_TOO_LARGE);
    CHECK(cpc_engine_free(rows) == CPC_OK && cpc_engine_free(by_column) == CPC_OK);
}

static void time_brings_follow_ups_and_expiry(void) {
    cpc_engine *engine = new_engine();
    cpc_message one = message("5511988876204");
    one.retry_template = text("Ainda da tempo");
    cpc_batch lot = batch(&one, 1);
    cpc_outcome outcomes[4] = {room_for_outcome()};
    cpc_applied applied = room_for_applied();
    bool exists = true;
    int64_t deadline = -1;
    CHECK(cpc_engine_next_deadline(engine, &exists, &deadline) == CPC_OK && !exists && deadline == 0);
    CHECK(cpc_engine_dispatch(engine, NINE, &lot, outcomes, 4, NULL) == CPC_OK);
    CHECK(cpc_engine_next_deadline(engine, &exists, &deadline) == CPC_OK && exists && deadline == NINE + DAY);
    cpc_deadlines deadlines;
    memset(&deadlines, 0, sizeof deadlines);
    deadlines.struct_size = sizeof deadlines;
    CHECK(cpc_engine_deadlines(engine, NINE, &deadlines) == CPC_OK);
    CHECK(deadlines.present == (CPC_HAS_FOLLOW_UP | CPC_HAS_EXPIRY) && deadlines.follow_up == NINE + DAY);

    size_t count = 99;
    CHECK(cpc_engine_follow_ups(engine, NINE + HOUR, outcomes, 4, &count, &applied) == CPC_OK && count == 0);
    CHECK(cpc_engine_follow_ups(engine, NINE + DAY, outcomes, 4, &count, &applied) == CPC_OK && count == 1);
    CHECK(outcomes[0].status == CPC_STATUS_ACCEPTED && outcomes[0].stage == 1 && outcomes[0].origin == 1);
    CHECK(outcomes[0].phone == 5511988876204 && outcomes[0].dispatch == 2);
    CHECK(cpc_engine_clock(engine, NINE + 3 * DAY, &applied) == CPC_OK && applied.effective_at == NINE + 3 * DAY);
    CHECK(cpc_engine_expire(engine, NINE + 3 * DAY, outcomes, 4, &count, NULL) == CPC_OK && count == 1);
    CHECK(outcomes[0].status == CPC_STATUS_EXPIRED && outcomes[0].expired_at == NINE + 2 * DAY);
    CHECK(outcomes[0].phone == 551188876204 && (outcomes[0].present & CPC_HAS_EXPIRED_AT) != 0);
    CHECK(cpc_engine_free(engine) == CPC_OK);
}

static void failures_move_or_release(void) {
    cpc_engine *engine = new_engine();
    cpc_message one = message("5511988876204");
    cpc_batch lot = batch(&one, 1);
    cpc_outcome outcome = room_for_outcome();
    CHECK(cpc_engine_dispatch(engine, NINE, &lot, &outcome, 1, NULL) == CPC_OK);
    uint32_t first = outcome.sender;
    cpc_report report;
    memset(&report, 0, sizeof report);
    report.struct_size = sizeof report;
    report.dispatch = 1;
    report.delivery = CPC_DELIVERY_FAILED;
    CHECK(cpc_engine_report(engine, NINE, &report, &outcome, NULL) == CPC_ERR_UNKNOWN_VALUE);
    report.fault = CPC_FAULT_SENDER;
    report.sender = text("5514990000001");
    CHECK(cpc_engine_report(engine, NINE + MINUTE, &report, &outcome, NULL) == CPC_OK);
    CHECK(outcome.status == CPC_STATUS_MOVED && outcome.sender != first);
    report.dispatch = 9;
    CHECK(cpc_engine_report(engine, NINE + MINUTE, &report, &outcome, NULL) == CPC_OK);
    CHECK(outcome.status == CPC_STATUS_UNKNOWN_DISPATCH);

    int64_t until = NINE + HOUR;
    cpc_text tag = text("emp1"), sender = text("5514990000002");
    CHECK(cpc_engine_set_sender_state(engine, NINE + MINUTE, tag, sender, CPC_SENDER_PAUSED, &until, &outcome, NULL) ==
          CPC_OK);
    CHECK(outcome.status == CPC_STATUS_APPLIED);
    CHECK(cpc_engine_set_sender_state(engine, NINE, tag, sender, 9, NULL, NULL, NULL) == CPC_ERR_UNKNOWN_VALUE);
    one = message("5511988876299");
    CHECK(cpc_engine_dispatch(engine, NINE + MINUTE, &lot, &outcome, 1, NULL) == CPC_OK);
    CHECK(outcome.status == CPC_STATUS_NO_SENDER_AVAILABLE && outcome.retry_at == until);
    CHECK(cpc_engine_remove_wallet(engine, NINE + HOUR, tag, &outcome, NULL) == CPC_OK);
    CHECK(cpc_engine_remove_wallet(engine, NINE + HOUR, tag, &outcome, NULL) == CPC_ERR_UNKNOWN_WALLET);
    CHECK(cpc_engine_free(engine) == CPC_OK);
}

static void contacts_opt_out_and_are_forgotten(void) {
    cpc_engine *engine = new_engine();
    cpc_message one = message("5511988876204");
    cpc_batch lot = batch(&one, 1);
    cpc_outcome outcome = room_for_outcome();
    cpc_target target = {sizeof target, CPC_TARGET_PHONE, one.phone};
    cpc_target client = {sizeof client, CPC_TARGET_CLIENT, text("ana")};
    CHECK(cpc_engine_dispatch(engine, NINE, &lot, &outcome, 1, NULL) == CPC_OK);
    CHECK(cpc_engine_force_unblock(engine, NINE, &target, text("test"), &outcome, NULL) == CPC_OK);
    CHECK(outcome.status == CPC_STATUS_APPLIED);
    CHECK(cpc_engine_opt_out(engine, NINE, &target, &outcome, NULL) == CPC_OK);
    CHECK(cpc_engine_opt_out(engine, NINE, &client, NULL, NULL) == CPC_OK);
    CHECK(cpc_engine_dispatch(engine, NINE, &lot, &outcome, 1, NULL) == CPC_OK);
    CHECK(outcome.status == CPC_STATUS_OPTED_OUT);
    CHECK(cpc_engine_forget(engine, NINE, &target, &outcome, NULL) == CPC_OK);
    cpc_stats stats;
    memset(&stats, 0, sizeof stats);
    stats.struct_size = sizeof stats;
    CHECK(cpc_engine_stats(engine, NINE, &stats) == CPC_OK);
    CHECK(stats.opted_out == 2 && stats.phones == 0 && stats.wallets == 1 && stats.senders == 2);
    CHECK(cpc_engine_opt_in(engine, NINE, &target, &outcome, NULL) == CPC_OK);
    CHECK(cpc_engine_opt_in(engine, NINE, &target, &outcome, NULL) == CPC_OK);
    CHECK(outcome.status == CPC_STATUS_UNCHANGED);
    target.kind = 3;
    CHECK(cpc_engine_opt_in(engine, NINE, &target, &outcome, NULL) == CPC_ERR_UNKNOWN_VALUE);
    CHECK(cpc_engine_free(engine) == CPC_OK);
}

static void json_in_json_out(void) {
    cpc_engine *engine = new_engine();
    cpc_buffer answer = {0};
    uint16_t http = 0;
    const char *body = "{\"campaign\":\"c\",\"tag\":\"emp1\",\"messages\":[{\"phone\":\"5511988876204\","
                       "\"closeTicket\":true,\"specialistCode\":\"admin\",\"mainTemplate\":\"Ola\"}]}";
    CHECK(cpc_engine_massivocpc(engine, text(body), NINE, CPC_PROFILE_SPEC, &answer, &http) == CPC_OK);
    CHECK(http == 200 && buffer_has(&answer, "\"status\":\"success\"") && buffer_has(&answer, "\"processed\":1"));
    CHECK(cpc_engine_massivocpc(engine, text(body), NINE, CPC_PROFILE_FULL, &answer, &http) == CPC_OK);
    CHECK(http == 422 && buffer_has(&answer, "Contact blocked until"));
    CHECK(cpc_engine_massivocpc(engine, text("{"), NINE, CPC_PROFILE_FULL, &answer, &http) == CPC_OK && http == 400);
    CHECK(cpc_engine_massivocpc(engine, text(body), NINE, 0, &answer, &http) == CPC_ERR_UNKNOWN_VALUE);
    CHECK(cpc_engine_execute(engine, text("{\"op\":\"reply\",\"at\":1795435200000,\"phone\":\"551188876204\"}"),
                             &answer) == CPC_OK);
    CHECK(buffer_has(&answer, "\"status\":\"replied\""));
    CHECK(cpc_engine_execute(engine, text("nonsense"), &answer) == CPC_OK && buffer_has(&answer, "invalid_json"));
    cpc_buffer_free(&answer);
    cpc_buffer_free(&answer);
    CHECK(answer.data == NULL && answer.length == 0 && answer.capacity == 0);
    CHECK(cpc_engine_free(engine) == CPC_OK);
}

static void a_snapshot_is_the_engine(void) {
    cpc_engine *engine = new_engine();
    cpc_message one = message("5511988876204");
    cpc_batch lot = batch(&one, 1);
    cpc_outcome outcome = room_for_outcome();
    CHECK(cpc_engine_dispatch(engine, NINE, &lot, &outcome, 1, NULL) == CPC_OK);
    cpc_buffer bytes = {0};
    CHECK(cpc_engine_snapshot(engine, &bytes) == CPC_OK && bytes.length > 0);
    cpc_text snapshot = {bytes.data, bytes.length};
    cpc_engine *restored = NULL;
    CHECK(cpc_engine_restore(snapshot, CPC_LANGUAGE_EN, &restored) == CPC_OK);
    cpc_digest one_digest, other_digest;
    CHECK(cpc_engine_digest(engine, &one_digest) == CPC_OK && cpc_engine_digest(restored, &other_digest) == CPC_OK);
    CHECK(one_digest.high == other_digest.high && one_digest.low == other_digest.low);
    CHECK(cpc_engine_dispatch(restored, NINE, &lot, &outcome, 1, NULL) == CPC_OK);
    CHECK(outcome.status == CPC_STATUS_CONTACT_BLOCKED);

    cpc_engine *none = NULL;
    snapshot.length -= 1;
    CHECK(cpc_engine_restore(snapshot, CPC_LANGUAGE_EN, &none) == CPC_ERR_SNAPSHOT_TRUNCATED && none == NULL);
    CHECK(cpc_engine_restore(text("not a snapshot"), CPC_LANGUAGE_EN, &none) == CPC_ERR_NOT_A_SNAPSHOT);
    bytes.data[bytes.length / 2] ^= 1;
    snapshot.length = bytes.length;
    CHECK(cpc_engine_restore(snapshot, CPC_LANGUAGE_EN, &none) == CPC_ERR_SNAPSHOT_DAMAGED);
    cpc_buffer_free(&bytes);
    CHECK(cpc_engine_free(engine) == CPC_OK && cpc_engine_free(restored) == CPC_OK);
}

static void what_is_wrong_is_told_and_changes_nothing(void) {
    cpc_engine *engine = new_engine();
    cpc_digest before, after;
    CHECK(cpc_engine_digest(engine, &before) == CPC_OK);
    cpc_text field;
    cpc_buffer why = {0};
    CHECK(cpc_engine_error(engine, &field, &why) == CPC_OK && field.length == 0 && why.length == 0);

    cpc_message one = message("5511988876204");
    cpc_batch lot = batch(&one, 1);
    cpc_outcome outcome = room_for_outcome();
    lot.tag = text("no such");
    CHECK(cpc_engine_dispatch(engine, NINE, &lot, &outcome, 1, NULL) == CPC_ERR_UNKNOWN_WALLET);
    CHECK(cpc_engine_error(engine, &field, &why) == CPC_ERR_UNKNOWN_WALLET);
    CHECK(text_is(field, "tag") && why.length > 0);
    lot.tag = text("emp1");
    CHECK(cpc_engine_dispatch(engine, NINE / 1000, &lot, &outcome, 1, NULL) == CPC_ERR_TIMESTAMP_OUT_OF_RANGE);
    CHECK(cpc_engine_dispatch(engine, NINE + 31 * DAY, &lot, &outcome, 1, NULL) == CPC_ERR_CLOCK_JUMP);
    CHECK(cpc_engine_dispatch(engine, NINE, &lot, &outcome, 0, NULL) == CPC_ERR_CAPACITY);
    lot.campaign = text(" ");
    CHECK(cpc_engine_dispatch(engine, NINE, &lot, &outcome, 1, NULL) == CPC_ERR_INVALID_FIELD);
    lot.campaign = text("\xff");
    CHECK(cpc_engine_dispatch(engine, NINE, &lot, &outcome, 1, NULL) == CPC_ERR_UTF8);
    CHECK(cpc_engine_error(engine, &field, &why) == CPC_ERR_UTF8 && text_is(field, "campaign"));
    CHECK(buffer_is(&why, "campaign: a text is not UTF-8"));
    lot.campaign = text("c");
    lot.count = 0;
    CHECK(cpc_engine_dispatch(engine, NINE, &lot, &outcome, 1, NULL) == CPC_ERR_EMPTY_BATCH);
    lot.count = 1;
    lot.flags = 2;
    CHECK(cpc_engine_dispatch(engine, NINE, &lot, &outcome, 1, NULL) == CPC_ERR_UNKNOWN_VALUE);
    lot.flags = CPC_BATCH_ATOMIC;
    one.struct_size -= 1;
    CHECK(cpc_engine_dispatch(engine, NINE, &lot, &outcome, 1, NULL) == CPC_ERR_STRUCT_SIZE);
    one.struct_size += 1;
    one.flags = 4;
    CHECK(cpc_engine_dispatch(engine, NINE, &lot, &outcome, 1, NULL) == CPC_ERR_UNKNOWN_VALUE);
    one.flags = 0;
    outcome.struct_size = 0;
    CHECK(cpc_engine_dispatch(engine, NINE, &lot, &outcome, 1, NULL) == CPC_ERR_STRUCT_SIZE);
    CHECK(cpc_engine_digest(engine, &after) == CPC_OK && memcmp(&before, &after, sizeof before) == 0);
    cpc_buffer_free(&why);
    CHECK(cpc_engine_free(engine) == CPC_OK);
}

/* With NULL in each place, once on a handle and once without one. */
static void null_never_crashes(void) {
    cpc_engine *engine = new_engine();
    cpc_engine *handles[2] = {NULL, engine};
    cpc_text no = {NULL, 0}, half = {NULL, 5};
    for (int i = 0; i < 2; i++) {
        cpc_engine *e = handles[i];
        CHECK(cpc_engine_dispatch(e, NINE, NULL, NULL, 0, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_dispatch(e, NINE, NULL, NULL, 5, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_preview(e, NINE, NULL, NULL, 0) == CPC_ERR_NULL);
        CHECK(cpc_engine_dispatch_columns(e, NINE, NULL, NULL, 0, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_set_wallet(e, NINE, NULL, NULL, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_remove_wallet(e, NINE, half, NULL, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_set_sender_state(e, NINE, half, no, 0, NULL, NULL, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_reply(e, NINE, NULL, NULL, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_report(e, NINE, NULL, NULL, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_operator_message(e, NINE, half, no, NULL, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_opt_out(e, NINE, NULL, NULL, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_opt_in(e, NINE, NULL, NULL, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_forget(e, NINE, NULL, NULL, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_force_unblock(e, NINE, NULL, no, NULL, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_follow_ups(e, NINE, NULL, 0, NULL, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_expire(e, NINE, NULL, 1, NULL, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_contact(e, NINE, NULL, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_deadlines(e, NINE, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_next_deadline(e, NULL, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_stats(e, NINE, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_sender_id(e, 0, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_snapshot(e, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_digest(e, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_execute(e, half, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_execute(e, no, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_massivocpc(e, half, NINE, CPC_PROFILE_FULL, NULL, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_massivocpc(e, no, NINE, CPC_PROFILE_FULL, NULL, NULL) == CPC_ERR_NULL);
        CHECK(cpc_engine_error(e, NULL, NULL) == CPC_ERR_NULL);
    }
    CHECK(cpc_engine_clock(NULL, NINE, NULL) == CPC_ERR_NULL && cpc_engine_clock(engine, NINE, NULL) == CPC_OK);
    CHECK(cpc_engine_new(CPC_LANGUAGE_EN, NULL) == CPC_ERR_NULL);
    CHECK(cpc_engine_restore(half, CPC_LANGUAGE_EN, NULL) == CPC_ERR_NULL);
    cpc_engine *made = NULL;
    CHECK(cpc_engine_restore(half, CPC_LANGUAGE_EN, &made) == CPC_ERR_NULL && made == NULL);
    CHECK(cpc_engine_new(0, &made) == CPC_ERR_UNKNOWN_VALUE && made == NULL);
    CHECK(cpc_engine_free(NULL) == CPC_OK && cpc_engine_free(engine) == CPC_OK);
    cpc_buffer_free(NULL);
}

int main(void) {
    versions_agree();
    names_and_texts();
    what_comes_from_whatsapp();
    notifications_of_whatsapp_become_commands();
    a_wallet_of_zeros_has_the_defaults();
    a_contact_is_blocked_until_it_answers();
    columns_are_messages();
    time_brings_follow_ups_and_expiry();
    failures_move_or_release();
    contacts_opt_out_and_are_forgotten();
    json_in_json_out();
    a_snapshot_is_the_engine();
    what_is_wrong_is_told_and_changes_nothing();
    null_never_crashes();
    puts("surface: ok");
    return 0;
}
