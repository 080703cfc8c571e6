// The C++ wrapper: owning, moving, throwing or not, and batches.

#include "cpc.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <type_traits>

#define CHECK(condition)                                                              \
    do {                                                                              \
        if (!(condition)) {                                                           \
            std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            std::exit(1);                                                             \
        }                                                                             \
    } while (0)

static_assert(!std::is_copy_constructible<cpc::engine>::value, "engines are not copied");
static_assert(std::is_nothrow_move_constructible<cpc::engine>::value, "engines are moved");

namespace {

const std::int64_t NINE = 1795435200000;
const std::int64_t DAY = 86400000;
const char *const UNKNOWN_WALLET = "{\"op\":\"wallet\",\"at\":1795435200000,\"tag\":\"no such\"}";

cpc::engine new_engine() {
    cpc::engine engine(CPC_LANGUAGE_EN);
    auto sender = cpc::make<cpc_sender>();
    sender.id = cpc::text("5514990000001");
    sender.weight = 1;
    auto wallet = cpc::make<cpc_wallet>();
    wallet.tag = cpc::text("emp1");
    wallet.senders = &sender;
    wallet.sender_count = 1;
    CHECK(engine.set_wallet(NINE, wallet).status == CPC_STATUS_APPLIED);
    return engine;
}

cpc_message message(std::string_view phone) {
    auto made = cpc::make<cpc_message>();
    made.flags = CPC_MESSAGE_CLOSE_TICKET;
    made.phone = cpc::text(phone);
    made.specialist_code = cpc::text("admin");
    made.main_template = cpc::text("Ola!");
    return made;
}

cpc_batch batch(cpc::span<const cpc_message> messages, std::string_view tag = "emp1") {
    auto made = cpc::make<cpc_batch>();
    made.campaign = cpc::text("Campanha teste");
    made.tag = cpc::text(tag);
    made.messages = messages.data();
    made.count = messages.size();
    return made;
}

void a_batch_is_decided() {
    auto engine = new_engine();
    const std::array<cpc_message, 2> messages{message("5511988876204"), message("551188876204")};
    CHECK(engine.preview(NINE, batch(messages))[0].status == CPC_STATUS_ACCEPTED);
    std::array<cpc_outcome, 2> outcomes{};
    CHECK(engine.dispatch(NINE, batch(messages), outcomes).seq == 2);
    CHECK(outcomes[0].status == CPC_STATUS_ACCEPTED && outcomes[1].status == CPC_STATUS_DUPLICATE_IN_BATCH);
    CHECK(engine.sender_id(outcomes[0].sender) == "5514990000001");
    CHECK(engine.next_deadline() == NINE + DAY && engine.deadlines(NINE).expiry == NINE + DAY);
    CHECK(engine.contact(NINE, cpc::phone("5511988876204")).state == CPC_GATE_BLOCKED);
    CHECK(engine.reply(NINE, "5511988876204").status == CPC_STATUS_REPLIED);
    CHECK(engine.operator_message(NINE, "5511988876204", "admin").status == CPC_STATUS_ALLOWED);
    CHECK(engine.dispatch(NINE, batch(messages))[0].dispatch == 2);
    CHECK(engine.force_unblock(NINE, cpc::phone("5511988876204"), "test").status == CPC_STATUS_APPLIED);
    CHECK(engine.opt_out(NINE, cpc::client("ana")).status == CPC_STATUS_APPLIED);
    CHECK(engine.forget(NINE, cpc::client("ana")).status == CPC_STATUS_APPLIED);
    CHECK(engine.opt_in(NINE, cpc::client("ana")).status == CPC_STATUS_APPLIED);
    CHECK(engine.set_sender_state(NINE, "emp1", "5514990000001", CPC_SENDER_PAUSED, NINE + 1).status ==
          CPC_STATUS_APPLIED);
    auto report = cpc::make<cpc_report>();
    report.dispatch = 99;
    report.delivery = CPC_DELIVERY_READ;
    CHECK(engine.report(NINE, report).status == CPC_STATUS_UNKNOWN_DISPATCH);
    CHECK(engine.clock(NINE + DAY).effective_at == NINE + DAY);
    CHECK(engine.follow_ups(NINE + DAY, outcomes) == 0 && engine.expire(NINE + DAY, outcomes) == 0);
    CHECK(engine.stats(NINE).dispatches == 2);
    CHECK(engine.remove_wallet(NINE, "emp1").status == CPC_STATUS_APPLIED);
}

void columns_are_decided() {
    auto engine = new_engine();
    const std::array<std::uint64_t, 2> phones{5511988876204, 5511988876205};
    auto columns = cpc::make<cpc_columns>();
    columns.flags = CPC_COLUMNS_CLOSE_TICKET;
    columns.campaign = cpc::text("c");
    columns.tag = cpc::text("emp1");
    columns.specialist_code = cpc::text("admin");
    columns.main_template = cpc::text("Ola");
    columns.count = phones.size();
    columns.phones = {phones.data(), sizeof phones[0]};
    std::vector<cpc_outcome> outcomes(2);
    engine.dispatch(NINE, columns, outcomes);
    CHECK(outcomes[1].status == CPC_STATUS_ACCEPTED && outcomes[1].to == phones[1]);
}

void json_goes_through() {
    auto engine = new_engine();
    const auto response = engine.massivocpc("{}", NINE);
    CHECK(response.http_status == 400 && response.body.find("\"status\":\"error\"") != std::string::npos);
    CHECK(engine.execute("{\"op\":\"digest\",\"at\":1795435200000}").find("{\"at\":1795435200000,\"digest\":") == 0);
    CHECK(engine.execute_json("{}").find("{\"error\"") == 0);
}

void what_comes_from_whatsapp() {
    CHECK(cpc::is_opt_out("Sair!") && !cpc::is_opt_out("quero sair") && !cpc::is_opt_out("\xff"));
    CHECK(cpc::fault_of_code(131026) == CPC_FAULT_CONTACT && cpc::fault_of_code(7) == CPC_FAULT_AMBIGUOUS);
    CHECK(cpc::advice_of_code(131050).flags == CPC_ADVICE_OPT_OUT);
    auto engine = new_engine();
    const auto events = cpc::engine::whatsapp_events(
        "{\"entry\":[{\"changes\":[{\"field\":\"messages\",\"value\":{\"messages\":["
        "{\"from\":\"551188876204\",\"type\":\"image\"},{\"type\":\"reaction\"}]}}]}]}");
    CHECK(events.size() == 2);
    const auto reply = engine.whatsapp_commands(events[0], NINE);
    CHECK(reply.lines.size() == 1 && reply.ignored.empty());
    CHECK(engine.execute(reply.lines[0]).find("\"replied\"") != std::string::npos);
    const auto reaction = engine.whatsapp_commands(events[1], NINE);
    CHECK(reaction.lines.empty() && reaction.ignored == "reaction");
    std::error_code failed;
    CHECK(cpc::engine::whatsapp_events("[]", failed).empty() && failed == cpc::make_error_code(CPC_ERR_INVALID_FIELD));
}

void an_engine_moves_and_is_restored() {
    auto engine = new_engine();
    const auto digest = engine.digest();
    auto moved = std::move(engine);
    engine = cpc::engine::restore(moved.snapshot().view());
    CHECK(engine.digest().high == digest.high && moved.digest().low == digest.low);
    cpc::buffer first = moved.snapshot(), second;
    second = std::move(first);
    CHECK(first.view().empty() && !second.view().empty());
}

void failures_are_error_codes_where_they_are_asked_for() {
    auto engine = new_engine();
    const cpc_message one = message("5511988876204");
    std::error_code failed;
    engine.dispatch(NINE, batch({&one, 1}, "no such"), failed);
    CHECK(failed == cpc::make_error_code(CPC_ERR_UNKNOWN_WALLET) && failed.message() == "no wallet has this tag");
    engine.dispatch(NINE, batch({&one, 1}), failed);
    CHECK(!failed);
    CHECK(engine.execute(UNKNOWN_WALLET, failed).find("{\"error\":\"unknown_wallet\"") == 0);
    CHECK(failed.value() == CPC_ERR_UNKNOWN_WALLET);
    CHECK(!engine.execute("{\"op\":\"digest\",\"at\":1795435200000}", failed).empty() && !failed);
    cpc::engine::restore("nonsense", CPC_LANGUAGE_EN, failed);
    CHECK(failed.value() == CPC_ERR_NOT_A_SNAPSHOT && failed.category() == cpc::category());
}

#if defined(__cpp_exceptions)
void failures_are_thrown_otherwise() {
    auto engine = new_engine();
    const cpc_message one = message("5511988876204");
    bool caught = false;
    try {
        engine.dispatch(NINE, batch({&one, 1}, "no such"));
    } catch (const cpc::error &error) {
        caught = error.code().value() == CPC_ERR_UNKNOWN_WALLET && error.field() == "tag" &&
                 std::string_view(error.what()) == "no wallet has this tag";
    }
    CHECK(caught);
    caught = false;
    try {
        engine.execute(UNKNOWN_WALLET);
    } catch (const cpc::error &error) {
        caught = error.code().value() == CPC_ERR_UNKNOWN_WALLET && error.field() == "tag" &&
                 std::string_view(error.what()).find("{\"error\":\"unknown_wallet\"") == 0;
    }
    CHECK(caught);
    caught = false;
    try {
        engine.execute("{");
    } catch (const cpc::error &error) {
        caught = error.code().value() == CPC_ERR_REFUSED && error.field().empty();
    }
    CHECK(caught);
    auto moved = std::move(engine);
    caught = false;
    try {
        engine.digest();
    } catch (const std::system_error &error) {
        caught = error.code() == cpc::make_error_code(CPC_ERR_NULL) &&
                 std::string_view(error.what()) == "a pointer is NULL that must not be";
    }
    CHECK(caught);
    caught = false;
    const std::string snapshot(moved.snapshot().view());
    try {
        cpc::engine::restore(snapshot.substr(0, snapshot.size() - 1));
    } catch (const cpc::error &error) {
        caught = std::string_view(error.what()) == "the snapshot is truncated" && error.field().empty();
    }
    CHECK(caught);
}
#else
void failures_are_thrown_otherwise() {}
#endif

} // namespace

int main() {
    a_batch_is_decided();
    columns_are_decided();
    json_goes_through();
    what_comes_from_whatsapp();
    an_engine_moves_and_is_restored();
    failures_are_error_codes_where_they_are_asked_for();
    failures_are_thrown_otherwise();
    std::puts("wrapper: ok");
}
