#pragma once
// Inviting somebody to an exam. The same mail address is the same person, so that a ban, an award and an erasure are about people.
#include "server/app/services.hpp"
#include "storage/repositories/accounts.hpp"
#include "storage/repositories/exams.hpp"

namespace assay::server {

struct Invitee {
    storage::PersonProfile profile; ///< without an affiliation: an earlier one stays
    Uuid exam;
    int extra_minutes = 0;
};

struct Invitation {
    PersonId person;
    RegistrationId registration;
    std::string link;      ///< the whole address; its token is nowhere stored
    Timestamp lapses_at;
    bool mailed = false;
};

/// Either member, or neither: no such exam, or not published.
struct Invited {
    std::optional<Invitation> invitation;
    std::optional<storage::SittingReviewRow> ban; ///< why not, and until when
};

/// A registration and the mail with the link; the person too, unless the address is known.
asio::awaitable<Invited> invite(Services& services, storage::TenantRow const& tenant, Invitee invitee, StaffId by);

/// The keyed hash under which a mail address is found again. ASCII case does not matter.
Sha256Digest contact_hash(Services& services, TenantId tenant, std::string_view email);

} // namespace assay::server
