#include "server/app/sittings.hpp"

#include "async/errors.hpp"
#include "core/random.hpp"
#include "exam/sitting_json.hpp"
#include "server/app/actors.hpp"
#include "storage/notifications.hpp"
#include "storage/repositories/people.hpp"

namespace assay::server {
namespace {

constexpr auto items_suspended = "items-suspended"; ///< a notice that is about no sitting

std::runtime_error broken(std::string const& what) { return std::runtime_error{"the database is not what it was: " + what}; }

/// What the row says after the stream: written with every append.
json::object row_of(LoadedSitting const& sitting, exam::Sitting const& state, Timestamp now)
{
    auto const& version = sitting.exam->version;
    auto row = json::object{{"sitting_id", storage::column(sitting.row.id)},
                            {"run_state", exam::to_string(exam::run_state(state))},
                            {"version", state.version},
                            {"attachment", state.attachment},
                            {"items_answered", exam::answered_count(state)},
                            {"last_seen_at", storage::column(now)}};
    auto const paused = exam::paused_by(state);
    row["paused_by"] = paused ? json::value(exam::to_string(*paused)) : json::value(nullptr);
    row["started_at"] = storage::column(state.clock.started_at);
    row["closes_at"] = storage::column(exam::closes_at(state.clock, version.settings.clock, now));
    if (state.ended) row["ended_at"] = storage::column(state.last_at);
    if (state.outcome) {
        row["score_state"] = "final";
        row["passed"] = state.outcome->passed;
    }
    return row;
}

storage::Entry entry_of(LoadedSitting const& sitting, exam::Event const& event, std::string const& actor)
{
    auto entry = storage::Entry{};
    entry.type = std::string{exam::event_name(event)};
    entry.actor = actor;
    entry.body = json::object{{"sitting", to_string(sitting.row.id)}};
    if (auto const* opened = std::get_if<exam::SittingOpened>(&event)) {
        // What the sitting pins and what the candidate agreed to are public facts of the record.
        entry.body["exam_version"] = to_string(opened->exam_version);
        entry.body["rules_document"] = to_string(opened->rules_document);
        entry.body["rules_accepted_at"] = to_rfc3339(opened->rules_accepted_at);
    }
    entry.detail.emplace();
    entry.detail->person = sitting.row.person;
    entry.detail->value = exam::to_json(event);
    return entry;
}

std::vector<storage::RowWrite> rows_after(LoadedSitting const& sitting, exam::Sitting const& state, Timestamp now)
{
    auto rows = std::vector<storage::RowWrite>{};
    rows.push_back({"sitting", row_of(sitting, state, now)});
    if (state.ended) rows.push_back({"registration", json::object{{"registration_id", storage::column(sitting.row.registration)}, {"state", "done"}}});
    // Once: the run ends in one append, which ends with the score.
    if (state.outcome && !sitting.state.outcome && exam::keeps_record(sitting.exam->version.settings))
        rows.push_back({"exposure_record", json::object{{"exam_version", storage::column(sitting.row.exam_version)},
                                                        {"record", exam::to_json(exam::exposure_record_of(state, *sitting.exam->prepared))}}});
    return rows;
}

/// What the wire keeps beside an event: which device holds the attachment, and how far its messages are stored.
void note_body(LoadedSitting& sitting, json::object const& body)
{
    if (auto const* device = body.if_contains("device"); device != nullptr && device->is_string()) {
        sitting.device = device->get_string();
        sitting.client_seq = 0; // a new attachment counts anew
    }
    if (auto const* node = body.if_contains("node"); node != nullptr && node->is_string()) {
        auto const uuid = parse_uuid(node->get_string());
        sitting.node = uuid ? std::optional{*uuid} : std::nullopt;
    }
    if (auto const* seq = body.if_contains("client_seq"); seq != nullptr && seq->is_number())
        sitting.client_seq = std::max(sitting.client_seq, seq->to_number<std::uint64_t>());
}

/// Reads the stream anew into `sitting`.
asio::awaitable<bool> reload(Services& services, TenantId tenant, LoadedSitting& sitting)
{
    auto const stored = co_await services.journal.read_stream(tenant, sitting.row.id.uuid);
    sitting.events.clear();
    sitting.device.clear();
    sitting.client_seq = 0;
    sitting.node.reset();
    for (auto const& entry : stored) {
        note_body(sitting, entry.body());
        if (entry.detail_state != storage::DetailState::opened) co_return false;
        auto event = exam::event_from_json(entry.detail);
        if (!event) throw broken("event " + std::to_string(entry.sequence) + " of sitting " + to_string(sitting.row.id) + ": " + event.error().message());
        sitting.events.push_back(std::move(*event));
    }
    sitting.state = exam::replay(sitting.exam->version, sitting.events);
    sitting.row.version = sitting.state.version;
    co_return !sitting.events.empty();
}

/// Stores `events`; on success `sitting` has them.
asio::awaitable<result<storage::Appended>> store(Services& services, TenantId tenant, LoadedSitting& sitting, std::vector<exam::Event> const& events,
                                                 std::string const& actor, Idempotency const& idempotency, Timestamp now)
{
    auto after = sitting.state;
    auto append = storage::Append{};
    append.stream = sitting.row.id.uuid;
    append.expected_version = sitting.state.version;
    append.idempotency_key = idempotency.key;
    append.request_hash = idempotency.request_hash;
    append.answer = idempotency.answer;
    for (auto const& event : events) {
        append.entries.push_back(entry_of(sitting, event, actor));
        after = exam::apply(std::move(after), sitting.exam->version, event);
    }
    for (auto const& member : idempotency.body) append.entries.front().body[member.key()] = member.value();
    append.rows = rows_after(sitting, after, now);
    auto stored = co_await services.journal.append(tenant, std::move(append));
    if (stored && !stored->repeated) {
        sitting.events.insert(sitting.events.end(), events.begin(), events.end());
        sitting.state = std::move(after);
        sitting.row.version = sitting.state.version;
        note_body(sitting, idempotency.body);
    }
    co_return stored;
}

/// What follows from `command`. A form is assembled on the pool for that; where that pool is full, here: late is better than lost.
asio::awaitable<result<std::vector<exam::Event>>> decided(Services& services, LoadedSitting const& sitting, exam::Command const& command, Timestamp now)
{
    if (exam::may_assemble(*sitting.exam->prepared, command)) {
        // Values: the pool may still be at it when this frame is gone.
        auto work = [state = sitting.state, exam = sitting.exam, command, now] { return exam::decide(state, *exam->prepared, exam->scorer, command, now); };
        auto events = std::optional<result<std::vector<exam::Event>>>{};
        try {
            events = co_await async::on_pool(services.shared.forms, std::move(work));
        } catch (async::Overloaded const&) {
            services.shared.log.warning("forms_overloaded", {{"sitting", to_string(sitting.row.id)}});
        }
        if (events) co_return std::move(*events);
    }
    co_return exam::decide(sitting.state, *sitting.exam->prepared, sitting.exam->scorer, command, now);
}

/// What a sitting that opens now learns from those before it.
struct FromEarlier {
    exam::Ineligible ineligible;  ///< by exposure control
    exam::PretestWeights pretest; ///< for the slots, where the version has some
};

asio::awaitable<FromEarlier> draw_from_earlier(Services& services, TenantId tenant, LoadedSitting const& sitting, exam::Seed seed)
{
    if (!exam::keeps_record(sitting.exam->version.settings)) co_return FromEarlier{};
    auto stored = co_await storage::list_exposure_records(services.pool, tenant, sitting.row.exam_version);
    auto work = [stored = std::move(stored), exam = sitting.exam, seed] {
        auto earlier = std::vector<exam::ExposureRecord>{};
        for (auto const& value : stored) {
            auto record = exam::exposure_record_from_json(value);
            if (!record) throw broken("a record of exposure: " + record.error().message());
            earlier.push_back(std::move(*record));
        }
        return FromEarlier{exam::draw_ineligible(*exam->prepared, earlier, seed), exam::pretest_weights(exam->version, earlier)};
    };
    co_return co_await async::on_pool(services.shared.compute, std::move(work));
}

std::shared_ptr<exam::PreparedExam const> prepare_exam(std::string_view text, Sha256Digest const& id)
{
    auto const value = parse_json(text, {.size_max = 16 << 20});
    auto version = value ? exam::exam_version_from_json(*value) : result<exam::ExamVersion>{value.error()};
    if (!version) throw broken("exam version " + to_string(id) + ": " + version.error().message());
    return std::make_shared<exam::PreparedExam const>(std::move(*version));
}

/// Records which items of the sitting were suspended since it was last looked: none of them is presented any more.
asio::awaitable<result<void>> withdraw_suspended(Services& services, TenantId tenant, LoadedSitting& sitting)
{
    auto const known = services.shared.suspensions.load(); // before reading: what is suspended meanwhile is looked for again
    if (sitting.suspensions_known == known || !sitting.state.opened || sitting.state.ended) co_return result<void>{};
    auto const suspended = co_await storage::list_suspended_items(services.pool, tenant);
    for (auto const& item : suspended) {
        auto const now = services.now();
        auto const command = exam::Command{exam::WithdrawItem{item}};
        auto const events = exam::decide(sitting.state, *sitting.exam->prepared, sitting.exam->scorer, command, now);
        if (!events) throw broken("suspended item of sitting " + to_string(sitting.row.id) + ": " + events.error().message());
        if (events->empty()) continue;
        auto const nothing = Idempotency{};
        auto const stored = co_await store(services, tenant, sitting, *events, system_actor, nothing, now);
        if (!stored) co_return stored.error();
    }
    sitting.suspensions_known = known;
    co_return result<void>{};
}

} // namespace

asio::awaitable<void> beat(Shared& process, storage::Pool& pool)
{
    auto const opened = co_await storage::beat(pool, process.node);
    if (opened) process.spans_opened.fetch_add(1);
}

bool may_be_owed_time(Services const& services, LoadedSitting const& sitting) noexcept
{
    return sitting.state.clock.started_at && !sitting.state.ended && sitting.outages_known != services.shared.spans_opened.load();
}

asio::awaitable<result<void>> credit_outages(Services& services, TenantId tenant, LoadedSitting& sitting)
{
    auto const& state = sitting.state;
    if (!state.clock.started_at || state.ended) co_return result<void>{};
    // Whose time is up may be owed an outage that ends only now: it can be read once somebody has beaten.
    if (exam::has_closed(state.clock, sitting.exam->version.settings.clock, services.now())) co_await beat(services.shared, services.pool);
    if (!may_be_owed_time(services, sitting)) co_return result<void>{};
    auto const known = services.shared.spans_opened.load(); // before reading: a span that opens meanwhile is looked for again
    auto const outages = co_await storage::outages_since(services.pool, *state.clock.started_at);
    for (auto const& outage : outages) {
        auto const now = std::max(services.now(), outage.until); // the database's own reading, and ours of it, differ by microseconds
        auto const command = exam::Command{exam::CreditOutage{std::max(outage.from, *state.clock.started_at), outage.until}};
        auto const events = exam::decide(state, *sitting.exam->prepared, sitting.exam->scorer, command, now);
        if (!events) throw broken("outage of sitting " + to_string(sitting.row.id) + ": " + events.error().message());
        if (events->empty()) continue;
        auto const nothing = Idempotency{};
        auto const stored = co_await store(services, tenant, sitting, *events, system_actor, nothing, now);
        if (!stored) co_return stored.error();
    }
    sitting.outages_known = known;
    co_return result<void>{};
}

asio::awaitable<std::shared_ptr<LoadedExam const>> load_exam(Services& services, TenantId tenant, Sha256Digest exam_version)
{
    if (auto known = services.documents.find<LoadedExam>(exam_version)) co_return known;
    auto prepared = services.shared.documents.find<exam::PreparedExam>(exam_version);
    if (!prepared) {
        auto const document = co_await storage::find_document(services.pool, tenant, exam_version);
        if (!document) throw broken("no exam version " + to_string(exam_version));
        auto prepare = [text = std::string{text_of(document->content)}, exam_version] { return prepare_exam(text, exam_version); };
        prepared = co_await async::on_pool(services.shared.compute, std::move(prepare));
        prepared = services.shared.documents.keep(exam_version, std::move(prepared));
    }
    auto loaded = std::make_shared<LoadedExam>(std::move(prepared));
    loaded->id = exam_version;
    auto hashes = std::vector<Sha256Digest>{};
    auto ids = std::map<Sha256Digest, ItemId>{};
    for (auto const* items : {&loaded->version.pool, &loaded->version.pretest})
        for (auto const& item : *items) {
            hashes.push_back(item.item_document);
            ids[item.item_document] = item.id;
        }
    auto const documents = co_await storage::find_documents(services.pool, tenant, std::move(hashes));
    for (auto const& d : documents) {
        auto const json = parse_json(text_of(d.content), {.size_max = 4 << 20, .depth_max = 128});
        auto item = json ? exam::item_from_json(*json) : result<exam::Item>{json.error()};
        if (!item) throw broken("item " + to_string(d.sha256) + ": " + item.error().message());
        loaded->items.emplace(ids.at(d.sha256), std::move(*item));
    }
    if (loaded->items.size() != loaded->version.pool.size() + loaded->version.pretest.size()) throw broken("items of exam version " + to_string(exam_version) + " are missing");
    loaded->scorer = [&items = loaded->items](ItemId id, exam::ResponseSet const& response) -> result<exam::ItemScore> {
        return exam::score(items.at(id), response);
    };
    auto shared = std::shared_ptr<LoadedExam const>{std::move(loaded)};
    services.documents.keep(exam_version, shared);
    co_return shared;
}

asio::awaitable<std::optional<LoadedSitting>> load_sitting(Services& services, TenantId tenant, SittingId sitting)
{
    auto row = co_await storage::find_sitting(services.pool, tenant, sitting);
    if (!row) co_return std::nullopt;
    auto loaded = LoadedSitting{};
    loaded.row = std::move(*row);
    loaded.exam = co_await load_exam(services, tenant, loaded.row.exam_version);
    auto const readable = co_await reload(services, tenant, loaded);
    if (!readable) co_return std::nullopt;
    co_return loaded;
}

asio::awaitable<result<Executed>> execute(Services& services, TenantId tenant, LoadedSitting& sitting, exam::Command command,
                                          std::string actor, Idempotency idempotency, int attempts)
{
    for (auto attempt = 1; attempt <= attempts; ++attempt) {
        auto credited = co_await credit_outages(services, tenant, sitting);
        if (credited) credited = co_await withdraw_suspended(services, tenant, sitting);
        auto const now = services.now();
        if (!credited && credited.error() != storage::errc::stale) co_return credited.error();
        if (credited) {
            auto const events = co_await decided(services, sitting, command, now);
            if (!events) {
                // Refused by what this very request, sent before, has changed? Then it gets its earlier answer.
                if (!idempotency.key.empty()) {
                    auto const earlier = co_await services.journal.find_repeat(tenant, idempotency.key, idempotency.request_hash);
                    if (!earlier) co_return earlier.error();
                    if (*earlier) {
                        static_cast<void>(co_await reload(services, tenant, sitting));
                        auto repeat = Executed{};
                        repeat.repeated = true;
                        repeat.answer = (*earlier)->answer;
                        co_return repeat;
                    }
                }
                co_return events.error();
            }
            auto done = Executed{};
            done.events = *events;
            done.answer = idempotency.answer;
            if (events->empty()) co_return done;
            auto const stored = co_await store(services, tenant, sitting, *events, actor, idempotency, now);
            if (stored) {
                if (stored->repeated) {
                    static_cast<void>(co_await reload(services, tenant, sitting));
                    done.events.clear();
                    done.repeated = true;
                    done.answer = stored->answer;
                }
                co_return done;
            }
            if (stored.error() != storage::errc::stale) co_return stored.error();
        }
        static_cast<void>(co_await reload(services, tenant, sitting));
    }
    co_return storage::errc::stale;
}

namespace {

/// What the person was asked in earlier sittings of the exam, where the version leaves that out and its pool suffices without it and `banned`.
asio::awaitable<std::vector<ItemId>> seen_before(Services& services, TenantId tenant, LoadedSitting const& sitting, std::vector<ItemId> banned)
{
    auto seen = std::vector<ItemId>{};
    if (!sitting.exam->version.settings.retake_excludes_seen) co_return seen;
    auto const rows = co_await storage::list_sittings_of(services.pool, tenant, sitting.row.person);
    for (auto const& row : rows) {
        if (row.exam != sitting.row.exam || row.id == sitting.row.id) continue;
        auto const earlier = co_await load_sitting(services, tenant, row.id);
        if (!earlier) continue;
        for (auto const& item : earlier->state.items)
            if (exam::find_presentable(sitting.exam->version, item.item) != nullptr) seen.push_back(item.item);
    }
    if (seen.empty()) co_return seen;
    seen = exam::with_families(*sitting.exam->prepared, seen);
    banned.insert(banned.end(), seen.begin(), seen.end());
    auto check = [exam = sitting.exam, banned = std::move(banned)] { return exam::suffices_without(*exam->prepared, banned); };
    auto const suffices = co_await async::on_pool(services.shared.compute, std::move(check));
    if (!suffices) {
        services.shared.log.warning("pool_too_small_for_retake", {{"sitting", to_string(sitting.row.id)}, {"exam_version", to_string(sitting.row.exam_version)}});
        seen.clear();
    }
    co_return seen;
}

} // namespace

SittingId sitting_of(RegistrationId registration) { return SittingId{uuid_from_name("sitting", to_string(registration))}; }

asio::awaitable<result<SittingId>> open_sitting(Services& services, storage::TenantRow const& tenant, storage::RegistrationRow registration)
{
    EXPECTS(registration.rules_accepted && registration.rules_accepted_at);
    if (auto const earlier = co_await storage::find_sitting_of(services.pool, tenant.id, registration.id)) co_return earlier->id;
    auto const exam_row = co_await storage::find_exam(services.pool, tenant.id, registration.exam);
    if (!exam_row || exam_row->state != "published") co_return storage::errc::not_found;

    auto const now = services.now();
    auto sitting = LoadedSitting{};
    sitting.row.id = sitting_of(registration.id);
    sitting.row.registration = registration.id;
    sitting.row.person = registration.person;
    sitting.row.exam = exam_row->id;
    sitting.row.exam_version = exam_row->exam_version;
    sitting.row.programme = exam_row->programme;
    // Whoever declines the camera takes the equal route without it, where the exam has one; the exam page says which.
    sitting.row.proctoring_policy = exam_row->proctoring_policy;
    sitting.row.credential_policy = exam_row->credential_policy;
    sitting.row.opened_at = now;
    sitting.row.validity = exam_row->proctoring_policy ? "unreviewed" : "clear";
    sitting.exam = co_await load_exam(services, tenant.id, exam_row->exam_version);

    auto open = exam::Open{};
    open.exam_version = exam_row->exam_version;
    open.seed = random_array<32>();
    open.rules_document = *registration.rules_accepted;
    open.rules_accepted_at = *registration.rules_accepted_at;
    open.extra = std::chrono::minutes{registration.extra_minutes};
    auto const suspended = co_await storage::list_suspended_items(services.pool, tenant.id);
    for (auto const& item : suspended)
        if (exam::find_presentable(sitting.exam->version, item) != nullptr) open.banned.push_back(item);
    auto const seen = co_await seen_before(services, tenant.id, sitting, open.banned);
    open.banned.insert(open.banned.end(), seen.begin(), seen.end());
    auto earlier = co_await draw_from_earlier(services, tenant.id, sitting, open.seed);
    open.ineligible = std::move(earlier.ineligible);
    open.pretest = std::move(earlier.pretest);
    auto const command = exam::Command{open};
    auto const events = co_await decided(services, sitting, command, now);
    if (!events) co_return events.error();

    auto append = storage::Append{};
    append.stream = sitting.row.id.uuid;
    auto after = sitting.state;
    for (auto const& event : *events) {
        append.entries.push_back(entry_of(sitting, event, actor(registration.person)));
        after = exam::apply(std::move(after), sitting.exam->version, event);
    }
    sitting.row.run_state = exam::to_string(exam::run_state(after));
    sitting.row.version = after.version;
    append.rows.push_back({"sitting", storage::columns(sitting.row)});
    append.rows.push_back({"registration", json::object{{"registration_id", storage::column(registration.id)}, {"state", "in_exam"}}});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    if (!stored && stored.error() != storage::errc::stale) co_return stored.error(); // stale: the other tab was faster
    co_return sitting.row.id;
}

exam::ShuffleSeed shuffle_seed(exam::Sitting const& sitting)
{
    return hmac_sha256(sitting.seed, bytes_of("assay.presentation.v1")).octets;
}

SittingNotices::Registration::~Registration()
{
    if (notices_ == nullptr) return;
    auto const lock = std::scoped_lock{notices_->mutex_};
    auto const found = notices_->entries_.find(sitting_);
    if (found == notices_->entries_.end()) return;
    std::erase_if(found->second, [this](Entry const& entry) { return entry.id == id_; });
    if (found->second.empty()) notices_->entries_.erase(found);
}

SittingNotices::Registration SittingNotices::listen(SittingId sitting, asio::any_io_executor executor, Listener listener)
{
    auto const lock = std::scoped_lock{mutex_};
    auto const id = next_++;
    entries_[sitting].push_back({id, std::move(executor), std::move(listener), std::nullopt});
    return {*this, sitting, id};
}

void SittingNotices::announce(SittingId sitting)
{
    auto const lock = std::scoped_lock{mutex_};
    auto const found = entries_.find(sitting);
    if (found == entries_.end()) return;
    for (auto const& entry : found->second) asio::post(entry.executor, entry.listener);
}

void SittingNotices::announce_all()
{
    auto const lock = std::scoped_lock{mutex_};
    for (auto const& [sitting, entries] : entries_)
        for (auto const& entry : entries) asio::post(entry.executor, entry.listener);
}

void SittingNotices::heard(Registration const& registration, Timestamp at)
{
    auto const lock = std::scoped_lock{mutex_};
    for (auto& entry : entries_.at(registration.sitting_))
        if (entry.id == registration.id_) entry.heard = at;
}

std::optional<Timestamp> SittingNotices::heard_before(Registration const& registration) const
{
    auto const lock = std::scoped_lock{mutex_};
    auto latest = std::optional<Timestamp>{};
    for (auto const& entry : entries_.at(registration.sitting_))
        if (entry.id < registration.id_ && entry.heard) latest = std::max(latest, entry.heard);
    return latest;
}

bool SittingNotices::is_newest(Registration const& registration) const
{
    auto const lock = std::scoped_lock{mutex_};
    auto const found = entries_.find(registration.sitting_);
    return found != entries_.end() && !found->second.empty() && found->second.back().id == registration.id_;
}

std::size_t SittingNotices::listeners() const
{
    auto const lock = std::scoped_lock{mutex_};
    return entries_.size();
}

asio::awaitable<void> announce_everywhere(Services& services, SittingNotices& notices, SittingId sitting)
{
    notices.announce(sitting);
    auto why = std::string{};
    try {
        co_await storage::notify(services.pool, to_string(services.shared.node) + " " + to_string(sitting));
    } catch (storage::DatabaseError const& error) {
        why = error.what();
    }
    if (!why.empty()) services.shared.log.warning("notice_not_sent", {{"sitting", to_string(sitting)}, {"why", why}});
}

asio::awaitable<void> announce_suspension(Services& services)
{
    services.shared.suspensions.fetch_add(1);
    auto why = std::string{};
    try {
        co_await storage::notify(services.pool, to_string(services.shared.node) + " " + items_suspended);
    } catch (storage::DatabaseError const& error) {
        why = error.what();
    }
    if (!why.empty()) services.shared.log.warning("notice_not_sent", {{"suspension", true}, {"why", why}});
}

asio::awaitable<void> hear_other_nodes(Services& services, storage::Endpoint app, SittingNotices& notices)
{
    auto handlers = storage::NotificationHandlers{};
    handlers.heard = [&notices, &suspensions = services.shared.suspensions, own = to_string(services.shared.node)](std::string_view payload) {
        auto const space = payload.find(' ');
        if (space == std::string_view::npos || payload.substr(0, space) == own) return;
        if (payload.substr(space + 1) == items_suspended) suspensions.fetch_add(1);
        if (auto const sitting = parse_id<SittingId>(payload.substr(space + 1))) notices.announce(*sitting);
    };
    handlers.listening = [&notices, &suspensions = services.shared.suspensions] {
        suspensions.fetch_add(1);
        notices.announce_all();
    };
    handlers.deaf = [&log = services.shared.log](std::string const& why) { log.warning("notices_not_heard", {{"why", why}}); };
    co_await storage::hear_notifications(services.io.get_executor(), std::move(app), std::move(handlers));
}

} // namespace assay::server
