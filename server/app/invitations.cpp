#include "server/app/invitations.hpp"

#include "core/random.hpp"
#include "server/app/actors.hpp"
#include "server/app/entries.hpp"
#include "server/app/outbox.hpp"
#include "server/app/people.hpp"
#include "storage/repositories/people.hpp"

#include <algorithm>

namespace assay::server {
namespace {

constexpr auto invitation_lifetime = std::chrono::days{30};

struct Somebody {
    PersonId person;
    std::vector<storage::RowWrite> rows; ///< what makes or changes the person
};

/// The person behind the address, with the profile as it is now given.
asio::awaitable<Somebody> person_for(Services& services, TenantId tenant, storage::PersonProfile& profile)
{
    auto const hash = contact_hash(services, tenant, profile.email);
    auto const known = co_await storage::find_person_by_contact(services.pool, tenant, hash);
    auto somebody = Somebody{};
    if (known) {
        auto const earlier = co_await read_profile(services, tenant, *known);
        if (!profile.affiliation && earlier) profile.affiliation = earlier->affiliation;
        auto sealed = co_await seal_profile(services, tenant, *known, profile);
        somebody.person = *known;
        auto changed = json::object{{"person_id", storage::column(*known)}, {"sealed_profile", storage::column(ByteView{sealed.value()})}};
        somebody.rows.push_back({"person", std::move(changed)});
        co_return somebody;
    }
    auto const person = co_await new_person(services, tenant, profile);
    somebody.person = person.value().id;
    somebody.rows.push_back({"person", storage::columns(*person)});
    somebody.rows.push_back({"person_contact", json::object{{"contact_hash", storage::column(hash)}, {"person_id", storage::column(somebody.person)}}});
    co_return somebody;
}

} // namespace

Sha256Digest contact_hash(Services& services, TenantId tenant, std::string_view email)
{
    auto text = to_string(tenant) + "/" + std::string{email};
    std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return hmac_sha256(services.shared.contact_key.expose_secret(), bytes_of(text));
}

asio::awaitable<Invited> invite(Services& services, storage::TenantRow const& tenant, Invitee invitee, StaffId by)
{
    auto invited = Invited{};
    auto const exam = co_await storage::find_exam(services.pool, tenant.id, invitee.exam);
    if (!exam || exam->state != "published") co_return invited;
    auto const now = services.now();
    auto& profile = invitee.profile;
    auto const known = co_await storage::find_person_by_contact(services.pool, tenant.id, contact_hash(services, tenant.id, profile.email));
    if (known) invited.ban = co_await storage::find_ban(services.pool, tenant.id, *known, now);
    if (invited.ban) co_return invited;
    auto somebody = co_await person_for(services, tenant.id, profile);

    auto const token = to_base64url(random_array<32>());
    auto registration = storage::RegistrationRow{};
    registration.id = random_id<RegistrationId>();
    registration.person = somebody.person;
    registration.exam = exam->id;
    registration.state = "invited";
    registration.token_hash = sha256(token);
    registration.extra_minutes = invitee.extra_minutes;
    registration.invited_by = by;
    registration.created_at = now;
    registration.expires_at = now + invitation_lifetime;

    auto& invitation = invited.invitation.emplace();
    invitation.person = somebody.person;
    invitation.registration = registration.id;
    invitation.link = tenant.public_origin + "/t/" + tenant.slug + "/invitation/" + token;
    invitation.lapses_at = registration.expires_at;
    auto const mail = co_await invitation_mail(services, tenant, somebody.person, profile, registration.id, invitation.link, exam->title, registration.expires_at);
    invitation.mailed = mail.has_value();

    auto body = json::object{{"registration", to_string(registration.id)}, {"person", to_string(somebody.person)}, {"exam", to_string(exam->id)},
                             {"exam_version", to_string(exam->exam_version)}, {"extra_minutes", invitee.extra_minutes}};
    auto append = single_entry(registration.id.uuid, 0, "CandidateInvited", actor(by), std::move(body));
    attach_detail(append, somebody.person, storage::to_json(profile));
    append.rows = std::move(somebody.rows);
    append.rows.push_back({"registration", storage::columns(registration)});
    if (mail) append.rows.push_back({"outbox", storage::columns(*mail)});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    stored.value();
    co_return invited;
}

} // namespace assay::server
