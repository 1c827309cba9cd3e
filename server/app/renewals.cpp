#include "server/app/renewals.hpp"

#include "core/errors.hpp"
#include "core/random.hpp"
#include "credentials/errors.hpp"
#include "server/app/actors.hpp"
#include "server/app/entries.hpp"

namespace assay::server {
namespace {

constexpr auto what_max = std::size_t{500};
constexpr auto credits_max = 1000;

std::string context_of(Uuid credit, char const* what) { return "education-credit/" + to_string(credit) + "/" + what; }

result<void> check(CreditClaim const& claim, storage::CertificateRow const& row, Timestamp now)
{
    if (claim.credits < 1 || claim.credits > credits_max || claim.earned_at < row.valid_from || claim.earned_at >= now) return core::errc::out_of_range;
    if (claim.what.empty() || claim.evidence.empty()) return credentials::errc::incomplete_claim;
    if (claim.what.size() > what_max || claim.evidence.size() > credit_evidence_max) return core::errc::too_large;
    return {};
}

} // namespace

asio::awaitable<std::optional<RenewalOutlook>> renewal_outlook(Services& services, storage::TenantRow const& tenant, storage::CertificateRow const& row, Timestamp now)
{
    using enum credentials::CertificateState;
    auto const state = credentials::state_at(life_of(row), now);
    if (!row.valid_until || (state != active && state != grace)) co_return std::nullopt;
    auto const decision = co_await storage::find_decision(services.pool, tenant.id, row.decision);
    if (!decision) co_return std::nullopt;
    auto const current = co_await current_programme(services, tenant.id, decision->programme);
    auto outlook = RenewalOutlook{};
    outlook.programme = current.programme;
    outlook.document = current.document;
    outlook.open = is_renewable(row, now);
    auto const& paths = current.programme->credential.renewal;
    auto const exams = co_await storage::list_exams(services.pool, tenant.id);
    for (auto const& exam : exams) {
        if (exam.state != "published" || exam.programme_id != current.programme->id) continue;
        if (exam.identifier == paths.delta_exam) outlook.delta_exam = exam.title;
        else if (paths.full_exam && outlook.full_exam.empty()) outlook.full_exam = exam.title;
    }
    auto const credits = co_await storage::list_credits_of(services.pool, tenant.id, row.id);
    outlook.credits_counted = credentials::counted_credits(paths, education_record(credits), row.valid_from, now);
    outlook.credits_missing = std::max(0, paths.credits - outlook.credits_counted);
    co_return outlook;
}

asio::awaitable<result<void>> claim_credits(Services& services, storage::TenantRow const& tenant, storage::CertificateRow const& certificate, CreditClaim claim)
{
    if (auto const sound = check(claim, certificate, services.now()); !sound) co_return sound.error();
    auto const earlier = co_await storage::list_credits_of(services.pool, tenant.id, certificate.id);
    if (earlier.size() >= static_cast<std::size_t>(credit_claims_max)) co_return core::errc::too_large;
    auto row = storage::EducationCreditRow{};
    row.id = random_uuid();
    row.person = certificate.person;
    row.certificate = certificate.id;
    row.practice = claim.practice;
    row.credits = claim.credits;
    row.earned_at = claim.earned_at;
    row.created_at = services.now();
    auto plain = to_bytes(canonical_json(json::object{{"what", claim.what}, {"file", claim.file}, {"type", claim.type}}));
    auto sealed = co_await services.vault.seal(tenant.id, row.person, std::move(plain), context_of(row.id, "claim"));
    if (!sealed) co_return sealed.error();
    row.sealed_claim = std::move(*sealed);
    auto evidence = to_bytes(claim.evidence);
    auto const sealed_evidence = co_await services.vault.seal(tenant.id, row.person, std::move(evidence), context_of(row.id, "evidence"));
    if (!sealed_evidence) co_return sealed_evidence.error();
    row.evidence_sha256 = sha256(*sealed_evidence); // of the sealed bytes: a well-known file can't be recognised by its hash

    auto body = json::object{{"credit", to_string(row.id)}, {"certificate", to_string(certificate.id)}, {"credits", row.credits}, {"practice", row.practice},
                             {"earned_at", to_rfc3339(row.earned_at)}, {"evidence_sha256", to_string(row.evidence_sha256)}};
    auto append = single_entry(row.id, 0, "CreditsClaimed", actor(row.person), std::move(body));
    append.rows.push_back({"education_credit", storage::columns(row, *sealed_evidence)});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    if (!stored) co_return stored.error();
    co_return result<void>{};
}

asio::awaitable<result<void>> judge_credits(Services& services, storage::TenantRow const& tenant, Uuid credit, StaffId by, bool approved, std::string reason)
{
    auto const version = co_await stream_version(services, tenant.id, credit);
    auto const row = co_await storage::find_credit(services.pool, tenant.id, credit);
    if (!row) co_return storage::errc::not_found;
    if (row->state != "submitted") co_return storage::errc::stale;
    if (!approved && reason.empty()) co_return credentials::errc::reason_missing;
    auto const* state = approved ? "approved" : "refused";
    auto body = json::object{{"credit", to_string(credit)}, {"certificate", to_string(row->certificate)}, {"credits", row->credits}, {"state", state}};
    auto append = single_entry(credit, version, "CreditsJudged", actor(by), std::move(body));
    auto changed = json::object{{"credit_id", storage::column(credit)}, {"state", state}, {"decided_by", storage::column(by)},
                                {"decided_at", storage::column(services.now())}, {"sealed_reason", nullptr}};
    if (!approved) {
        attach_detail(append, row->person, json::object{{"reason", reason}});
        auto plain = to_bytes(reason);
        auto const sealed = co_await services.vault.seal(tenant.id, row->person, std::move(plain), context_of(credit, "reason"));
        if (!sealed) co_return sealed.error();
        changed["sealed_reason"] = storage::column(ByteView{*sealed});
    }
    append.rows.push_back({"education_credit_judged", std::move(changed)});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    if (!stored) co_return stored.error();
    if (approved) co_await settle_renewal(services, tenant, row->certificate);
    co_return result<void>{};
}

asio::awaitable<std::optional<OpenedClaim>> open_claim(Services& services, TenantId tenant, storage::EducationCreditRow const& row)
{
    auto sealed = row.sealed_claim;
    auto const opened = co_await services.vault.open(tenant, row.person, std::move(sealed), context_of(row.id, "claim"));
    if (!opened) co_return std::nullopt;
    auto const value = parse_json(text_of(*opened));
    auto text = [&](std::string_view member) {
        auto const* found = value ? find_string(*value, member) : nullptr;
        if (found == nullptr) throw std::runtime_error{"credit claim " + to_string(row.id) + " lacks " + std::string{member}};
        return std::string{*found};
    };
    auto claim = OpenedClaim{text("what"), text("file"), text("type"), {}};
    if (row.sealed_reason) {
        auto hidden = *row.sealed_reason;
        auto const why = co_await services.vault.open(tenant, row.person, std::move(hidden), context_of(row.id, "reason"));
        if (why) claim.reason = text_of(*why);
    }
    co_return claim;
}

asio::awaitable<std::optional<std::string>> open_evidence(Services& services, TenantId tenant, storage::EducationCreditRow const& row)
{
    auto sealed = co_await storage::sealed_evidence_of(services.pool, tenant, row.id);
    if (sealed.empty()) co_return std::nullopt;
    auto const opened = co_await services.vault.open(tenant, row.person, std::move(sealed), context_of(row.id, "evidence"));
    if (!opened) co_return std::nullopt;
    co_return std::string{text_of(*opened)};
}

} // namespace assay::server
