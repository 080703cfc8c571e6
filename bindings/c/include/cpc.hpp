// CPC in C++17: the engine as a value that ends itself. Everything is in cpc.h, which says what the calls do; this header
// only owns, throws and converts.
//
// ERRORS. Every function that can fail takes a std::error_code last. Left out, a failure is thrown as cpc::error; given, it
// is set and nothing is thrown. Where exceptions are off, a failure without a std::error_code ends the program.
//
// THREADS. As in cpc.h: a handle is for one thread at a time; another one gets CPC_ERR_BUSY.
#ifndef CPC_HPP
#define CPC_HPP

#include "cpc.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace cpc {

// A text that goes in. It is read during the call and never kept.
inline cpc_text text(std::string_view view) noexcept { return cpc_text{view.data(), view.size()}; }

// A text that came out.
inline std::string_view view(cpc_text text) noexcept {
    return text.length == 0 ? std::string_view() : std::string_view(text.data, text.length);
}

// Values that it does not own, one after the other; made of arrays, vectors and what else has data() and size().
template <typename T> class span {
  public:
    constexpr span() noexcept = default;
    constexpr span(T *data, std::size_t size) noexcept : data_(data), size_(size) {}
    template <std::size_t N> constexpr span(T (&array)[N]) noexcept : data_(array), size_(N) {}
    template <typename C, typename = decltype(std::declval<C &>().data())>
    constexpr span(C &values) noexcept : data_(values.data()), size_(values.size()) {}

    constexpr T *data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr T *begin() const noexcept { return data_; }
    constexpr T *end() const noexcept { return data_ + size_; }
    constexpr T &operator[](std::size_t index) const noexcept { return data_[index]; }

  private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
};

// A struct of cpc.h with its size set and all else zero.
template <typename T> T make() noexcept {
    T value{};
    value.struct_size = static_cast<std::uint32_t>(sizeof value);
    return value;
}

inline cpc_target phone(std::string_view phone) noexcept {
    auto target = make<cpc_target>();
    target.kind = CPC_TARGET_PHONE;
    target.id = text(phone);
    return target;
}

inline cpc_target client(std::string_view id) noexcept {
    auto target = make<cpc_target>();
    target.kind = CPC_TARGET_CLIENT;
    target.id = text(id);
    return target;
}

// The category of std::error_code whose values are those of cpc_result.
inline const std::error_category &category() noexcept {
    class results final : public std::error_category {
        const char *name() const noexcept override { return "cpc"; }
        std::string message(int value) const override {
            const char *text = cpc_result_message(value);
            return text == nullptr ? "unknown result" : text;
        }
    };
    static const results instance;
    return instance;
}

inline std::error_code make_error_code(cpc_result result) noexcept {
    return std::error_code(static_cast<int>(result), category());
}

// A call that failed. what() says why, field() which member or argument is at fault.
class error : public std::system_error {
  public:
    error(cpc_result result, std::string_view field, const std::string &why)
        : std::system_error(make_error_code(result)), field_(field),
          why_(why.empty() ? category().message(static_cast<int>(result)) : why) {}

    // Not what std::system_error makes of it, which says the result's text a second time.
    const char *what() const noexcept override { return why_.c_str(); }
    const std::string &field() const noexcept { return field_; }

  private:
    std::string field_, why_;
};

// What to pass for an error_code that is not wanted: failures are thrown.
inline std::error_code &throws() noexcept {
    static std::error_code never;
    return never;
}

// Bytes that the library wrote.
class buffer {
  public:
    buffer() noexcept = default;
    buffer(buffer &&other) noexcept : raw_(std::exchange(other.raw_, cpc_buffer{})) {}
    buffer &operator=(buffer &&other) noexcept {
        std::swap(raw_, other.raw_);
        return *this;
    }
    buffer(const buffer &) = delete;
    buffer &operator=(const buffer &) = delete;
    ~buffer() { cpc_buffer_free(&raw_); }

    std::string_view view() const noexcept {
        return raw_.length == 0 ? std::string_view() : std::string_view(raw_.data, raw_.length);
    }
    cpc_buffer *raw() noexcept { return &raw_; }

  private:
    cpc_buffer raw_{};
};

// Whether a message of a contact's asks not to be written to any more; false for what is not UTF-8.
inline bool is_opt_out(std::string_view message) noexcept {
    bool answer = false;
    return cpc_is_opt_out(text(message), &answer) == CPC_OK && answer;
}

// Whose fault an error code of WhatsApp's is.
inline cpc_fault fault_of_code(std::uint32_t code) noexcept { return static_cast<cpc_fault>(cpc_fault_of_code(code)); }

// All that an error code of WhatsApp's means.
inline cpc_advice advice_of_code(std::uint32_t code) noexcept {
    auto advice = make<cpc_advice>();
    cpc_advice_of_code(code, &advice);
    return advice;
}

// The command lines that an event of WhatsApp's leads to, in their order; or why it leads to none.
struct whatsapp_commands {
    std::vector<std::string> lines;
    std::string_view ignored;
};

// The response to a massivocpc request.
struct response {
    std::uint16_t http_status = 0;
    std::string body;
};

// One tenant's rules and state. It can be moved, not copied; it ends with its owner.
class engine {
  public:
    explicit engine(cpc_language language = CPC_LANGUAGE_PT_BR, std::error_code &failed = throws()) {
        check(cpc_engine_new(language, &raw_), failed);
    }

    static engine restore(std::string_view snapshot, cpc_language language = CPC_LANGUAGE_PT_BR,
                          std::error_code &failed = throws()) {
        engine restored{nothing{}};
        restored.check(cpc_engine_restore(text(snapshot), language, &restored.raw_), failed);
        return restored;
    }

    engine(engine &&other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
    engine &operator=(engine &&other) noexcept {
        std::swap(raw_, other.raw_);
        return *this;
    }
    engine(const engine &) = delete;
    engine &operator=(const engine &) = delete;
    ~engine() { cpc_engine_free(raw_); }

    // The handle, for calls that are not here. NULL once moved from.
    cpc_engine *raw() const noexcept { return raw_; }

    response massivocpc(std::string_view body, std::int64_t at, cpc_profile profile = CPC_PROFILE_FULL,
                        std::error_code &failed = throws()) {
        buffer out;
        response answer;
        if (check(cpc_engine_massivocpc(raw_, text(body), at, profile, out.raw(), &answer.http_status), failed)) {
            answer.body = out.view();
        }
        return answer;
    }

    // Carries out a command line. One that is refused is a failure as any other: what() is its answer, which comes back
    // where an error_code is given.
    std::string execute(std::string_view line, std::error_code &failed = throws()) {
        std::string answer = execute_json(line, failed);
        const std::string_view name = said(answer, "{\"error\":\"", 0);
        if (name.empty()) return answer;
        const cpc_result result = cpc_result_of_name(text(name));
        if (&failed == &throws()) raise(result, said(answer, "\"field\":\"", answer.size()), answer);
        failed = make_error_code(result);
        return answer;
    }

    // The same, but the answer of a line that is refused, {"error":…}, is no failure.
    std::string execute_json(std::string_view line, std::error_code &failed = throws()) {
        buffer out;
        check(cpc_engine_execute(raw_, text(line), out.raw()), failed);
        return std::string(out.view());
    }

    // A notification of the WhatsApp Cloud API, the body of its webhook, as events for whatsapp_commands, each in JSON. The
    // webhook's signature is for the host to check, before.
    static std::vector<std::string> whatsapp_events(std::string_view notification, std::error_code &failed = throws()) {
        buffer out;
        const cpc_result result = cpc_whatsapp_events(text(notification), out.raw());
        if (&failed != &throws()) failed = result == CPC_OK ? std::error_code() : make_error_code(result);
        else if (result != CPC_OK) raise(result, "notification", std::string_view());
        return lines(out.view());
    }

    // What an event of whatsapp_events leads to as the engine stands. It changes nothing: execute each line before the next
    // event is asked about.
    cpc::whatsapp_commands whatsapp_commands(std::string_view event, std::int64_t at,
                                             std::error_code &failed = throws()) const {
        buffer out;
        cpc_text ignored{};
        if (!check(cpc_engine_whatsapp_commands(raw_, text(event), at, out.raw(), &ignored), failed)) return {};
        return {lines(out.view()), cpc::view(ignored)};
    }

    // Decides a batch into places of the caller's, without allocating.
    cpc_applied dispatch(std::int64_t at, const cpc_batch &batch, span<cpc_outcome> outcomes,
                         std::error_code &failed = throws()) {
        auto applied = make<cpc_applied>();
        mark(outcomes);
        check(cpc_engine_dispatch(raw_, at, &batch, outcomes.data(), outcomes.size(), &applied), failed);
        return applied;
    }

    std::vector<cpc_outcome> dispatch(std::int64_t at, const cpc_batch &batch, std::error_code &failed = throws()) {
        std::vector<cpc_outcome> outcomes(batch.count);
        dispatch(at, batch, span<cpc_outcome>(outcomes), failed);
        return outcomes;
    }

    cpc_applied dispatch(std::int64_t at, const cpc_columns &columns, span<cpc_outcome> outcomes,
                         std::error_code &failed = throws()) {
        auto applied = make<cpc_applied>();
        mark(outcomes);
        check(cpc_engine_dispatch_columns(raw_, at, &columns, outcomes.data(), outcomes.size(), &applied), failed);
        return applied;
    }

    std::vector<cpc_outcome> preview(std::int64_t at, const cpc_batch &batch,
                                     std::error_code &failed = throws()) const {
        std::vector<cpc_outcome> outcomes(batch.count);
        mark(outcomes);
        check(cpc_engine_preview(raw_, at, &batch, outcomes.data(), outcomes.size()), failed);
        return outcomes;
    }

    cpc_outcome reply(std::int64_t at, const cpc_reply &reply, std::error_code &failed = throws()) {
        return one(failed, [&](cpc_outcome *out) { return cpc_engine_reply(raw_, at, &reply, out, nullptr); });
    }

    cpc_outcome reply(std::int64_t at, std::string_view phone, std::error_code &failed = throws()) {
        auto made = make<cpc_reply>();
        made.phone = text(phone);
        return reply(at, made, failed);
    }

    cpc_outcome report(std::int64_t at, const cpc_report &report, std::error_code &failed = throws()) {
        return one(failed, [&](cpc_outcome *out) { return cpc_engine_report(raw_, at, &report, out, nullptr); });
    }

    cpc_outcome operator_message(std::int64_t at, std::string_view phone, std::string_view specialist_code,
                                 std::error_code &failed = throws()) {
        return one(failed, [&](cpc_outcome *out) {
            return cpc_engine_operator_message(raw_, at, text(phone), text(specialist_code), out, nullptr);
        });
    }

    cpc_outcome opt_out(std::int64_t at, const cpc_target &target, std::error_code &failed = throws()) {
        return one(failed, [&](cpc_outcome *out) { return cpc_engine_opt_out(raw_, at, &target, out, nullptr); });
    }

    cpc_outcome opt_in(std::int64_t at, const cpc_target &target, std::error_code &failed = throws()) {
        return one(failed, [&](cpc_outcome *out) { return cpc_engine_opt_in(raw_, at, &target, out, nullptr); });
    }

    cpc_outcome forget(std::int64_t at, const cpc_target &target, std::error_code &failed = throws()) {
        return one(failed, [&](cpc_outcome *out) { return cpc_engine_forget(raw_, at, &target, out, nullptr); });
    }

    cpc_outcome force_unblock(std::int64_t at, const cpc_target &target, std::string_view reason,
                              std::error_code &failed = throws()) {
        return one(failed, [&](cpc_outcome *out) {
            return cpc_engine_force_unblock(raw_, at, &target, text(reason), out, nullptr);
        });
    }

    cpc_outcome set_wallet(std::int64_t at, const cpc_wallet &wallet, std::error_code &failed = throws()) {
        return one(failed, [&](cpc_outcome *out) { return cpc_engine_set_wallet(raw_, at, &wallet, out, nullptr); });
    }

    cpc_outcome remove_wallet(std::int64_t at, std::string_view tag, std::error_code &failed = throws()) {
        return one(failed,
                   [&](cpc_outcome *out) { return cpc_engine_remove_wallet(raw_, at, text(tag), out, nullptr); });
    }

    cpc_outcome set_sender_state(std::int64_t at, std::string_view tag, std::string_view id, cpc_sender_state state,
                                 std::optional<std::int64_t> until = std::nullopt,
                                 std::error_code &failed = throws()) {
        return one(failed, [&](cpc_outcome *out) {
            const std::int64_t *when = until ? &*until : nullptr;
            return cpc_engine_set_sender_state(raw_, at, text(tag), text(id), state, when, out, nullptr);
        });
    }

    // Sends what is due, as far as there are places; says how many outcomes there are.
    std::size_t follow_ups(std::int64_t at, span<cpc_outcome> outcomes, std::error_code &failed = throws()) {
        std::size_t count = 0;
        mark(outcomes);
        check(cpc_engine_follow_ups(raw_, at, outcomes.data(), outcomes.size(), &count, nullptr), failed);
        return count;
    }

    std::size_t expire(std::int64_t at, span<cpc_outcome> outcomes, std::error_code &failed = throws()) {
        std::size_t count = 0;
        mark(outcomes);
        check(cpc_engine_expire(raw_, at, outcomes.data(), outcomes.size(), &count, nullptr), failed);
        return count;
    }

    cpc_applied clock(std::int64_t at, std::error_code &failed = throws()) {
        auto applied = make<cpc_applied>();
        check(cpc_engine_clock(raw_, at, &applied), failed);
        return applied;
    }

    cpc_contact contact(std::int64_t at, const cpc_target &target, std::error_code &failed = throws()) const {
        auto contact = make<cpc_contact>();
        check(cpc_engine_contact(raw_, at, &target, &contact), failed);
        return contact;
    }

    cpc_deadlines deadlines(std::int64_t at, std::error_code &failed = throws()) const {
        auto deadlines = make<cpc_deadlines>();
        check(cpc_engine_deadlines(raw_, at, &deadlines), failed);
        return deadlines;
    }

    std::optional<std::int64_t> next_deadline(std::error_code &failed = throws()) const {
        bool exists = false;
        std::int64_t deadline = 0;
        check(cpc_engine_next_deadline(raw_, &exists, &deadline), failed);
        return exists ? std::optional<std::int64_t>(deadline) : std::nullopt;
    }

    cpc_stats stats(std::int64_t at, std::error_code &failed = throws()) const {
        auto stats = make<cpc_stats>();
        check(cpc_engine_stats(raw_, at, &stats), failed);
        return stats;
    }

    std::string sender_id(std::uint32_t sender, std::error_code &failed = throws()) const {
        buffer out;
        check(cpc_engine_sender_id(raw_, sender, out.raw()), failed);
        return std::string(out.view());
    }

    buffer snapshot(std::error_code &failed = throws()) const {
        buffer out;
        check(cpc_engine_snapshot(raw_, out.raw()), failed);
        return out;
    }

    cpc_digest digest(std::error_code &failed = throws()) const {
        cpc_digest digest{};
        check(cpc_engine_digest(raw_, &digest), failed);
        return digest;
    }

  private:
    struct nothing {};
    explicit engine(nothing) noexcept {}

    static void mark(span<cpc_outcome> outcomes) noexcept {
        if (!outcomes.empty()) outcomes[0].struct_size = static_cast<std::uint32_t>(sizeof(cpc_outcome));
    }

    template <typename Call> cpc_outcome one(std::error_code &failed, Call call) {
        auto outcome = make<cpc_outcome>();
        check(call(&outcome), failed);
        return outcome;
    }

    // Each line of a text that ends with one.
    static std::vector<std::string> lines(std::string_view text) {
        std::vector<std::string> lines;
        while (!text.empty()) {
            const std::size_t end = text.find('\n');
            lines.emplace_back(text.substr(0, end));
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        }
        return lines;
    }

    // What an answer says between the last such beginning, up to a position, and the quote after it. Names and paths have
    // no quotes in them.
    static std::string_view said(std::string_view answer, std::string_view beginning, std::size_t position) noexcept {
        const std::size_t start = answer.rfind(beginning, position);
        if (start == std::string_view::npos) return std::string_view();
        answer.remove_prefix(start + beginning.size());
        return answer.substr(0, answer.find('"'));
    }

    // Whether the call succeeded; if not, it sets the error code or throws.
    bool check(cpc_result result, std::error_code &failed) const {
        if (&failed != &throws()) failed = result == CPC_OK ? std::error_code() : make_error_code(result);
        else if (result != CPC_OK) raise(result);
        return result == CPC_OK;
    }

    [[noreturn]] void raise(cpc_result result) const {
        cpc_text field{};
        buffer why;
        // A handle that is busy, poisoned or not there has nothing to add.
        if (raw_ == nullptr || cpc_engine_error(raw_, &field, why.raw()) != result) field = cpc_text{};
        raise(result, cpc::view(field), why.view());
    }

    [[noreturn]] static void raise(cpc_result result, std::string_view field, std::string_view why) {
#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
        throw error(result, field, std::string(why));
#else
        (void)result;
        (void)field;
        (void)why;
        std::abort();
#endif
    }

    cpc_engine *raw_ = nullptr;
};

} // namespace cpc

#endif
