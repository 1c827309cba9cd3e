#include "server/app/outbox.hpp"

#include "core/random.hpp"
#include "server/app/actors.hpp"
#include "server/app/certification.hpp"
#include "server/app/entries.hpp"
#include "server/app/page_helpers.hpp"

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

/// What the recipient's row says, as a mail; nothing after erasure.
asio::awaitable<std::optional<mail::Message>> message_of(Services& services, storage::TenantRow const& tenant, storage::OutboxRow const& row)
{
    auto sealed = row.sealed_arguments;
    auto const opened = co_await services.vault.open(tenant.id, row.recipient, std::move(sealed), outbox_context(row.id));
    if (!opened) co_return std::nullopt;
    auto const arguments = parse_json(text_of(*opened)).value().as_object();
    auto const locale = pages::parse_locale(text_of_member(arguments, "locale")).value_or(pages::Locale::english);
    auto const& catalogue = services.shared.pages.catalogue();
    auto message = mail::Message{};
    message.from = {tenant.name, tenant.sender_email};
    message.to = {text_of_member(arguments, "to_name"), text_of_member(arguments, "to_email")};
    message.message_id = row.message_id;
    message.subject = catalogue.format("mail." + row.template_name + ".subject", locale, arguments);
    message.text = catalogue.format("mail." + row.template_name + ".text", locale, arguments);
    message.language = pages::tag(locale);
    message.date = row.created_at;
    co_return message;
}

/// How a try ended, with what follows: sent, queued for later, or failed for good.
struct Attempt {
    char const* entry;
    char const* state;
    std::optional<std::string> why;
};

Attempt attempt_of(mail::Sent const& sent, bool erased, Timestamp now, storage::OutboxRow const& row)
{
    if (erased) return {"MailGivenUp", "failed", "the recipient was erased"};
    if (sent.delivery == mail::Delivery::taken) return {"MailSent", "sent", std::nullopt};
    if (sent.delivery == mail::Delivery::refused) return {"MailRefused", "failed", sent.why};
    if (now - row.created_at > give_up_after) return {"MailGivenUp", "failed", sent.why};
    return {"MailFailed", "queued", sent.why};
}

asio::awaitable<bool> send_one(Services& services, storage::TenantRow const& tenant, storage::OutboxRow const& row, Timestamp now)
{
    auto message = co_await message_of(services, tenant, row);
    auto const erased = !message;
    auto sent = mail::Sent{mail::Delivery::try_again, "the tenant has no sender address yet"};
    if (message && mail::is_mail_address(message->from.email)) {
        auto work = [&sender = *services.shared.mail, mail = std::move(*message)] { return sender.send(mail); };
        sent = co_await async::on_pool(services.shared.compute, std::move(work));
    }
    auto const attempt = attempt_of(sent, erased, now, row);
    auto const attempts = row.attempts + 1;
    auto changed = json::object{{"outbox_id", storage::column(row.id)}, {"attempts", attempts}, {"last_error", storage::column(attempt.why)}, {"state", attempt.state}};
    auto const done = sent.delivery == mail::Delivery::taken;
    if (done) changed["sent_at"] = storage::column(now);
    auto const wait = std::chrono::minutes{std::min(60, 1 << std::min(attempts - 1, 6))};
    changed["next_at"] = storage::column(now + wait);
    auto body = json::object{{"outbox", to_string(row.id)}, {"event", row.event}, {"attempt", attempts}};
    auto append = single_entry(random_uuid(), 0, attempt.entry, system_actor, std::move(body));
    append.rows.push_back({"outbox", std::move(changed)});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    stored.value();
    co_return done;
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

asio::awaitable<std::optional<storage::OutboxRow>> reminder_mail(Services& services, storage::TenantRow const& tenant,
                                                                 storage::PersonProfile const& profile, storage::CertificateRow const& certificate, std::string day)
{
    auto arguments = json::object{{"name", shown_name(profile)}, {"tenant", tenant.name}, {"link", certificate_url(tenant, certificate.id)},
                                  {"number", certificate.number}, {"valid_until", to_rfc3339(*certificate.valid_until)}, {"contact", contact_of(tenant)}};
    co_return co_await new_mail(services, tenant, certificate.person, profile, "reminder_" + day + ":" + to_string(certificate.id), "certificate_reminder",
                                std::move(arguments));
}

asio::awaitable<result<void>> queue_again(Services& services, storage::TenantRow const& tenant, Uuid mail, StaffId by)
{
    auto const row = co_await storage::find_mail(services.pool, tenant.id, mail);
    if (!row || row->state != "failed") co_return storage::errc::not_found;
    auto body = json::object{{"outbox", to_string(mail)}, {"event", row->event}};
    auto append = single_entry(random_uuid(), 0, "MailQueuedAgain", actor(by), std::move(body));
    // Three days anew: the reason why it failed may have been put right.
    auto changed = json::object{{"outbox_id", storage::column(mail)}, {"state", "queued"}, {"attempts", 0}, {"next_at", storage::column(services.now())},
                                {"created_at", storage::column(services.now())}};
    append.rows.push_back({"outbox", std::move(changed)});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    if (!stored) co_return stored.error();
    co_return result<void>{};
}

asio::awaitable<int> send_due_mail(Services& services, storage::TenantRow const& tenant, Timestamp now)
{
    auto const due = co_await storage::list_due_mail(services.pool, tenant.id, now, batch_max);
    auto sent = 0;
    for (auto const& row : due) {
        auto const done = co_await send_one(services, tenant, row, now);
        if (done) ++sent;
    }
    co_return sent;
}

} // namespace assay::server
