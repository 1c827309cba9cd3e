#pragma once
// What staff do: invite, watch sittings, decide about certification, revoke. Every action is journalled with who did it and why.
#include "server/app/exam_gateway.hpp"

namespace assay::server {

void add_staff_routes(net::Router& router, ServicePool& services, SittingNotices& notices, OnEnded on_ended);

struct Invitation {
    PersonId person;
    RegistrationId registration;
    std::string link;      ///< the whole address; its token is nowhere stored
    Timestamp lapses_at;
    bool mailed = false;
};
struct Invitee {
    storage::PersonProfile profile;
    Uuid exam;
    int extra_minutes = 0;
};
/// A person, a registration and the mail with the link. Errors: storage::errc::not_found (no such exam, or not published).
asio::awaitable<result<Invitation>> invite(Services& services, storage::TenantRow const& tenant, Invitee invitee, StaffId by);

} // namespace assay::server
