#pragma once
// A tenant to try everything with: staff, the demo bank reviewed by a second person, one exam in front of a camera and one
// without. Everything it issues says "demonstration".
#include "server/app/services.hpp"

namespace assay::server {

struct DemoSignIn {
    std::string email, password, roles;
};
/// The same passwords for the same state folder: derived from its master key, so that they can be shown at each start.
std::vector<DemoSignIn> demo_sign_ins(Settings const& settings, std::string const& slug);

/// Makes the tenant when it is missing. `slug`, `name`: "demo", "Example Databases". Calling it again changes nothing.
asio::awaitable<void> ensure_demo(Services& services, std::string slug, std::string name);

} // namespace assay::server
