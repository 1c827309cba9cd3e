#pragma once
// What the candidate's pages share.
#include "server/app/page_helpers.hpp"
#include "server/app/sittings.hpp"

namespace assay::server {

/// The sitting of the address, when it is the candidate's own.
bool is_own(net::PathParameters const& parameters, CandidatePrincipal const& who);
/// "/t/{tenant}/sitting/{sitting}"
std::string sitting_path(CandidatePrincipal const& who);

/// The page that says why it does not go on. `kind` as the template lists them.
net::Response candidate_error(Services& services, net::Request const& request, storage::TenantRow const& tenant, char const* kind, int status,
                              std::string const& href = {});
/// The same for a ban: until when, and why.
net::Response banned_page(Services& services, net::Request const& request, storage::TenantRow const& tenant, storage::SittingReviewRow const& ban);

} // namespace assay::server
