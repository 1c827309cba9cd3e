#include "server/app/certification.hpp"

#include "core/random.hpp"
#include "credentials/schedule.hpp"
#include "proctor/review.hpp"
#include "server/app/actors.hpp"
#include "server/app/certificate_life.hpp"
#include "server/app/entries.hpp"
#include "server/app/incidents.hpp"
#include "server/app/outbox.hpp"
#include "server/app/people.hpp"
#include "server/app/reminders.hpp"
#include "server/app/reviews.hpp"

#include <algorithm>
#include <cmath>

namespace assay::server {
namespace {

using credentials::DecisionState;

std::string base_url(storage::TenantRow const& tenant) { return tenant.public_origin + "/t/" + tenant.slug; }

std::string number_text(double value)
{
    auto text = canonical_json(json::value(value));
    return text;
}

// ---- validity

asio::awaitable<void> settle_validity(Services& services, storage::TenantRow const& tenant, storage::SittingRow& row)
{
    // The last pictures of a sitting may still be on their way through the worker.
    if (row.proctoring_policy && services.now() - *row.ended_at < std::chrono::seconds{3}) co_return;
    // A camera's connection closes its incidents itself, unless its server went away.
    if (services.now() - *row.ended_at > std::chrono::seconds{30}) co_await close_left_incidents(services, tenant.id, row.id);
    auto const judged = co_await load_judgement(services, tenant.id, row.id);
    auto const validity = std::string{proctor::to_string(proctor::validity_after(true, judged.incidents, judged.review))};
    if (validity == row.validity) co_return;
    auto const stream = uuid_from_name("validity", to_string(row.id));
    auto const version = co_await stream_version(services, tenant.id, stream);
    auto body = json::object{{"sitting", to_string(row.id)}, {"validity", validity}, {"incidents", judged.incidents.size()}};
    auto append = single_entry(stream, version, "ValidityChanged", system_actor, std::move(body));
    append.rows.push_back({"sitting", json::object{{"sitting_id", storage::column(row.id)}, {"validity", validity}}});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    stored_or_stale(stored);
    if (stored) row.validity = validity;
}

// ---- decision

DecisionId decision_of(SittingId sitting) { return DecisionId{uuid_from_name("certification-decision", to_string(sitting))}; }

asio::awaitable<std::optional<storage::DecisionRow>> open_decision(Services& services, storage::TenantRow const& tenant, storage::SittingRow const& row,
                                                                   policies::Programme const& programme)
{
    auto existing = co_await storage::find_decision_of(services.pool, tenant.id, row.id);
    if (existing || row.passed != true) co_return existing;
    auto decision = storage::DecisionRow{};
    decision.id = decision_of(row.id);
    decision.sitting = row.id;
    decision.person = row.person;
    decision.programme = row.programme;
    decision.scope = programme.scope;
    decision.state = "pending";
    decision.basis = json::object{{"sitting", to_string(row.id)}, {"exam_version", to_string(row.exam_version)}, {"programme", to_string(row.programme)}};
    decision.created_at = services.now();
    auto body = json::object{{"decision", to_string(decision.id)}, {"sitting", to_string(row.id)}, {"programme", to_string(row.programme)},
                             {"exam_version", to_string(row.exam_version)}};
    auto append = single_entry(decision.id.uuid, 0, "DecisionOpened", system_actor, std::move(body));
    append.rows.push_back({"certification_decision", storage::columns(decision)});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    stored_or_stale(stored);
    co_return co_await storage::find_decision_of(services.pool, tenant.id, row.id);
}

/// About the sitting that `renewed` has rested on from the start, under the programme as it is now.
asio::awaitable<std::optional<storage::DecisionRow>> open_renewal(Services& services, storage::TenantRow const& tenant, storage::CertificateRow const& renewed,
                                                                  CurrentProgramme const& current, int credits)
{
    auto decision = storage::DecisionRow{};
    decision.id = DecisionId{uuid_from_name("renewal-decision", to_string(renewed.id))};
    decision.sitting = renewed.sitting;
    decision.person = renewed.person;
    decision.programme = current.document;
    decision.scope = current.programme->scope;
    decision.state = "pending";
    decision.basis = json::object{{"renews", to_string(renewed.id)}, {"credits", credits}, {"programme", to_string(current.document)}};
    decision.created_at = services.now();
    decision.renews = renewed.id;
    auto body = json::object{{"decision", to_string(decision.id)}, {"sitting", to_string(renewed.sitting)}, {"renews", to_string(renewed.id)}, {"credits", credits},
                             {"programme", to_string(current.document)}};
    auto append = single_entry(decision.id.uuid, 0, "RenewalOpened", system_actor, std::move(body));
    append.rows.push_back({"certification_decision", storage::columns(decision)});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    stored_or_stale(stored);
    co_return co_await storage::find_renewal_decision(services.pool, tenant.id, renewed.id);
}

/// Writes the decision that the domain's rules allowed.
asio::awaitable<result<void>> record_decision(Services& services, storage::TenantRow const& tenant, storage::DecisionRow const& row,
                                              credentials::CertificationDecision const& decided, std::string who)
{
    auto const version = co_await stream_version(services, tenant.id, row.id.uuid);
    auto const state = std::string{credentials::to_string(decided.state)};
    auto body = json::object{{"decision", to_string(row.id)}, {"sitting", to_string(row.sitting)}, {"state", state},
                             {"programme", to_string(row.programme)}, {"decided_at", to_rfc3339(*decided.decided_at)}};
    auto append = single_entry(row.id.uuid, version, "CertificationDecided", who, std::move(body));
    if (!decided.reason.empty()) {
        append.entries.front().detail.emplace();
        append.entries.front().detail->person = row.person;
        append.entries.front().detail->value = json::object{{"reason", decided.reason}};
    }
    auto changed = json::object{{"decision_id", storage::column(row.id)}, {"state", state}, {"decided_by", who},
                                {"decided_at", storage::column(decided.decided_at)}, {"reason", decided.reason}};
    append.rows.push_back({"certification_decision", std::move(changed)});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    if (!stored) co_return stored.error();
    co_return result<void>{};
}

// ---- certificate

struct Facts {
    std::string credential, jwt;
    json::object json;
};

asio::awaitable<int> free_status_index(Services& services, TenantId tenant)
{
    auto const indices = co_await storage::status_indices(services.pool, tenant, 0);
    auto used = credentials::StatusList{};
    for (auto const index : indices.used) used.set(static_cast<std::size_t>(index), true).value();
    co_return static_cast<int>(credentials::allocate_status_index(used, random_array<16>()).value());
}

credentials::AchievementClaim claim_of(storage::TenantRow const& tenant, TenantKeys const& keys, policies::Programme const& programme,
                                       Sha256Digest const& document, LoadedSitting const& sitting, storage::PersonProfile const& profile, CertificateId id,
                                       credentials::RecertificationSchedule const& dates, Timestamp decided_at)
{
    auto const& version = sitting.exam->version;
    auto const& outcome = *sitting.state.outcome;
    auto claim = credentials::AchievementClaim{};
    claim.credential_id = certificate_url(tenant, id);
    claim.issuer = {keys.did, tenant.name, base_url(tenant) + "/"};
    claim.holder.id = "urn:uuid:" + to_string(sitting.row.person);
    claim.holder.full_name = profile.full_name;
    claim.holder.email = profile.email;
    claim.holder.salt = random_array<16>();
    claim.achievement.id = base_url(tenant) + "/programme/" + to_string(document);
    claim.achievement.name = programme.title;
    claim.achievement.description = programme.description;
    claim.achievement.criteria = programme.criteria;
    claim.achievement.version = programme.version;
    claim.achievement.programme_version = document;
    claim.achievement.exam_version = sitting.row.exam_version;
    claim.result.passed = outcome.passed;
    claim.result.scaled_score = number_text(outcome.scaled);
    claim.result.scale_min = number_text(version.settings.scale.minimum);
    claim.result.scale_max = number_text(version.settings.scale.maximum);
    claim.result.scale_required = number_text(outcome.scaled_cut);
    claim.decided_at = decided_at;
    claim.valid_from = dates.valid_from;
    claim.valid_until = dates.valid_until;
    claim.demonstration = tenant.kind == storage::TenantKind::demo;
    return claim;
}

/// The person's certificate of the same programme that a new one would renew: in force or in grace, its renewal open.
asio::awaitable<std::optional<storage::CertificateRow>> find_renewable(Services& services, TenantId tenant, PersonId person, ProgrammeId programme, Timestamp now)
{
    auto const whose = std::optional{person};
    auto const rows = co_await storage::list_certified(services.pool, tenant, whose);
    auto found = std::optional<storage::CertificateRow>{};
    for (auto const& row : rows) {
        if (!is_renewable(row.certificate, now)) continue;
        auto const of = co_await load_programme(services, tenant, row.programme);
        if (of->id == programme) found = row.certificate; // the newest comes last
    }
    co_return found;
}

/// Is the sitting one of the shorter exam that the policy names? Then passing it renews, and does nothing else.
asio::awaitable<bool> is_delta_exam(Services& services, TenantId tenant, storage::SittingRow const& sitting, policies::Programme const& programme)
{
    auto const& delta = programme.credential.renewal.delta_exam;
    if (delta.empty()) co_return false;
    auto const exam = co_await storage::find_exam(services.pool, tenant, sitting.exam);
    co_return exam && exam->identifier == delta;
}

struct Renewal {
    storage::CertificateRow of;
    credentials::RenewalPath path;
    int credits = 0; ///< on that path: how many were counted
};

/// What the decision renews if it is granted at `now`, by the policy's own judgement. Nothing: it certifies for the first time, or anew.
asio::awaitable<std::optional<Renewal>> renewal_by(Services& services, TenantId tenant, storage::DecisionRow const& decision, storage::SittingRow const& sitting,
                                                   policies::Programme const& programme, Timestamp now)
{
    auto basis = credentials::RenewalBasis{};
    auto record = std::vector<credentials::EducationCredit>{};
    auto found = std::optional<storage::CertificateRow>{};
    if (decision.renews) {
        found = co_await storage::find_certificate(services.pool, tenant, *decision.renews);
        auto const credits = co_await storage::list_credits_of(services.pool, tenant, *decision.renews);
        record = education_record(credits);
    } else {
        found = co_await find_renewable(services, tenant, decision.person, programme.id, now);
        auto const delta = co_await is_delta_exam(services, tenant, sitting, programme);
        basis.passed_full_exam = !delta;
        if (delta) basis.passed_delta_exam = programme.credential.renewal.delta_exam;
    }
    if (!found || !is_renewable(*found, now)) co_return std::nullopt;
    basis.record = record;
    basis.from = found->valid_from;
    basis.until = now;
    auto const& paths = programme.credential.renewal;
    auto const path = credentials::renewal_path(paths, basis);
    if (!path) co_return std::nullopt;
    co_return Renewal{*found, *path, credentials::counted_credits(paths, record, basis.from, basis.until)};
}

/// A renewal without another exam, and a passed delta exam, are worth nothing without a certificate to renew.
asio::awaitable<bool> only_renews(Services& services, TenantId tenant, storage::DecisionRow const& decision, storage::SittingRow const& sitting,
                                  policies::Programme const& programme)
{
    if (decision.renews) co_return true;
    co_return co_await is_delta_exam(services, tenant, sitting, programme);
}

asio::awaitable<void> issue_certificate(Services& services, storage::TenantRow const& tenant, storage::DecisionRow const& decision,
                                        policies::Programme const& programme)
{
    auto sitting = co_await load_sitting(services, tenant.id, decision.sitting);
    auto const profile = co_await read_profile(services, tenant.id, decision.person);
    if (!sitting || !sitting->state.outcome || !profile) co_return; // erased in between: nothing is issued for nobody
    auto const keys = co_await load_keys(services, tenant);
    auto const decided_at = *decision.decided_at;
    auto row = storage::CertificateRow{};
    row.id = random_id<CertificateId>();
    auto renewal = co_await renewal_by(services, tenant.id, decision, sitting->row, programme, decided_at);
    auto replaced = std::optional<LifeStep>{};
    if (renewal) {
        auto step = co_await replaced_by(services, tenant, renewal->of.id, row.id);
        if (step) replaced = std::move(*step);
        else renewal.reset(); // whoever revoked or replaced it in between was first, and that stands
    }
    auto const needs_one = co_await only_renews(services, tenant.id, decision, sitting->row, programme);
    if (needs_one && !renewal) co_return;
    auto const extends = renewal ? renewal->of.valid_until : std::nullopt;
    auto const dates = credentials::schedule(programme.credential, std::chrono::floor<std::chrono::seconds>(decided_at), extends);

    row.number = "A-" + to_hex(random_array<5>());
    row.person = decision.person;
    row.sitting = decision.sitting;
    row.decision = decision.id;
    row.state = "active";
    row.status_index = co_await free_status_index(services, tenant.id);
    row.valid_from = dates.valid_from;
    row.valid_until = dates.valid_until;
    row.grace_until = dates.grace_until;
    row.renewal_opens_at = dates.renewal_opens;
    row.created_at = services.now();

    auto claim = claim_of(tenant, *keys, programme, decision.programme, *sitting, *profile, row.id, dates, decided_at);
    if (decision.renews) claim.renewal_credits = renewal->credits;
    auto status = credentials::StatusEntry{};
    status.list_url = status_list_url(tenant, row.status_list);
    status.index = static_cast<std::size_t>(row.status_index);
    auto const signer = keys->credential_signer();
    auto const issued = credentials::issue(claim, status, signer, services.now()).value();
    row.credential_sha256 = issued.digest;
    auto const hidden = json::object{{"credential", issued.json}, {"jwt", issued.jwt}, {"holder", profile->full_name}, {"title", programme.title},
                                     {"scope", programme.scope}, {"language", programme.language}, {"programme", programme.title + " " + programme.version},
                                     {"exam", sitting->exam->version.title}};
    auto plain = to_bytes(canonical_json(hidden));
    auto sealed = co_await services.vault.seal(tenant.id, decision.person, std::move(plain), "certificate/" + to_string(row.id));
    if (!sealed) co_return;
    row.sealed_credential = std::move(*sealed);

    // The entry commits to the credential before anything of it is published.
    auto body = json::object{{"certificate", to_string(row.id)}, {"credential_sha256", to_string(issued.digest)}, {"decision", to_string(decision.id)},
                             {"sitting", to_string(decision.sitting)}, {"programme", to_string(decision.programme)},
                             {"exam_version", to_string(sitting->row.exam_version)}, {"status_list", row.status_list}, {"status_index", row.status_index}};
    if (profile->affiliation) body["affiliation_pinned"] = true;
    if (renewal) body["renews"] = to_string(renewal->of.id);
    if (renewal) body["path"] = credentials::to_string(renewal->path);
    auto append = single_entry(row.id.uuid, 0, "CertificateIssued", system_actor, std::move(body));
    append.entries.front().detail.emplace();
    append.entries.front().detail->person = decision.person;
    append.entries.front().detail->value = json::object{{"profile", storage::to_json(*profile)}, {"number", row.number}};
    append.idempotency_key = "issue/" + to_string(decision.id);
    append.request_hash = sha256("issue");
    append.rows.push_back({"certificate", storage::columns(row)});
    if (replaced) { // one commit: nobody ever holds both, or neither
        append.also = std::move(replaced->entries);
        append.rows.push_back(std::move(replaced->row));
    }
    for (auto& due : reminders_of(tenant.id, row.id, dates)) append.rows.push_back({"due", storage::columns(due)});
    auto mail = co_await certificate_mail(services, tenant, *profile, row);
    if (mail) append.rows.push_back({"outbox", storage::columns(*mail)});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    // Stale: something happened to the earlier certificate in between. The sitting stays unsettled, and the next look decides anew.
    if (!stored && (stored.error() == storage::errc::conflicting || stored.error() == storage::errc::stale)) co_return;
    stored.value();
    services.shared.log.info("certificate_issued", {{"tenant", to_string(tenant.id)}, {"certificate", to_string(row.id)}});
}

/// From an open decision to the certificate, as far as the rules go by themselves.
asio::awaitable<void> carry_on(Services& services, storage::TenantRow const& tenant, storage::DecisionRow row)
{
    auto const programme = co_await load_programme(services, tenant.id, row.programme);
    auto decision = std::optional{std::move(row)};
    if (decision->state == "pending" && programme->rule) {
        auto const current = co_await load_decision(services, tenant, *decision);
        if (!current) co_return;
        auto const rule = credentials::Decider{credentials::RuleDecides{decision->programme, programme->rule->approved_by}};
        auto const decided = credentials::decide_certification(*current, DecisionState::granted, rule, {}, services.now());
        if (!decided) co_return; // not yet clear: people go on, and this is called again
        auto const recorded = co_await record_decision(services, tenant, *decision, *decided, "rule:" + to_string(decision->programme));
        if (!recorded && recorded.error() != storage::errc::stale) recorded.value();
        decision = co_await storage::find_decision(services.pool, tenant.id, decision->id);
    }
    if (!decision || decision->state != "granted") co_return;
    auto const certificate = co_await storage::find_certificate_by_decision(services.pool, tenant.id, decision->id);
    if (!certificate) co_await issue_certificate(services, tenant, *decision, *programme);
}

} // namespace

std::vector<credentials::EducationCredit> education_record(std::vector<storage::EducationCreditRow> const& rows)
{
    auto record = std::vector<credentials::EducationCredit>{};
    for (auto const& row : rows)
        if (row.state == "approved") record.push_back({row.practice, row.credits, row.evidence_sha256, row.earned_at});
    return record;
}

bool is_renewable(storage::CertificateRow const& row, Timestamp now)
{
    auto const state = credentials::state_at(life_of(row), now);
    auto const stands = state == credentials::CertificateState::active || state == credentials::CertificateState::grace;
    return stands && row.renewal_opens_at && now >= *row.renewal_opens_at;
}

asio::awaitable<CurrentProgramme> current_programme(Services& services, TenantId tenant, Sha256Digest document)
{
    auto current = CurrentProgramme{};
    current.programme = co_await load_programme(services, tenant, document);
    current.document = document;
    auto const exams = co_await storage::list_exams(services.pool, tenant);
    auto newest = std::optional<Timestamp>{};
    for (auto const& exam : exams) {
        if (exam.state != "published" || exam.programme_id != current.programme->id || (newest && exam.created_at <= *newest)) continue;
        newest = exam.created_at;
        current.document = exam.programme;
    }
    current.programme = co_await load_programme(services, tenant, current.document);
    co_return current;
}

asio::awaitable<std::shared_ptr<policies::Programme const>> load_programme(Services& services, TenantId tenant, Sha256Digest document)
{
    if (auto known = services.documents.find<policies::Programme>(document)) co_return known;
    auto const row = co_await storage::find_document(services.pool, tenant, document);
    if (!row) throw std::runtime_error{"no programme " + to_string(document)};
    auto parsed = policies::parse_programme(text_of(row->content), "programme " + to_string(document));
    if (!parsed.value) throw std::runtime_error{"programme " + to_string(document) + " can't be read"};
    auto shared = std::make_shared<policies::Programme const>(std::move(*parsed.value));
    services.documents.keep(document, shared);
    co_return shared;
}

asio::awaitable<std::optional<credentials::CertificationDecision>> load_decision(Services& services, storage::TenantRow const& tenant,
                                                                                 storage::DecisionRow const& row)
{
    auto const sitting = co_await storage::find_sitting(services.pool, tenant.id, row.sitting);
    if (!sitting) co_return std::nullopt;
    auto const programme = co_await load_programme(services, tenant.id, row.programme);
    auto decision = credentials::CertificationDecision{};
    for (auto const state : {DecisionState::pending, DecisionState::granted, DecisionState::refused, DecisionState::withdrawn})
        if (credentials::to_string(state) == row.state) decision.state = state;
    auto& basis = decision.basis;
    basis.sitting = row.sitting;
    basis.candidate = row.person;
    basis.programme = programme->id;
    basis.programme_version = row.programme;
    basis.exam_version = sitting->exam_version;
    basis.scope = row.scope;
    basis.result_passed = sitting->passed.value_or(false);
    auto const needs_one = co_await only_renews(services, tenant.id, row, *sitting, *programme);
    if (needs_one && basis.result_passed) {
        auto const renewal = co_await renewal_by(services, tenant.id, row, *sitting, *programme, row.decided_at.value_or(services.now()));
        basis.result_passed = renewal.has_value();
    }
    using credentials::ResultValidity;
    basis.validity = sitting->validity == "clear"          ? ResultValidity::clear
                     : sitting->validity == "upheld"       ? ResultValidity::upheld
                     : sitting->validity == "voided"       ? ResultValidity::voided
                     : sitting->validity == "under_review" ? ResultValidity::under_review
                                                           : ResultValidity::unreviewed;
    auto const incidents = co_await storage::list_incidents_of(services.pool, tenant.id, row.sitting);
    for (auto const& incident : incidents)
        if (incident.decided_by) basis.reviewed_by.push_back(*incident.decided_by);
    auto const review = co_await storage::find_sitting_review(services.pool, tenant.id, row.sitting);
    if (review) basis.reviewed_by.push_back(review->reviewer);
    if (review && review->confirmed_by) basis.reviewed_by.push_back(*review->confirmed_by);
    // Whoever judged the evidence of a renewal had a part in its result.
    auto credits = std::vector<storage::EducationCreditRow>{};
    if (row.renews) credits = co_await storage::list_credits_of(services.pool, tenant.id, *row.renews);
    for (auto const& credit : credits)
        if (credit.decided_by) basis.reviewed_by.push_back(*credit.decided_by);
    // Whoever paused, prolonged or ended the run has watched it.
    auto const loaded = co_await load_sitting(services, tenant.id, row.sitting);
    if (loaded) {
        for (auto const& event : loaded->events) {
            if (auto const* e = std::get_if<exam::MinutesAdded>(&event)) basis.watched_by.push_back(e->by);
            if (auto const* e = std::get_if<exam::Terminated>(&event)) basis.watched_by.push_back(e->by);
            if (auto const* e = std::get_if<exam::Paused>(&event); e != nullptr && e->by) basis.watched_by.push_back(*e->by);
            if (auto const* e = std::get_if<exam::Resumed>(&event); e != nullptr && e->by) basis.watched_by.push_back(*e->by);
        }
    }
    co_return decision;
}

asio::awaitable<void> settle(Services& services, storage::TenantRow tenant, SittingId id)
{
    auto row = co_await storage::find_sitting(services.pool, tenant.id, id);
    if (!row || !row->ended_at) co_return;
    co_await settle_validity(services, tenant, *row);
    if (row->score_state != "final") co_return;
    auto const programme = co_await load_programme(services, tenant.id, row->programme);
    auto decision = co_await open_decision(services, tenant, *row, *programme);
    if (decision) co_await carry_on(services, tenant, std::move(*decision));
}

asio::awaitable<void> settle_renewal(Services& services, storage::TenantRow tenant, CertificateId id)
{
    auto const row = co_await storage::find_certificate(services.pool, tenant.id, id);
    auto const now = services.now();
    if (!row || !is_renewable(*row, now)) co_return;
    auto decision = co_await storage::find_renewal_decision(services.pool, tenant.id, id);
    if (!decision) {
        auto const first = co_await storage::find_decision(services.pool, tenant.id, row->decision);
        if (!first) co_return;
        auto const current = co_await current_programme(services, tenant.id, first->programme);
        auto const credits = co_await storage::list_credits_of(services.pool, tenant.id, id);
        auto const record = education_record(credits);
        auto const& paths = current.programme->credential.renewal;
        auto basis = credentials::RenewalBasis{};
        basis.record = record;
        basis.from = row->valid_from;
        basis.until = now;
        if (!credentials::renewal_path(paths, basis)) co_return;
        decision = co_await open_renewal(services, tenant, *row, current, credentials::counted_credits(paths, record, basis.from, basis.until));
    }
    if (decision) co_await carry_on(services, tenant, std::move(*decision));
}

asio::awaitable<result<void>> decide_by_person(Services& services, storage::TenantRow const& tenant, DecisionId id, StaffId decider,
                                               DecisionState to, std::string reason)
{
    auto const row = co_await storage::find_decision(services.pool, tenant.id, id);
    if (!row) co_return storage::errc::not_found;
    auto const current = co_await load_decision(services, tenant, *row);
    if (!current) co_return storage::errc::not_found;
    auto const person = credentials::Decider{credentials::PersonDecides{decider, std::nullopt}};
    auto const decided = credentials::decide_certification(*current, to, person, std::move(reason), services.now());
    if (!decided) co_return decided.error();
    auto const recorded = co_await record_decision(services, tenant, *row, *decided, actor(decider));
    if (!recorded) co_return recorded.error();
    auto const standing = co_await storage::find_decision(services.pool, tenant.id, id);
    if (standing) co_await carry_on(services, tenant, *standing);
    // What rested on the decision falls with it.
    auto certificate = std::optional<storage::CertificateRow>{};
    if (to == DecisionState::withdrawn) certificate = co_await storage::find_certificate_by_decision(services.pool, tenant.id, id);
    if (certificate) static_cast<void>(co_await act_on_certificate(services, tenant, certificate->id, credentials::CertificateAction::revoke, decider, decided->reason));
    co_return result<void>{};
}

asio::awaitable<std::optional<OpenedCertificate>> open_certificate(Services& services, TenantId tenant, storage::CertificateRow const& row)
{
    auto sealed = row.sealed_credential;
    auto const opened = co_await services.vault.open(tenant, row.person, std::move(sealed), "certificate/" + to_string(row.id));
    if (!opened) co_return std::nullopt;
    auto const value = parse_json(text_of(*opened));
    auto text = [&](std::string_view member) {
        auto const* found = value ? find_string(*value, member) : nullptr;
        if (found == nullptr) throw std::runtime_error{"certificate " + to_string(row.id) + " lacks " + std::string{member}};
        return std::string{*found};
    };
    co_return OpenedCertificate{text("credential"), text("jwt"), text("holder"), text("title"), text("scope"), text("language"), text("programme"), text("exam")};
}

credentials::Certificate life_of(storage::CertificateRow const& row)
{
    auto life = credentials::Certificate{};
    life.valid_from = row.valid_from;
    life.valid_until = row.valid_until;
    life.grace_until = row.grace_until;
    auto const add = [&](credentials::CertificateAction action) { life.events.push_back({action, row.ended_at.value_or(row.created_at), {}}); };
    if (row.state == "revoked") add(credentials::CertificateAction::revoke);
    if (row.state == "suspended") add(credentials::CertificateAction::suspend);
    if (row.state == "superseded") add(credentials::CertificateAction::supersede);
    if (row.state == "surrendered") add(credentials::CertificateAction::surrender);
    return life;
}

asio::awaitable<std::string> status_list_credential(Services& services, storage::TenantRow const& tenant, int list)
{
    auto const keys = co_await load_keys(services, tenant);
    auto const indices = co_await storage::status_indices(services.pool, tenant.id, list);
    auto bits = credentials::StatusList{};
    for (auto const index : indices.revoked) bits.set(static_cast<std::size_t>(index), true).value();
    auto details = credentials::StatusListDetails{};
    details.url = status_list_url(tenant, list);
    details.issuer = keys->did;
    co_return credentials::issue_status_list(bits, details, keys->status_signer(), std::chrono::floor<std::chrono::seconds>(services.now()));
}

std::string status_list_url(storage::TenantRow const& tenant, int list) { return base_url(tenant) + "/status/" + std::to_string(list); }
std::string certificate_url(storage::TenantRow const& tenant, CertificateId certificate) { return base_url(tenant) + "/c/" + to_string(certificate); }

} // namespace assay::server
