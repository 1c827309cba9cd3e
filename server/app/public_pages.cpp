#include "server/app/public_pages.hpp"

#include "credentials/container.hpp"
#include "credentials/did.hpp"
#include "credentials/render/badge_svg.hpp"
#include "credentials/render/certificate_pdf.hpp"
#include "credentials/render/qr_code.hpp"
#include "credentials/verify.hpp"
#include "credentials/verify_main/journal_check.hpp"
#include "server/app/actors.hpp"
#include "server/app/entries.hpp"
#include "server/app/log_publisher.hpp"
#include "server/net/form.hpp"
#include "server/pages/brand.hpp"

namespace assay::server {
namespace {

using Response = net::Response;

json::value time_or_null(std::optional<Timestamp> const& at) { return at ? json::value(to_rfc3339(*at)) : json::value(nullptr); }
json::value text_or_null(std::string const& text) { return text.empty() ? json::value(nullptr) : json::value(text); }
std::string base_of(storage::TenantRow const& tenant) { return "/t/" + tenant.slug; }

Response public_document(std::string body, std::string_view type, std::string_view cache)
{
    auto response = net::bytes_response(std::move(body), type);
    response.headers.set("Cache-Control", cache);
    response.headers.set("Access-Control-Allow-Origin", "*"); // public documents: verifiers in browsers may read them
    return response;
}

Response download(std::string body, std::string_view type, std::string const& name)
{
    auto response = net::bytes_response(std::move(body), type);
    response.headers.set("Content-Disposition", "attachment; filename=\"" + name + "\"");
    return response;
}

/// What a verifier needs of this tenant, as published.
asio::awaitable<credentials::Documents> own_documents(Services& services, storage::TenantRow const& tenant)
{
    auto const keys = co_await load_keys(services, tenant);
    auto documents = credentials::Documents{};
    documents.by_url[credentials::did_web_url(keys->did).value()] = canonical_json(credentials::did_document(keys->did, keys->published));
    documents.by_url[status_list_url(tenant, 0)] = co_await status_list_credential(services, tenant, 0);
    co_return documents;
}

/// What the journal holds about a certificate, out of its receipt and not out of the row: the entry with its proof under the newest checkpoint.
/// Nothing before the first checkpoint that has it.
struct JournalProof {
    std::string entry, receipt;
    credentials::Recorded recorded;
};

std::string receipt_file(JournalProof const& proof) { return canonical_json(json::object{{"entry", proof.entry}, {"receipt", proof.receipt}}); }

asio::awaitable<std::optional<JournalProof>> journal_proof(Services& services, storage::TenantRow const& tenant, storage::CertificateRow const& row)
{
    auto const entries = co_await services.journal.read_stream(tenant.id, row.id.uuid);
    if (entries.empty() || entries.front().type() != "CertificateIssued") co_return std::nullopt;
    auto const& issued = entries.front();
    auto const receipt = co_await receipt_for(services, tenant, issued.index);
    auto const* digest = find_string(issued.body(), "credential_sha256");
    if (!receipt || digest == nullptr) co_return std::nullopt;
    auto const keys = co_await load_keys(services, tenant);
    for (auto const& key : keys->log_keys) {
        if (!credentials::tlog::verify_receipt(*receipt, issued.canonical, key)) continue;
        auto recorded = credentials::Recorded{parse_sha256(*digest).value(), key.name, issued.time()};
        co_return JournalProof{std::string{text_of(issued.canonical)}, credentials::tlog::to_string(*receipt), std::move(recorded)};
    }
    co_return std::nullopt;
}

json::array checks_of(credentials::Verification const& v)
{
    auto checks = json::array{};
    auto const add = [&](char const* name, credentials::Finding const& finding) {
        checks.push_back(json::object{{"name", name}, {"outcome", credentials::to_string(finding.result)}, {"detail", text_or_null(finding.detail)}});
    };
    add("shape", v.shape);
    add("proof", v.proof);
    add("issuer", v.issuer);
    add("period", v.period);
    add("status", v.status);
    for (auto const& [name, finding] : v.further)
        if (name == "receipt") add("receipt", finding);
    return checks;
}

struct Found {
    storage::TenantRow tenant;
    storage::CertificateRow row;
    std::optional<OpenedCertificate> opened; ///< nothing after erasure
};

/// The certificate of the address. Nothing for an unknown id and another tenant's.
asio::awaitable<std::optional<Found>> find_certificate_at(Services& services, net::PathParameters const& parameters)
{
    auto const tenant = co_await tenant_of(services, parameters);
    auto const id = parse_id<CertificateId>(net::find(parameters, "certificate").value_or(""));
    if (!tenant || !id) co_return std::nullopt;
    auto row = co_await storage::find_certificate(services.pool, tenant->id, *id);
    if (!row) co_return std::nullopt;
    auto found = Found{*tenant, std::move(*row), std::nullopt};
    found.opened = co_await open_certificate(services, tenant->id, found.row);
    co_return found;
}

using credentials::Disclosure;

/// What of it may be told to whoever asks here: its holder sees everything, others what the holder chose.
asio::awaitable<Disclosure> disclosure_to(Services& services, net::Request const& request, Found const& found)
{
    auto const chosen = credentials::parse_visibility(found.row.visibility).value_or(credentials::Visibility::hidden);
    auto const told = credentials::disclosure(chosen, credentials::public_state_at(life_of(found.row), services.now()));
    if (told == Disclosure::everything) co_return told;
    auto const person = co_await signed_in_person(services, request, found.tenant);
    co_return person == found.row.person ? Disclosure::everything : told;
}

/// What only its holder may see is kept by nobody on the way.
std::string_view cache_of(Found const& found) { return found.row.visibility == "hidden" ? "private, no-store" : "no-cache"; }

/// For the files of a certificate: all of it or nothing.
asio::awaitable<std::optional<Found>> find_published(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto found = co_await find_certificate_at(services, parameters);
    if (!found) co_return std::nullopt;
    auto const told = co_await disclosure_to(services, request, *found);
    if (told != Disclosure::everything) co_return std::nullopt;
    co_return found;
}

/// Every member that the page reads, with nothing known but the state.
json::object bare_finding(std::string const& state, Timestamp now)
{
    return {{"state", state}, {"state_" + state, true}, {"as_of", to_rfc3339(std::chrono::floor<std::chrono::seconds>(now))}, {"demonstration", false},
            {"uploaded", false}, {"holder", nullptr}, {"title", nullptr}, {"language", nullptr}, {"scope", nullptr}, {"issuer", nullptr},
            {"issuer_id", nullptr}, {"exam", nullptr}, {"valid_from", nullptr}, {"valid_until", nullptr}, {"changed_on", nullptr},
            {"successor_href", nullptr}, {"checks", json::array{}}, {"id", nullptr}, {"pdf_href", nullptr}, {"json_href", nullptr},
            {"jwt_href", nullptr}, {"receipt_href", nullptr}};
}

asio::awaitable<json::object> finding_of(Services& services, Found const& found)
{
    // The status list is signed for this moment: what is asked about must not lie before it.
    auto documents = co_await own_documents(services, found.tenant);
    auto const proof = co_await journal_proof(services, found.tenant, found.row);
    if (proof) documents.recorded.push_back(proof->recorded);
    auto const now = services.now();
    auto const& opened = *found.opened;
    auto const verification = credentials::verify(bytes_of(opened.credential), documents, now);
    // The row knows more than the bit (replaced, suspended); the signature has to hold all the same.
    auto state = std::string{credentials::to_string(credentials::public_state_at(life_of(found.row), now))};
    if (verification.proof.result != credentials::Check::passed || verification.shape.result != credentials::Check::passed) state = "unknown";
    auto const address = base_of(found.tenant) + "/c/" + to_string(found.row.id);
    co_return json::object{{"state", state}, {"state_" + state, true}, {"as_of", to_rfc3339(std::chrono::floor<std::chrono::seconds>(now))},
                           {"demonstration", found.tenant.kind == storage::TenantKind::demo}, {"uploaded", false},
                           {"holder", opened.holder}, {"title", opened.title}, {"language", opened.language}, {"scope", text_or_null(opened.scope)},
                           {"issuer", found.tenant.name}, {"issuer_id", verification.facts.issuer}, {"exam", opened.exam + " · " + opened.programme},
                           {"valid_from", to_rfc3339(found.row.valid_from)}, {"valid_until", time_or_null(found.row.valid_until)},
                           {"changed_on", time_or_null(found.row.ended_at)},
                           {"successor_href", found.row.superseded_by ? json::value(base_of(found.tenant) + "/c/" + to_string(*found.row.superseded_by)) : json::value(nullptr)},
                           {"checks", checks_of(verification)}, {"id", found.row.number},
                           {"pdf_href", address + "/certificate.pdf"}, {"json_href", address + "/credential.json"}, {"jwt_href", address + "/credential.jwt"},
                           {"receipt_href", proof ? json::value(address + "/receipt.json") : json::value(nullptr)}};
}

/// What is said of an id that nobody knows, of what is not published, and of what its holder has hidden.
json::object withheld_finding(Services& services, storage::TenantRow const& tenant, std::string const& state, std::optional<Timestamp> const& changed_on)
{
    auto finding = bare_finding(state, services.now());
    finding["issuer"] = tenant.name;
    finding["changed_on"] = time_or_null(changed_on);
    return finding;
}

asio::awaitable<Response> certificate_page(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const found = co_await find_certificate_at(services, parameters);
    auto told = Disclosure::nothing;
    if (found) told = co_await disclosure_to(services, request, *found);
    if (told == Disclosure::nothing) {
        auto const tenant = co_await tenant_of(services, parameters);
        if (!tenant) co_return error_page(services, request, nullptr, 404);
        // An unknown id, and one that is not published, look the same.
        auto finding = withheld_finding(services, *tenant, "unknown", std::nullopt);
        co_return page(services, request, *tenant, "verify", json::object{{"finding", std::move(finding)}, {"problem", nullptr}}, 404);
    }
    if (!found->opened) {
        auto const person = co_await storage::find_person(services.pool, found->tenant.id, found->row.person);
        auto context = json::object{{"erased_on", person ? time_or_null(person->erased_at) : json::value(nullptr)}};
        co_return page(services, request, found->tenant, "no_longer_published", context, 410);
    }
    auto finding = json::object{};
    if (told == Disclosure::everything) finding = co_await finding_of(services, *found);
    else finding = withheld_finding(services, found->tenant, std::string{credentials::to_string(credentials::public_state_at(life_of(found->row), services.now()))}, found->row.ended_at);
    auto view = view_of(services, request, found->tenant);
    view.listed = found->row.visibility == credentials::to_string(credentials::Visibility::public_page);
    co_return page(services, request, view, "verify", json::object{{"finding", std::move(finding)}, {"problem", nullptr}});
}

asio::awaitable<Response> credential_json(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto found = co_await find_published(services, request, parameters);
    if (!found || !found->opened) co_return error_page(services, request, nullptr, 404);
    co_return public_document(std::move(found->opened->credential), "application/vc+ld+json", cache_of(*found));
}

asio::awaitable<Response> credential_jwt(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto found = co_await find_published(services, request, parameters);
    if (!found || !found->opened) co_return error_page(services, request, nullptr, 404);
    co_return public_document(std::move(found->opened->jwt), "application/vc+jwt", cache_of(*found));
}

asio::awaitable<Response> credential_receipt(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const found = co_await find_published(services, request, parameters);
    if (!found) co_return error_page(services, request, nullptr, 404);
    auto const proof = co_await journal_proof(services, found->tenant, found->row);
    if (!proof) co_return error_page(services, request, &found->tenant, 404);
    // The entry itself holds ids and hashes only; with it the receipt can be checked by whoever holds the credential.
    co_return public_document(receipt_file(*proof), "application/json", cache_of(*found));
}

std::string shown_date(Services& services, std::optional<Timestamp> const& at, pages::Locale locale)
{
    if (!at) return {};
    return services.shared.pages.catalogue().show(json::value(to_rfc3339(*at)), pages::Catalogue::Style::date, locale, "UTC");
}

asio::awaitable<Response> certificate_pdf(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const found = co_await find_published(services, request, parameters);
    if (!found || !found->opened) co_return error_page(services, request, nullptr, 404);
    auto const decision = co_await storage::find_decision(services.pool, found->tenant.id, found->row.decision);
    auto const locale = view_of(services, request, found->tenant).locale;
    auto const& catalogue = services.shared.pages.catalogue();
    auto const word = [&](std::string_view key) { return catalogue.format("pdf." + std::string{key}, locale); };
    auto sheet = credentials::render::CertificateSheet{};
    auto const& opened = *found->opened;
    sheet.holder_name = opened.holder;
    sheet.achievement = opened.title;
    sheet.programme = opened.programme;
    sheet.scope = opened.scope;
    sheet.issuer = found->tenant.name;
    sheet.number = found->row.number;
    sheet.decided_on = shown_date(services, decision ? decision->decided_at : std::nullopt, locale);
    sheet.valid_from = shown_date(services, found->row.valid_from, locale);
    sheet.valid_until = shown_date(services, found->row.valid_until, locale);
    if (found->tenant.kind == storage::TenantKind::demo) sheet.demonstration = word("demonstration");
    sheet.verification_url = certificate_url(found->tenant, found->row.id);
    sheet.qr_payload = sheet.verification_url;
    sheet.language = pages::tag(locale);
    sheet.direction = locale == pages::Locale::arabic ? credentials::render::Direction::right_to_left : credentials::render::Direction::left_to_right;
    sheet.labels = {.certificate = word("certificate"), .awarded_to = word("awarded_to"), .achieved = word("achieved"), .programme = word("programme"),
                    .scope = word("scope"), .number = word("number"), .decided_on = word("decided_on"), .valid_from = word("valid_from"),
                    .valid_until = word("valid_until"), .verify = word("verify"), .qr_alternative = word("qr_alternative"), .attachment = word("attachment"), .receipt = word("receipt")};
    auto attached = credentials::render::AttachedFile{};
    attached.content = to_bytes(opened.credential);
    // Until a checkpoint covers the entry, which takes seconds, there is none to attach.
    auto const proof = co_await journal_proof(services, found->tenant, found->row);
    auto receipt = std::optional<credentials::render::AttachedFile>{};
    if (proof) {
        receipt.emplace();
        receipt->name = "receipt.json";
        receipt->media_type = "application/json";
        receipt->content = to_bytes(receipt_file(*proof));
    }
    auto work = [sheet = std::move(sheet), attached = std::move(attached), created = found->row.created_at, receipt = std::move(receipt)] {
        return credentials::render::render_pdf(sheet, attached, created, receipt);
    };
    auto const pdf = co_await async::on_pool(services.shared.compute, std::move(work));
    if (!pdf) throw std::runtime_error{"certificate " + to_string(found->row.id) + " can't be set: " + pdf.error().message()};
    co_return download(std::string{text_of(*pdf)}, "application/pdf", "certificate-" + found->row.number + ".pdf");
}

// ---- the holder's own page

asio::awaitable<Response> my_certificate(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = candidate_of(request);
    auto const found = co_await find_certificate_at(services, parameters);
    if (!found || !found->opened || found->row.person != who.registration.person) co_return error_page(services, request, &who.tenant, 404);
    auto const url = certificate_url(found->tenant, found->row.id);
    auto const qr = credentials::render::encode_qr(url);
    if (!qr) throw std::runtime_error{"no QR code for " + url};
    auto const decision = co_await storage::find_decision(services.pool, found->tenant.id, found->row.decision);
    auto const state = credentials::state_at(life_of(found->row), services.now());
    auto const address = base_of(found->tenant) + "/c/" + to_string(found->row.id);
    auto const date = std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(found->row.valid_from)};
    auto linkedin = "https://www.linkedin.com/profile/add?startTask=CERTIFICATION_NAME&name=" + net::percent_encode(found->opened->title) +
                    "&organizationName=" + net::percent_encode(found->tenant.name) + "&issueYear=" + std::to_string(static_cast<int>(date.year())) +
                    "&issueMonth=" + std::to_string(static_cast<unsigned>(date.month())) + "&certUrl=" + net::percent_encode(url) + "&certId=" + found->row.number;
    auto choices = json::array{};
    for (auto const choice : {credentials::Visibility::public_page, credentials::Visibility::link_only, credentials::Visibility::hidden})
        choices.push_back(json::object{{"value", credentials::to_string(choice)}, {"chosen", found->row.visibility == credentials::to_string(choice)}});
    auto context = json::object{{"visibilities", std::move(choices)}, {"visibility_href", base_of(found->tenant) + "/my/certificate/" + to_string(found->row.id) + "/visibility"},
                                {"id", found->row.number}, {"state", state ? credentials::to_string(*state) : std::string_view{"active"}},
                                {"holder", found->opened->holder}, {"title", found->opened->title}, {"language", found->opened->language},
                                {"scope", found->opened->scope}, {"issuer", found->tenant.name},
                                {"issued_on", time_or_null(decision ? decision->decided_at : std::nullopt)}, {"valid_until", time_or_null(found->row.valid_until)},
                                {"renew_from", time_or_null(found->row.renewal_opens_at)},
                                {"renewal_href", base_of(found->tenant) + "/my/certificate/" + to_string(found->row.id) + "/renewal"}, {"demonstration", found->tenant.kind == storage::TenantKind::demo},
                                {"qr", credentials::render::svg_path(*qr)}, {"qr_size", qr->extent()}, {"verify_href", address},
                                {"pdf_href", address + "/certificate.pdf"}, {"json_href", address + "/credential.json"}, {"jwt_href", address + "/credential.jwt"},
                                {"receipt_href", address + "/receipt.json"}, {"linkedin_href", std::move(linkedin)}};
    co_return page(services, request, found->tenant, "certificate", context);
}

/// Who may see it from now on. The journal says that it was changed, by whom and to what.
asio::awaitable<Response> choose_visibility(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = candidate_of(request);
    auto const found = co_await find_certificate_at(services, parameters);
    if (!found || !found->opened || found->row.person != who.registration.person) co_return error_page(services, request, &who.tenant, 404);
    auto const form = net::parse_form(request);
    auto const chosen = form ? credentials::parse_visibility(form->field("visibility").value_or("")) : std::nullopt;
    if (!chosen) co_return error_page(services, request, &who.tenant, 400);
    auto const word = std::string{credentials::to_string(*chosen)};
    if (word != found->row.visibility) {
        auto const version = co_await stream_version(services, found->tenant.id, found->row.id.uuid);
        auto body = json::object{{"certificate", to_string(found->row.id)}, {"visibility", word}};
        auto append = single_entry(found->row.id.uuid, version, "CertificateVisibilityChosen", actor(who.registration.person), std::move(body));
        append.rows.push_back({"certificate", json::object{{"certificate_id", storage::column(found->row.id)}, {"visibility", word}}});
        auto const stored = co_await services.journal.append(found->tenant.id, std::move(append));
        stored_or_stale(stored);
    }
    co_return net::see_other(base_of(found->tenant) + "/my/certificate/" + to_string(found->row.id));
}

// ---- documents and forms

asio::awaitable<Response> did_document(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const tenant = co_await tenant_of(services, parameters);
    if (!tenant) co_return error_page(services, request, nullptr, 404);
    auto const keys = co_await load_keys(services, *tenant);
    co_return public_document(canonical_json(credentials::did_document(keys->did, keys->published)), "application/did+json", "max-age=300");
}

asio::awaitable<Response> key_set(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const tenant = co_await tenant_of(services, parameters);
    if (!tenant) co_return error_page(services, request, nullptr, 404);
    auto const keys = co_await load_keys(services, *tenant);
    co_return public_document(canonical_json(credentials::key_set(keys->did, keys->published)), "application/jwk-set+json", "max-age=300");
}

asio::awaitable<Response> status_list(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const tenant = co_await tenant_of(services, parameters);
    if (!tenant || net::find(parameters, "list") != "0") co_return error_page(services, request, nullptr, 404);
    auto list = co_await status_list_credential(services, *tenant, 0);
    co_return public_document(std::move(list), "application/vc+ld+json", "max-age=60");
}

asio::awaitable<Response> brand(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const tenant = co_await tenant_of(services, parameters);
    if (!tenant) co_return error_page(services, request, nullptr, 404);
    co_return public_document(pages::brand_stylesheet({}).value(), "text/css; charset=utf-8", "max-age=300");
}

asio::awaitable<Response> home(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const tenant = co_await tenant_of(services, parameters);
    if (!tenant) co_return error_page(services, request, nullptr, 404);
    auto exams = json::array{};
    auto const rows = co_await storage::list_exams(services.pool, tenant->id);
    for (auto const& row : rows) {
        if (row.state != "published") continue;
        auto const exam = co_await load_exam(services, tenant->id, row.exam_version);
        auto const programme = co_await load_programme(services, tenant->id, row.programme);
        auto const limit = exam->version.settings.time_limit.value_or(std::chrono::seconds{0});
        auto const length = exam::presented_length(exam->version.settings);
        exams.push_back(json::object{{"title", row.title}, {"language", exam->version.language}, {"scope", programme->scope},
                                     {"minutes", std::chrono::ceil<std::chrono::minutes>(limit).count()},
                                     {"questions_min", length.minimum}, {"questions_max", length.maximum},
                                     {"questions_fixed", length.minimum == length.maximum},
                                     {"camera", row.proctoring_policy.has_value()}, {"try_href", nullptr}});
    }
    co_return page(services, request, *tenant, "home", json::object{{"exams", std::move(exams)}});
}

constexpr std::size_t upload_max = 4 << 20; ///< a certificate of ours as PDF, its receipt attached, is 80 kB (uploads_test measures it)

/// A picture or PDF is opened by a process that can do nothing else; any other file is text, for the verifier itself.
asio::awaitable<credentials::foreign::Opened> open_upload(Services& services, std::string file)
{
    if (!credentials::container_of(bytes_of(file))) co_return credentials::foreign::Contents{std::move(file), {}};
    auto read = [reader = services.shared.settings.reader, bytes = std::move(file)] { return credentials::foreign::read_in_sandbox(reader, bytes_of(bytes)); };
    co_return co_await async::on_pool(services.shared.readers, std::move(read));
}

/// What the journal says about an uploaded credential: by our own records, and by the receipts that came with it.
asio::awaitable<std::vector<credentials::Recorded>> recorded_of(Services& services, storage::TenantRow const& tenant,
                                                                std::optional<storage::CertificateRow> const& row, std::vector<std::string> const& receipts)
{
    auto known = std::vector<credentials::Recorded>{};
    if (row) {
        auto proof = co_await journal_proof(services, tenant, *row);
        if (proof) known.push_back(std::move(proof->recorded));
    }
    auto const keys = co_await load_keys(services, tenant);
    auto trust = credentials::JournalTrust{};
    trust.keys = keys->log_keys;
    for (auto const& receipt : receipts)
        if (auto recorded = credentials::recorded_by(receipt, trust)) known.push_back(std::move(*recorded));
    co_return known;
}

json::object upload_finding(credentials::Verification const& v, std::optional<storage::CertificateRow> const& row, Timestamp now)
{
    auto const verdict = v.verdict();
    // Only what verified may be shown as a fact.
    auto const trusted = v.shape.result == credentials::Check::passed && v.proof.result == credentials::Check::passed && v.issuer.result == credentials::Check::passed;
    auto state = std::string{verdict == credentials::Verdict::invalid ? std::string_view{"unknown"} : credentials::to_string(verdict)};
    // The row knows more than the file's one bit: whoever holds the file learns of a suspension too, hidden or not.
    if (trusted && row) state = credentials::to_string(credentials::public_state_at(life_of(*row), now));
    auto const shown = [&](std::string const& text) { return trusted ? text_or_null(text) : json::value(nullptr); };
    auto finding = bare_finding(state, now);
    finding["demonstration"] = trusted && v.facts.demonstration;
    finding["uploaded"] = true;
    finding["holder"] = shown(v.facts.holder_name);
    finding["title"] = shown(v.facts.achievement);
    finding["language"] = "en";
    finding["issuer"] = shown(v.facts.issuer_name);
    finding["issuer_id"] = shown(v.facts.issuer);
    finding["valid_from"] = shown(v.facts.valid_from);
    finding["valid_until"] = shown(v.facts.valid_until);
    finding["checks"] = checks_of(v);
    return finding;
}

asio::awaitable<json::object> finding_of_upload(Services& services, storage::TenantRow const& tenant, credentials::foreign::Contents const& contents)
{
    auto documents = co_await own_documents(services, tenant);
    auto const now = services.now();
    auto row = std::optional<storage::CertificateRow>{};
    auto const digest = credentials::digest_of(bytes_of(contents.credential));
    if (digest) row = co_await storage::find_certificate_by_digest(services.pool, tenant.id, *digest);
    documents.recorded = co_await recorded_of(services, tenant, row, contents.receipts);
    co_return upload_finding(credentials::verify(bytes_of(contents.credential), documents, now), row, now);
}

Response verify_page(Services& services, net::Request const& request, storage::TenantRow const& tenant, json::value finding, json::value problem, int status)
{
    auto const context = json::object{{"finding", std::move(finding)}, {"problem", std::move(problem)}};
    return page(services, request, tenant, "verify", context, status);
}

/// The page after an upload that could not be looked into; nothing was checked, unless the file itself is at fault.
Response unopened_page(Services& services, net::Request const& request, storage::TenantRow const& tenant, credentials::foreign::Unreadable const& unreadable)
{
    using credentials::foreign::Fault;
    if (unreadable.fault == Fault::not_readable) {
        auto const report = credentials::unreadable({credentials::Check::failed, unreadable.why});
        return verify_page(services, request, tenant, upload_finding(report, std::nullopt, services.now()), nullptr, 200);
    }
    services.shared.log.warning("upload_reader_ended", {{"tenant", to_string(tenant.id)}, {"why", unreadable.why}});
    return verify_page(services, request, tenant, nullptr, "upload_not_opened", 422);
}

asio::awaitable<Response> verify_form(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const tenant = co_await tenant_of(services, parameters);
    if (!tenant) co_return error_page(services, request, nullptr, 404);
    if (request.method == net::Method::get) co_return verify_page(services, request, *tenant, nullptr, nullptr, 200);
    auto form = net::parse_form(request);
    if (!form) co_return verify_page(services, request, *tenant, nullptr, "upload_unreadable", 422);
    auto const file = std::find_if(form->files.begin(), form->files.end(), [](auto const& part) { return part.name == "credential"; });
    if (file == form->files.end() || file->content.empty()) co_return verify_page(services, request, *tenant, nullptr, "upload_missing", 422);
    auto opened = credentials::foreign::Opened{};
    auto busy = false;
    try {
        opened = co_await open_upload(services, std::move(file->content));
    } catch (async::Overloaded const&) {
        busy = true;
    }
    if (busy) {
        auto response = verify_page(services, request, *tenant, nullptr, "upload_busy", 503);
        response.headers.set("Retry-After", "10");
        co_return response;
    }
    if (auto const* unreadable = std::get_if<credentials::foreign::Unreadable>(&opened)) co_return unopened_page(services, request, *tenant, *unreadable);
    auto finding = co_await finding_of_upload(services, *tenant, std::get<credentials::foreign::Contents>(opened));
    co_return verify_page(services, request, *tenant, std::move(finding), nullptr, 200);
}

} // namespace

void add_public_routes(net::Router& router, ServicePool& pool)
{
    using Page = asio::awaitable<Response> (*)(Services&, net::Request const&, net::PathParameters const&);
    auto const add = [&](net::Method method, std::string pattern, Page page_of, net::RateClass rate, net::Access access = net::Access::anyone, std::size_t body_max = 0) {
        auto route = net::Route{};
        route.method = method;
        route.pattern = std::move(pattern);
        route.body_max = body_max;
        route.rate_class = rate;
        route.access = access;
        route.handler = [&pool, page_of](net::Request const& request, net::PathParameters const& parameters) {
            return page_of(pool.here(), request, parameters);
        };
        router.add(std::move(route));
    };
    using net::Method;
    using net::RateClass;
    add(Method::get, "/t/{tenant}", home, RateClass::pages);
    add(Method::get, "/t/{tenant}/brand.css", brand, RateClass::assets);
    add(Method::get, "/t/{tenant}/did.json", did_document, RateClass::verification);
    add(Method::get, "/t/{tenant}/jwks.json", key_set, RateClass::verification);
    add(Method::get, "/t/{tenant}/status/{list}", status_list, RateClass::verification);
    add(Method::get, "/t/{tenant}/verify", verify_form, RateClass::verification);
    add(Method::post, "/t/{tenant}/verify", verify_form, RateClass::upload, net::Access::anyone, upload_max + (16 << 10));
    add(Method::get, "/t/{tenant}/c/{certificate}", certificate_page, RateClass::verification);
    add(Method::get, "/t/{tenant}/c/{certificate}/credential.json", credential_json, RateClass::verification);
    add(Method::get, "/t/{tenant}/c/{certificate}/credential.jwt", credential_jwt, RateClass::verification);
    add(Method::get, "/t/{tenant}/c/{certificate}/receipt.json", credential_receipt, RateClass::verification);
    add(Method::get, "/t/{tenant}/c/{certificate}/certificate.pdf", certificate_pdf, RateClass::verification);
    add(Method::get, "/t/{tenant}/my/certificate/{certificate}", my_certificate, RateClass::pages, net::Access::candidate);
    add(Method::post, "/t/{tenant}/my/certificate/{certificate}/visibility", choose_visibility, RateClass::pages, net::Access::candidate, 16 << 10);
}

} // namespace assay::server
