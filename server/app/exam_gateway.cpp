#include "server/app/exam_gateway.hpp"

#include "async/with_deadline.hpp"
#include "server/app/actors.hpp"
#include "server/app/people.hpp"
#include "server/wire/client_messages.hpp"

#include <algorithm>

namespace assay::server {
namespace {

using v1::ExamClientMessage;
using v1::ExamServerMessage;
using namespace std::chrono_literals;

constexpr auto attach_deadline = 10s;
constexpr auto look_around_every = 500ms; ///< how long a notice of another connection may wait
constexpr auto version_check_every = 5s;  ///< a notice may be lost with the connection that hears them: then looking finds out
constexpr auto silence_max = 30s;         ///< nothing heard, not even a pong: the connection is gone
constexpr auto loss_first_pause = 250ms, loss_longest_pause = 2000ms;
constexpr auto unavailable_retry = 1000;  ///< milliseconds
constexpr std::uint32_t answer_retry = 1000; ///< milliseconds: by then another's write has been heard of
constexpr auto successor_patience = 1s;   ///< so long a device that takes over may need from storing the loss to attaching

std::int64_t us(Timestamp at) { return at.time_since_epoch().count(); }

/// One connection of one candidate's device.
class ExamSession : public std::enable_shared_from_this<ExamSession> {
public:
    ExamSession(ServicePool& pool, SittingNotices& notices, OnEnded const& on_ended, CandidatePrincipal who, std::shared_ptr<net::Connection> connection)
        : pool_{pool}, services_{pool.here()}, notices_{notices}, on_ended_{on_ended}, who_{std::move(who)}, connection_{std::move(connection)}
    {
    }

    asio::awaitable<void> run(SittingId id)
    {
        connection_->on_drain([weak = weak_from_this()] {
            auto const self = weak.lock();
            if (!self) return;
            self->draining_ = true;
            auto message = ExamServerMessage{};
            message.mutable_drain()->set_reconnect_within_ms(5000);
            self->send(message);
        });
        auto first = co_await async::with_deadline(connection_->receive(), attach_deadline);
        if (!first) co_return;
        auto const message = parse_exam_message(*first);
        if (!message || !message->has_attach()) co_return refuse("attach_first");

        auto noticed = std::make_shared<bool>(false);
        auto const registration = notices_.listen(id, connection_->executor(), [noticed] { *noticed = true; });
        auto refusal = std::string{};
        auto failure = std::string{};
        try {
            refusal = co_await join(id, message->attach(), registration);
        } catch (storage::DatabaseError const& error) {
            failure = error.what();
        }
        if (!failure.empty()) {
            services_.shared.log.warning("sitting_not_joined", {{"sitting", to_string(id)}, {"why", failure}});
            send_problem("unavailable", 0, unavailable_retry);
            co_return connection_->close(net::CloseCode::service_restart, "the database is away; come back after a moment");
        }
        if (!refusal.empty()) co_return refuse(refusal);
        notices_.announce(id); // an older connection of this process lets go, also when nothing had to be written down
        hear(registration);
        welcome();
        co_await serve(registration, noticed);
        co_await leave(registration);
    }

private:
    void send(ExamServerMessage& message)
    {
        message.set_sequence(++sequence_);
        auto bytes = Bytes(message.ByteSizeLong());
        message.SerializeToArray(bytes.data(), static_cast<int>(bytes.size()));
        if (!connection_->send(std::move(bytes))) connection_->close(net::CloseCode::policy_violation, "too slow to read");
    }

    void send_problem(std::string const& code, std::uint64_t client_seq, std::uint32_t retry_after_ms = 0)
    {
        auto message = ExamServerMessage{};
        auto& problem = *message.mutable_problem();
        problem.set_code(code);
        problem.set_client_seq(client_seq);
        problem.set_retry_after_ms(retry_after_ms);
        send(message);
    }

    void refuse(std::string const& code)
    {
        send_problem(code, 0);
        connection_->close(net::CloseCode::policy_violation, code);
    }

    /// The code of why not, or nothing.
    asio::awaitable<std::string> join(SittingId id, v1::Attach const& wish, SittingNotices::Registration const& registration)
    {
        auto loaded = co_await load_sitting(services_, who_.tenant.id, id);
        if (!loaded) co_return "not_found";
        sitting_ = std::move(*loaded);
        auto const attached = co_await attach(wish, registration);
        co_return attached ? std::string{} : problem_code(attached.error());
    }

    void hear(SittingNotices::Registration const& registration)
    {
        last_heard_ = services_.now();
        notices_.heard(registration, last_heard_);
    }

    /// Ordinary answers concern nobody else: other nodes are told of what changes the run, its clock or its device.
    static bool concerns_others(std::vector<exam::Event> const& events)
    {
        return std::ranges::any_of(events, [](exam::Event const& event) {
            return !std::holds_alternative<exam::ResponseRecorded>(event) && !std::holds_alternative<exam::ItemPresented>(event) && !std::holds_alternative<exam::BlockChosen>(event) &&
                   !std::holds_alternative<exam::BlockClosed>(event);
        });
    }

    asio::awaitable<result<Executed>> command(exam::Command what, Idempotency idempotency, int attempts = 4)
    {
        auto const was_over = sitting_.state.ended.has_value();
        auto done = co_await execute(services_, who_.tenant.id, sitting_, std::move(what), actor(who_.registration.person), std::move(idempotency), attempts);
        if (done && concerns_others(done->events)) co_await announce_everywhere(services_, notices_, sitting_.row.id);
        if (!was_over && sitting_.state.ended && on_ended_) on_ended_(services_, who_.tenant, sitting_.row.id);
        co_return done;
    }

    /// A connection that nobody could write down as lost: its node was killed, or still takes it for alive. Since when, if there was one.
    asio::awaitable<std::optional<Timestamp>> unrecorded_loss(SittingNotices::Registration const& registration, bool same_device)
    {
        auto const& state = sitting_.state;
        if (state.attachment == 0 || !state.clock.started_at || state.clock.lost_since) co_return std::nullopt;
        if (!is_here()) {
            auto beaten = std::optional<Timestamp>{};
            if (sitting_.node) beaten = co_await storage::last_beat(services_.pool, *sitting_.node);
            co_return beaten.value_or(services_.now());
        }
        // Another device that takes over from one that is there has lost nothing.
        co_return same_device ? notices_.heard_before(registration) : std::nullopt;
    }

    asio::awaitable<result<void>> attach(v1::Attach const& wish, SittingNotices::Registration const& registration)
    {
        if (sitting_.state.ended) co_return result<void>{}; // nothing to join: the page is told that it is over
        if (wish.device_secret().size() != 32 || wish.client_build().size() > 64) co_return exam::errc::not_attached;
        auto const device = to_string(sha256(wish.device_secret()));
        // Before the start nothing is written down when a device returns, so one from another node attaches anew.
        auto const continues = wish.attachment() != 0 && wish.attachment() == sitting_.state.attachment && device == sitting_.device &&
                               (sitting_.state.clock.started_at || is_here());
        if (auto const since = co_await unrecorded_loss(registration, device == sitting_.device)) {
            auto const what = exam::Command{exam::LoseConnection{sitting_.state.attachment, *since}};
            auto const nothing = Idempotency{};
            auto const lost = co_await command(what, nothing);
            if (!lost) co_return lost.error();
        }
        attachment_ = continues ? wish.attachment() : sitting_.state.attachment + 1;
        auto idempotency = Idempotency{};
        idempotency.body["node"] = to_string(services_.shared.node);
        if (!continues) idempotency.body["device"] = device;
        auto const command_attach = exam::Command{exam::Attach{attachment_}};
        auto const attached = co_await command(command_attach, std::move(idempotency));
        if (!attached) co_return attached.error();
        if (exam::run_state(sitting_.state) == exam::RunState::ready) {
            auto const command_start = exam::Command{exam::Start{attachment_}};
            auto const nothing = Idempotency{};
            auto const started = co_await command(command_start, nothing);
            if (!started && started.error() != exam::errc::sitting_already_started) co_return started.error();
        }
        co_return result<void>{};
    }

    void fill(v1::StateChanged& to)
    {
        to.set_run_state(std::string{exam::to_string(exam::run_state(sitting_.state))});
        if (auto const paused = exam::paused_by(sitting_.state)) to.set_paused_by(std::string{exam::to_string(*paused)});
        if (sitting_.state.ended) to.set_result_path("/t/" + who_.tenant.slug + "/sitting/" + to_string(sitting_.row.id) + "/result");
        to.set_items_answered(static_cast<std::uint32_t>(exam::answered_count(sitting_.state)));
        auto const& version = sitting_.exam->version;
        to.set_block_first(exam::review_begin(sitting_.state, version).value_or(0));
        to.set_block_complete(exam::awaits_block_end(sitting_.state, version));
    }

    void fill(v1::ClockUpdate& to)
    {
        auto const now = services_.now();
        auto const& rules = sitting_.exam->version.settings.clock;
        auto const& clock = sitting_.state.clock;
        to.set_server_now_us(us(now));
        if (auto const closes = exam::closes_at(clock, rules, now)) to.set_closes_at_us(us(*closes));
        to.set_standing(exam::stands(clock, rules, now));
        to.set_credited_ms(static_cast<std::uint32_t>(clock.credited.count() / 1000));
        to.set_minutes_added(static_cast<std::uint32_t>(clock.added.count()));
    }

    /// The item that waits for a response; false when there is none, or the sitting stands still.
    bool fill(v1::ItemPresented& to)
    {
        auto const ordinal = exam::presented_ordinal(sitting_.state);
        if (!ordinal || sitting_.state.ended) return false;
        fill(to, *ordinal);
        return true;
    }

    void fill(v1::ItemPresented& to, std::uint32_t ordinal)
    {
        auto const& item = sitting_.exam->items.at(sitting_.state.items.at(ordinal - 1).item);
        auto const presented = exam::present(item, shuffle_seed(sitting_.state));
        to.set_ordinal(ordinal);
        to.set_language(presented.language());
        to.set_presented_json(canonical_json(exam::to_json(presented)));
    }

    /// An item of the block under review, with the answer that counts so far. False where there is none that may be changed.
    bool fill_answered(v1::ItemPresented& to, std::uint32_t ordinal)
    {
        if (!exam::may_change(sitting_.state, sitting_.exam->version, ordinal)) return false;
        fill(to, ordinal);
        to.set_answered(true);
        auto const is_answer = [&](exam::Event const& event) {
            auto const* recorded = std::get_if<exam::ResponseRecorded>(&event);
            return recorded != nullptr && recorded->ordinal == ordinal;
        };
        auto const last = std::find_if(sitting_.events.rbegin(), sitting_.events.rend(), is_answer);
        if (last == sitting_.events.rend()) return false;
        for (auto const& [identifier, values] : std::get<exam::ResponseRecorded>(*last).response) {
            auto& variable = *to.add_response();
            variable.set_identifier(identifier);
            for (auto const& value : values) variable.add_values(value);
        }
        return true;
    }

    void welcome()
    {
        auto message = ExamServerMessage{};
        auto& w = *message.mutable_welcome();
        w.set_attachment(attachment_);
        w.set_acknowledged_client_seq(sitting_.client_seq);
        fill(*w.mutable_state());
        fill(*w.mutable_clock());
        if (!fill(*w.mutable_item())) w.clear_item();
        auto const& version = sitting_.exam->version;
        w.set_exam_title(version.title);
        auto const length = exam::presented_length(version.settings);
        w.set_length_min(static_cast<std::uint32_t>(length.minimum));
        w.set_length_max(static_cast<std::uint32_t>(length.maximum));
        send(message);
        remember();
    }

    void remember()
    {
        told_version_ = sitting_.state.version;
        told_state_ = exam::run_state(sitting_.state);
        told_review_ = review();
        auto const ordinal = exam::presented_ordinal(sitting_.state);
        told_ordinal_ = ordinal.value_or(0);
    }

    /// What the page has to know of the block under review: where it begins, and whether it is answered.
    std::pair<std::uint32_t, bool> review() const
    {
        auto const& version = sitting_.exam->version;
        return {exam::review_begin(sitting_.state, version).value_or(0), exam::awaits_block_end(sitting_.state, version)};
    }

    /// Whatever has changed since the page was last told: the state, the clock, the item.
    void tell()
    {
        auto const state = exam::run_state(sitting_.state);
        auto clock = ExamServerMessage{};
        fill(*clock.mutable_clock());
        send(clock);
        if (state != told_state_ || sitting_.state.ended || review() != told_review_) {
            auto message = ExamServerMessage{};
            fill(*message.mutable_state());
            send(message);
        }
        auto const ordinal = exam::presented_ordinal(sitting_.state);
        if (ordinal && !sitting_.state.ended && *ordinal != told_ordinal_) {
            auto message = ExamServerMessage{};
            fill(*message.mutable_item());
            send(message);
        }
        remember();
    }

    bool is_cut_off(SittingNotices::Registration const& registration) const
    {
        return sitting_.state.attachment != attachment_ || !is_here() || !notices_.is_newest(registration);
    }

    /// The device attached last at this very node. The same device keeps its attachment when it moves to another one.
    bool is_here() const { return sitting_.node == services_.shared.node; }

    void cut_off()
    {
        auto message = ExamServerMessage{};
        message.mutable_cut_off()->set_reason("another_device");
        send(message);
        connection_->close(net::CloseCode::fenced, "another device has taken over");
        fenced_ = true;
    }

    asio::awaitable<void> serve(SittingNotices::Registration const& registration, std::shared_ptr<bool> noticed)
    {
        auto checked = std::chrono::steady_clock::now();
        while (connection_->is_open() && !sitting_.state.ended && !fenced_) {
            auto const received = co_await async::with_deadline(connection_->receive(), look_around_every);
            auto message = std::optional<ExamClientMessage>{};
            if (received) {
                hear(registration);
                message = parse_exam_message(*received);
                if (!message) co_return refuse("malformed_message");
            } else if (received.error() != async::errc::deadline_exceeded) {
                silent_ = received.error() == net::errc::timed_out;
                co_return;
            }
            auto failure = std::string{};
            try {
                if (message) co_await claim_back(registration);
                if (message && !fenced_) co_await handle(*message);
                auto const steady = std::chrono::steady_clock::now();
                if (*noticed || steady - checked > version_check_every) {
                    *noticed = false;
                    checked = steady;
                    co_await look_around(registration);
                }
                co_await keep_time();
                if (!is_taken_for_lost()) taken_for_lost_at_.reset();
                else if (!taken_for_lost_at_) taken_for_lost_at_ = steady;
            } catch (storage::DatabaseError const& error) {
                failure = error.what();
            }
            if (!failure.empty()) {
                // What came of it is unknown. The page sends it again, and is answered as the stream says.
                services_.shared.log.warning("sitting_waits_for_database", {{"sitting", to_string(sitting_.row.id)}, {"why", failure}});
                *noticed = true;
                if (message) send_problem("unavailable", client_seq_of(*message), unavailable_retry);
            }
        }
        if (sitting_.state.ended) {
            if (told_version_ != sitting_.state.version) tell();
            co_await connection_->flush();
            connection_->close(net::CloseCode::normal, "the sitting is over");
        }
    }

    static std::uint64_t client_seq_of(ExamClientMessage const& message)
    {
        switch (message.body_case()) {
        case ExamClientMessage::kSubmitResponse: return message.submit_response().client_seq();
        case ExamClientMessage::kFinish: return message.finish().client_seq();
        case ExamClientMessage::kFinishBlock: return message.finish_block().client_seq();
        default: return 0;
        }
    }

    /// What others have done to the sitting.
    asio::awaitable<void> look_around(SittingNotices::Registration const& registration)
    {
        auto const row = co_await storage::find_sitting(services_.pool, who_.tenant.id, sitting_.row.id);
        if (row && row->version != sitting_.state.version) {
            auto fresh = co_await load_sitting(services_, who_.tenant.id, sitting_.row.id);
            if (!fresh) co_return refuse("not_found");
            sitting_ = std::move(*fresh);
        }
        if (!sitting_.state.ended && is_cut_off(registration)) co_return cut_off();
        if (sitting_.state.version != told_version_) tell();
    }

    /// Our own outages are given back as soon as they are known, so that the page shows it; and the run ends when its time is up.
    asio::awaitable<void> keep_time()
    {
        if (fenced_ || sitting_.state.ended) co_return;
        if (may_be_owed_time(services_, sitting_)) {
            auto const credited = co_await credit_outages(services_, who_.tenant.id, sitting_);
            if (!credited) co_return; // stale: the next look finds out, and execute() credits before it decides
            if (sitting_.state.version != told_version_) tell();
        }
        if (exam::has_closed(sitting_.state.clock, sitting_.exam->version.settings.clock, services_.now())) co_await expire();
    }

    asio::awaitable<void> expire()
    {
        auto const command_expire = exam::Command{exam::Expire{}};
        auto const nothing = Idempotency{};
        auto const expired = co_await command(command_expire, nothing);
        if (expired) tell();
    }

    asio::awaitable<void> handle(ExamClientMessage const& message)
    {
        switch (message.body_case()) {
        case ExamClientMessage::kSubmitResponse: co_await submit(message.submit_response()); break;
        case ExamClientMessage::kFinish: {
            auto const command_finish = exam::Command{exam::Finish{attachment_}};
            co_await numbered(command_finish, message.finish().client_seq(), "finish");
            break;
        }
        case ExamClientMessage::kFinishBlock: {
            auto const first = message.finish_block().block_first();
            auto const command_block = exam::Command{exam::FinishBlock{attachment_, first}};
            co_await numbered(command_block, message.finish_block().client_seq(), "finish_block " + std::to_string(first));
            break;
        }
        case ExamClientMessage::kShowItem: show_item(message.show_item().item_ordinal()); break;
        case ExamClientMessage::kRequestBreak: {
            auto const command_pause = exam::Command{exam::Pause{exam::PauseKind::candidate_break, std::nullopt, {}}};
            co_await unnumbered(command_pause);
            break;
        }
        case ExamClientMessage::kEndBreak: {
            auto const command_resume = exam::Command{exam::Resume{}};
            co_await unnumbered(command_resume);
            break;
        }
        case ExamClientMessage::kHeartbeat: {
            auto answer = ExamServerMessage{};
            fill(*answer.mutable_clock());
            send(answer);
            break;
        }
        default: send_problem("unexpected_message", 0);
        }
    }

    void show_item(std::uint32_t ordinal)
    {
        auto message = ExamServerMessage{};
        if (exam::paused_by(sitting_.state)) return send_problem("sitting_paused", 0); // the clock stands: nothing is read meanwhile
        if (!fill_answered(*message.mutable_item(), ordinal)) return send_problem("item_not_presented", 0);
        send(message);
    }

    asio::awaitable<void> submit(v1::SubmitResponse const& given)
    {
        auto response = response_of(given);
        if (!response) co_return send_problem("response_too_large", given.client_seq());
        auto content = json::object{{"ordinal", given.item_ordinal()}};
        for (auto const& [identifier, values] : *response) content[identifier + "="] = strings(values);
        auto const claimed = std::chrono::milliseconds{given.response_time_ms()};
        auto const what = exam::Command{exam::SubmitResponse{attachment_, given.item_ordinal(), std::move(*response), claimed}};
        co_await numbered(what, given.client_seq(), canonical_json(content));
    }

    /// A message that the page resends until it is acknowledged: a repeat gets the earlier answer, another content under the same
    /// number is refused.
    asio::awaitable<void> numbered(exam::Command what, std::uint64_t client_seq, std::string content)
    {
        if (client_seq == 0) co_return send_problem("client_seq_missing", 0);
        auto idempotency = Idempotency{};
        idempotency.key = "exam/" + to_string(sitting_.row.id) + "/" + std::to_string(attachment_) + "/" + std::to_string(client_seq);
        idempotency.request_hash = sha256(content);
        idempotency.body["client_seq"] = client_seq;
        auto const done = co_await command(std::move(what), std::move(idempotency));
        if (!done) {
            if (done.error() == exam::errc::time_limit_reached) {
                send_problem("time_limit_reached", client_seq);
                co_return co_await expire();
            }
            if (done.error() == exam::errc::stale_attachment) co_return cut_off();
            auto const passes = done.error() == exam::errc::not_attached || done.error() == storage::errc::stale;
            auto const again_in = passes ? answer_retry : 0;
            co_return send_problem(problem_code(done.error()), client_seq, again_in);
        }
        auto message = ExamServerMessage{};
        message.mutable_acknowledged()->set_client_seq(client_seq);
        message.mutable_acknowledged()->set_version(sitting_.state.version);
        send(message);
        tell();
    }

    /// Whether another node has written down that this connection is lost, which stands.
    bool is_taken_for_lost() const
    {
        auto const& state = sitting_.state;
        return !state.ended && state.clock.lost_since && state.attachment == attachment_ && is_here();
    }

    /// Another node has taken this connection for lost, on behalf of a device that takes over: that comes next, and cuts this one off. If it has
    /// not in time, its node is gone; and what this device goes on to say shows that the sitting is still its own.
    asio::awaitable<void> claim_back(SittingNotices::Registration const& registration)
    {
        if (!is_taken_for_lost() || !taken_for_lost_at_ || !notices_.is_newest(registration)) co_return;
        if (std::chrono::steady_clock::now() - *taken_for_lost_at_ < successor_patience) co_return;
        auto const here = exam::Command{exam::Attach{attachment_}};
        auto idempotency = Idempotency{};
        idempotency.body["node"] = to_string(services_.shared.node);
        auto const attached = co_await command(here, std::move(idempotency));
        if (!attached && attached.error() == exam::errc::stale_attachment) co_return cut_off();
        if (attached) tell();
    }

    asio::awaitable<void> unnumbered(exam::Command what)
    {
        auto const nothing = Idempotency{};
        auto const done = co_await command(std::move(what), nothing);
        if (!done) co_return send_problem(problem_code(done.error()), 0);
        tell();
    }

    /// The connection ended while the sitting goes on: written down, so that the rules can give the time back.
    asio::awaitable<void> leave(SittingNotices::Registration const& registration)
    {
        if (fenced_ || sitting_.state.ended || attachment_ == 0) co_return;
        // One that was closed, or reset, was there until now; one that fell silent was heard of for the last time a while ago.
        auto const now = services_.now();
        auto const since = silent_ ? std::max(last_heard_, Timestamp{now - silence_max}) : now;
        notices_.heard(registration, since);
        auto pause = std::chrono::milliseconds{loss_first_pause};
        // Who comes back meanwhile, to this node or to the one after it, finds the loss by itself (unrecorded_loss).
        while (!draining_ && notices_.is_newest(registration)) {
            auto failure = std::string{};
            try {
                auto const lost = co_await lose(since);
                if (!lost) co_return;
                failure = lost->message();
            } catch (storage::DatabaseError const& error) {
                failure = error.what();
            }
            services_.shared.log.warning("connection_loss_not_recorded_yet", {{"sitting", to_string(sitting_.row.id)}, {"why", failure}});
            auto timer = asio::steady_timer{services_.io, pause};
            co_await timer.async_wait(asio::use_awaitable);
            pause = std::min<std::chrono::milliseconds>(pause * 2, loss_longest_pause);
        }
    }

    /// One try; what it gives is worth another one. A view that turns out to be stale is looked at before it is decided again: the device
    /// may have come back at another node, with the same attachment.
    asio::awaitable<std::optional<boost::system::error_code>> lose(Timestamp since)
    {
        if (sitting_.state.ended || !is_here() || sitting_.state.attachment != attachment_) co_return std::nullopt;
        auto const what = exam::Command{exam::LoseConnection{attachment_, since}};
        auto const nothing = Idempotency{};
        auto const lost = co_await command(what, nothing, 1);
        if (lost || lost.error() != storage::errc::stale) co_return std::nullopt; // written down, or refused for good: the time is up
        co_return lost.error();
    }

    ServicePool& pool_;
    Services& services_;
    SittingNotices& notices_;
    OnEnded const& on_ended_;
    CandidatePrincipal who_;
    std::shared_ptr<net::Connection> connection_;
    LoadedSitting sitting_;
    std::uint32_t attachment_ = 0;
    std::uint64_t sequence_ = 0;
    std::uint64_t told_version_ = 0;
    exam::RunState told_state_ = exam::RunState::ready;
    std::uint32_t told_ordinal_ = 0;
    std::pair<std::uint32_t, bool> told_review_;
    Timestamp last_heard_;
    bool fenced_ = false;
    bool silent_ = false;   ///< the connection ended because nothing was heard
    bool draining_ = false;
    std::optional<std::chrono::steady_clock::time_point> taken_for_lost_at_; ///< see claim_back()
};

asio::awaitable<bool> may_not_begin(Services& services, CandidatePrincipal const& who, storage::SittingRow const& sitting)
{
    if (sitting.started_at) co_return false;
    auto const ban = co_await storage::find_ban(services.pool, who.tenant.id, who.registration.person, services.now());
    co_return ban.has_value();
}

} // namespace

std::string problem_code(boost::system::error_code const& error)
{
    if (error == storage::errc::conflicting) return "conflicting_repeat";
    if (error == storage::errc::stale) return "try_again";
    if (error.category() == exam::category()) {
        switch (static_cast<exam::errc>(error.value())) {
        case exam::errc::time_limit_reached: return "time_limit_reached";
        case exam::errc::sitting_has_ended: return "sitting_has_ended";
        case exam::errc::sitting_paused: return "sitting_paused";
        case exam::errc::item_not_presented: return "item_not_presented";
        case exam::errc::stale_attachment: return "another_device";
        case exam::errc::not_attached: return "not_attached";
        case exam::errc::break_not_allowed: return "break_not_allowed";
        case exam::errc::response_too_large: return "response_too_large";
        case exam::errc::block_not_answered: return "block_not_answered";
        default: return "refused";
        }
    }
    return "malformed_response"; // what remains comes from the item's own rules about its response
}

void add_exam_gateway(net::Router& router, ServicePool& pool, SittingNotices& notices, OnEnded on_ended)
{
    auto route = net::WebSocketRoute{};
    route.pattern = "/t/{tenant}/ws/exam/{sitting}";
    route.subprotocol = "assay.exam.v1";
    route.access = net::Access::candidate;
    route.limits.message_size_max = exam_message_size_max;
    route.limits.messages_per_second = 10;
    route.limits.messages_burst = 40;
    route.limits.silence_max = silence_max;
    route.decide = [&pool, &notices, on_ended = std::move(on_ended)](net::Request const& request, net::PathParameters const& parameters)
        -> asio::awaitable<net::UpgradeDecision> {
        auto const who = candidate_of(request);
        auto const id = parse_id<SittingId>(net::find(parameters, "sitting").value_or(""));
        auto& services = pool.here();
        auto row = std::optional<storage::SittingRow>{};
        if (id) row = co_await storage::find_sitting(services.pool, who.tenant.id, *id);
        if (id && !row && *id == sitting_of(who.registration.id)) {
            // The system check, before the sitting is opened: that a connection comes about is all it asks.
            auto probe = net::Accepted{};
            probe.serve = [](std::shared_ptr<net::Connection> connection) -> asio::awaitable<void> {
                connection->close(net::CloseCode::normal, "the sitting has not begun");
                co_return;
            };
            co_return net::UpgradeDecision{std::move(probe)};
        }
        if (!row || row->registration != who.registration.id) {
            auto refused = net::Refused{error_page(services, request, &who.tenant, 404)};
            co_return net::UpgradeDecision{std::move(refused)};
        }
        // What was opened before a ban is not begun under it; what has begun goes on.
        auto const banned = co_await may_not_begin(services, who, *row);
        if (banned) {
            auto refused = net::Refused{error_page(services, request, &who.tenant, 403)};
            co_return net::UpgradeDecision{std::move(refused)};
        }
        auto accepted = net::Accepted{};
        accepted.serve = [&pool, &notices, &on_ended, who, sitting = *id](std::shared_ptr<net::Connection> connection) -> asio::awaitable<void> {
            auto session = std::make_shared<ExamSession>(pool, notices, on_ended, who, std::move(connection));
            co_await session->run(sitting);
        };
        co_return net::UpgradeDecision{std::move(accepted)};
    };
    router.add(std::move(route));
}

} // namespace assay::server
