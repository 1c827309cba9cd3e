#pragma once
// One request to a witness (C2SP tlog-witness). The address is the operator's, so it may lie inside; the answer is a stranger's.
#include <cstdint>
#include <string>
#include <string_view>

namespace assay::server {

/// https://…; http only to this machine itself (127.0.0.1, [::1], localhost): tests, and a witness behind a proxy of its own.
bool is_witness_url(std::string_view url);

struct WitnessAnswer {
    int status = 0;   ///< 0: none came
    std::string body; ///< at most 16 KiB
    std::string why;  ///< when none came
};

/// POST url/add-checkpoint. Waits at most ten seconds; follows no redirect, uses no proxy, sends no cookie. Expects is_witness_url.
WitnessAnswer post_to_witness(std::string const& url, std::string const& body);

} // namespace assay::server
