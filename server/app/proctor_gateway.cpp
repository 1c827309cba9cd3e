#include "server/app/proctor_gateway.hpp"

#include "async/with_deadline.hpp"
#include "policies/proctoring.hpp"
#include "proctor/monitor.hpp"
#include "server/app/actors.hpp"
#include "server/app/incidents.hpp"
#include "server/wire/client_messages.hpp"
#include "storage/repositories/exams.hpp"

#include <deque>

namespace assay::server {
namespace {

using namespace std::chrono_literals;
using v1::ProctorClientMessage;
using v1::ProctorServerMessage;

constexpr std::size_t message_max = proctor::frame_bytes_max + 4096;
constexpr auto tick_every = 1s;
constexpr std::uint32_t unacknowledged_max = 2;
constexpr auto hog_frames_per_second = 1.0; ///< HOG costs five times what YuNet does: the server then asks for fewer pictures

asio::awaitable<std::shared_ptr<proctor::ProctoringPolicy const>> load_policy(Services& services, TenantId tenant, Sha256Digest document)
{
    if (auto known = services.documents.find<proctor::ProctoringPolicy>(document)) co_return known;
    auto const row = co_await storage::find_document(services.pool, tenant, document);
    if (!row) throw std::runtime_error{"no proctoring policy " + to_string(document)};
    auto parsed = policies::parse_proctoring_policy(text_of(row->content), "proctoring policy " + to_string(document));
    if (!parsed.value) throw std::runtime_error{"proctoring policy " + to_string(document) + " can't be read"};
    auto shared = std::make_shared<proctor::ProctoringPolicy const>(std::move(*parsed.value));
    services.documents.keep(document, shared);
    co_return shared;
}

/// One connection's camera. Lives on the connection's thread; pictures under analysis hold it alive.
class ProctorSession : public std::enable_shared_from_this<ProctorSession> {
public:
    ProctorSession(Services& services, CandidatePrincipal who, storage::SittingRow sitting, std::shared_ptr<proctor::ProctoringPolicy const> policy,
                   std::shared_ptr<net::Connection> connection)
        : services_{services}, who_{std::move(who)}, sitting_{std::move(sitting)}, policy_{std::move(policy)}, connection_{std::move(connection)},
          monitor_{services.now()}
    {
    }

    asio::awaitable<void> run()
    {
        // Weak: the connection holds the hook, and the session holds the connection.
        connection_->on_drain([weak = weak_from_this()] {
            auto const self = weak.lock();
            if (!self) return;
            auto message = ProctorServerMessage{};
            message.mutable_drain()->set_reconnect_within_ms(5000);
            self->send(message);
        });
        co_await resume_record();
        send_settings();
        auto checked = services_.now();
        while (connection_->is_open() && !over_) {
            auto const received = co_await async::with_deadline(connection_->receive(), tick_every);
            if (received) {
                auto const message = parse_proctor_message(*received);
                if (!message) {
                    connection_->close(net::CloseCode::policy_violation, "malformed_message");
                    break;
                }
                co_await handle(*message);
            } else if (received.error() != async::errc::deadline_exceeded) {
                break;
            }
            auto const now = services_.now();
            if (now - checked >= tick_every) {
                checked = now;
                co_await look_at_sitting();
                co_await advance_to<proctor::Tick>();
            }
        }
        while (analysing_ > 0) co_await pause(20ms); // their observations still count
        // The page may come back: what is open stays open until the sitting itself is over.
        if (over_) co_await advance_to<proctor::Ended>();
        else co_await advance_to<proctor::Tick>();
        if (!over_) co_await watch_absence();
        connection_->close(net::CloseCode::normal, "the sitting is over");
    }

private:
    struct Kept {
        std::uint64_t sequence;
        Timestamp received_at;
        Bytes jpeg;
    };

    asio::awaitable<void> pause(std::chrono::milliseconds time)
    {
        auto timer = asio::steady_timer{services_.io, time};
        co_await timer.async_wait(asio::use_awaitable);
    }

    void send(ProctorServerMessage& message)
    {
        message.set_sequence(++sequence_);
        auto bytes = Bytes(message.ByteSizeLong());
        message.SerializeToArray(bytes.data(), static_cast<int>(bytes.size()));
        if (!connection_->send(std::move(bytes))) connection_->close(net::CloseCode::policy_violation, "too slow to read");
    }

    void send_settings()
    {
        auto message = ProctorServerMessage{};
        auto& settings = *message.mutable_settings();
        auto const detector = services_.shared.workers->detector();
        auto const slow = !detector || detector->kind == proctor::DetectorKind::hog;
        settings.set_frames_per_second(slow ? std::min(hog_frames_per_second, policy_->frames_per_second) : policy_->frames_per_second);
        settings.set_width(640);
        settings.set_height(480);
        settings.set_jpeg_quality(0.7);
        settings.set_unacknowledged_max(unacknowledged_max);
        send(message);
    }

    /// A reconnected page goes on counting incidents where the record stands; what an earlier connection left open is closed.
    asio::awaitable<void> resume_record()
    {
        auto const rows = co_await storage::list_incidents_of(services_.pool, who_.tenant.id, sitting_.id);
        monitor_.incidents_raised = static_cast<std::uint32_t>(rows.size());
        co_await close_left_incidents(services_, who_.tenant.id, sitting_.id);
    }

    asio::awaitable<void> look_at_sitting()
    {
        auto const row = co_await storage::find_sitting(services_.pool, who_.tenant.id, sitting_.id);
        over_ = !row || row->ended_at.has_value();
        auto const paused = row && row->run_state == "paused" && row->paused_by != "network";
        if (paused == paused_ || over_) co_return;
        paused_ = paused;
        if (paused) co_await advance_to<proctor::Paused>();
        else co_await advance_to<proctor::Resumed>();
    }

    /// The page is gone while the sitting goes on: without pictures for long enough the stream counts as lost. Ends when another
    /// connection has taken over or the sitting is over.
    asio::awaitable<void> watch_absence()
    {
        auto const until = services_.now() + policy_->rule(proctor::IncidentType::stream_lost).open_after + 2s;
        while (services_.now() < until && !over_) {
            co_await pause(500ms);
            co_await look_at_sitting();
        }
        if (over_) co_await advance_to<proctor::Ended>();
        else co_await advance_to<proctor::Tick>();
    }

    asio::awaitable<void> handle(ProctorClientMessage const& message)
    {
        if (message.has_camera()) co_return co_await note_camera(message.camera());
        if (message.has_signal()) {
            using proctor::PageSignal;
            auto signal = std::optional<PageSignal>{};
            switch (message.signal().kind()) {
            case v1::PageSignal::TAB_HIDDEN: signal = PageSignal::tab_hidden; break;
            case v1::PageSignal::TAB_VISIBLE: signal = PageSignal::tab_visible; break;
            case v1::PageSignal::FULLSCREEN_LEFT: signal = PageSignal::fullscreen_left; break;
            case v1::PageSignal::FULLSCREEN_ENTERED: signal = PageSignal::fullscreen_entered; break;
            default: break;
            }
            if (signal) {
                auto input = proctor::MonitorInput{proctor::ClientSignal{*signal, services_.now()}};
                co_await advance(std::move(input));
            }
            co_return;
        }
        if (message.has_frame()) take(message.frame());
    }

    /// What the browser calls the camera is a claim; virtual cameras often say what they are.
    asio::awaitable<void> note_camera(v1::CameraInfo const& camera)
    {
        if (camera_noted_ || camera.label().size() > 200) co_return;
        camera_noted_ = true;
        auto append = storage::Append{};
        append.stream = uuid_from_name("camera", to_string(sitting_.id) + to_rfc3339(services_.now()));
        auto entry = storage::Entry{};
        entry.type = "CameraAnnounced";
        entry.actor = actor(who_.registration.person);
        entry.body = json::object{{"sitting", to_string(sitting_.id)}, {"width", camera.width()}, {"height", camera.height()}};
        entry.detail.emplace();
        entry.detail->person = sitting_.person;
        entry.detail->value = json::object{{"label", camera.label()}};
        append.entries.push_back(std::move(entry));
        auto const stored = co_await services_.journal.append(who_.tenant.id, std::move(append));
        stored.value();
    }

    void take(v1::Frame const& frame)
    {
        auto const now = services_.now();
        auto meta = proctor::FrameMeta{};
        meta.sequence = frame.sequence();
        meta.captured_at = Timestamp{std::chrono::microseconds{frame.captured_at_us()}};
        meta.received_at = now;
        auto jpeg = to_bytes(bytes_of(frame.jpeg()));
        latest_.push_back({frame.sequence(), now, jpeg});
        while (!latest_.empty() && now - latest_.front().received_at > proctor::evidence_lookback(*policy_) + 5s) latest_.pop_front();
        ++analysing_;
        services_.tasks.spawn("analyse_frame", analyse(shared_from_this(), std::move(jpeg), meta));
    }

    static asio::awaitable<void> analyse(std::shared_ptr<ProctorSession> self, Bytes jpeg, proctor::FrameMeta meta)
    {
        auto failure = std::exception_ptr{};
        try {
            auto const observation = co_await self->services_.shared.workers->analyse(self->sitting_.id, std::move(jpeg), meta);
            auto message = ProctorServerMessage{};
            message.mutable_received()->set_frame_sequence(meta.sequence);
            if (self->connection_->is_open()) self->send(message);
            if (observation) co_await self->advance(*observation);
        } catch (std::exception const&) {
            failure = std::current_exception();
        }
        --self->analysing_;
        if (failure) std::rethrow_exception(failure);
    }

    template <class Input>
    asio::awaitable<void> advance_to()
    {
        auto input = proctor::MonitorInput{Input{services_.now()}};
        co_await advance(std::move(input));
    }

    asio::awaitable<void> advance(proctor::MonitorInput input)
    {
        auto [next, events] = proctor::advance(monitor_, input, *policy_);
        monitor_ = std::move(next);
        for (auto& event : events) waiting_.push_back(std::move(event));
        // Events are written one after the other, in order, by whoever comes first.
        if (writing_) co_return;
        writing_ = true;
        auto failure = std::exception_ptr{};
        while (!waiting_.empty() && !failure) {
            auto const event = std::move(waiting_.front());
            waiting_.pop_front();
            try {
                co_await record(event);
            } catch (std::exception const&) {
                failure = std::current_exception();
            }
        }
        writing_ = false;
        if (failure) std::rethrow_exception(failure);
    }

    /// Evidence is durable before the entry that names it.
    asio::awaitable<json::array> keep_evidence(proctor::IncidentEvent const& event, std::vector<storage::RowWrite>& rows)
    {
        auto stills = json::array{};
        for (auto const& wanted : event.evidence) {
            auto const frame = std::find_if(latest_.begin(), latest_.end(), [&](Kept const& k) { return k.sequence == wanted.frame_sequence; });
            if (frame == latest_.end()) continue;
            auto const received_at = frame->received_at;
            auto content = frame->jpeg;
            auto const size = static_cast<std::int64_t>(content.size());
            auto const name = co_await services_.evidence.put(who_.tenant.id, sitting_.person, std::move(content));
            if (!name) continue;
            rows.push_back({"evidence", storage::columns(storage::EvidenceRow{*name, sitting_.person, sitting_.id, size, received_at})});
            stills.push_back(json::object{{"sha256", to_string(*name)}, {"at", to_rfc3339(received_at)}, {"role", proctor::to_string(wanted.role)}});
        }
        co_return stills;
    }

    asio::awaitable<void> record(proctor::IncidentEvent const& event)
    {
        auto const id = proctor::incident_id(sitting_.id, event.ordinal);
        auto const& facts = event.facts;
        auto append = storage::Append{};
        append.stream = uuid_from_name("incident", to_string(id));
        auto stills = co_await keep_evidence(event, append.rows);
        auto& kept = evidence_[event.ordinal];
        kept.insert(kept.end(), stills.begin(), stills.end());
        append.expected_version = versions_[event.ordinal];
        auto entry = storage::Entry{};
        entry.type = event.change == proctor::IncidentChange::opened ? "IncidentOpened" : event.change == proctor::IncidentChange::closed ? "IncidentClosed" : "IncidentExtended";
        entry.actor = system_actor;
        auto hashes = json::array{};
        for (auto const& still : stills) hashes.push_back(still.at("sha256"));
        entry.body = json::object{{"sitting", to_string(sitting_.id)}, {"incident", to_string(id)}, {"type", proctor::to_string(facts.type)},
                                  {"severity", proctor::to_string(facts.severity)}, {"evidence", std::move(hashes)}};
        entry.detail.emplace();
        entry.detail->person = sitting_.person;
        entry.detail->value = proctor::to_json(facts);
        append.entries.push_back(std::move(entry));
        auto row = json::object{{"incident_id", storage::column(id)}, {"sitting_id", storage::column(sitting_.id)}, {"type", proctor::to_string(facts.type)},
                                {"severity", proctor::to_string(facts.severity)}, {"started_at", storage::column(facts.started)},
                                {"client_claimed", facts.client_claimed}, {"confidence", facts.confidence}, {"facts", proctor::to_json(facts)}, {"evidence", kept}};
        // An accommodation's incident is counted, not put before a reviewer.
        if (event.change == proctor::IncidentChange::opened) row["state"] = facts.suppressed_by ? "noted" : "open";
        if (event.change == proctor::IncidentChange::closed) row["ended_at"] = storage::column(facts.ended);
        append.rows.push_back({"incident", std::move(row)});
        auto const stored = co_await services_.journal.append(who_.tenant.id, std::move(append));
        if (stored) versions_[event.ordinal] = stored->version;
        else services_.shared.log.warning("incident_not_recorded", {{"sitting", to_string(sitting_.id)}, {"why", stored.error().message()}});
        if (event.change == proctor::IncidentChange::opened && !facts.suppressed_by) notify(facts);
    }

    /// A word to the candidate, at most one a minute.
    void notify(proctor::IncidentFacts const& facts)
    {
        auto const now = services_.now();
        if (noticed_at_ && now - *noticed_at_ < policy_->notice_every) return;
        noticed_at_ = now;
        auto message = ProctorServerMessage{};
        message.mutable_notice()->set_code(std::string{proctor::to_string(facts.type)});
        if (connection_->is_open()) send(message);
    }

    Services& services_;
    CandidatePrincipal who_;
    storage::SittingRow sitting_;
    std::shared_ptr<proctor::ProctoringPolicy const> policy_;
    std::shared_ptr<net::Connection> connection_;
    proctor::Monitor monitor_;
    std::deque<Kept> latest_;
    std::deque<proctor::IncidentEvent> waiting_;
    std::map<std::uint32_t, std::uint64_t> versions_;
    std::map<std::uint32_t, json::array> evidence_;
    std::optional<Timestamp> noticed_at_;
    std::uint64_t sequence_ = 0;
    int analysing_ = 0;
    bool writing_ = false;
    bool camera_noted_ = false;
    bool paused_ = false;
    bool over_ = false;
};

} // namespace

void add_proctor_gateway(net::Router& router, ServicePool& pool, SittingNotices&)
{
    auto route = net::WebSocketRoute{};
    route.pattern = "/t/{tenant}/ws/proctor/{sitting}";
    route.subprotocol = "assay.proctor.v1";
    route.access = net::Access::candidate;
    route.limits.message_size_max = message_max;
    route.limits.messages_per_second = 12;
    route.limits.messages_burst = 30;
    route.decide = [&pool](net::Request const& request, net::PathParameters const& parameters) -> asio::awaitable<net::UpgradeDecision> {
        auto& services = pool.here();
        auto const who = candidate_of(request);
        auto const id = parse_id<SittingId>(net::find(parameters, "sitting").value_or(""));
        auto row = std::optional<storage::SittingRow>{};
        if (id) row = co_await storage::find_sitting(services.pool, who.tenant.id, *id);
        if (!row || row->registration != who.registration.id || !row->proctoring_policy || who.registration.camera_agreed != true) {
            auto refused = net::Refused{error_page(services, request, &who.tenant, 404)};
            co_return net::UpgradeDecision{std::move(refused)};
        }
        auto policy = co_await load_policy(services, who.tenant.id, *row->proctoring_policy);
        auto accepted = net::Accepted{};
        accepted.serve = [&services, who, row = *row, policy](std::shared_ptr<net::Connection> connection) -> asio::awaitable<void> {
            auto session = std::make_shared<ProctorSession>(services, who, row, policy, std::move(connection));
            co_await session->run();
        };
        co_return net::UpgradeDecision{std::move(accepted)};
    };
    router.add(std::move(route));
}

} // namespace assay::server
