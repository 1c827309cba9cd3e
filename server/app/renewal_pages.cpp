#include "server/app/renewal_pages.hpp"

#include "core/errors.hpp"
#include "core/text.hpp"
#include "credentials/errors.hpp"
#include "server/app/page_helpers.hpp"
#include "server/app/renewals.hpp"
#include "server/net/form.hpp"

#include <algorithm>

namespace assay::server {
namespace {

using Response = net::Response;

constexpr auto list_max = 200;
constexpr auto form_overhead = std::size_t{16} << 10; ///< what a claim has beside its evidence

struct Held {
    storage::CertificateRow row;
    OpenedCertificate opened;
    RenewalOutlook outlook;
};

/// The certificate of the address, when it is the candidate's own and can still be renewed.
asio::awaitable<std::optional<Held>> find_held(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = candidate_of(request);
    auto const id = parse_id<CertificateId>(net::find(parameters, "certificate").value_or(""));
    if (!id) co_return std::nullopt;
    auto row = co_await storage::find_certificate(services.pool, who.tenant.id, *id);
    if (!row || row->person != who.registration.person) co_return std::nullopt;
    auto opened = co_await open_certificate(services, who.tenant.id, *row);
    auto outlook = co_await renewal_outlook(services, who.tenant, *row, services.now());
    if (!opened || !outlook) co_return std::nullopt;
    auto held = Held{std::move(*row), std::move(*opened), std::move(*outlook)};
    co_return held;
}

asio::awaitable<json::array> claims_of(Services& services, TenantId tenant, CertificateId certificate)
{
    auto const rows = co_await storage::list_credits_of(services.pool, tenant, certificate);
    auto claims = json::array{};
    for (auto const& row : rows) {
        auto const opened = co_await open_claim(services, tenant, row);
        if (!opened) continue;
        claims.push_back(json::object{{"what", opened->what}, {"file", opened->file}, {"credits", row.credits}, {"practice", row.practice},
                                      {"earned_on", to_rfc3339(row.earned_at)}, {"state", row.state}, {"reason", text_or_null(opened->reason)}});
    }
    co_return claims;
}

asio::awaitable<Response> show_renewal(Services& services, net::Request const& request, Held const& held, char const* problem)
{
    auto const& who = candidate_of(request);
    auto const& paths = held.outlook.programme->credential.renewal;
    auto credits = json::value(nullptr);
    if (paths.credits > 0)
        credits = json::object{{"needed", paths.credits}, {"counted", held.outlook.credits_counted}, {"missing", held.outlook.credits_missing},
                               {"met", held.outlook.credits_missing == 0}, {"practice_max", paths.practice_credits_max}};
    auto claims = co_await claims_of(services, who.tenant.id, held.row.id);
    auto const own = base_of(who.tenant) + "/my/certificate/" + to_string(held.row.id);
    auto context = json::object{{"certificate_number", held.row.number}, {"title", held.opened.title}, {"language", held.opened.language}, {"certificate_href", own},
                                {"claim_href", own + "/credits"}, {"open", held.outlook.open}, {"opens_at", time_or_null(held.row.renewal_opens_at)},
                                {"valid_until", time_or_null(held.row.valid_until)}, {"full_exam", text_or_null(held.outlook.full_exam)},
                                {"delta_exam", text_or_null(held.outlook.delta_exam)}, {"credits", std::move(credits)}, {"claims", std::move(claims)},
                                {"contact", contact_of(who.tenant)}, {"csrf", form_token(services, who.login)}, {"problem", or_null(problem)}};
    co_return page(services, request, who.tenant, "renewal", context, problem != nullptr ? 422 : 200);
}

asio::awaitable<Response> renewal_page(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const held = co_await find_held(services, request, parameters);
    if (!held) co_return error_page(services, request, &candidate_of(request).tenant, 404);
    co_return co_await show_renewal(services, request, *held, nullptr);
}

asio::awaitable<Response> claim_page(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = candidate_of(request);
    auto const held = co_await find_held(services, request, parameters);
    if (!held || held->outlook.programme->credential.renewal.credits == 0) co_return error_page(services, request, &who.tenant, 404);
    auto const form = net::parse_form(request);
    if (!form) co_return error_page(services, request, &who.tenant, 400);
    auto claim = CreditClaim{};
    auto const kind = form->field("kind").value_or("");
    claim.practice = kind == "practice";
    claim.what = trimmed(form->field("what").value_or(""));
    auto const file = std::ranges::find(form->files, "evidence", &net::FormPart::name);
    if (file != form->files.end()) {
        claim.file = utf8_prefix(file->file_name, 200);
        claim.type = utf8_prefix(file->content_type, 100);
        claim.evidence = file->content;
    }
    auto const number = number_of(form->field("credits").value_or(""));
    auto const earned_at = date_of(form->field("earned_on").value_or(""));
    if (!number || !earned_at || (kind != "practice" && kind != "learning")) co_return co_await show_renewal(services, request, *held, "credits_out_of_range");
    claim.credits = *number;
    claim.earned_at = *earned_at;
    auto const done = co_await claim_credits(services, who.tenant, held->row, std::move(claim));
    if (done) co_return net::see_other(base_of(who.tenant) + "/my/certificate/" + to_string(held->row.id) + "/renewal");
    auto const* problem = done.error() == core::errc::out_of_range              ? "credits_out_of_range"
                          : done.error() == credentials::errc::incomplete_claim ? "evidence_missing"
                                                                                : "evidence_too_large";
    co_return co_await show_renewal(services, request, *held, problem);
}

// ---- staff

asio::awaitable<Response> show_credits(Services& services, net::Request const& request, char const* problem)
{
    auto const& who = staff_of(request);
    auto const rows = co_await storage::list_credits(services.pool, who.tenant.id, list_max);
    auto waiting = json::array{}, judged = json::array{};
    for (auto const& row : rows) {
        auto const opened = co_await open_claim(services, who.tenant.id, row);
        if (!opened) continue; // erased
        auto name = co_await name_of(services, who.tenant.id, row.person, true);
        if (row.state != "submitted") {
            auto by = co_await staff_name_of(services, who.tenant.id, "staff:" + to_string(*row.decided_by));
            judged.push_back(json::object{{"name", std::move(name)}, {"what", opened->what}, {"credits", row.credits}, {"state", row.state},
                                          {"by", std::move(by)}, {"at", time_or_null(row.decided_at)}});
            continue;
        }
        auto const certificate = co_await storage::find_certificate(services.pool, who.tenant.id, row.certificate);
        auto outlook = std::optional<RenewalOutlook>{};
        auto shown = std::optional<OpenedCertificate>{};
        if (certificate) {
            outlook = co_await renewal_outlook(services, who.tenant, *certificate, services.now());
            shown = co_await open_certificate(services, who.tenant.id, *certificate);
        }
        if (!shown) continue;
        auto standing = json::value(nullptr); // no longer renewable
        if (outlook) standing = json::object{{"counted", outlook->credits_counted}, {"needed", outlook->programme->credential.renewal.credits}};
        waiting.push_back(json::object{{"id", to_string(row.id)}, {"name", std::move(name)}, {"title", shown->title}, {"language", shown->language},
                                       {"certificate_number", certificate->number}, {"what", opened->what}, {"file", opened->file},
                                       {"evidence_href", staff_base(who.tenant) + "/credits/" + to_string(row.id) + "/evidence"}, {"credits", row.credits},
                                       {"practice", row.practice}, {"earned_on", to_rfc3339(row.earned_at)}, {"claimed_at", to_rfc3339(row.created_at)},
                                       {"standing", std::move(standing)}});
    }
    auto context = json::object{{"waiting", std::move(waiting)}, {"judged", std::move(judged)}, {"csrf", form_token(services, who.login)}, {"problem", or_null(problem)}};
    co_return page(services, request, who.tenant, "staff_credits", context, problem != nullptr ? 422 : 200);
}

asio::awaitable<Response> credits_page(Services& services, net::Request const& request, net::PathParameters const&)
{
    auto const& who = staff_of(request);
    if (!who.has_role("reviewer")) co_return error_page(services, request, &who.tenant, 403);
    co_return co_await show_credits(services, request, nullptr);
}

asio::awaitable<Response> judge_page(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = staff_of(request);
    if (!who.has_role("reviewer")) co_return error_page(services, request, &who.tenant, 403);
    auto const id = parse_uuid(net::find(parameters, "credit").value_or(""));
    auto const form = net::parse_form(request);
    if (!form) co_return error_page(services, request, &who.tenant, 400);
    auto const verdict = form->field("verdict").value_or("");
    if (!id || (verdict != "approved" && verdict != "refused")) co_return error_page(services, request, &who.tenant, 404);
    auto reason = std::string{utf8_prefix(trimmed(form->field("reason").value_or("")), 500)};
    auto const done = co_await judge_credits(services, who.tenant, *id, who.staff.id, verdict == "approved", std::move(reason));
    if (done) co_return net::see_other(staff_base(who.tenant) + "/credits");
    if (done.error() == storage::errc::not_found || done.error() == storage::errc::erased) co_return error_page(services, request, &who.tenant, 404);
    auto const* problem = done.error() == credentials::errc::reason_missing ? "reason_missing" : "already_decided";
    co_return co_await show_credits(services, request, problem);
}

/// For saving, not for showing: nobody here vouches for what is in it.
asio::awaitable<Response> evidence(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = staff_of(request);
    if (!who.has_role("reviewer")) co_return error_page(services, request, &who.tenant, 403);
    auto const id = parse_uuid(net::find(parameters, "credit").value_or(""));
    auto row = std::optional<storage::EducationCreditRow>{};
    if (id) row = co_await storage::find_credit(services.pool, who.tenant.id, *id);
    auto bytes = std::optional<std::string>{};
    if (row) bytes = co_await open_evidence(services, who.tenant.id, *row);
    if (!bytes) co_return error_page(services, request, &who.tenant, 404);
    auto response = net::bytes_response(std::move(*bytes), "application/octet-stream");
    response.headers.set("Content-Disposition", "attachment; filename=\"evidence-" + to_string(*id) + "\"");
    co_return response;
}

} // namespace

void add_renewal_routes(net::Router& router, ServicePool& pool)
{
    auto const own = [&](net::Method method, std::string below, StaffRoutes::Page page_of, std::size_t body_max) {
        auto route = net::Route{};
        route.method = method;
        route.pattern = "/t/{tenant}/my/certificate/{certificate}" + std::move(below);
        route.body_max = body_max;
        route.access = net::Access::candidate;
        route.handler = [&pool, page_of](net::Request const& request, net::PathParameters const& parameters) { return page_of(pool.here(), request, parameters); };
        router.add(std::move(route));
    };
    own(net::Method::get, "/renewal", renewal_page, 0);
    own(net::Method::post, "/credits", claim_page, credit_evidence_max + form_overhead);
    auto routes = StaffRoutes{router, pool};
    routes.get("/credits", credits_page);
    routes.post("/credits/{credit}", judge_page);
    routes.get("/credits/{credit}/evidence", evidence);
}

} // namespace assay::server
