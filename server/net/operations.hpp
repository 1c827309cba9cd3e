#pragma once
#include "server/net/router.hpp"

#include <atomic>

namespace assay::net {

class Metrics;

/// Is this node fit to be sent requests? Each check answers nothing, or what is wrong ("the clock is 400 ms off").
/// Checks run one after the other, each within a second; one that throws or is late has failed.
class Readiness {
public:
    using Check = std::function<boost::asio::awaitable<std::optional<std::string>>()>;
    void add(std::string name, Check check);               ///< before serving starts
    void set_draining() noexcept { draining_ = true; }     ///< thread-safe: not ready from now on
    bool draining() const noexcept { return draining_; }

    struct Finding {
        std::string check;
        std::string wrong; ///< empty: passed
    };
    boost::asio::awaitable<std::vector<Finding>> run() const;

private:
    std::vector<std::pair<std::string, Check>> checks_;
    std::atomic<bool> draining_{false};
};

/// GET /livez (the loop turns), /readyz (all checks; 503 with their names otherwise), /healthz (the same under
/// the name that others expect) and /metrics. What is wrong in detail, and /metrics, is for callers from `networks`
/// ("127.0.0.0/8", "::1/128") only; others read "failed", and get 404. Both references must outlive the router.
std::vector<Route> operations_routes(Readiness const& readiness, Metrics const& metrics, std::vector<std::string> networks);

} // namespace assay::net
