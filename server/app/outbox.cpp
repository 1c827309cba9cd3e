#include "server/app/outbox.hpp"

#include "core/random.hpp"
#include "server/app/actors.hpp"
#include "server/app/certification.hpp"
#include "server/app/people.hpp"

namespace assay::server {
namespace {

constexpr auto batch_max = 50;
constexpr auto give_up_after = std::chrono::hours{72};

std::string outbox_context(Uuid id) { return "outbox/" + to_string(id); }

asio::awaitable<std::optional<storage::OutboxRow>> new_mail(Services& services, storage::TenantRow const& tenant, PersonId person,
                                                            storage::PersonProfile const& profile, std::string event, std::string template_name, json::object arguments)
{
    if (!mail::is_mail_address(profile.email)) co_return std::nullopt;
    auto row = storage::OutboxRow{};
    // The same event and recipient give the same mail, whoever writes the row.
    row.id = uuid_from_name("outbox/" + to_string(tenant.id), event + "/" + to_string(person));
    row.event = std::move(event);
    row.recipient = person;
    row.message_id = to_string(row.id) + "@" + tenant.public_origin.substr(std::string_view{"https://"}.size());
    std::erase(row.message_id, ':');
    row.template_name = std::move(template_name);
    row.state = "queued";
    row.created_at = services.now();
    row.next_at = row.created_at;
    arguments["to_name"] = profile.full_name;
    arguments["to_email"] = profile.email;
    arguments["locale"] = profile.locale;
    auto plain = to_bytes(canonical_json(arguments));
    auto sealed = co_await services.vault.seal(tenant.id, person, std::move(plain), outbox_context(row.id));
    if (!sealed) co_return std::nullopt;
    row.sealed_arguments = std::move(*sealed);
    co_return row;
}

std::string text_of_member(json::object const& object, std::string_view member)
{
    auto const* found = object.if_contains(member);
    return found != nullptr && found->is_string() ? std::string{found->get_string()} : std::string{};
}

asio::awaitable<bool> send_one(Services& services, storage::TenantRow const& tenant, storage::OutboxRow const& row)
{
    auto sealed = row.sealed_arguments;
    auto const opened = co_await services.vault.open(tenant.id, row.recipient, std::move(sealed), outbox_context(row.id));
    auto failure = std::optional<std::string>{};
    if (!opened) {
        failure = "the recipient was erased";
    } else {
        auto const arguments = parse_json(text_of(*opened)).value().as_object();
        auto const locale = pages::parse_locale(text_of_member(arguments, "locale")).value_or(pages::Locale::english);
        auto const& catalogue = services.shared.pages.catalogue();
        auto message = mail::Message{};
        message.from = {tenant.name, "noreply@" + tenant.slug + ".example"};
        message.to = {text_of_member(arguments, "to_name"), text_of_member(arguments, "to_email")};
        message.message_id = row.message_id;
        message.subject = catalogue.format("mail." + row.template_name + ".subject", locale, arguments);
        message.text = catalogue.format("mail." + row.template_name + ".text", locale, arguments);
        message.language = pages::tag(locale);
        message.date = row.created_at;
        auto work = [&sender = *services.shared.mail, message = std::move(message)] { return sender.send(message); };
        failure = co_await async::on_pool(services.shared.compute, std::move(work));
    }

    auto const now = services.now();
    auto const attempts = row.attempts + 1;
    auto const final_failure = failure && (now - row.created_at > give_up_after || !opened);
    auto changed = json::object{{"outbox_id", storage::column(row.id)}, {"attempts", attempts}, {"last_error", storage::column(failure)}};
    changed["state"] = !failure ? "sent" : final_failure ? "failed" : "queued";
    if (!failure) changed["sent_at"] = storage::column(now);
    auto const wait = std::chrono::minutes{std::min(60, 1 << std::min(attempts - 1, 6))};
    changed["next_at"] = storage::column(now + wait);
    auto append = storage::Append{};
    append.stream = random_uuid();
    auto entry = storage::Entry{};
    entry.type = !failure ? "MailSent" : final_failure ? "MailGivenUp" : "MailFailed";
    entry.actor = system_actor;
    entry.body = json::object{{"outbox", to_string(row.id)}, {"event", row.event}, {"attempt", attempts}};
    append.entries.push_back(std::move(entry));
    append.rows.push_back({"outbox", std::move(changed)});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    stored.value();
    co_return !failure;
}

} // namespace

asio::awaitable<std::optional<storage::OutboxRow>> certificate_mail(Services& services, storage::TenantRow const& tenant,
                                                                    storage::PersonProfile const& profile, storage::CertificateRow const& certificate)
{
    auto arguments = json::object{{"name", shown_name(profile)}, {"tenant", tenant.name}, {"link", certificate_url(tenant, certificate.id)},
                                  {"number", certificate.number}};
    co_return co_await new_mail(services, tenant, certificate.person, profile, "certificate_issued:" + to_string(certificate.id), "certificate_issued",
                                std::move(arguments));
}

asio::awaitable<std::optional<storage::OutboxRow>> invitation_mail(Services& services, storage::TenantRow const& tenant, PersonId person,
                                                                   storage::PersonProfile const& profile, RegistrationId registration, std::string link,
                                                                   std::string exam_title, Timestamp lapses_at)
{
    auto arguments = json::object{{"name", shown_name(profile)}, {"tenant", tenant.name}, {"link", std::move(link)}, {"exam", std::move(exam_title)},
                                  {"lapses_at", to_rfc3339(lapses_at)}};
    co_return co_await new_mail(services, tenant, person, profile, "invited:" + to_string(registration), "invitation", std::move(arguments));
}

asio::awaitable<int> send_due_mail(Services& services, storage::TenantRow const& tenant)
{
    auto const due = co_await storage::list_due_mail(services.pool, tenant.id, services.now(), batch_max);
    auto sent = 0;
    for (auto const& row : due) {
        auto const done = co_await send_one(services, tenant, row);
        if (done) ++sent;
    }
    co_return sent;
}

} // namespace assay::server
