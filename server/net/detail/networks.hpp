#pragma once
#include "core/contract.hpp"

#include <boost/asio/ip/address.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace assay::net::detail {

/// The address as we speak of it everywhere: IPv4 within IPv6 ("::ffff:192.0.2.1") becomes plain IPv4, no zone.
boost::asio::ip::address normalised(boost::asio::ip::address const& address);

/// What limits count by: an IPv4 address, or the /64 of an IPv6 one, which is what one customer gets.
std::string limit_key(boost::asio::ip::address const& address);

/// A set of networks in CIDR notation ("10.0.0.0/8", "::1/128"; a lone address is itself).
class Networks {
public:
    Networks() = default;
    explicit Networks(std::vector<std::string> const& cidrs); ///< throws std::invalid_argument naming what is no network
    bool contain(boost::asio::ip::address const& address) const;
    bool empty() const noexcept { return networks_.empty(); }

private:
    struct Network {
        boost::asio::ip::address base;
        unsigned bits;
    };
    std::vector<Network> networks_;
};

/// Who really asked: the rightmost address of X-Forwarded-For that is no trusted proxy, if `peer` is one; otherwise `peer`,
/// since anybody can write that header.
boost::asio::ip::address client_address(boost::asio::ip::address const& peer, std::string_view x_forwarded_for, Networks const& proxies);

} // namespace assay::net::detail
