#include "server/app/erasure.hpp"

#include "server/app/actors.hpp"
#include "server/app/entries.hpp"
#include "storage/repositories/accounts.hpp"
#include "storage/repositories/certificates.hpp"
#include "storage/repositories/exams.hpp"
#include "storage/repositories/people.hpp"

#include <algorithm>

namespace assay::server {
namespace {

constexpr auto due_kind = "erasure";
constexpr auto finish_max = 100;

Uuid person_stream(PersonId person) { return uuid_from_name("person", to_string(person)); }

/// Key, sealed details, and whatever lies in files. Repeating it changes nothing.
asio::awaitable<void> finish(Services& services, TenantId tenant, PersonId person, std::vector<Sha256Digest> files, std::vector<std::string> mails)
{
    co_await services.vault.erase(tenant, person);
    auto remove = [&evidence = services.evidence, &mail = *services.shared.mail, tenant, files = std::move(files), mails = std::move(mails)] {
        for (auto const& file : files) evidence.remove(tenant, file);
        for (auto const& message_id : mails) mail.forget(message_id);
    };
    co_await async::on_pool(services.shared.compute, std::move(remove));
    auto const stream = person_stream(person);
    auto const version = co_await stream_version(services, tenant, stream);
    auto append = single_entry(stream, version, "ErasureFinished", system_actor, json::object{{"person", to_string(person)}});
    append.rows.push_back({"due_done", json::object{{"kind", due_kind}, {"key", storage::column(person)}}});
    auto const stored = co_await services.journal.append(tenant, std::move(append));
    stored_or_stale(stored);
}

} // namespace

asio::awaitable<Erasure> erase_person(Services& services, storage::TenantRow const& tenant, PersonId person, StaffId by, std::string reason)
{
    EXPECTS(std::ranges::find(erasure_reasons, reason) != erasure_reasons.end());
    auto const row = co_await storage::find_person(services.pool, tenant.id, person);
    if (!row || row->erased_at) co_return Erasure::not_found;
    auto const stream = person_stream(person);
    auto const version = co_await stream_version(services, tenant.id, stream);
    auto const hold = co_await storage::find_legal_hold(services.pool, tenant.id, person);
    if (hold) co_return Erasure::held;
    auto const sittings = co_await storage::list_sittings_of(services.pool, tenant.id, person);
    if (std::ranges::any_of(sittings, [](auto const& sitting) { return !sitting.ended_at; })) co_return Erasure::in_exam;
    auto const evidence = co_await storage::list_evidence_of_person(services.pool, tenant.id, person);
    auto const mails = co_await storage::list_mail_of(services.pool, tenant.id, person);

    // Copies of mail go first: afterwards nobody knows their names. A mail that is just on its way is caught the second time.
    auto message_ids = std::vector<std::string>{};
    for (auto const& mail : mails) message_ids.push_back(mail.message_id);
    auto forget = [&mail = *services.shared.mail, message_ids] {
        for (auto const& message_id : message_ids) mail.forget(message_id);
    };
    co_await async::on_pool(services.shared.compute, std::move(forget));

    // Sittings are named, so that whoever replays the journal later knows why they can't be opened.
    auto ids = json::array{};
    for (auto const& sitting : sittings) ids.emplace_back(to_string(sitting.id));
    auto body = json::object{{"person", to_string(person)}, {"reason", reason}, {"sittings", std::move(ids)}, {"evidence_files", evidence.size()}};
    auto append = single_entry(stream, version, "PersonErased", actor(by), std::move(body));
    auto const now = services.now();
    append.rows.push_back({"person_erased", json::object{{"person_id", storage::column(person)}, {"erased_at", storage::column(now)}}});
    append.rows.push_back({"due", storage::columns(storage::DueRow{tenant.id, due_kind, person.uuid, now})});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    stored.value();

    auto files = std::vector<Sha256Digest>{};
    for (auto const& file : evidence) files.push_back(file.sha256);
    co_await finish(services, tenant.id, person, std::move(files), std::move(message_ids));
    co_return Erasure::done;
}

asio::awaitable<void> finish_erasures(Services& services, Timestamp now)
{
    auto const left_over_since = now - std::chrono::minutes{1};
    auto const due = co_await storage::list_due(services.pool, due_kind, left_over_since, finish_max);
    for (auto const& one : due) {
        // The files that the entry's transaction let go of are swept (retention.cpp): nobody names them any more.
        auto files = std::vector<Sha256Digest>{};
        auto mails = std::vector<std::string>{};
        auto const person = PersonId{one.key};
        co_await finish(services, one.tenant, person, std::move(files), std::move(mails));
    }
}

asio::awaitable<bool> set_legal_hold(Services& services, storage::TenantRow const& tenant, PersonId person, StaffId by, bool held)
{
    auto const row = co_await storage::find_person(services.pool, tenant.id, person);
    if (!row || row->erased_at) co_return false;
    auto const stream = person_stream(person);
    auto const version = co_await stream_version(services, tenant.id, stream);
    auto const standing = co_await storage::find_legal_hold(services.pool, tenant.id, person);
    if (standing.has_value() == held) co_return true;
    auto const now = services.now();
    auto hold = standing.value_or(storage::LegalHoldRow{person, by, now, std::nullopt});
    if (!held) hold.lifted_at = now;
    auto append = single_entry(stream, version, held ? "LegalHoldPlaced" : "LegalHoldLifted", actor(by), json::object{{"person", to_string(person)}});
    append.rows.push_back({"legal_hold", storage::columns(hold)});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    stored_or_stale(stored);
    co_return true;
}

} // namespace assay::server
