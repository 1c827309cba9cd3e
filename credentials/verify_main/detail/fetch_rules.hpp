#pragma once
// What fetch_from_the_internet() is made of, apart so that tests can put a server of their own in its place. No option, variable or file leads
// here; tests/architecture keeps it so.
#include "credentials/verify_main/fetch.hpp"

#include <array>
#include <chrono>
#include <cstddef>

namespace assay::credentials {

/// IPv4 addresses stand in it as ::ffff:a.b.c.d.
using IpAddress = std::array<std::byte, 16>;

/// Can a server on the public internet have it? False for loopback, private, link-local, shared, multicast, documentation and whatever else
/// IANA's special-purpose registries (RFC 6890) don't call globally reachable; an address that carries an IPv4 one is judged by that.
bool is_public(IpAddress const& address) noexcept;

struct FetchRules {
    std::function<bool(IpAddress const&)> allowed = is_public; ///< asked with the address that is about to be connected to, after its name was resolved
    std::string certificate_authorities; ///< file; empty: the system's
    std::size_t size_max = 8 << 20;
    std::chrono::milliseconds time_max{10'000};
};

Fetch fetch_by(FetchRules rules);

} // namespace assay::credentials
