#pragma once
// Public documents from the network, for `verify --online` and nobody else. Addresses come out of files that strangers wrote, so what they lead to
// is bounded before it is reached: https only, a server that the public internet can reach, no redirect, a size, a time.
#include <functional>
#include <optional>
#include <string>

namespace assay::credentials {

struct Fetched {
    std::optional<std::string> body; ///< of an answer 200
    std::string why;                 ///< one clause, when there is none
};
using Fetch = std::function<Fetched(std::string const& url)>;

/// From the public internet. One document at a time; at most 8 MiB, 10 s each. Sends no cookie, no credential, no referrer, uses no proxy.
Fetch fetch_from_the_internet();

} // namespace assay::credentials
